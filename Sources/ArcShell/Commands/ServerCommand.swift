import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials
import Glibc
import Postgres

/// `arc server …`
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Start, stop and see arc's private server on this machine.",
        subcommands: [Start.self, Stop.self, Status.self, Destroy.self], defaultSubcommand: Status.self)

    fileprivate static func local() throws -> LocalServer {
        try ServerAccess.localServer(environment: ProcessInfo.processInfo.environment)
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start the server, making it first where it isn't there.")

        func run() async throws {
            let server = try ServerCommand.local()
            try await server.start()
            Output.write("The server is running: \(try server.options)\n")
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the server; its data stays.")

        func run() async throws {
            try await ServerCommand.local().stop()
            Output.write("The server is stopped.\n")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether the server runs, and where its data is.")

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let status = try ServerCommand.local().status()
            func text(_ value: String?) -> Cell { value.map { .text($0) } ?? .null }
            let (phase, pid, since) = ServerCommand.words(status.phase)
            let fields: [(String, Cell)] = [
                ("state", .text(phase)), ("pid", pid.map { .integer(Int64($0)) } ?? .null),
                ("started", text(since)), ("version", text(status.version)), ("data", .text(status.data)),
                ("socket", .text(status.socket)), ("log", .text(status.log)),
                ("account", text(status.account)),
                ("note", text(status.note)),
            ]
            Output.write(record: fields, output.format)
        }
    }

    struct Destroy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the server and delete it with all its data.")

        @Flag(help: "Don't ask.")
        var yes = false

        func run() async throws {
            let server = try ServerCommand.local()
            guard server.status().phase != .notInitialised else {
                Output.write("There is no server to destroy.\n")
                return
            }
            guard yes || Self.confirm(server.status().data) else {
                throw HostError(
                    .argument, "nothing was destroyed", advice: "Say --yes to delete \(server.status().data)."
                )
            }
            try await server.destroy()
            Output.write("The server and its data are gone.\n")
        }

        private static func confirm(_ data: String) -> Bool {
            guard isatty(STDIN_FILENO) == 1 else { return false }
            Output.note("This deletes every simulation in \(data). Type yes to go on:")
            return readLine() == "yes"
        }
    }

    fileprivate static func words(_ phase: ServerStatus.Phase) -> (String, Int32?, String?) {
        switch phase {
        case .notInitialised: ("never started", nil, nil)
        case .stopped: ("stopped", nil, nil)
        case .starting(let pid): ("starting", pid, nil)
        case .running(let pid, let since):
            ("running", pid, Figure.age(seconds: Date.now.timeIntervalSince1970 - Double(since)))
        case .stopping(let pid): ("stopping", pid, nil)
        }
    }
}
