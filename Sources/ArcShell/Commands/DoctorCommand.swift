import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials
import Postgres

/// `arc doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that arc needs, and say what to do where something is wrong.",
        discussion: """
            Each line is ok, warn (it works, and could be better) or fail (something won't work), with what to do. \
            Nothing is changed, and no server is started.

            Exit codes: 0 nothing fails; 1 something does; 2 the database can't be reached.

            Examples:
              arc doctor
              arc doctor --profile production
              arc doctor --format json
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let server = server
        let task = Task { await Self.examine(server, environment) }
        let interrupts = Interrupts { _ in Failure(CancellationError()).exit() }
        let result = await task.value
        interrupts.stop()
        Output.write(result.text(output.format, Output.tableOptions, hasColour: Output.hasColour))
        if let status = result.status { throw ExitStatusError(status: status) }
    }

    private static func examine(
        _ server: ServerOptions, _ environment: [String: String]
    ) async -> Examination {
        let machine = MachineChecks(environment: environment, folders: Folders(environment: environment))
        var result = Examination()
        var plugins: [Check]?
        do {
            let settings = PoolSettings()
            let access = try ServerAccess(server.request(environment: environment), settings: settings)
            let isNeeded = access.choice.options == nil
            result.checks.append(await machine.programs(access.local, isNeeded: isNeeded))
            let found = await ServerChecks(access: access, settings: settings).examine()
            result.checks += found.checks
            result.isUnreachable = found.isUnreachable
            if found.isConnected {
                let pool = try Pool(try await access.options(), settings: settings)
                plugins = await PluginChecks(environment, machine.folders) { Store(pool) }.examine()
                await pool.close(within: .seconds(5))
            }
            await access.close()
            result.checks += machine.room(localData: access.local.directory.root)
        } catch {
            result.checks.append(.fail("server", error))
            result.checks += machine.room(localData: machine.folders.data)
        }
        result.checks += await machine.spools
        result.checks += machine.ownFolders
        if plugins == nil {
            plugins = await PluginChecks(environment, machine.folders) {
                throw HostError(.argument, "there is no database that could be asked")
            }.examine()
        }
        result.checks += plugins ?? []
        result.checks.append(machine.locale)
        return result
    }
}
