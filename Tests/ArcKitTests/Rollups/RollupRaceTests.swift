import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

@Suite("Roll-ups while outcomes change")
struct RollupRaceTests {
    /// Whether the roll-ups and the outcomes say the same in one snapshot.
    private static let agree = """
        select (select (coalesce(sum(runs), 0), sum(score), sum(cost)) from arc_rollup('\\(width)', null, '-infinity'))
          is not distinct from
          (select (count(*)::numeric, sum(reliability_score::numeric), sum(cost_usd::numeric)) from outcomes)
        """

    @Test(
        "whoever reads while others record, repeat, delete and refresh sees what the outcomes say at that moment",
        arguments: try await ServerUnderTest.tiers())
    func concurrent(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulations = [
                try await store.newSimulation(), try await store.newSimulation(),
                try await store.newSimulation(),
            ]
            let recording = Tally(), answers = Tally(), refreshes = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, simulation) in simulations.enumerated() {
                    group.addTask {
                        var random = SeededGenerator(seed: UInt64(index))
                        var round = 0
                        while round < 40 || (refreshes.count < 3 && round < 2000) {
                            round += 1
                            let outcomes = (0..<5).map { n in
                                var outcome = Outcome.success(
                                    "s\(n)", trial: 1 + random.index(below: 30), score: random.unit()
                                )
                                .at(
                                    "2024-02-2\(8 + random.index(below: 2)) 0\(random.index(below: 9)):00:00+00"
                                )
                                outcome.costUSD = random.unit()
                                return outcome
                            }
                            try await store.record(outcomes, in: simulation)
                            if round % 10 == 0 {
                                try await store.pool.query(
                                    "delete from outcomes where simulation_id = $1 and scenario_id = 's1'",
                                    [.text(simulation.id)])
                            }
                        }
                        recording.add()
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        while recording.count < simulations.count {
                            let done = try await store.session { try await $0.refreshRollups(atMost: 5) }
                            if let done, done > 0 { refreshes.add() }
                            await Task.yield()
                        }
                    }
                }
                for width in ["1 hour", "24 hours"] {
                    group.addTask {
                        while recording.count < simulations.count {
                            let row = try await store.pool.query(
                                Self.agree.replacing("\\(width)", with: width)
                            ).single()
                            #expect(row[0] == .bool(true))
                            answers.add()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(answers.count > 5 && refreshes.count > 2)
            try await RollupTruth.check(store.pool, "afterwards")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "refreshed")
        }
    }

    @Test(
        "a refresh neither waits for a recording that is under way nor loses it",
        arguments: try await ServerUnderTest.tiers())
    func underWay(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            let outcome = Outcome.success("a", score: 0.5).at("2024-02-29 10:00:00+00")
            try await store.record([outcome], in: simulation)
            try await store.transaction { session in
                _ = try await session.record(
                    [.success("b", score: 1).at("2024-02-29 10:30:00+00")], in: simulation)
                let other = try await Connection.connect(store.pool.options)
                // The note of that hour is the recording's until it ends; the refresh passes it over.
                let row = try await other.query("call arc_refresh_rollups(100, null)").single()
                #expect(try row.get("done", as: Int?.self) == 0)
                await other.close()
            }
            try await RollupTruth.check(store.pool, "committed")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "refreshed")
        }
    }

    @Test("of two who refresh at once one is told so, and recorders wait for neither")
    func lock() async throws {
        try await withStore(on: .native) { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a", score: 0.5).at("2024-02-29 10:00:00+00")], in: simulation)
            try await store.pool.withConnection { refresher in
                try await refresher.transaction { refresher in
                    try await refresher.query("call arc_refresh_rollups(100, null)")
                    #expect(try await store.session { try await $0.refreshRollups() } == nil)
                    try await store.record(
                        [.success("a", score: 1).at("2024-02-29 10:00:00+00")], in: simulation)
                }
            }
            // What came meanwhile is noted still.
            #expect(try await store.session { try await $0.rollupState().waiting } == 1)
            try await RollupTruth.check(store.pool)
        }
    }

    @Test(
        "a refresh that was interrupted is done again by the next, and nothing of it is used until then",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func interrupted() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a", score: 0.5).at("2024-02-29 10:00:00+00")], in: simulation)
            try await store.pool.query("select arc_take_changes(100)")
            try await store.record([.success("b", score: 0.5).at("2024-02-29 10:00:00+00")], in: simulation)
            #expect(try await store.count("select count(*) from rollup_changes") == 2)
            try await RollupTruth.check(store.pool, "taken")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "refreshed")
        }
    }

    @Test("a refresh inside a transaction is refused")
    func insideTransaction() async throws {
        try await withStore { store in
            let text = await refusal(.state) {
                try await store.transaction { _ = try await $0.refreshRollups() }
            }
            #expect(text.contains("on their own"))
        }
    }

    @Test(
        "random changes in random order never make a roll-up say something else",
        arguments: try await ServerUnderTest.tiers(), 0..<3)
    func random(tier: StorageTier, seed: Int) async throws {
        try await withStore(on: tier) { store in
            var random = SeededGenerator(seed: UInt64(seed))
            var simulations: [SimulationReference] = []
            for n in 0..<3 { simulations.append(try await store.newSimulation(threshold: Double(n) / 3)) }
            for step in 0..<30 {
                let simulation = simulations[random.index(below: simulations.count)]
                let what: String
                switch random.index(below: 10) {
                case 0...4:
                    what = "recorded"
                    try await store.record(Self.outcomes(&random), in: simulation)
                case 5:
                    what = "changed"
                    let change = [
                        "reliability_score = 0.3", "status = 'error'", "cost_usd = null",
                        "execution_time_ms = 1000",
                    ]
                    try await store.pool.query(
                        "update outcomes set \(change[random.index(below: change.count)]) where trial = \(1 + random.index(below: 4))"
                    )
                case 6:
                    what = "deleted"
                    try await store.pool.query(
                        "delete from outcomes where scenario_id = 's\(random.index(below: 4))'")
                case 7:
                    what = "threshold"
                    try await store.pool.query(
                        "update simulations set pass_threshold = $1 where simulation_id = $2",
                        [.double(random.unit()), .text(simulation.id)])
                default:
                    what = "refreshed"
                    let limit = 1 + random.index(below: 3)
                    _ = try await store.session { try await $0.refreshRollups(atMost: limit) }
                }
                try await RollupTruth.check(store.pool, "\(what) in step \(step)")
            }
        }
    }

    private static func outcomes(_ random: inout SeededGenerator) -> [Outcome] {
        let statuses: [OutcomeStatus] = [.success, .success, .success, .error, .timeout, .cancelled]
        var runs: Set<OutcomeBatch.Run> = []
        return (0...random.index(below: 6)).compactMap { _ in
            var outcome = Outcome(
                scenario: Scenario(id: "s\(random.index(below: 4))"), trial: 1 + random.index(below: 4),
                status: statuses[random.index(below: statuses.count)]
            ).at("2024-02-2\(7 + random.index(below: 3)) \(10 + random.index(below: 3)):30:00+00")
            guard runs.insert(outcome.run).inserted else { return nil }
            if random.index(below: 3) > 0 { outcome.reliabilityScore = random.unit() }
            if random.index(below: 2) > 0 { outcome.costUSD = random.unit() / 100 }
            if random.index(below: 2) > 0 { outcome.executionTimeMs = Int64(random.index(below: 100_000)) }
            if random.index(below: 2) > 0 { outcome.tokensUsed = Int64(random.index(below: 5000)) }
            return outcome
        }
    }
}
