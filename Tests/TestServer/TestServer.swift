import Glibc
public import Postgres

/// The PostgreSQL that the tests of one process share: the server in `ARC_TEST_DATABASE_URL` if that is set,
/// else a throw-away one, started on first use, that ends with the process.
public actor TestServer {
    /// The server of this process.
    public static let shared = TestServer()

    private var starting: Task<ConnectionOptions, any Error>?
    // Held for its life: the server ends with it.
    private var server: EphemeralServer?

    /// Whether the server is one that somebody else gave, which must be left as it was found.
    public static var isExternal: Bool { external != nil }

    static var external: String? {
        guard let url = getenv("ARC_TEST_DATABASE_URL").map({ String(cString: $0) }), !url.isEmpty else {
            return nil
        }
        return url
    }

    /// How to connect to the server: as a superuser, or whoever the given URL names; the database there is
    /// nobody's to write to. A test takes a ``TestDatabase``.
    public func options() async throws -> ConnectionOptions {
        if let starting { return try await starting.value }
        let task = Task { try await start() }
        starting = task
        return try await task.value
    }

    private func start() async throws -> ConnectionOptions {
        if let url = Self.external { return try ConnectionOptions(url) }
        // Tests run side by side, each with pools of its own.
        let settings = ServerSettings(
            maxConnections: 500, preload: ["timescaledb"], parameters: ["timescaledb.telemetry_level": "off"])
        let search = ServerProgramSearch(explicit: getenv("ARC_PG_BIN").map { String(cString: $0) })
        let server = try await EphemeralServer(settings: settings, search: search)
        self.server = server
        return server.options
    }
}
