import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

@Suite("Recording in whatever order, from wherever")
struct RecordingOrderTests {
    /// Several outcomes of every run, the later ones with greater ids, on several days.
    static func outcomes(runs: Int, versions: Int, _ random: inout SeededGenerator) -> [Outcome] {
        var all: [Outcome] = []
        for order in 0..<runs * versions {
            let run = order % runs
            var outcome = RecordingTests.outcome(
                "s\(run / 2)", trial: run % 2 + 1, id: order + 1, score: Double(order) / 1000)
            outcome.costUSD = Bool.random(using: &random) ? Double(order) / 100 : nil
            outcome.status = OutcomeStatus.allCases.randomElement(using: &random)!
            all.append(outcome.at("2024-03-0\(Int.random(in: 1...4, using: &random)) 12:00:00+00"))
        }
        return all
    }

    /// Cuts outcomes into batches in which no run comes twice.
    static func batches(_ outcomes: [Outcome], _ random: inout SeededGenerator) -> [[Outcome]] {
        var batches: [[Outcome]] = [[]]
        for outcome in outcomes {
            let isTaken = batches[batches.count - 1].contains {
                $0.scenario.id == outcome.scenario.id && $0.trial == outcome.trial
            }
            if isTaken || Int.random(in: 0..<5, using: &random) == 0 { batches.append([]) }
            batches[batches.count - 1].append(outcome)
        }
        return batches.filter { !$0.isEmpty }
    }

    /// Everything that recording leaves behind, but for the times at which it did.
    static func state(_ store: Store) async throws -> [String] {
        let outcomes = try await store.pool.query(
            """
            select outcome_id, scenario_id, trial, execution_time, status, reliability_score, cost_usd
            from outcomes order by 1
            """)
        let scenarios = try await store.pool.query(
            """
            select scenario_id, status, array(select t from unnest(recorded_trials) t order by t)
            from simulations_scenarios order by 1
            """)
        let simulation = try await store.pool.query(
            "select status, total_scenarios, completed_scenarios, completed_runs, total_runs from simulations"
        )
        return outcomes.lines + scenarios.lines + simulation.lines
    }

    @Test(
        "random sequences, with repeats and in random order and batches, end in the same state",
        arguments: 1...6)
    func anyOrder(seed: Int) async throws {
        var random = SeededGenerator(seed: 42)
        let all = Self.outcomes(runs: 14, versions: 3, &random)
        let inOrder = Self.batches(all, &random)
        random = SeededGenerator(seed: UInt64(seed))
        let repeated = all + (0..<15).map { _ in all.randomElement(using: &random)! }
        let shuffled = Self.batches(repeated.shuffled(using: &random), &random)
        var states: [[String]] = []
        for sequence in [inOrder, shuffled] {
            states.append(
                try await withStore { store in
                    let simulation = try await store.newSimulation(trials: 2)
                    for batch in sequence { try await store.record(batch, in: simulation) }
                    return try await Self.state(store)
                })
        }
        #expect(states[0] == states[1])
        #expect(states[0].last == "running|7|7|14|14")
    }

    @Test("the outcome that is left is the latest of its run, and reports add up")
    func latest() async throws {
        var random = SeededGenerator(seed: 3)
        let all = Self.outcomes(runs: 10, versions: 4, &random)
        let sequence = Self.batches(all.shuffled(using: &random), &random)
        try await withStore { store in
            let simulation = try await store.newSimulation(trials: 2)
            var sum = RecordingReport(outcomeIDs: [], recorded: 0, replaced: 0, unchanged: 0)
            for batch in sequence {
                let report = try await store.record(batch, in: simulation)
                sum.recorded += report.recorded
                sum.replaced += report.replaced
                sum.unchanged += report.unchanged
            }
            #expect(sum.recorded == 10)
            #expect(sum.recorded + sum.replaced + sum.unchanged == all.count)
            let left = try await store.pool.query("select outcome_id::text from outcomes order by 1")
            #expect(left.lines == (31...40).map(RecordingTests.id))
        }
    }

    @Test("twenty tasks that record fifty outcomes each end with exact counters")
    func concurrent() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(trials: 10)
            // Tasks 0 and 1, 2 and 3, … record the same hundred runs in part: 500 runs in all.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<20 {
                    group.addTask {
                        for place in 0..<50 {
                            let run = task / 2 * 50 + (task.isMultiple(of: 2) ? place : 49 - place)
                            let outcome = Outcome.success("s\(run / 10)", trial: run % 10 + 1, score: 0.5)
                            try await store.record([outcome], in: simulation)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let status = try await store.status(of: simulation)
            #expect(status.completedRuns == 500 && status.totalRuns == 500)
            #expect(status.completedScenarios == 50 && status.totalScenarios == 50)
            #expect(status.statuses[.success] == 500)
            #expect(try await store.count("select count(distinct (scenario_id, trial)) from outcomes") == 500)
        }
    }

    @Test("recorders of new days at once, in one simulation, end with exact counters")
    func concurrentDays() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<10 {
                    group.addTask {
                        for day in 1...6 {
                            let outcome = Outcome.success("s\(task)", trial: day)
                            let time = "2024-01-0\((task + day) % 9 + 1) 12:00:00+00"
                            try await store.record([outcome.at(time)], in: simulation)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.status(of: simulation).completedRuns == 60)
            #expect(try await store.count("select count(*) from outcomes") == 60)
        }
    }
}
