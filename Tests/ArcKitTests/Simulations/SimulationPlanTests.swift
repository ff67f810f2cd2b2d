import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Planning and ending a simulation")
struct SimulationPlanTests {
    static func refusedPlan(
        _ code: EvaluationError.Code = .invalid, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: @Sendable (inout SimulationPlan) -> Void
    ) async throws -> String {
        try await withStore { store in
            _ = try await ConfigurationVersionTests.create(store, "model: a")
            var changed = SimulationPlan(configuration: "agent")
            change(&changed)
            let plan = changed
            let text = await refusal(code, sourceLocation: sourceLocation) {
                _ = try await store.session { try await $0.createSimulation(plan) }
            }
            let left = try await store.count(
                "select (select count(*) from simulations) + (select count(*) from scenarios)")
            #expect(left == 0, sourceLocation: sourceLocation)
            return text
        }
    }

    @Test("trials are 1 or more", arguments: [0, -1, 3_000_000_000])
    func trials(count: Int) async throws {
        let text = try await Self.refusedPlan { $0.trials = count }
        #expect(text.contains("trials") && text.contains("\(count)"))
    }

    @Test("the pass threshold lies from 0 to 1", arguments: [-0.1, 1.01, 70, .nan, .infinity])
    func threshold(value: Double) async throws {
        let text = try await Self.refusedPlan { $0.passThreshold = value }
        #expect(text.contains("pass_threshold must be between 0 and 1"))
    }

    @Test("a scenario is planned once")
    func twice() async throws {
        let text = try await Self.refusedPlan {
            $0.scenarios = [Scenario(id: "a"), Scenario(id: "b"), Scenario(id: "a")]
        }
        #expect(text.contains("scenario \"a\" is given twice") && text.contains("trials"))
    }

    @Test("an empty name, a scenario without id and no sandboxes are refused")
    func empty() async throws {
        _ = try await Self.refusedPlan { $0.name = "" }
        _ = try await Self.refusedPlan { $0.scenarios = [Scenario(id: "a"), Scenario(id: "")] }
        let text = try await Self.refusedPlan { $0.sandboxInstances = 0 }
        #expect(text.contains("sandbox_instances must be 1 or more, got 0"))
    }

    @Test("an unknown configuration is refused by name")
    func configuration() async throws {
        let text = try await Self.refusedPlan(.notFound) { $0.configuration = "nobody" }
        #expect(text.contains("\"nobody\""))
    }

    @Test("a plan's scenarios keep their order, and its totals are scenarios times trials")
    func totals() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(
                ["z", "a", "m"], trials: 4, name: "plan", threshold: 0.5)
            let status = try await store.status(of: simulation)
            #expect(status.totalScenarios == 3 && status.trials == 4 && status.totalRuns == 12)
            #expect(status.completedRuns == 0 && status.completedScenarios == 0)
            #expect(status.completionPercent == 0)
            #expect(status.passThreshold == 0.5)
            #expect(status.state == .pending && status.startedAt == nil && status.completedAt == nil)
            #expect(status.configuration == "agent" && status.configurationVersion == 1)
            let order = try await store.pool.query(
                "select scenario_id from simulations_scenarios order by execution_order")
            #expect(order.lines == ["z", "a", "m"])
        }
    }

    @Test("an end computes what isn't said: the mean of scenario means, the sum of known costs, the time")
    func computed() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a", "b", "c"], trials: 2)
            var outcomes: [Outcome] = [
                .success("a", trial: 1, score: 1), .success("a", trial: 2, score: 0.5),
                .success("b", score: 0.25), .success("c"),
            ]
            outcomes[0].costUSD = 0.5
            outcomes[2].costUSD = 0.25
            try await store.record(outcomes, in: simulation)
            try await store.session { try await $0.completeSimulation(simulation) }
            let status = try await store.status(of: simulation)
            #expect(status.state == .completed && status.completedAt != nil)
            #expect(status.averageScore == 0.5)
            #expect(status.totalCostUSD == 0.75)
            #expect((status.executionTimeMs ?? -1) >= 0)
        }
    }

    @Test("an end without outcomes leaves score and cost unknown, and an import's time is unknown")
    func unknown() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            try await store.session { session in
                try await session.startSimulation(simulation)
                try await session.completeSimulation(simulation, SuiteResult(isTimed: false))
            }
            let status = try await store.status(of: simulation)
            #expect(status.averageScore == nil && status.totalCostUSD == nil && status.executionTimeMs == nil)
        }
    }

    @Test("an end says what it was told")
    func given() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            try await store.record([.success("a", score: 0.1)], in: simulation)
            let result = SuiteResult(overallScore: 0.9, totalCostUSD: 12.5, executionTimeMs: 60_000)
            try await store.session { try await $0.completeSimulation(simulation, result) }
            let status = try await store.status(of: simulation)
            #expect(status.averageScore == 0.9 && status.totalCostUSD == 12.5)
            #expect(status.executionTimeMs == 60_000)
        }
    }

    @Test(
        "an end with a figure out of range is refused by name",
        arguments: [
            ("overall_score", SuiteResult(overallScore: 92)),
            ("overall_score", SuiteResult(overallScore: .nan)),
            ("total_cost_usd", SuiteResult(totalCostUSD: -1)),
            ("total_cost_usd", SuiteResult(totalCostUSD: .infinity)),
            ("execution_time_ms", SuiteResult(executionTimeMs: -1)),
        ])
    func outOfRange(field: String, result: SuiteResult) async throws {
        try await withStore { store in
            let simulation = try await SimulationStateTests.simulation(.running, in: store)
            let text = await refusal(.invalid) {
                try await store.session { try await $0.completeSimulation(simulation, result) }
            }
            #expect(text.contains("\(field) must be"))
            #expect(try await store.status(of: simulation).state == .running)
        }
    }
}
