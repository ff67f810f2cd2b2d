public import Postgres

/// Whether a database answers, how fast, and what it has.
public struct DatabaseHealth: Sendable {
    /// An installed extension.
    public struct Extension: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its version.
        public let version: String
    }

    /// "healthy", or "no schema" where arc's schema isn't deployed.
    public var status: String { schemaVersion == nil ? "no schema" : "healthy" }
    /// The server's version, such as "15.18".
    public let serverVersion: String
    /// The database's name.
    public let database: String
    /// Its size in bytes.
    public let sizeBytes: Int64
    /// The extensions that matter to arc and are installed.
    public let extensions: [Extension]
    /// How outcomes and embeddings are stored; nil where the schema isn't deployed.
    public let features: StorageFeatures?
    /// The schema's version; nil where it isn't deployed.
    public let schemaVersion: Int?
    /// How long the server took to answer, in milliseconds.
    public let responseTimeMs: Double

    /// Asks the database.
    public init(_ store: Store) async throws {
        self = try await store.pool.retrying(.read) { try await DatabaseHealth($0) }
    }

    /// Asks the database on that connection.
    public init(_ connection: Connection) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        try await connection.ping()
        let took = start.duration(to: clock.now)
        responseTimeMs = took / .milliseconds(1)
        let row = try await connection.query(
            """
            select split_part(current_setting('server_version'), ' ', 1) as version,
              current_database()::text as database, pg_database_size(current_database()) as size
            """
        ).single()
        serverVersion = try row.get("version", as: String.self)
        database = try row.get("database", as: String.self)
        sizeBytes = try row.get("size", as: Int64.self)
        extensions = try await connection.query(
            """
            select extname::text as name, extversion as version from pg_extension
            where extname in ('timescaledb', 'vector', 'pg_trgm', 'pg_stat_statements') order by 1
            """
        ).map { row in
            Extension(
                name: try row.get("name", as: String.self), version: try row.get("version", as: String.self))
        }
        let schema = try await SchemaDeployer.inspect(connection)
        (features, schemaVersion) = (schema?.features, schema?.version)
    }
}
