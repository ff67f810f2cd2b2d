import ArcKit
import Postgres
import SeededRandom
import TestServer
import Testing

@Suite("An outcome comes back as it was recorded")
struct OutcomeValueTests {
    static func recorded(_ outcome: Outcome, _ columns: String) async throws -> [String] {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record([outcome], in: simulation)
            return try await store.pool.query("select \(columns) from outcomes").lines
        }
    }

    @Test("what isn't known stays NULL")
    func nulls() async throws {
        let fields = [
            "reliability_score", "execution_time_ms", "tokens_used", "cost_usd", "trajectory",
            "modal_call_id",
            "sandbox_id", "error_code", "error_category", "error_message",
        ]
        let outcome = Outcome(scenario: Scenario(id: "a"), status: .timeout)
        let nulls = try await Self.recorded(outcome, "num_nulls(\(fields.joined(separator: ", ")))")
        #expect(nulls == ["\(fields.count)"])
        #expect(try await Self.recorded(outcome, "retry_count, metrics, trial") == ["0|{}|1"])
    }

    @Test("what is known stays as it was, zeros included")
    func values() async throws {
        var outcome = Outcome(scenario: Scenario(id: "a"), trial: 3, status: .error).at(
            "2024-02-29 12:00:00.123456+00")
        outcome.reliabilityScore = 0
        outcome.executionTimeMs = 0
        outcome.tokensUsed = 1_000_000_000_000
        outcome.costUSD = 0.1
        outcome.modalCallID = "fc-1"
        outcome.sandboxID = "sb-1"
        outcome.errorCode = "429"
        outcome.errorCategory = "rate_limit"
        outcome.errorMessage = "too \"many\"\nrequests \u{1F600} \\ é"
        outcome.retryCount = 2
        let row = try await Self.recorded(
            outcome,
            """
            trial, execution_time, status, reliability_score, execution_time_ms, tokens_used, cost_usd,
            modal_call_id, sandbox_id, error_code, error_category, retry_count, error_message
            """)
        #expect(
            row == [
                "3|2024-02-29 12:00:00.123456+00|error|0|0|1000000000000|0.1|fc-1|sb-1|429|rate_limit|2|"
                    + "too \"many\"\nrequests \u{1F600} \\ é"
            ])
    }

    @Test("scores and costs keep every digit")
    func digits() async throws {
        for value in [0.1 + 0.2, 1.0 / 3, .leastNonzeroMagnitude, 0.9999999999999999] {
            var outcome = Outcome.success("a", score: value)
            outcome.costUSD = value
            #expect(
                try await Self.recorded(outcome, "reliability_score = cost_usd, cost_usd") == ["t|\(value)"])
        }
    }

    @Test("an outcome without a time ran just now")
    func now() async throws {
        let isNow = try await Self.recorded(
            .success("a"),
            "execution_time between now() - interval '1 minute' and now() + interval '1 minute'")
        #expect(isNow == ["t"])
    }

    @Test("a backslash before u0000 makes it a text, which is kept")
    func escapedBackslash() async throws {
        var outcome = Outcome.success("a")
        outcome.trajectory = #"["\\u0000", "\\\\u0000"]"#
        #expect(
            try await Self.recorded(outcome, "trajectory ->> 0, trajectory ->> 1") == [#"\u0000|\\u0000"#])
    }

    @Test("a trajectory may be any JSON value", arguments: ["null", "1", "\"a\"", "[]", "{}", " [1 , 2]\n"])
    func anyTrajectory(json: String) async throws {
        var outcome = Outcome.success("a")
        outcome.trajectory = json
        let stored = try await Self.recorded(outcome, "coalesce(trajectory, 'null')::text")
        #expect(try JSONValue(parsing: stored[0]) == JSONValue(parsing: json))
    }

    @Test("JSON with every kind of value in trajectory and metrics comes back", arguments: 1...5)
    func everyKind(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let documents = (0..<20).map { _ in RandomJSON.value(depth: 4, &random) }
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let outcomes = documents.enumerated().map { number, document in
                var outcome = Outcome.success("a", trial: number + 1)
                outcome.trajectory = JSONValue.array([document]).text
                outcome.metrics = .members(("document", document))
                return outcome
            }
            try await store.record(outcomes, in: simulation)
            let rows = try await store.pool.query(
                "select (trajectory -> 0)::text as t, (metrics -> 'document')::text as m from outcomes order by trial"
            )
            #expect(rows.count == documents.count)
            for (row, document) in zip(rows, documents) {
                let expected = document.normalised
                #expect(try JSONValue(parsing: try row.get("t", as: String.self)).normalised == expected)
                #expect(try JSONValue(parsing: try row.get("m", as: String.self)).normalised == expected)
            }
        }
    }
}
