public import Postgres

/// Brings a database's schema up to this arc's version.
///
/// Everything happens in one transaction under one advisory lock, so any number of deploys at once do what one
/// does, and one that fails leaves nothing behind. It waits for a table only briefly, since those who record would wait
/// behind it; where somebody keeps it, the deploy lets go of everything and begins anew.
public struct SchemaDeployer: Sendable {
    /// What a deploy found and did.
    public struct Report: Sendable, Hashable {
        /// How this database stores outcomes and embeddings.
        public var features: StorageFeatures
        /// The numbers of the migrations that this deploy applied; empty where all were there.
        public var applied: [Int]
        /// The schema's version afterwards: the number of its last migration.
        public var version: Int
        /// What people should know, such as an extension that is installed but can't be used.
        public var notes: [String]
    }

    /// The version that this arc deploys and expects.
    public static let currentVersion = Migration.all.map(\.number).max() ?? 0

    /// The key of the advisory lock: "arc" and a digit, as bytes.
    private static let lockKey: Int64 = 0x61_72_63_31

    private let migrations: [Migration]
    private let patience: LockPatience

    /// A deployer of every migration that this arc knows.
    public init() { self.init(migrations: Migration.all) }

    init(migrations: [Migration], patience: LockPatience = .deploy) {
        self.migrations = migrations
        self.patience = patience
    }

    /// Applies the migrations that are missing.
    ///
    /// - Throws: `EvaluationError` with code `schema` where the database was deployed by a newer arc, a migration was
    ///   changed after it was applied, or another session keeps a table for a minute; `DatabaseError` where the server
    ///   fails.
    public func deploy(on connection: Connection) async throws -> Report {
        var attempt = 1
        while true {
            do {
                return try await deployOnce(on: connection)
            } catch {
                guard let error = error as? DatabaseError, error.isLockConflict else { throw error }
                guard attempt < patience.attempts else { throw await Self.kept(error, connection) }
            }
            attempt += 1
            try await patience.pause()
        }
    }

    private func deployOnce(on connection: Connection) async throws -> Report {
        try await connection.transaction { connection in
            try await connection.query("select pg_advisory_xact_lock($1)", [.int(Self.lockKey)])
            try await connection.script(Self.bookkeeping)
            var notes: [String] = []
            let features: StorageFeatures
            if let settled = try await Self.settledFeatures(connection) {
                features = settled
            } else {
                features = try await Self.detectFeatures(connection, notes: &notes)
                try await connection.query(
                    "insert into arc_schema (tier, has_vector) values ($1, $2)",
                    [.text(features.tier.rawValue), .bool(features.hasVector)])
            }
            // Shorter than deadlock_timeout: in a deadlock it is the deploy that gives way, not those who record.
            try await connection.script("set local lock_timeout = '250ms'")
            let applied = try await apply(features, on: connection)
            try await Self.makePluginRoles(connection, notes: &notes)
            let version = migrations.map(\.number).max() ?? 0
            return Report(features: features, applied: applied, version: version, notes: notes)
        }
    }

    /// Makes the roles that the SQL of plugins runs as, and gives them what they need of new tables. A user that may not
    /// make roles goes without: what it can't do plugins can't either.
    private static func makePluginRoles(_ connection: Connection, notes: inout [String]) async throws {
        try await connection.script("savepoint arc_plugin_roles")
        do {
            try await connection.script(String(decoding: PackageResources.plugin_roles_sql, as: UTF8.self))
            try await connection.script("release savepoint arc_plugin_roles")
        } catch {
            guard let server = error.server, server.sqlState == "42501" else { throw error }
            try await connection.script("rollback to savepoint arc_plugin_roles")
            notes.append(
                "plugins' SQL runs with the rights of this database user, who can't make a role for it: \(server.message)"
            )
        }
    }

    /// The error of a deploy that never got its locks, with the session that has been in a transaction for longest.
    private static func kept(_ error: DatabaseError, _ connection: Connection) async -> EvaluationError {
        let holder = try? await connection.query(
            """
            select pid, coalesce(nullif(application_name, ''), usename::text, 'unnamed') as name, state
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
            order by xact_start limit 1
            """
        ).first
        var who = "another session keeps a table that it must change"
        if let holder, let pid = try? holder.get("pid", as: Int.self),
            let name = try? holder.get("name", as: String.self),
            let state = try? holder.get("state", as: String.self)
        {
            who += "; the longest in a transaction is process \(pid) (\(name), \(state))"
        }
        return EvaluationError(
            .schema, "the schema wasn't changed: \(who)",
            advice: "End that session's transaction and deploy again; nothing was changed.", underlying: error
        )
    }

