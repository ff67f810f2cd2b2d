import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials
import Glibc

/// What a command works with: the server that was chosen, the host of scripts and plugins, the environment.
final class Workspace: Sendable {
    let environment: [String: String]
    let folders: Folders
    let access: ServerAccess
    let host: Host
    private let notes: StoreNotes

    /// - Parameter more: folders in which plugins are looked for before all others.
    init(
        server: ServerOptions, plugins: PluginOptions? = nil, more: [String] = []
    ) throws {
        let environment = ProcessInfo.processInfo.environment
        self.environment = environment
        folders = Folders(environment: environment)
        let choice = try ServerChoice(server.request(environment: environment))
        let notes = StoreNotes(flush: FlushCommand(choice))
        self.notes = notes
        let access = try ServerAccess(choice, environment: environment, tell: { notes.tell($0) })
        self.access = access
        host = Host(
            pluginFolders: PluginFolders.list(environment: environment, folders: folders, before: more),
            grants: try plugins?.grants(in: folders) ?? Grants(file: Grants.path(in: folders)),
            settings: PluginSettings(environment: environment, given: plugins?.settings ?? []),
            tellFailure: { Output.note("arc: \($0)") },
            output: { Output.write($0) }, pluginOutput: { Output.note($0) },
            progress: { ProgressLine.show(unit: $0, $1, of: $2) },
            environment: environment, tableOptions: { Output.tableOptions },
            openStore: { try await access.open() })
        try plugins?.check(against: host.plugins.catalogue)
    }

    /// Runs a command's work. Ctrl-C cancels it (a second one ends arc at once), and a server of its own ends with it.
    func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await work() }
        let interrupts = Interrupts { count in
            if count > 1 { _exit(ExitStatus.interrupted.rawValue) }
            task.cancel()
        }
        let result = await task.result
        interrupts.stop()
        ProgressLine.end()
        await close()
        if let code = host.exitCode { throw ScriptExit(code: code) }
        try result.get()
    }

    /// Lets go of the plugins and the connections, and ends a server of the command's own. Says what was left behind.
    func close() async {
        await host.close()
        if notes.wasAway, let waiting = try? await access.waitingOutcomes() { notes.left(waiting) }
        await access.close()
    }

    /// Finds a simulation; where several have the name, says that the newest was taken.
    func simulation(_ reference: String) async throws -> SimulationReference {
        let found = try await host.store().read { try await $0.findSimulation(reference) }
        if found.namesakes > 1 {
            Output.note(
                "\(found.namesakes) simulations are named \(reference); this is the newest, \(found.id).")
        }
        return found
    }
}

extension Workspace {
    /// Finds a simulation, or imports a file of results and takes that: a file is imported once.
    func simulationOrFile(_ reference: String) async throws -> SimulationReference {
        guard reference.contains("."), FileManager.default.fileExists(atPath: reference) else {
            return try await simulation(reference)
        }
        let report = try await host.importFile(ImportRequest(path: reference))
        if !report.wasThere { Output.note("imported \(reference) as simulation \(report.simulation.label)") }
        return report.simulation
    }
}

/// Where plugins are looked for; of several with one name, the first counts.
enum PluginFolders {
    /// - Parameter before: folders that come before all others.
    static func list(
        environment: [String: String], folders: Folders, before: [String] = []
    ) -> [PluginFolder] {
        let named = (environment["ARC_PLUGIN_PATH"] ?? "").split(separator: ":").map(String.init)
        let bundled = bundledFolder(environment: environment)
        let project = FileManager.default.currentDirectoryPath + "/plugins"
        var list = [PluginFolder(project, .project), PluginFolder(folders.data + "/plugins", .user)]
        list += named.map { PluginFolder($0, .path) }
        if let bundled {
            // In arc's own checkout the project's folder is the bundled one.
            list.removeAll { $0.path == bundled }
            list.append(PluginFolder(bundled, .bundled))
        }
        let first = before.map { PluginFolder($0, $0 == bundled ? .bundled : .project) }
        return first + list.filter { !before.contains($0.path) }
    }

    /// `share/arc/plugins` beside the folder of the executable, or `plugins` in the checkout that it was built in.
    private static func bundledFolder(environment: [String: String]) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 else { return nil }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        var folder = String(decoding: bytes, as: UTF8.self)[...]
        for depth in 0..<6 {
            guard let slash = folder.lastIndex(of: "/") else { return nil }
            folder = folder[..<slash]
            let candidates =
                depth == 1 ? ["\(folder)/share/arc/plugins", "\(folder)/plugins"] : ["\(folder)/plugins"]
            for candidate in candidates
            where FileManager.default.fileExists(atPath: candidate + "/standard/plugin.json") {
                return candidate
            }
        }
        return nil
    }
}

extension PluginSettings {
    /// What is set in arc's configuration file, and for this command.
    init(environment: [String: String], given: [String]) {
        self.init(
            file: { try UserConfiguration.section("plugins", environment: environment) ?? .null },
            path: UserConfiguration.path(environment: environment), given: given.compactMap(Given.init))
    }
}
