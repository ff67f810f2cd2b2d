public import Postgres

/// Brings up the server that was chosen, and opens a store on it.
public actor ServerAccess {
    /// Which server, and why.
    public nonisolated let choice: ServerChoice
    /// arc's private server on this machine, whether it is the choice or not.
    public nonisolated let local: LocalServer

    private let settings: PoolSettings
    private var ephemeral: EphemeralServer?
    private var store: Store?
    private let spools: SpoolFolders
    private let tell: @Sendable (StoreEvent) -> Void
    private var catchUp: Task<Void, Never>?

    /// Access to the server that `request` leads to. Nothing is connected yet.
    ///
    /// - Parameter tell: is told what people should know of what the store does by itself.
    /// - Throws: as `ServerChoice.init`; `DatabaseError` where there is no place for a local server.
    public init(
        _ request: ServerChoice.Request, settings: PoolSettings = PoolSettings(),
        tell: @escaping @Sendable (StoreEvent) -> Void = { _ in }
    ) throws {
        try self.init(
            ServerChoice(request), environment: request.environment, settings: settings, tell: tell)
    }

    /// Access to a server that was chosen. Nothing is connected yet.
    ///
    /// - Parameter tell: is told what people should know of what the store does by itself.
    /// - Throws: `DatabaseError` where there is no place for a local server.
    public init(
        _ choice: ServerChoice, environment: [String: String], settings: PoolSettings = PoolSettings(),
        tell: @escaping @Sendable (StoreEvent) -> Void = { _ in }
    ) throws {
        spools = SpoolFolders(Folders(environment: environment))
        self.tell = tell
        self.choice = choice
        local = try Self.localServer(environment: environment)
        var settings = settings
        if let size = choice.statementCacheSize { settings.statementCacheSize = size }
        self.settings = settings
    }

    /// arc's private server on this machine: its data in `$XDG_DATA_HOME/arc`, or in `/var/lib/arc` where root's
    /// home can't be reached by the user whom the server runs as.
    public static func localServer(environment: [String: String]) throws -> LocalServer {
        let search = ServerProgramSearch(
            explicit: environment["ARC_PG_BIN"].flatMap { $0.isEmpty ? nil : $0 })
        let directory = try ServerDirectory(
            base: Folders(environment: environment).data, rootBase: "/var/lib/arc")
        return LocalServer(directory, settings: serverSettings, search: search)
    }

    private static let serverSettings = ServerSettings(
        preload: ["timescaledb", "pg_stat_statements"], parameters: ["timescaledb.telemetry_level": "off"])

    /// The store; opened now if it wasn't yet. On a server of arc's own the schema is deployed on the way; on any
    /// other that is `arc db deploy`'s. Outcomes that wait for this database are recorded first; what takes longer
    /// than a few seconds goes on meanwhile.
    ///
    /// - Parameter replaying: whether they are.
    /// - Throws: `DatabaseError` where the server can't be started or reached.
    public func open(replaying: Bool = true) async throws -> Store {
        if let store { return store }
        let pool = try Pool(try await options(), settings: settings)
        switch choice.source {
        case .local, .ephemeral:
            // A deploy is one transaction that finds out what is missing: a second one changes nothing.
            try await pool.retrying(.idempotentWrite) { connection in
                let deployed = try await SchemaDeployer.inspect(connection)
                if deployed?.version != SchemaDeployer.currentVersion {
                    _ = try await SchemaDeployer().deploy(on: connection)
                }
            }
        default:
            // One connection now: an address that doesn't answer is told before any work begins.
            try await pool.retrying(.read) { _ in }
        }
        let replicas = try choice.readOptions.map { try Pool($0, settings: settings) }
        let opened = Store(pool, replicas: replicas, spools: spools, tell: tell)
        store = opened
        if replaying { catchUp = await opened.catchUp(patience: .seconds(5), tell) }
        return opened
    }

    /// Brings the schema of the chosen server up to this arc's version.
    public func deploy() async throws -> SchemaDeployer.Report {
        let pool = try Pool(try await options(), settings: settings)
        let report = try await pool.retrying(.idempotentWrite) {
            try await SchemaDeployer().deploy(on: $0)
        }
        await pool.close(within: .seconds(5))
        return report
    }

    /// How to connect; starts arc's own server where that is the choice.
    public func options() async throws -> ConnectionOptions {
        if let options = choice.options { return options }
        guard choice.source == .ephemeral else {
            var options = try await local.start()
            options.absence = .init(
                "arc's local server isn't running",
                advice: "The next arc command that needs it starts it; `arc server start` does so now.")
            return options
        }
        if let ephemeral { return ephemeral.options }
        let server = try await EphemeralServer(settings: Self.serverSettings, search: local.search)
        ephemeral = server
        return server.options
    }

    /// How many outcomes wait in the spool of this server's database, as far as this process knows which that is.
    public func waitingOutcomes() async throws -> Int {
        guard let spool = store?.knownSpool.spool, spool.isWaiting else { return 0 }
        let status = try await spool.status()
        return status.outcomes + status.held
    }

    /// Closes the connections, and ends an ephemeral server.
    public func close() async {
        catchUp?.cancel()
        await catchUp?.value
        await store?.close(within: .seconds(5))
        await ephemeral?.stop()
    }
}
