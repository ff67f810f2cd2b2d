import FoundationEssentials
public import Glibc
public import Postgres

/// A throw-away PostgreSQL of a test's own, to be stopped, killed and restarted. What it has committed survives the
/// death of its processes, unlike on the server that the tests share.
public final class FaultServer: Sendable {
    /// How to connect to it.
    public let options: ConnectionOptions
    private let server: EphemeralServer
    private let local: LocalServer

    /// Makes and starts a server; about a second.
    ///
    /// - Parameters:
    ///   - parameters: more settings of `postgresql.conf`.
    ///   - directory: where its directory is made; a temporary directory unless given.
    /// - Throws: `DatabaseError` as `EphemeralServer`.
    public init(parameters: [String: String] = [:], in directory: String? = nil) async throws {
        let settings = ServerSettings(
            maxConnections: 400, preload: ["timescaledb"],
            parameters: ["synchronous_commit": "on", "timescaledb.telemetry_level": "off"]
                .merging(parameters) { $1 },
            durable: false)
        let search = ServerProgramSearch(explicit: getenv("ARC_PG_BIN").map { String(cString: $0) })
        server = try await EphemeralServer(settings: settings, search: search, temporary: directory)
        options = server.options
        local = LocalServer(
            try ServerDirectory(base: server.directory, rootBase: server.directory), settings: settings,
            search: search)
    }

    /// The process id of the postmaster; 0 where there is none.
    public var postmaster: pid_t {
        let path = "\(server.directory)/server/data/postmaster.pid"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
        return text.split(separator: "\n").first.flatMap { pid_t($0) } ?? 0
    }

    /// Ends the server as `kill -9` of all its processes would, and starts it again.
    public func restart() async throws {
        try await down()
        try await up()
    }

    /// Ends the server as `kill -9` of all its processes would.
    public func down() async throws { try await local.stop() }

    /// Starts it again.
    public func up() async throws { try await local.start() }

    /// Sends a signal to one of the server's processes.
    public func send(_ signal: Int32, to process: Int) { kill(pid_t(process), signal) }

    /// Ends it and removes everything of it. It also ends with the process.
    public func stop() async { await server.stop() }
}
