import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Recording outcomes")
struct RecordingTests {
    /// An id that sorts by `order`, as ids made later do.
    static func id(_ order: Int) -> String {
        let digits = String(order, radix: 16)
        return "018d0000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func outcome(_ scenario: String, trial: Int = 1, id order: Int, score: Double) -> Outcome {
        var outcome = Outcome.success(scenario, trial: trial, score: score)
        outcome.id = id(order)
        return outcome
    }

    static func scores(_ store: Store) async throws -> [String] {
        try await store.pool.query(
            "select scenario_id, trial, reliability_score from outcomes order by 1, 2"
        ).lines
    }

    @Test("the first outcome starts the simulation, and progress counts runs and finished scenarios")
    func progress() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a", "b"], trials: 2)
            let report = try await store.record(
                [.success("a", trial: 1), .success("b", trial: 1)], in: simulation)
            #expect(report.recorded == 2 && report.replaced == 0 && report.unchanged == 0)
            #expect(report.outcomeIDs.count == 2 && report.outcomeIDs.allSatisfy(Identifier.isUUID))
            var status = try await store.status(of: simulation)
            #expect(status.state == .running && status.startedAt != nil)
            #expect(status.completedRuns == 2 && status.completedScenarios == 0 && status.totalRuns == 4)
            #expect(status.completionPercent == 50)
            try await store.record([.success("b", trial: 2)], in: simulation)
            status = try await store.status(of: simulation)
            #expect(status.completedRuns == 3 && status.completedScenarios == 1)
            let scenarios = try await store.pool.query(
                """
                select scenario_id, status, recorded_trials, completed_at is not null
                from simulations_scenarios order by 1
                """)
            #expect(scenarios.lines == ["a|running|{1}|f", "b|completed|{1,2}|t"])
        }
    }

    @Test("a run counts once, however often it is recorded")
    func countsOnce() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"], trials: 2)
            let outcome = Self.outcome("a", id: 1, score: 0.5)
            for attempt in 1...3 {
                let report = try await store.record([outcome], in: simulation)
                #expect(report.recorded == (attempt == 1 ? 1 : 0))
                #expect(report.unchanged == (attempt == 1 ? 0 : 1))
                #expect(report.replaced == 0)
                #expect(report.outcomeIDs == [Self.id(1)])
            }
            let status = try await store.status(of: simulation)
            #expect(status.completedRuns == 1)
            #expect(try await Self.scores(store) == ["a|1|0.5"])
        }
    }

    @Test("a later outcome of a run replaces the earlier, even on another day; an older one changes nothing")
    func laterWins() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            func record(_ order: Int, _ score: Double, _ time: String) async throws -> RecordingReport {
                try await store.record([Self.outcome("a", id: order, score: score).at(time)], in: simulation)
            }
            _ = try await record(2, 0.2, "2024-05-01 00:00:00+00")
            let older = try await record(1, 0.1, "2024-06-01 00:00:00+00")
            #expect(older.unchanged == 1 && older.replaced == 0 && older.recorded == 0)
            #expect(try await Self.scores(store) == ["a|1|0.2"])
            let later = try await record(3, 0.3, "2024-04-01 00:00:00+00")
            #expect(later.unchanged == 0 && later.replaced == 1 && later.recorded == 0)
            #expect(try await Self.scores(store) == ["a|1|0.3"])
            let same = try await record(3, 0.9, "2024-07-01 00:00:00+00")
            #expect(same.unchanged == 1)
            #expect(try await Self.scores(store) == ["a|1|0.3"])
            #expect(try await store.status(of: simulation).completedRuns == 1)
        }
    }

    @Test("ids without one are made in order, so that a repeat without ids replaces")
    func repeatWithoutIDs() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            try await store.record([.success("a", score: 0.1)], in: simulation)
            let report = try await store.record([.success("a", score: 0.2)], in: simulation)
            #expect(report.replaced == 1 && report.recorded == 0)
            #expect(try await Self.scores(store) == ["a|1|0.2"])
        }
    }

    @Test("an id in capitals is the same id")
    func capitals() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            var outcome = Self.outcome("a", id: 0xabc, score: 0.5)
            try await store.record([outcome], in: simulation)
            outcome.id = outcome.id?.uppercased()
            #expect(try await store.record([outcome], in: simulation).unchanged == 1)
        }
    }

    @Test("a scenario outside the set is added to it, with what is known about it, and the totals grow")
    func outsideTheSet() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"], trials: 3)
            var outcome = Outcome.success("new")
            outcome.scenario.taskPrompt = "Try it"
            try await store.record([.success("a"), outcome], in: simulation)
            let status = try await store.status(of: simulation)
            #expect(status.totalScenarios == 2 && status.totalRuns == 6 && status.completedRuns == 2)
            let known = try await store.pool.query(
                """
                select scenario_id, row_number() over (order by execution_order), task_prompt
                from simulations_scenarios join scenarios using (scenario_id) order by 2
                """)
            #expect(known.lines == ["a|1|", "new|2|Try it"])
        }
    }

    @Test("what any trial's record knows about a scenario is kept")
    func scenarioOfTrials() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            var outcomes = (1...3).map { Outcome.success("a", trial: $0) }
            outcomes[0].scenario.taskPrompt = "Try it"
            try await store.record(outcomes, in: simulation)
            #expect(try await store.pool.query("select task_prompt from scenarios").lines == ["Try it"])
        }
    }

    @Test("nothing is recorded in a simulation that has ended", arguments: SimulationState.allCases)
    func ended(state: SimulationState) async throws {
        try await withStore { store in
            let simulation = try await SimulationStateTests.simulation(state, in: store)
            guard state.isFinal else {
                try await store.record([.success("a")], in: simulation)
                #expect(try await store.status(of: simulation).state == .running)
                return
            }
            let text = await refusal(.state) { try await store.record([.success("a")], in: simulation) }
            #expect(text.contains("is \(state.rawValue): nothing more can be recorded"))
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }

    @Test("nothing is recorded in a simulation that is gone")
    func gone() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(name: "short-lived")
            try await store.pool.query("delete from simulations")
            let text = await refusal(.notFound) { try await store.record([.success("a")], in: simulation) }
            #expect(text.contains("short-lived is gone"))
        }
    }

    @Test("a simulation that is deleted takes its outcomes along, and nobody else's")
    func deleted() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(name: "short-lived")
            let other = try await store.newSimulation(name: "other")
            for each in [simulation, other] {
                try await store.record([.success("a"), .success("b")], in: each)
            }
            try await store.pool.query("delete from simulations where simulation_name = 'short-lived'")
            let left = try await store.pool.query("select distinct simulation_id::text from outcomes")
            #expect(left.lines == [other.id])
            #expect(try await store.count("select count(*) from outcomes") == 2)
        }
    }

    @Test("no outcomes are no error and no start")
    func none() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let report = try await store.record([], in: simulation)
            #expect(report == RecordingReport(outcomeIDs: [], recorded: 0, replaced: 0, unchanged: 0))
            #expect(try await store.status(of: simulation).state == .pending)
        }
    }

    @Test("a trial beyond the plan extends it, so that progress never passes 100 %")
    func moreTrials() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"], trials: 1)
            try await store.record((1...3).map { .success("a", trial: $0) }, in: simulation)
            let status = try await store.status(of: simulation)
            #expect(status.trials == 3 && status.totalRuns == 3 && status.completedRuns == 3)
            #expect(status.completionPercent == 100 && status.completedScenarios == 1)
        }
    }

    @Test("setting the trials counts finished scenarios anew")
    func setTrials() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a", "b", "c"], trials: 1)
            try await store.record(
                [.success("a", trial: 1), .success("a", trial: 2), .success("b", trial: 1)], in: simulation)
            #expect(try await store.status(of: simulation).completedScenarios == 1)
            try await store.session { try await $0.setTrials(1, of: simulation) }
            #expect(try await store.status(of: simulation).completedScenarios == 2)
            try await store.session { try await $0.setTrials(2, of: simulation) }
            let status = try await store.status(of: simulation)
            #expect(status.completedScenarios == 1 && status.totalRuns == 6)
            let states = try await store.pool.query(
                "select scenario_id, status from simulations_scenarios order by 1")
            #expect(states.lines == ["a|completed", "b|running", "c|pending"])
            await refusal(.invalid) { try await store.session { try await $0.setTrials(0, of: simulation) } }
        }
    }
}
