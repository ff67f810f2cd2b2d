import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Performance over time")
struct PerformanceTests {
    static func outcomes() -> [Outcome] {
        var outcomes: [Outcome] = [
            Outcome.success("a", trial: 1, score: 0.75).at("2024-02-29 10:05:00+00"),
            Outcome.success("a", trial: 2, score: 0.25).at("2024-02-29 10:59:59.999999+00"),
            Outcome(scenario: Scenario(id: "b"), trial: 1, status: .error).at("2024-02-29 10:30:00+00"),
            Outcome(scenario: Scenario(id: "b"), trial: 2, status: .timeout).at("2024-02-29 11:00:00+00"),
            Outcome.success("c").at("2024-03-01 23:00:00+00"),
        ]
        outcomes[0].executionTimeMs = 100
        outcomes[1].executionTimeMs = 300
        outcomes[0].costUSD = 0.5
        outcomes[2].costUSD = 0.25
        outcomes[1].tokensUsed = 1000
        return outcomes
    }

    static func performance(
        _ outcomes: [Outcome], within seconds: Double? = nil, bucket: String = "1 hour"
    ) async throws -> (buckets: [String], summary: [String]) {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record(outcomes, in: simulation)
            let other = try await store.newSimulation()
            try await store.record([Outcome.success("z", score: 1).at("2024-02-29 10:10:00+00")], in: other)
            let figures = try await store.session {
                try await $0.performance(of: simulation, withinSeconds: seconds, bucket: bucket)
            }
            return (figures.buckets.lines, figures.summary.lines)
        }
    }

    @Test("hours are buckets, means are over the values that are known, and a timeout is an error")
    func hourly() async throws {
        let figures = try await Self.performance(Self.outcomes())
        #expect(
            figures.buckets == [
                "2024-02-29 10:00:00+00|3|1|0|1|2|0.5|2|200|1|1000|2|0.75",
                "2024-02-29 11:00:00+00|1|1|1|0|0||0||0||0|",
                "2024-03-01 23:00:00+00|1|0|0|0|0||0||0||0|",
            ])
        #expect(
            figures.summary == [
                "2024-02-29 10:05:00+00|2024-03-01 23:00:00+00|5|2|1|1|2|0.5|2|200|1|1000|2|0.75|291.425|0.0078125"
            ])
    }

    @Test("buckets may have another width", arguments: ["1 day", "1 month", "1 week"])
    func widths(bucket: String) async throws {
        let starts = [
            "1 day": ["2024-02-29", "2024-03-01"], "1 month": ["2024-02-01", "2024-03-01"],
            "1 week": ["2024-02-26"],
        ]
        let figures = try await Self.performance(Self.outcomes(), bucket: bucket)
        #expect(figures.buckets.map { String($0.prefix(10)) } == starts[bucket])
    }

    @Test("buckets of half an hour, which no roll-up has, add up to the same")
    func halfHours() async throws {
        let hours = try await Self.performance(Self.outcomes())
        let halves = try await Self.performance(Self.outcomes(), bucket: "30 minutes")
        #expect(halves.summary == hours.summary)
        #expect(
            halves.buckets == [
                "2024-02-29 10:00:00+00|1|0|0|1|1|0.75|1|100|0||1|0.5",
                "2024-02-29 10:30:00+00|2|1|0|0|1|0.25|1|300|1|1000|1|0.25",
                "2024-02-29 11:00:00+00|1|1|1|0|0||0||0||0|",
                "2024-03-01 23:00:00+00|1|0|0|0|0||0||0||0|",
            ])
    }

    @Test("only runs within the time count")
    func within() async throws {
        let figures = try await Self.performance(Self.outcomes() + [.success("now", score: 1)], within: 3600)
        #expect(figures.buckets.count == 1)
        let summary = try #require(figures.summary.first).split(
            separator: "|", omittingEmptySubsequences: false)
        #expect(summary[2...6] == ["1", "0", "0", "1", "1"])
    }

    @Test("no runs are no buckets and a summary of nothing known")
    func empty() async throws {
        let figures = try await Self.performance([])
        #expect(figures.buckets == [])
        #expect(figures.summary == ["||0|0|0|0|0||0||0||0|||"])
    }

    @Test("figures of the guide's query are named as documented")
    func names() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let figures = try await store.session { try await $0.performance(of: simulation) }
            let shared = [
                "runs", "errors", "timeouts", "passes", "scored", "avg_score", "timed", "avg_latency_ms",
                "counted",
                "tokens_used", "priced", "cost_usd",
            ]
            #expect(figures.buckets.columns.map(\.name) == ["bucket"] + shared)
            #expect(
                figures.summary.columns.map(\.name) == ["first_run", "last_run"] + shared + [
                    "p95_latency_ms", "p95_error",
                ]
            )
        }
    }
}