    /// The version and features of a database's schema; nil where arc's schema isn't there.
    public static func inspect(
        _ connection: Connection
    ) async throws -> (version: Int, features: StorageFeatures)? {
        let there = try await connection.query("select to_regclass('arc_migrations') is not null as there")
        guard try there.first?.get("there", as: Bool.self) == true,
            let features = try await settledFeatures(connection)
        else { return nil }
        let last = try await connection.query(
            "select coalesce(max(number), 0) as version from arc_migrations")
        return (try last.first?.get("version", as: Int.self) ?? 0, features)
    }

    private func apply(_ features: StorageFeatures, on connection: Connection) async throws -> [Int] {
        var known: [Int: String] = [:]
        for row in try await connection.query("select number, checksum from arc_migrations order by number") {
            known[try row.get("number", as: Int.self)] = try row.get("checksum", as: String.self)
        }
        if let newest = known.keys.max(), newest > (migrations.map(\.number).max() ?? 0) {
            throw EvaluationError(
                .schema, "this database's schema is version \(newest), newer than this arc knows",
                advice: "Use the arc that deployed it, or a newer one.")
        }
        var applied: [Int] = []
        for migration in migrations {
            let checksum = migration.checksum(for: features)
            if let recorded = known[migration.number] {
                guard recorded == checksum else { throw Self.changed(migration) }
                continue
            }
            if let sql = migration.sql(for: features) { try await connection.script(sql) }
            try await connection.query(
                "insert into arc_migrations (number, name, checksum) values ($1, $2, $3)",
                [.int(Int64(migration.number)), .text(migration.name), .text(checksum)])
            applied.append(migration.number)
        }
        return applied
    }

    private static func changed(_ migration: Migration) -> EvaluationError {
        EvaluationError(
            .schema,
            "migration \(migration.number) (\(migration.name)) differs from the one applied to this database",
            advice:
                "The database was deployed by a different build of arc: use that one, or a fresh database.")
    }

    private static let bookkeeping = """
        set local client_min_messages = warning;
        create table if not exists arc_migrations (
          number     integer primary key,
          name       text not null,
          checksum   text not null,
          applied_at timestamptz not null default now()
        );
        create table if not exists arc_schema (
          only_row   boolean primary key default true check (only_row),
          tier       text not null,
          has_vector boolean not null
        );
        """

    private static func settledFeatures(_ connection: Connection) async throws -> StorageFeatures? {
        guard let row = try await connection.query("select tier, has_vector from arc_schema").first else {
            return nil
        }
        let name = try row.get("tier", as: String.self)
        guard let tier = StorageTier(rawValue: name) else {
            throw EvaluationError(
                .schema, "this database's storage tier is \"\(name)\", which this arc doesn't know",
                advice: "Use the arc that deployed it, or a newer one.")
        }
        return StorageFeatures(tier: tier, hasVector: try row.get("has_vector", as: Bool.self))
    }

    private static func detectFeatures(
        _ connection: Connection, notes: inout [String]
    ) async throws -> StorageFeatures {
        var tier = StorageTier.native
        if try await hasExtension("timescaledb", connection, notes: &notes) {
            let license = try await connection.query(
                "select coalesce(current_setting('timescaledb.license', true), 'apache') as license")
            let name = try license.first?.get("license", as: String.self)
            tier = name == "timescale" ? .timescale : .timescaleApache
        }
        return StorageFeatures(
            tier: tier, hasVector: try await hasExtension("vector", connection, notes: &notes))
    }

    /// Whether the extension is there, after creating it where the server has it. A server may have its files
    /// without being able to load it (TimescaleDB must be preloaded), so the attempt is what tells.
    private static func hasExtension(
        _ name: String, _ connection: Connection, notes: inout [String]
    ) async throws -> Bool {
        let found = try await connection.query(
            "select installed_version is not null as installed from pg_available_extensions where name = $1",
            [.text(name)])
        guard let row = found.first else { return false }
        if try row.get("installed", as: Bool.self) { return true }
        try await connection.script("savepoint arc_extension")
        do {
            try await connection.script("create extension \(name)")
            try await connection.script("release savepoint arc_extension")
            return true
        } catch {
            guard let server = error.server else { throw error }
            try await connection.script("rollback to savepoint arc_extension")
            notes.append("extension \(name) is installed on the server but can't be used: \(server.message)")
            return false
        }
    }
}
