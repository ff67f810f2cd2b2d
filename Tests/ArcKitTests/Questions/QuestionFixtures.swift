import Postgres
import TestServer

@testable import ArcKit

extension Store {
    /// A simulation under a version of a configuration: the text of the version decides which.
    func simulation(
        _ configuration: String, _ yaml: String = "model: one", scenarios: [Scenario] = []
    ) async throws -> SimulationReference {
        try await session { session in
            let version = try await session.createConfiguration(
                name: configuration, document: try ConfigurationDocument(yaml: yaml))
            var plan = SimulationPlan(configuration: version.versionID)
            plan.scenarios = scenarios
            return try await session.findSimulation(try await session.createSimulation(plan))
        }
    }

    /// What a question answers.
    func ask<Answer: Sendable>(
        _ question: @Sendable (Session) async throws -> Answer
    ) async throws -> Answer {
        try await session(.read) { try await question($0) }
    }
}

extension Outcome {
    /// A run that failed.
    static func failure(
        _ scenario: String, trial: Int = 1, _ status: OutcomeStatus = .error, category: String? = nil,
        _ message: String? = nil
    ) -> Outcome {
        var outcome = Outcome(scenario: Scenario(id: scenario), trial: trial, status: status)
        outcome.errorCategory = category
        outcome.errorMessage = message
        return outcome
    }

    /// This outcome with what it took.
    func took(cost: Double? = nil, tokens: Int64? = nil, ms: Int64? = nil) -> Outcome {
        var outcome = self
        (outcome.costUSD, outcome.tokensUsed, outcome.executionTimeMs) = (cost, tokens, ms)
        return outcome
    }

    /// This outcome with that trajectory.
    func with(trajectory: String) -> Outcome {
        var outcome = self
        outcome.trajectory = trajectory
        return outcome
    }
}

/// An answer's rows as PostgreSQL's texts: numbers to their last digit, values separated by "|".
func lines<Row: AnswerRow>(_ rows: [Row], _ columns: String...) -> [String] {
    let chosen = Row.columns.filter { columns.isEmpty || columns.contains($0.name) }
    return rows.map { row in chosen.map { $0.value(row).description }.joined(separator: "|") }
}

/// Two versions of a configuration on four scenarios, few enough to count by hand.
struct SmallEvaluation: Sendable {
    let store: Store
    let first: SimulationReference
    let second: SimulationReference

    static let scenarios = [
        Scenario(
            id: "a", difficulty: "easy", tags: ["orders"],
            expectedTools: .array([.string("find"), .string("pay")])),
        Scenario(
            id: "b", difficulty: "hard", tags: ["refunds", "orders"],
            expectedTools: .array([.members(("name", .string("refund")))])),
        Scenario(id: "c"),
        Scenario(id: "d", name: "Never run", difficulty: "hard", tags: ["orders"]),
    ]

    static func with(
        on tier: StorageTier? = nil, _ body: @Sendable (SmallEvaluation) async throws -> Void
    ) async throws {
        let fill = { @Sendable (store: Store) in
            let first = try await store.simulation("agent", "model: one", scenarios: scenarios)
            let second = try await store.simulation("agent", "model: two")
            try await store.record(firstRuns, in: first)
            try await store.record(secondRuns, in: second)
            try await body(SmallEvaluation(store: store, first: first, second: second))
        }
        if let tier { try await withStore(on: tier, fill) } else { try await withStore(fill) }
    }

    static var firstRuns: [Outcome] {
        [
            .success("a", trial: 1, score: 0.9).took(cost: 0.5, tokens: 100, ms: 1000).at(
                "2024-03-01 10:00:00+00"
            )
            .with(
                trajectory: """
                    [{"step": 1, "tool": "find", "duration_ms": 10.5},
                     {"step": 2, "tool": "pay", "error": "declined", "duration_ms": 30},
                     {"step": 3, "tool": "pay", "output": "paid"}]
                    """),
            .success("a", trial: 2, score: 0.5).took(cost: 0.3, ms: 2000).at("2024-03-01 11:00:00+00")
                .with(trajectory: #"{"full_trajectory": [{"tool": "find"}, {"tool": "think"}]}"#),
            .failure("b", trial: 1, category: "tool_error", "order 12 not found").at("2024-03-01 12:00:00+00")
                .with(
                    trajectory: """
                        [{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "find"}},
                          {"id": "2", "function": {"name": "refund"}}]},
                         {"role": "tool", "tool_call_id": "2", "content": "Error: not found"},
                         {"role": "assistant", "tool_calls": [{"id": "3", "function": {"name": "find"}}]}]
                        """),
            .failure("b", trial: 2, .timeout, category: "timeout", "no answer after 30s")
                .at("2024-03-01 13:00:00+00"),
            .success("c", trial: 1).at("2024-03-01 14:00:00+00"),
            Outcome(scenario: Scenario(id: "c"), trial: 2, status: .cancelled).at("2024-03-01 15:00:00+00"),
        ]
    }

    static var secondRuns: [Outcome] {
        [
            .success("a", trial: 1, score: 1).took(cost: 0.1, ms: 500).at("2024-03-02 10:00:00+00"),
            .success("a", trial: 2, score: 0.8).took(cost: 0.2, ms: 700).at("2024-03-02 11:00:00+00"),
            .success("b", trial: 1, score: 0.7).at("2024-03-02 12:00:00+00"),
            .failure("b", trial: 2, category: "tool_error", "order 13 not found").at(
                "2024-03-02 13:00:00+00"),
        ]
    }

    /// Both simulations' configuration, named by one version only.
    func version(_ number: Int) async throws -> String {
        try await store.pool.query(
            "select version_id::text from config_versions where version_number = $1", [.int(Int64(number))]
        ).single().get("version_id", as: String.self)
    }
}
