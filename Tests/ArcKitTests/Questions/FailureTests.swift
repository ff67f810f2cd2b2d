import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("What failed")
struct FailureTests {
    @Test("failures are counted by category, scenario, template and tool, each with its n and interval")
    func counted() async throws {
        try await SmallEvaluation.with { small in
            let found = try await small.store.ask { try await $0.failures(byTool: true) }
            #expect(found.runs == 9 && found.failures == 3)
            // Scenario rates 0, 3/4 and 0: mean 0.25, standard error (√3/4) / √3 = 0.25.
            #expect(found.rate.value == 0.25 && found.rate.n == 9 && found.rate.clusters == 3)
            #expect(abs((found.rate.standardError ?? 0) - 0.25) < 1e-15)
            #expect(found.rate.interval == Mean.estimate([[0], [0.75], [0]], bounds: 0...1).interval)
            #expect(
                lines(found.byCategory, "category", "failures", "runs", "scenarios", "last_failure") == [
                    "tool_error|2|9|1|2024-03-02 13:00:00+00", "timeout|1|9|1|2024-03-01 13:00:00+00",
                ])
            #expect(found.byCategory[0].rate.value == 0.5 / 3)
            #expect(found.byCategory[0].share == 2.0 / 3)
            #expect(
                lines(found.byScenario, "scenario_id", "failures", "runs", "rate", "category") == [
                    "b|3|4|0.75|tool_error"
                ])
            #expect(found.byScenario[0].rate == Proportion.wilson(3, of: 4))
            #expect(
                lines(
                    found.clusters, "template", "failures", "scenarios", "category", "first_failure",
                    "example") == [
                        "order <n> not found|2|1|tool_error|2024-03-01 12:00:00+00|order 13 not found",
                        "no answer after <n>s|1|1|timeout|2024-03-01 13:00:00+00|no answer after 30s",
                    ])
            #expect(
                lines(try #require(found.byTool), "tool", "failures", "scenarios") == ["|2|1", "refund|1|1"])
        }
    }

    @Test(
        "messages that differ in the tool's name alone are one cluster, and those of another cause are another"
    )
    func clusters() async throws {
        try await withStore { store in
            let messages = [
                "tool search failed: the connection to the service was reset",
                "tool book failed: the connection to the service was reset",
                "tool search failed: the connection to the service was reset", "out of memory (512 MiB)",
            ]
            let simulation = try await store.newSimulation()
            let runs = messages.enumerated().map { Outcome.failure("s\($0)", category: "tool_error", $1) }
            try await store.record(runs, in: simulation)
            let found = try await store.ask { try await $0.failures(OutcomeScope(simulation: simulation)) }
            #expect(
                lines(found.clusters, "template", "templates", "failures", "share", "scenarios") == [
                    "\(messages[0])|2|3|0.75|3", "out of memory (<n> MiB)|1|1|0.25|1",
                ])
        }
    }

    @Test("a scope is a simulation, a configuration or a version, a time range, tags, or several of these")
    func scopes() async throws {
        try await SmallEvaluation.with { small in
            let version = try await small.version(2)
            let scopes: [(OutcomeScope, Int, Int)] = [
                (OutcomeScope(simulation: small.first), 5, 2), (OutcomeScope(configuration: "agent"), 9, 3),
                (OutcomeScope(configuration: version), 4, 1),
                (OutcomeScope(simulation: small.first, configuration: version), 0, 0),
                (OutcomeScope(since: Timestamp("2024-03-02 00:00:00+00")), 4, 1),
                (OutcomeScope(before: Timestamp("2024-03-01 13:00:00+00")), 3, 1),
                (OutcomeScope(since: Timestamp("2024-03-01 13:00:00+00")), 6, 2),
                (OutcomeScope(withinSeconds: 3600), 0, 0), (OutcomeScope(tags: ["orders"]), 8, 3),
                (OutcomeScope(tags: ["orders", "refunds"]), 4, 3),
            ]
            for (scope, runs, failures) in scopes {
                let found = try await small.store.ask { try await $0.failures(scope) }
                #expect(found.runs == runs && found.failures == failures, "\(scope)")
                #expect(found.byTool == nil)
                let recent = try await small.store.ask { try await $0.recentFailures(scope) }
                #expect(recent.count == failures, "\(scope)")
            }
        }
    }

    @Test("an unknown configuration and a time range that ends before it begins are refused")
    func refused() async throws {
        try await SmallEvaluation.with { small in
            let unknown = await refusal(.notFound) {
                _ = try await small.store.ask { try await $0.failures(OutcomeScope(configuration: "agnet")) }
            }
            #expect(unknown.contains("\"agnet\""))
            let turned = OutcomeScope(
                since: Timestamp("2024-03-02 00:00:00+00"), before: Timestamp("2024-03-01 00:00:00+00"))
            await refusal(.invalid) { _ = try await small.store.ask { try await $0.flaky(turned) } }
        }
    }

    @Test("the latest failures come first, with whatever is known of them, and no more than asked for")
    func recent() async throws {
        try await SmallEvaluation.with { small in
            let recent = try await small.store.ask { try await $0.recentFailures(limit: 2) }
            #expect(
                recent.columns.map(\.name) == [
                    "execution_time", "outcome_id", "scenario_id", "trial", "status", "error_category",
                    "error_code",
                    "error_message", "execution_time_ms", "configuration", "version", "simulation_id",
                    "simulation",
                ])
            let told = (0..<recent.count).map { row in
                [0, 2, 3, 4, 5, 7, 9, 10].map { recent[row, $0].description }.joined(separator: "|")
            }
            #expect(
                told == [
                    "2024-03-02 13:00:00+00|b|2|error|tool_error|order 13 not found|agent|2",
                    "2024-03-01 13:00:00+00|b|2|timeout|timeout|no answer after 30s|agent|1",
                ])
        }
    }

    @Test("failures of nobody's category and without a message are counted as that")
    func unknown() async throws {
        try await withStore { store in
            let simulation = try await store.simulation("agent")
            try await store.record(
                [.failure("a"), .failure("a", trial: 2, .error, "x 1"), .failure("b")], in: simulation)
            let found = try await store.ask { try await $0.failures() }
            #expect(
                lines(found.byCategory, "category", "failures", "rate", "rate_low") == [
                    "|3|1|0.34238022750665303"
                ])
            #expect(lines(found.clusters, "template", "failures", "scenarios") == ["|2|2", "x <n>|1|1"])
            #expect(lines(found.byScenario, "scenario_id", "rate", "category") == ["a|1|", "b|1|"])
        }
    }
}
