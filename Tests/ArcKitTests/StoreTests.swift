import ArcKit
import Postgres
import Synchronization
import TestServer
import Testing

@Suite("The store's transactions")
struct StoreTests {
    struct Abort: Error {}

    static func scenarios(_ store: Store) async throws -> [String] {
        try await store.pool.query("select scenario_id from scenarios order by 1").lines
    }

    static func add(_ id: String, _ store: Store) async throws {
        try await store.session { try await $0.upsert([Scenario(id: id)]) }
    }

    @Test("one that ends well is kept, and gives its result")
    func commits() async throws {
        try await withStore { store in
            let result = try await store.transaction { session in
                try await session.upsert([Scenario(id: "a")])
                return 42
            }
            #expect(result == 42)
            #expect(try await Self.scenarios(store) == ["a"])
        }
    }

    @Test("one that throws leaves nothing")
    func rollsBack() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            await #expect(throws: Abort.self) {
                try await store.transaction { session in
                    _ = try await session.record([.success("a")], in: simulation)
                    try await session.upsert([Scenario(id: "b")])
                    throw Abort()
                }
            }
            #expect(try await Self.scenarios(store) == [])
            #expect(try await store.count("select count(*) from outcomes") == 0)
            let status = try await store.status(of: simulation)
            #expect(status.state == .pending && status.completedRuns == 0)
        }
    }

    @Test("a nested one joins: what the outer one takes back, the inner one loses too")
    func joins() async throws {
        try await withStore { store in
            await #expect(throws: Abort.self) {
                try await store.transaction { _ in
                    try await store.transaction { try await $0.upsert([Scenario(id: "inner")]) }
                    throw Abort()
                }
            }
            #expect(try await Self.scenarios(store) == [])
            try await store.transaction { _ in
                try await store.transaction { inner in
                    try await store.transaction { try await $0.upsert([Scenario(id: "b")]) }
                    try await inner.upsert([Scenario(id: "a")])
                }
            }
            #expect(try await Self.scenarios(store) == ["a", "b"])
        }
    }

    @Test("sessions that a child task asks for take part")
    func childTasks() async throws {
        try await withStore { store async throws in
            await #expect(throws: Abort.self) {
                try await store.transaction { _ in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for id in ["a", "b", "c"] { group.addTask { try await Self.add(id, store) } }
                        try await group.waitForAll()
                    }
                    async let last: Void = Self.add("d", store)
                    try await last
                    #expect(try await store.session { try await Self.count($0) } == 4)
                    // Others don't see it yet.
                    #expect(try await store.count("select count(*) from scenarios") == 0)
                    throw Abort()
                }
            }
            #expect(try await Self.scenarios(store) == [])
        }
    }

    static func count(_ session: Session) async throws -> Int {
        try await session.connection.query("select count(*) as n from scenarios").single().get(
            "n", as: Int.self)
    }

    @Test("a detached task and another store don't take part")
    func outsiders() async throws {
        try await withStore { store async throws in
            let other = Store(store.pool)
            await #expect(throws: Abort.self) {
                try await store.transaction { session in
                    try await session.upsert([Scenario(id: "inside")])
                    try await Task.detached { try await Self.add("detached", store) }.value
                    try await Self.add("other", other)
                    throw Abort()
                }
            }
            #expect(try await Self.scenarios(store) == ["detached", "other"])
        }
    }

    @Test(
        "a question whose connection is lost is asked again; one inside a transaction, and a write, are not")
    func readAgain() async throws {
        try await withStore { deployed in
            let settings = PoolSettings(retry: RetryPolicy(firstDelay: .zero))
            let store = Store(try Pool(deployed.pool.options, settings: settings))
            let times = Times()
            let answer = try await store.read { session in
                if times.next() == 1 {
                    try await session.connection.query("select pg_terminate_backend(pg_backend_pid())")
                }
                return try await Self.count(session)
            }
            #expect(answer == 0 && times.number == 2 && store.pool.statistics.retries == 1)
            await #expect(throws: DatabaseError.self) {
                try await store.transaction { _ in
                    try await store.read { session in
                        _ = times.next()
                        try await session.connection.query("select pg_terminate_backend(pg_backend_pid())")
                    }
                }
            }
            await #expect(throws: DatabaseError.self) {
                try await store.session { session in
                    _ = times.next()
                    try await session.connection.query("select pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(times.number == 4 && store.pool.statistics.retries == 1)
            await store.pool.close()
        }
    }

    @Test("an error of ArcKit's own is raised inside a transaction without breaking it")
    func refusalInside() async throws {
        try await withStore { store in
            try await store.transaction { session in
                try await session.upsert([Scenario(id: "a")])
                await refusal(.notFound) { _ = try await session.findSimulation("nobody") }
                try await session.upsert([Scenario(id: "b")])
            }
            #expect(try await Self.scenarios(store) == ["a", "b"])
        }
    }

    @Test("a database without arc's schema says how to get it")
    func noSchema() async throws {
        try await withDatabase { pool in
            let store = Store(pool)
            for isTransaction in [false, true] {
                let text = await refusal(.schema) {
                    if isTransaction {
                        _ = try await store.transaction { try await $0.findSimulation("latest") }
                    } else {
                        _ = try await store.session { try await $0.findSimulation("latest") }
                    }
                }
                #expect(text.contains("no arc schema"))
                #expect(text.contains("`arc db deploy`"))
            }
        }
    }

    @Test("a table of the user's own that is missing is the server's error, where the schema is there")
    func otherTable() async throws {
        try await withStore { store in
            let state = await sqlState {
                try await store.session { _ = try await $0.connection.query("select * from nothing") }
            }
            #expect(state == "42P01")
        }
    }

    @Test("health tells version, database, size and schema")
    func health() async throws {
        try await withStore { store in
            let health = try await DatabaseHealth(store)
            #expect(health.status == "healthy")
            #expect(health.schemaVersion == SchemaDeployer.currentVersion)
            #expect(health.features == (try await store.session { try await $0.features() }))
            #expect(health.database == store.pool.options.database)
            #expect(health.sizeBytes > 1_000_000 && health.responseTimeMs > 0)
            #expect(Int(health.serverVersion.prefix { $0 != "." }).map { $0 >= 14 } == true)
            let hasTimescale = health.extensions.contains { $0.name == "timescaledb" }
            #expect(hasTimescale == (health.features?.tier != .native))
        }
        try await withDatabase { pool in
            let health = try await DatabaseHealth(Store(pool))
            #expect(health.status == "no schema")
            #expect(health.schemaVersion == nil && health.features == nil)
        }
    }
}

/// How often something was done.
private final class Times: Sendable {
    private let count = Atomic(0)
    var number: Int { count.load(ordering: .relaxed) }
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
