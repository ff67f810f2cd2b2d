import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Which scenarios were evaluated")
struct CoverageTests {
    @Test("scenarios with and without runs are counted by tag and difficulty")
    func counted() async throws {
        try await SmallEvaluation.with { small in
            let coverage = try await small.store.ask { try await $0.coverage() }
            #expect(
                lines([coverage.total], "scenarios", "evaluated", "missing", "share", "runs", "errors") == [
                    "4|3|1|0.75|9|3"
                ])
            #expect(
                lines(coverage.byTag, "tag", "scenarios", "evaluated", "missing", "runs", "errors") == [
                    "orders|3|2|1|8|3", "refunds|1|1|0|4|3", "|1|1|0|1|0",
                ])
            #expect(
                lines(coverage.byDifficulty, "difficulty", "scenarios", "missing") == [
                    "hard|2|1", "easy|1|0", "|1|0",
                ])
            #expect(
                lines(coverage.byTagAndDifficulty, "tag", "difficulty", "scenarios", "missing") == [
                    "orders|hard|2|1", "orders|easy|1|0", "refunds|hard|1|0", "||1|0",
                ])
            #expect(lines(coverage.missing) == ["d|Never run|hard|{orders}"])
        }
    }

    @Test("what counts is a run within the scope; a cancelled one evaluates nothing")
    func scoped() async throws {
        try await SmallEvaluation.with { small in
            let second = try await small.store.ask {
                try await $0.coverage(OutcomeScope(simulation: small.second))
            }
            #expect(second.missing.map(\.scenario) == ["c", "d"])
            let late = try await small.store.ask {
                try await $0.coverage(
                    OutcomeScope(since: Timestamp("2024-03-01 15:00:00+00"), tags: ["orders"]))
            }
            #expect(late.total.scenarios == 3 && late.missing.map(\.scenario) == ["d"])
            let cancelled = try await small.store.ask {
                try await $0.coverage(
                    OutcomeScope(simulation: small.first, since: Timestamp("2024-03-01 15:00:00+00")))
            }
            #expect(cancelled.missing.count == 4)
        }
    }
}
