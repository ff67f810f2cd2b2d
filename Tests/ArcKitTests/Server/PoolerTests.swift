import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite(
    "All of arc through a PgBouncer in transaction mode",
    .enabled(if: PgBouncer.isInstalled && !TestServer.isExternal))
struct PoolerTests {
    @Test("deploys at once, recording from many tasks, and every question")
    func everything() async throws {
        let database = try await TestDatabase.create("pooler")
        let bouncer = try await PgBouncer(before: database.options, poolSize: 4)
        let pool = try Pool(bouncer.options(database: database.name), settings: PoolSettings(size: 12))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await pool.withConnection { try await SchemaDeployer().deploy(on: $0).version }
                }
            }
            for try await version in group { #expect(version == SchemaDeployer.currentVersion) }
        }
        #expect(try await pool.withConnection { await $0.isBehindPooler })
        let store = Store(pool)
        let simulation = try await store.newSimulation()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<10 {
                group.addTask {
                    for number in 0..<5 {
                        _ = try await store.record([.success("s\(task)-\(number)")], in: simulation)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.count("select count(*) from outcomes") == 50)
        #expect(try await store.status(of: simulation).completedRuns == 50)
        let listed = try await store.read { try await $0.simulations(limit: 5) }
        #expect(listed.map(\.completedRuns) == [50])
        let health = try await DatabaseHealth(store)
        #expect(health.status == "healthy")
        await store.close()
    }
}
