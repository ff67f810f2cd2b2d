import ArcKit
import Postgres
import TestServer
import Testing

@Suite("A batch is recorded as a whole or not at all")
struct RecordingRefusalTests {
    typealias Change = @Sendable (inout Outcome) -> Void

    /// A change that spoils an outcome, and what the error says about it.
    static let faults: [(says: String, change: Change)] = [
        ("reliability_score must be between 0 and 1, got 92", { $0.reliabilityScore = 92 }),
        ("reliability_score must be between 0 and 1, got -0.1", { $0.reliabilityScore = -0.1 }),
        ("reliability_score must be between 0 and 1, got nan", { $0.reliabilityScore = .nan }),
        ("trial must be between 1 and 10000, got 0", { $0.trial = 0 }),
        ("trial must be", { $0.trial = 3_000_000_000 }),
        ("execution_time_ms must be between 0 and 1000000000000, got -1", { $0.executionTimeMs = -1 }),
        ("tokens_used must be between 0 and 1000000000000, got -5", { $0.tokensUsed = -5 }),
        ("cost_usd must be between 0 and 1000000000, got -0.5", { $0.costUSD = -0.5 }),
        ("cost_usd must be between 0 and 1000000000, got inf", { $0.costUSD = .infinity }),
        ("retry_count must be 0 or more, less than 2^31, got -1", { $0.retryCount = -1 }),
        ("retry_count must be", { $0.retryCount = 3_000_000_000 }),
        ("error_category must be", { $0.errorCategory = "Rate Limit" }),
        ("metrics must be an object, got an array", { $0.metrics = [1] }),
        ("scenario_id must be a non-empty text", { $0.scenario.id = "" }),
        ("outcome_id must be a UUID of version 7, which sorts by time, got \"17\"", { $0.id = "17" }),
        ("execution_time must be", { $0.executionTime = .infinity() }),
        ("execution_time must be", { $0.executionTime = Timestamp("12024-01-01 00:00:00+00") }),
        ("execution_time must be", { $0.executionTime = Timestamp("0044-03-15 00:00:00+00 BC") }),
        // PostgreSQL's texts and JSON can't hold a NUL character.
        ("trajectory holds a NUL character", { $0.trajectory = #"["a\u0000b"]"# }),
        ("trajectory holds a NUL character", { $0.trajectory = #"["\\\u0000"]"# }),
        ("metrics holds a NUL character", { $0.metrics = ["a": ["b": "x\0"]] }),
        ("metrics holds a NUL character", { $0.metrics = ["a\0": 1] }),
        ("error_message holds a NUL character", { $0.errorMessage = "exit\0" }),
        ("error_code holds a NUL character", { $0.errorCode = "\0" }),
        ("sandbox_id holds a NUL character", { $0.sandboxID = "\0" }),
        ("modal_call_id holds a NUL character", { $0.modalCallID = "\0" }),
        ("scenario_id holds a NUL character", { $0.scenario.id = "x\0" }),
        ("scenario \"bad\": task_prompt holds a NUL character", { $0.scenario.taskPrompt = "x\0" }),
        ("scenario \"bad\": tags holds a NUL character", { $0.scenario.tags = ["x\0"] }),
        // The trajectory is JSON text, of one value and nothing else.
        ("trajectory must be JSON", { $0.trajectory = "" }),
        ("trajectory must be JSON", { $0.trajectory = "{\"steps\": [1, 2" }),
        ("trajectory must be JSON", { $0.trajectory = "step 1, step 2" }),
        ("trajectory must be JSON", { $0.trajectory = "1, \"status\": \"error\"" }),
        ("trajectory must be JSON", { $0.trajectory = "1}, {\"trial\": 1" }),
        ("trajectory must be JSON", { $0.trajectory = "[NaN]" }),
    ]

    @Test("one bad outcome writes nothing, and is named with its field", arguments: faults.indices)
    func fault(number: Int) async throws {
        let (says, change) = Self.faults[number]
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            var bad = Outcome.success("bad")
            change(&bad)
            let batch = [Outcome.success("a"), bad, .success("c")]
            let text = await refusal(.invalid) { try await store.record(batch, in: simulation) }
            #expect(text.hasPrefix("outcome 2: "))
            #expect(text.contains(says), "\(text)")
            let left = try await store.count(
                "select (select count(*) from outcomes) + (select count(*) from scenarios where scenario_id <> 'a')"
            )
            #expect(left == 0)
            #expect(try await store.status(of: simulation).state == .pending)
        }
    }

    @Test("an outcome is named as its caller names it")
    func places() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let batch = [Outcome.success("a"), .success("b", score: 2)]
            let text = await refusal(.invalid) {
                _ = try await store.session {
                    try await $0.record(
                        batch, in: simulation, places: { ["runs.jsonl:1", "runs.jsonl:9"][$0] })
                }
            }
            #expect(text.hasPrefix("runs.jsonl:9: reliability_score"))
        }
    }

    @Test("two outcomes of one run in a batch are refused, and both are named")
    func sameRun() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let batch = [Outcome.success("a"), .success("a", trial: 2), .success("a")]
            let text = await refusal(.invalid) { try await store.record(batch, in: simulation) }
            #expect(text.hasPrefix("outcome 3: scenario \"a\" trial 1 was given before, by outcome 1"))
            #expect(text.contains("trial = 1, 2"))
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }

    @Test("two outcomes with one id in a batch are refused")
    func sameID() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let batch = [
                RecordingTests.outcome("a", id: 0xa, score: 0),
                RecordingTests.outcome("b", id: 0xa, score: 0),
            ]
            let text = await refusal(.invalid) { try await store.record(batch, in: simulation) }
            #expect(text.hasPrefix("outcome 2: outcome_id"))
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }

    @Test("an outcome that the server alone refuses is named, and nothing is left")
    func serverFailure() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            try await store.pool.query("alter table outcomes add check (tokens_used <> 13)")
            var unlucky = Outcome.success("b")
            unlucky.tokensUsed = 13
            let batch = [Outcome.success("a"), unlucky]
            let text = await refusal(.invalid) { try await store.record(batch, in: simulation) }
            #expect(text.hasPrefix("outcome 2: ERROR") && text.contains("check constraint"))
            let status = try await store.status(of: simulation)
            #expect(status.state == .pending && status.completedRuns == 0 && status.totalScenarios == 1)
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }
}
