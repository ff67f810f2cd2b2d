import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Deploying the schema")
struct SchemaDeployTests {
    static func deploy(_ pool: Pool) async throws -> SchemaDeployer.Report {
        try await pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
    }

    static func leftovers(_ pool: Pool) async throws -> [String] {
        try await pool.query(
            """
            select relname::text from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1
            """
        ).lines
    }

    @Test("an empty database gets every migration, and knows its version afterwards")
    func empty() async throws {
        try await withDatabase { pool in
            #expect(try await pool.withConnection { try await SchemaDeployer.inspect($0) } == nil)
            let report = try await Self.deploy(pool)
            #expect(report.applied == Migration.all.map(\.number))
            #expect(report.version == SchemaDeployer.currentVersion)
            let seen = try await pool.withConnection { try await SchemaDeployer.inspect($0) }
            #expect(seen?.version == SchemaDeployer.currentVersion)
            #expect(seen?.features == report.features)
        }
    }

    @Test("a second deploy does nothing, and gives the first one's features")
    func again() async throws {
        try await withDatabase { pool in
            let first = try await Self.deploy(pool)
            let second = try await Self.deploy(pool)
            #expect(second.applied == [])
            #expect(second.version == first.version)
            #expect(second.features == first.features)
        }
    }

    @Test("ten deploys at once do what one does")
    func tenAtOnce() async throws {
        try await withDatabase { pool in
            let reports = try await withThrowingTaskGroup(of: SchemaDeployer.Report.self) { group in
                for _ in 0..<10 { group.addTask { try await Self.deploy(pool) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.count == 10)
            #expect(reports.filter { $0.applied == Migration.all.map(\.number) }.count == 1)
            #expect(reports.filter { $0.applied.isEmpty }.count == 9)
            #expect(Set(reports.map(\.features)).count == 1)
        }
    }

    @Test("a migration that fails leaves nothing behind")
    func failing() async throws {
        try await withDatabase { pool in
            // What the second migration wants to create is there already.
            try await pool.query("create table outcomes (mine text)")
            let state = await sqlState { _ = try await Self.deploy(pool) }
            #expect(state == "42P07")
            #expect(try await Self.leftovers(pool) == ["outcomes"])
            try await pool.query("drop table outcomes")
            #expect(try await Self.deploy(pool).applied == Migration.all.map(\.number))
        }
    }

    @Test("a database of an older arc gets what it lacks")
    func older() async throws {
        try await withDatabase { pool in
            let old = SchemaDeployer(migrations: Array(Migration.all.prefix(3)))
            let first = try await pool.withConnection { try await old.deploy(on: $0) }
            #expect(first.version == 3)
            #expect(try await Self.deploy(pool).applied == Migration.all.map(\.number).filter { $0 > 3 })
        }
    }

    @Test("a migration that was changed after it was applied is refused by name")
    func changed() async throws {
        try await withDatabase { pool in
            _ = try await Self.deploy(pool)
            try await pool.query("update arc_migrations set checksum = 'other' where number = 2")
            let text = await refusal(.schema) { _ = try await Self.deploy(pool) }
            #expect(text.contains("migration 2 (outcomes) differs"))
            #expect(text.contains("fresh database"))
        }
    }

    @Test("a database of a newer arc is refused, and stays as it is")
    func newer() async throws {
        try await withDatabase { pool in
            let old = SchemaDeployer(migrations: Array(Migration.all.prefix(3)))
            _ = try await Self.deploy(pool)
            let text = await refusal(.schema) {
                _ = try await pool.withConnection { try await old.deploy(on: $0) }
            }
            #expect(text.contains("version \(SchemaDeployer.currentVersion), newer than this arc knows"))
            #expect(try await Self.deploy(pool).applied == [])
        }
    }

    @Test("the tier is what the server can do")
    func tier() async throws {
        try await withDatabase { pool in
            let report = try await Self.deploy(pool)
            let canLoad = try await pool.query(
                """
                select current_setting('shared_preload_libraries') ~ 'timescaledb'
                  and exists (select from pg_available_extensions where name = 'timescaledb')
                """
            ).single()[0]
            #expect((report.features.tier != .native) == (canLoad == .bool(true)))
            let hasVector = try await pool.query(
                "select exists (select from pg_extension where extname = 'vector')"
            ).single()[0]
            #expect(hasVector == .bool(report.features.hasVector))
            let type = try await pool.query(
                """
                select format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = 'scenarios'::regclass and attname = 'scenario_embedding'
                """)
            #expect(type.lines == [report.features.hasVector ? "vector(1536)" : "real[]"])
        }
    }

    @Test("the tier of the first deploy is kept, whatever the server can do later")
    func tierIsKept() async throws {
        try await withNativeDatabase { pool in
            let again = try await Self.deploy(pool)
            #expect(again.features == StorageFeatures(tier: .native, hasVector: false))
            let kind = try await pool.query(
                "select relkind::text from pg_class where oid = 'outcomes'::regclass")
            #expect(kind.lines == ["p"])
        }
    }

    @Test("a tier that this arc doesn't know is refused by name")
    func unknownTier() async throws {
        try await withDatabase { pool in
            _ = try await Self.deploy(pool)
            try await pool.query("update arc_schema set tier = 'citus'")
            let text = await refusal(.schema) { _ = try await Self.deploy(pool) }
            #expect(text.contains("\"citus\""))
        }
    }

    @Test("an extension that is there but can't be used is noted, and the deploy goes on without it")
    func unusableExtension() async throws {
        try await withDatabase { pool in
            // The extension's objects go into a schema that has one of their names already.
            let isThere = try await pool.query(
                "select exists (select from pg_available_extensions where name = 'vector')"
            ).single()[0]
            guard isThere == .bool(true) else { return }
            try await pool.query("create type vector as (x integer)")
            let report = try await Self.deploy(pool)
            #expect(!report.features.hasVector)
            #expect(report.notes.contains { $0.hasPrefix("extension vector is installed on the server but") })
            #expect(report.applied == Migration.all.map(\.number))
        }
    }
}

/// Runs `body` with a database whose schema is the native tier's, on whatever server.
func withNativeDatabase<Result: Sendable>(
    _ body: @Sendable (Pool) async throws -> Result
) async throws -> Result {
    try await withDatabase { pool in
        try await settleNative(pool)
        _ = try await SchemaDeployTests.deploy(pool)
        return try await body(pool)
    }
}

/// Settles that an empty database will store outcomes in native partitions.
func settleNative(_ pool: Pool) async throws {
    try await pool.query(
        "create table arc_schema (only_row boolean primary key, tier text, has_vector boolean)")
    try await pool.query("insert into arc_schema values (true, 'native', false)")
}
