import FoundationEssentials
import Glibc

/// What a local server has PostgreSQL's programs do.
extension LocalServer {
    /// The size in bytes at which the log is put aside at the next start.
    private static let longestLog = 16 << 20

    /// How a launch went.
    struct Launch {
        let succeeded: Bool
        /// What the server wrote meanwhile.
        let said: String

        /// Processes of a killed predecessor still hold its shared memory.
        var memoryInUse: Bool { said.contains("pre-existing shared memory block") }

        func error(log: String) -> DatabaseError {
            let lines = said.split(separator: "\n").suffix(10).map { "    \($0)" }.joined(separator: "\n")
            return DatabaseError(
                .localServer, "The local server didn't start. It said:\n\(lines)",
                advice: "All it said is in \(log).")
        }
    }

    /// Makes the data directory with the role and the database. It gets its name when it is complete, so
    /// that nothing half-made is ever taken for one.
    func initialise() async throws(DatabaseError) {
        let command = try await command(dataVersion: nil)
        let unfinished = "\(directory.root)/\(ServerDirectory.unfinished)\(getpid())"
        var arguments = [
            "--pgdata", unfinished, "--username", settings.role, "--auth=trust", "--encoding=UTF8",
            "--locale=\(Self.locale)", "--data-checksums",
        ]
        if !settings.durable { arguments.append("--no-sync") }
        try await Self.expectSuccess("initdb", command.run("initdb", arguments))
        if settings.database != "postgres" {
            let name = settings.database.replacing("\"", with: "\"\"")
            try await Self.expectSuccess(
                "postgres --single",
                command.run(
                    "postgres",
                    [
                        "--single", "-D", unfinished, "-c", "exit_on_error=on", "-c", "log_checkpoints=off",
                        "postgres",
                    ],
                    input: "CREATE DATABASE \"\(name)\"\n"))
        }
        try directory.append("\ninclude '\(ServerSettings.fileName)'\n", to: "\(unfinished)/postgresql.conf")
        guard rename(unfinished, directory.data) == 0 else {
            throw ServerDirectory.failure("can't be given its name", unfinished)
        }
    }

    /// Starts the server and waits until it takes connections.
    func launch() async throws(DatabaseError) -> Launch {
        let command = try await command(dataVersion: directory.dataVersion)
        try await writeSettings(command)
        // No server runs here: what a dead one left in the socket's directory would only stop the next.
        unlink("\(directory.socketFile).lock")
        unlink(directory.socketFile)
        if directory.size(of: directory.log) > Self.longestLog { rename(directory.log, "\(directory.log).1") }
        let before = directory.size(of: directory.log)
        let outcome = try await command.run(
            "pg_ctl",
            [
                "start", "--pgdata", directory.data, "--log", directory.log, "--wait", "--silent",
                "--timeout", String(patience.components.seconds),
            ])
        if outcome.succeeded { return Launch(succeeded: true, said: "") }
        return Launch(succeeded: false, said: directory.tail(of: directory.log, from: before) + outcome.text)
    }

    /// Stops the server; its clients are disconnected.
    func shutDown() async throws(DatabaseError) {
        let command = try await command(dataVersion: directory.dataVersion)
        // Its exit status says no more than the next look does.
        _ = try await command.run(
            "pg_ctl",
            [
                "stop", "--pgdata", directory.data, "--mode=\(settings.durable ? "fast" : "immediate")",
                "--wait",
                "--silent", "--timeout", String(patience.components.seconds),
            ])
    }

    private func command(dataVersion: Int?) async throws(DatabaseError) -> ServerCommand {
        let programs = try await ServerPrograms.find(search, dataVersion: dataVersion)
        return ServerCommand(programs: programs.directory, account: directory.account)
    }

    private func writeSettings(_ command: ServerCommand) async throws(DatabaseError) {
        let text = settings.file(socket: directory.socket, preload: await installed(command))
        try directory.write(text, to: "\(directory.data)/\(ServerSettings.fileName)")
    }

    /// Those of the libraries to preload that are on this machine.
    private func installed(_ command: ServerCommand) async -> [String] {
        guard !settings.preload.isEmpty, let said = try? await command.run("pg_config", ["--pkglibdir"]),
            said.succeeded
        else { return [] }
        let libraries = said.text.prefix { $0 != "\n" }
        return settings.preload.filter { access("\(libraries)/\($0).so", R_OK) == 0 }
    }

    /// C.UTF-8 orders by code point and knows UTF-8's letters; C is the next best where a system lacks it.
    private static var locale: String {
        guard let found = newlocale(1 << LC_CTYPE | 1 << LC_COLLATE, "C.UTF-8", nil) else { return "C" }
        freelocale(found)
        return "C.UTF-8"
    }

    private static func expectSuccess(
        _ program: String, _ outcome: ServerCommand.Outcome
    ) throws(DatabaseError) {
        guard !outcome.succeeded else { return }
        let lines = outcome.text.split(separator: "\n").suffix(10).map { "    \($0)" }.joined(separator: "\n")
        throw DatabaseError(
            .localServer, "\(program) failed to make the local server. It said:\n\(lines)",
            advice: "Nothing half-made is left; the next start tries again.")
    }
}
