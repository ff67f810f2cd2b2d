import ArcKit
import Postgres
import TestServer
import Testing

/// Runs `body` with a store on a database of its own that has arc's schema, and drops the database afterwards.
func withStore<Result: Sendable>(
    _ body: @Sendable (Store) async throws -> Result
) async throws -> Result {
    let template = try await DeployedTemplate.shared.database()
    return try await withDatabase(template: template.name) { try await body(Store($0)) }
}

/// Runs `body` with a pool on a database of its own, and drops the database afterwards.
///
/// - Parameter template: the database to copy; an empty one unless given.
func withDatabase<Result: Sendable>(
    template: String? = nil, _ body: @Sendable (Pool) async throws -> Result
) async throws -> Result {
    let database = try await TestDatabase.create(Test.current?.name ?? "kit", template: template)
    let pool = try Pool(database.options)
    do {
        let result = try await body(pool)
        await pool.close()
        try await database.drop()
        return result
    } catch {
        await pool.close()
        try? await database.drop()
        throw error
    }
}

/// A database with arc's schema that every test's own is copied from: the schema is deployed once for all.
private actor DeployedTemplate {
    static let shared = DeployedTemplate()

    private var making: Task<TestDatabase, any Error>?

    func database() async throws -> TestDatabase {
        if let making { return try await making.value }
        let task = Task {
            let database = try await TestDatabase.create("template")
            let connection = try await Connection.connect(database.options)
            _ = try await SchemaDeployer().deploy(on: connection)
            await connection.close()
            try await Self.closeToAll(database)
            return database
        }
        making = task
        return try await task.value
    }

    /// A database that somebody is connected to can't be copied, and TimescaleDB's scheduler connects by itself.
    private static func closeToAll(_ database: TestDatabase) async throws {
        let connection = try await Connection.connect(try await TestServer.shared.options())
        try await connection.query("alter database \(database.name) with allow_connections false")
        try await connection.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
            [.text(database.name)])
        await connection.close()
    }
}

/// Runs `body` with a store on a database of its own that stores outcomes in that tier.
func withStore<Result: Sendable>(
    on tier: StorageTier, _ body: @Sendable (Store) async throws -> Result
) async throws -> Result {
    guard tier == .native else { return try await withStore(body) }
    return try await withNativeDatabase { try await body(Store($0)) }
}

/// What the server that the tests run on can do.
enum ServerUnderTest {
    /// The tiers that it has: native partitions, and TimescaleDB's where it has that.
    static func tiers() async throws -> [StorageTier] {
        let own = try await withStore { store in try await store.session { try await $0.features().tier } }
        return own == .native ? [.native] : [.native, own]
    }

    /// Whether it can store outcomes in TimescaleDB's hypertables, compress them and drop them by policies.
    static func hasTimescale() async throws -> Bool {
        try await withStore { store in
            try await store.session { try await $0.features().tier == .timescale }
        }
    }
}

extension Session {
    func features() async throws -> StorageFeatures {
        try #require(try await SchemaDeployer.inspect(connection)).features
    }
}

/// The text of the error of that code with which `body` is refused; "" where it isn't, which is reported.
@discardableResult
func refusal(
    _ code: EvaluationError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    of body: () async throws -> Void
) async -> String {
    let error = await #expect(throws: EvaluationError.self, sourceLocation: sourceLocation) {
        try await body()
    }
    if let error { #expect(error.code == code, sourceLocation: sourceLocation) }
    return error?.description ?? ""
}

/// The SQLSTATE with which the server refuses what `body` does.
func sqlState(
    sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> Void
) async -> String? {
    let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) {
        try await body()
    }
    return error?.sqlState
}
