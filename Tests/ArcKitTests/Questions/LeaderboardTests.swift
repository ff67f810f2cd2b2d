import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("The leaderboard of configurations")
struct LeaderboardTests {
    @Test("versions are ranked by their scenarios' means, with what is known beside")
    func small() async throws {
        try await SmallEvaluation.with { small in
            let board = try await small.store.ask { try await $0.leaderboard() }
            // Version 1: a (0.9 + 0.5) / 2. Version 2: a (1 + 0.8) / 2 and b 0.7.
            #expect(
                lines(
                    board.standings, "rank", "version", "value", "scenarios", "n", "runs", "errors", "passes",
                    "cost_usd", "cost_unknown", "mean_latency_ms", "latency_unknown", "group") == [
                        "1|2|0.8|a|2|3|4|1|3|0.3|2|600|2", "2|1|0.7|a|1|2|5|2|1|0.8|3|1500|3",
                    ])
            #expect(
                lines(board.comparisons, "better_version", "worse_version", "p", "told_apart") == ["2|1||f"])
            #expect(board.standings[1].value.interval == nil)
        }
    }

    @Test("by the pass rate, a run that failed didn't pass")
    func passRate() async throws {
        try await SmallEvaluation.with { small in
            let board = try await small.store.ask { try await $0.leaderboard(by: .passRate) }
            // Version 1: a 1/2, b 0/2. Version 2: a 2/2, b 1/2. Both differences are 1/2: two equal signs, p = 2 · 1/4.
            #expect(
                lines(board.standings, "rank", "version", "value", "n", "pass_rate") == [
                    "1|2|0.75|4|0.75", "2|1|0.25|4|0.25",
                ])
            #expect(
                lines(board.comparisons, "scenarios", "difference", "low", "p", "p_holm", "told_apart") == [
                    "2|0.5||0.5|0.5|f"
                ])
        }
    }

    @Test("a difference's interval ends at the differences that are possible")
    func possible() async throws {
        try await withStore { store in
            for (name, scores) in [("good", [1, 0.9]), ("bad", [0, 0.8])] {
                let simulation = try await store.simulation(name)
                try await store.record(
                    scores.enumerated().map { .success("s\($0)", score: $1) }, in: simulation)
            }
            let board = try await store.ask { try await $0.leaderboard() }
            // Differences 1 and 0.1: 0.55 ± 0.45 · 12.7.
            #expect(lines(board.comparisons, "difference", "low", "high") == ["0.55|-1|1"])
        }
    }

    @Test("versions that share a letter can't be told apart by their paired differences")
    func groups() async throws {
        try await withStore { store in
            for (name, scores) in [
                ("good", [Double](repeating: 1, count: 10)), ("nearly", [1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5]),
                ("bad", [Double](repeating: 0, count: 10)),
            ] {
                let simulation = try await store.simulation(name)
                try await store.record(
                    scores.enumerated().map { .success("s\($0)", score: $1) }, in: simulation)
            }
            let board = try await store.ask { try await $0.leaderboard() }
            #expect(lines(board.standings, "configuration", "group") == ["good|a", "nearly|a", "bad|b"])
            // good − nearly: 0.1 with standard error √(4/9) / 10 = 0.0667, t = 1.5 on 9 degrees of freedom, p = 0.168.
            let close = board.comparisons[0]
            #expect(close.difference.value == 0.1 && !close.isToldApart)
            #expect(abs((close.difference.standardError ?? 0) - (4.0 / 9).squareRoot() / 10) < 1e-15)
            #expect(abs((close.p ?? 0) - 0.167851) < 1e-6)
            // good − bad: ten differences of 1, p = 2 / 2¹⁰.
            let far = board.comparisons[1]
            #expect(far.p == 2.0 / 1024 && far.difference.method.hasSuffix("sign test"))
            // The smallest of three p-values is nearly − bad's: this one counts twice.
            #expect(far.adjustedP == 4.0 / 1024 && far.isToldApart)
        }
    }

    @Test("versions without a common scenario are compared by Welch's test")
    func unpaired() {
        let test = StandingTest([0.9, 0.8, 1, .nan, .nan, .nan], [.nan, .nan, .nan, 0.1, 0.3, 0.2])
        // Means 0.9 and 0.2, variances 0.01 of each, three scenarios each: se = √(0.02 / 3), t = 8.5732 on 4, p = 0.00102.
        #expect(abs((test.difference.value ?? 0) - 0.7) < 1e-15)
        #expect(abs((test.difference.standardError ?? 0) - (0.02 / 3).squareRoot()) < 1e-15)
        #expect(abs((test.p ?? 0) - 0.001016) < 1e-5)
        #expect(test.difference.method.contains("Welch"))
        #expect(StandingTest([.nan, 1], [1, .nan]).p == nil)
        #expect(StandingTest([0.5, 0.5], [0.5, 0.5]).p == 1)
    }

    @Test("a version without any score comes last, without a rank")
    func unscored() async throws {
        try await withStore { store in
            try await store.record([.failure("a")], in: try await store.simulation("broken"))
            try await store.record([.success("a", score: 0)], in: try await store.simulation("wrong"))
            let board = try await store.ask { try await $0.leaderboard() }
            #expect(
                lines(board.standings, "rank", "configuration", "value", "errors", "group") == [
                    "1|wrong|0|a|0", "|broken|||1",
                ])
            #expect(board.comparisons.isEmpty)
        }
    }
}
