import Postgres
import Synchronization
import TestServer
import Testing

@testable import ArcKit

@Suite("A database and what waits for it")
struct StoreSpoolTests {
    /// Runs `body` with a store that spools into a folder of its own.
    private func withSpooling(_ body: @Sendable (Store, SpoolFolders) async throws -> Void) async throws {
        let scratch = SpoolScratch()
        let folders = SpoolFolders(
            Folders(environment: ["XDG_STATE_HOME": String(scratch.path.dropLast("/arc/spool/".count + 36))]))
        try await withStore { store in
            try await body(Store(store.pool, spools: folders), folders)
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("a database has one id, whichever way it is asked; another database has another")
    func identity() async throws {
        try await withSpooling { store, folders in
            let spool = try #require(try await store.spool())
            let again = try #require(try await store.spool())
            #expect(spool === again)
            let other = Store(try Pool(store.pool.options), spools: folders)
            #expect(try await other.spool()?.path == spool.path)
            await other.pool.close()
            try await withDatabase { pool in
                _ = try await SchemaDeployTests.deploy(pool)
                let stranger = try #require(try await Store(pool, spools: folders).spool())
                #expect(stranger.path != spool.path)
            }
        }
    }

    @Test("a database without a schema, or with one from before there were ids, has no spool and is no error")
    func noIdentity() async throws {
        try await withSpooling { _, folders in
            try await withDatabase { pool in
                #expect(try await Store(pool, spools: folders).spool() == nil)
                let old = SchemaDeployer(migrations: Migration.all.filter { $0.number < 7 })
                _ = try await pool.withConnection { try await old.deploy(on: $0) }
                let store = Store(pool, spools: folders)
                #expect(try await store.spool() == nil)
                // The upgrade gives it one, and the same store finds it.
                _ = try await SchemaDeployTests.deploy(pool)
                #expect(try await store.spool() != nil)
            }
        }
    }

    @Test("what waits is recorded as if it had been recorded at once, and replaying it twice changes nothing")
    func twice() async throws {
        try await withSpooling { store, _ in
            let direct = try await store.newSimulation(name: "direct")
            let spooled = try await store.newSimulation(name: "spooled")
            var outcomes = (0..<30).map { Outcome.spooled("s\($0 / 3)", trial: $0 % 3 + 1) }
            for index in outcomes.indices {
                outcomes[index].reliabilityScore = Double(index) / 30
                outcomes[index].trajectory = "{\"b\": 1.50, \"a\":\n[\(index)]}"
                outcomes[index].metrics = ["z": 1.0, "a": 2]
            }
            try await store.record(outcomes, in: direct)
            let spool = try #require(try await store.spool())
            for index in outcomes.indices { outcomes[index].id = Identifier.make() }
            for _ in 1...2 {
                try await spool.append(outcomes, in: spooled)
                let report = try await store.replay(spool)
                #expect(report.stored == 30 && report.rejected == 0)
            }
            let columns = """
                select scenario_id, trial, execution_time, outcomes.status, reliability_score, trajectory, metrics, retry_count
                from outcomes join simulations using (simulation_id) where simulation_name
                """
            let expected = try await store.pool.query("\(columns) = 'direct' order by 1, 2").lines
            #expect(try await store.pool.query("\(columns) = 'spooled' order by 1, 2").lines == expected)
            let status = try await store.status(of: spooled)
            #expect(status.completedRuns == 30)
        }
    }

    @Test(
        "outcomes of a simulation that was deleted, and one bad value among many, are set aside with the reason"
    )
    func refused() async throws {
        try await withSpooling { store, _ in
            let gone = try await store.newSimulation(name: "gone")
            let there = try await store.newSimulation(name: "there")
            let spool = try #require(try await store.spool())
            try await spool.append((0..<10).map { .spooled("g\($0)") }, in: gone)
            var outcomes = (0..<40).map { Outcome.spooled("t\($0)") }
            outcomes[17].reliabilityScore = 3
            // The checks of arc pass it; only the server knows that this escape means nothing.
            outcomes[23].trajectory = #"["\ud800"]"#
            try await spool.append(outcomes, in: there)
            try await store.pool.query("delete from simulations where simulation_id = $1", [.text(gone.id)])
            let report = try await store.replay(spool)
            #expect(report.stored == 38 && report.rejected == 12)
            #expect(try await store.count("select count(*) from outcomes") == 38)
            let reasons = try await spool.status().reasons
            #expect(reasons.contains { $0.contains("is gone") } && reasons.count == 3, "\(reasons)")
        }
    }

    @Test("outcomes of a simulation that has ended meanwhile are stored all the same, and counted")
    func late() async throws {
        try await withSpooling { store, _ in
            let simulation = try await store.newSimulation(["a", "b"])
            try await store.record([.success("a")], in: simulation)
            let spool = try #require(try await store.spool())
            try await spool.append([.spooled("b")], in: simulation)
            try await store.pool.query(
                "update simulations set status = 'completed' where simulation_id = $1", [.text(simulation.id)]
            )
            let report = try await store.replay(spool)
            #expect(report.stored == 1 && report.rejected == 0)
            #expect(try await store.count("select count(*) from outcomes") == 2)
            #expect(try await store.status(of: simulation).completedRuns == 2)
        }
    }

    @Test(
        "what is recorded while no connection can be had goes to the disk, and into the database afterwards")
    func spill() async throws {
        try await withSpooling { store, _ in
            let simulation = try await store.newSimulation()
            let spool = try #require(try await store.spool())
            let settings = PoolSettings(size: 1, maxOverflow: 0, timeout: .seconds(3))
            let narrow = Store(try Pool(store.pool.options, settings: settings), spools: store.spools)
            #expect(try await narrow.spool()?.path == spool.path)
            try await narrow.pool.withConnection { _ in
                let report: RecordingReport = try await narrow.record(
                    [.success("a"), .success("b")], in: simulation, places: nil)
                #expect(report.spooled == 2 && report.recorded == 0)
            }
            #expect(try await store.count("select count(*) from outcomes") == 0)
            #expect(try await store.replay(spool).stored == 2)
            #expect(try await store.status(of: simulation).completedRuns == 2)
            await narrow.pool.close()
        }
    }

    @Test(
        "opening records what waits for this database before anybody reads, and leaves what waits for others")
    func catchUp() async throws {
        try await withSpooling { store, folders in
            let simulation = try await store.newSimulation()
            let spool = try #require(try await store.spool())
            let told = Told()
            #expect(await store.catchUp(patience: .seconds(60)) { told.add($0) } == nil)
            try await spool.append((0..<1500).map { .spooled("s\($0)") }, in: simulation)
            let other = folders.spool(of: "00000000-0000-4000-8000-000000000000")
            try await other.append([.spooled("other")], in: .other)
            let task = await store.catchUp(patience: .seconds(60)) { told.add($0) }
            #expect(try await store.count("select count(*) from outcomes") == 1500)
            await task?.value
            #expect(told.stored == [1500])
            #expect(!spool.isWaiting && other.isWaiting)
        }
    }

    private final class Told: Sendable {
        private let counts = Mutex<[Int]>([])
        var stored: [Int] { counts.withLock { $0 } }
        func add(_ catchUp: StoreEvent) {
            if case .done(let report) = catchUp { counts.withLock { $0.append(report.stored) } }
        }
    }
}
