import ArcKit
import Foundation
import Postgres
import SeededRandom
import Testing

@Suite("Comparing two simulations")
struct ComparisonTests {
    /// Records both sides in simulations of their own, and compares them.
    static func compare(
        _ a: [Outcome], _ b: [Outcome], _ options: ComparisonOptions = ComparisonOptions()
    ) async throws -> Comparison {
        try await withStore { store in
            let (first, second) = (try await store.newSimulation(), try await store.newSimulation())
            try await store.record(a, in: first)
            try await store.record(b, in: second)
            return try await store.read { try await $0.compare(first, with: second, options) }
        }
    }

    /// Runs of a scenario with these scores, trial by trial.
    static func runs(_ scenario: String, _ scores: Double?...) -> [Outcome] {
        scores.enumerated().map { .success(scenario, trial: $0 + 1, score: $1) }
    }

    static func failed(_ scenario: String, trial: Int = 1, score: Double? = nil) -> Outcome {
        var outcome = Outcome(scenario: Scenario(id: scenario), trial: trial, status: .error)
        outcome.reliabilityScore = score
        return outcome
    }

    @Test("scenarios are paired, and their trials averaged first")
    func pairing() async throws {
        let c = try await Self.compare(
            Self.runs("a", 1, 0.5) + Self.runs("b", 0.5) + Self.runs("c", 1),
            Self.runs("a", 0.25, 0.25) + Self.runs("b", 0.75, 0.25, 0.5) + Self.runs("c", 0.5))
        #expect(c.difference.matched == 3)
        #expect(c.difference.a == 0.75 && abs((c.difference.b ?? 0) - 1.25 / 3) < 1e-15)
        #expect(c.byScenario.map(\.scenario) == ["a", "c", "b"])
        #expect(c.byScenario.map(\.difference) == [-0.5, -0.5, 0])
        #expect(c.a.mean.n == 4 && c.b.mean.n == 6)
        #expect(c.a.runs == 4 && c.a.scenarios == 3)
    }

    @Test("a scenario that only one side ran is counted, not dropped")
    func unmatched() async throws {
        let c = try await Self.compare(
            Self.runs("a", 1) + Self.runs("b", 0.5) + Self.runs("x", 0),
            Self.runs("a", 0.5) + Self.runs("b", 1) + Self.runs("y", 1) + Self.runs("z", 1))
        #expect(c.onlyA == ["x"] && c.onlyB == ["y", "z"] && c.difference.matched == 2)
        #expect(c.notes.contains("scenarios that only one side ran are left out: 1 of A, 2 of B"))
        #expect(c.a.mean.value == 0.5, "a side's own mean is over all of its scenarios")
        #expect(c.difference.a == 0.75)
        #expect(c.byScenario.map(\.scenario) == ["a", "b", "x", "y", "z"])
    }

    @Test("an error without a score isn't in the score, and hasn't passed")
    func errors() async throws {
        let a = Self.runs("a", 1, 1) + Self.runs("b", 1) + Self.runs("c", 0.5)
        let b = Self.runs("a", 1) + [Self.failed("a", trial: 2), Self.failed("b")] + Self.runs("c", 1)
        let c = try await Self.compare(a, b)
        #expect(c.b.errors == 2 && c.a.errors == 0)
        #expect(c.difference.matched == 2 && c.withoutValue == 1)
        #expect(c.onlyA == [] && c.onlyB == [], "both sides ran b")
        #expect(c.b.mean.n == 2)
        let rate = try #require(c.byMetric.first { $0.metric == .passRate }?.difference)
        #expect(rate.matched == 3 && rate.a == 2.0 / 3 && rate.b == 0.5)
        #expect(
            c.notes.contains(
                "B: errors and timeouts without a score, which aren't in the score and didn't pass: 2"))
        #expect(c.notes.contains("scenarios whose score isn't known on both sides are left out: 1"))
        #expect(c.flips(.lost).map(\.scenario) == ["b"])
    }

    @Test("a score that an error has counts, and it hasn't passed all the same")
    func scoredErrors() async throws {
        let c = try await Self.compare(
            Self.runs("a", 1) + Self.runs("b", 1), [Self.failed("a", score: 0.9)] + Self.runs("b", 1))
        #expect(c.difference.matched == 2 && c.byScenario[0].b.mean == 0.9)
        #expect(c.byScenario[0].b.verdicts == PassCount(passes: 0, trials: 1))
    }

    @Test("cancelled runs and successes without a score have no verdict")
    func unknownVerdicts() async throws {
        let cancelled = Outcome(scenario: Scenario(id: "a"), trial: 2, status: .cancelled)
        let c = try await Self.compare(
            Self.runs("a", 1) + [cancelled], Self.runs("a", 1, nil))
        #expect(c.byScenario[0].a.verdicts.trials == 1 && c.byScenario[0].b.verdicts.trials == 1)
        #expect(c.a.cancelled == 1 && c.a.runs == 2)
        #expect(c.notes.contains("A: cancelled runs, which count neither as passed nor as not: 1"))
        #expect(c.notes.contains("B: successes without a score, of which isn't known whether they passed: 1"))
    }

    @Test("each side passes by its own threshold, unless another is given")
    func thresholds() async throws {
        try await withStore { store in
            let a = try await store.newSimulation(threshold: 0.4)
            let b = try await store.newSimulation(threshold: 0.9)
            for simulation in [a, b] { try await store.record(Self.runs("a", 0.5), in: simulation) }
            let own = try await store.read { try await $0.compare(a, with: b) }
            #expect(own.flips(.lost).map(\.scenario) == ["a"])
            #expect(own.notes.contains("a run of A passes from 0.4, one of B from 0.9"))
            var options = ComparisonOptions()
            options.passThreshold = 0.5
            let same = try await store.read { [options] in try await $0.compare(a, with: b, options) }
            #expect(same.flips(.lost).isEmpty && same.a.passThreshold == 0.5)
        }
    }

    @Test(
        "scenarios flip all the way or by a majority",
        arguments: [
            ([1, 1, 1], [0, 0, 0], ScenarioDifference.Flip.lost), ([0, 0], [1, 1, 1], .gained),
            ([1, 1, 0], [0, 0, 1], .weakened), ([1, 1, 1], [0, 0, 1], .weakened),
            ([0, 0, 1], [1, 1, 1], .strengthened), ([1, 0], [0, 0], nil), ([1, 1, 1], [1, 1, 0], nil),
            ([0], [0], nil), ([1], [0], .lost),
        ] as [([Double], [Double], ScenarioDifference.Flip?)])
    func flips(_ a: [Double], _ b: [Double], _ flip: ScenarioDifference.Flip?) async throws {
        func runs(_ scores: [Double]) -> [Outcome] {
            scores.enumerated().map { .success("a", trial: $0 + 1, score: $1) }
        }
        #expect(try await Self.compare(runs(a), runs(b)).byScenario[0].flip == flip)
    }

    @Test("only 0 and 1, one a scenario and side, make McNemar's table")
    func mcNemar() async throws {
        let a = Self.runs("a", 1) + Self.runs("b", 1) + Self.runs("c", 0) + Self.runs("d", 0)
        let binary = try await Self.compare(
            a, Self.runs("a", 1) + Self.runs("b", 0) + Self.runs("c", 0) + Self.runs("e", 1))
        #expect(binary.mcNemar == McNemar(both: 1, onlyA: 1, onlyB: 0, neither: 1))
        let graded = try await Self.compare(a, Self.runs("a", 0.5) + Self.runs("b", 1))
        #expect(graded.mcNemar == nil)
        let repeated = try await Self.compare(a, Self.runs("a", 1, 0) + Self.runs("b", 1))
        #expect(repeated.mcNemar == nil)
        var rate = ComparisonOptions()
        rate.metric = "pass_rate"
        let verdicts = try await Self.compare(a, Self.runs("a", 0.5) + Self.runs("b", 0.7), rate)
        #expect(verdicts.mcNemar == McNemar(both: 1, onlyA: 1, onlyB: 0, neither: 0))
    }

    @Test("recorded numbers are metrics, and nothing else that is recorded")
    func recordedNumbers() async throws {
        func run(_ scenario: String, _ metrics: String) throws -> Outcome {
            var outcome = Outcome.success(scenario, score: 1)
            outcome.metrics = try JSONValue(parsing: metrics)
            return outcome
        }
        let a = [
            try run("a", #"{"depth": 3, "q\"é": 1e-7, "text": "9", "flag": true, "nested": {"depth": 7}}"#),
            try run("b", #"{"depth": -12.0625, "score": 2, "list": [1, 2], "none": null}"#),
        ]
        let b = [
            try run("a", #"{"depth": 5, "q\"é": 12345678901234567890, "only_b": 1}"#),
            try run("b", #"{"depth": 0.1, "score": 3, "text": "}\"{"}"#),
        ]
        let c = try await Self.compare(a, b)
        let recorded = c.byMetric.filter { $0.metric.unit == nil }
        #expect(recorded.map(\.metric.name) == ["depth", "q\"é", "metrics.score"])
        #expect(recorded[0].difference.a == (3 - 12.0625) / 2 && recorded[0].difference.b == 5.1 / 2)
        #expect(recorded[1].difference.a == 1e-7 && recorded[1].difference.b == 1.2345678901234567e19)
        var options = ComparisonOptions()
        options.metric = "metrics.score"
        #expect(try await Self.compare(a, b, options).difference.estimate.value == 1)
    }

    @Test("every known number is compared, with p-values corrected for all of them")
    func metrics() async throws {
        func run(_ scenario: Int, _ trial: Int, _ shift: Double) -> Outcome {
            var outcome = Outcome.success("s\(scenario)", trial: trial, score: trial == 1 ? 1 : 0)
            outcome.executionTimeMs = Int64(100 * scenario + trial)
            outcome.costUSD = Double(scenario) * (1 + shift)
            return outcome
        }
        let a = (1...6).flatMap { s in (1...3).map { run(s, $0, 0) } }
        let b = (1...6).flatMap { s in (1...3).map { run(s, $0, 0.5) } }
        let c = try await Self.compare(a, b)
        #expect(
            c.byMetric.map(\.metric.name) == [
                "score", "pass_rate", "latency_ms", "tokens", "cost_usd", "pass_hat_2", "pass_at_2",
                "pass_hat_3",
                "pass_at_3",
            ])
        func difference(_ name: String) -> PairedDifference? {
            c.byMetric.first { $0.metric.name == name }?.difference
        }
        #expect(difference("tokens")?.estimate.value == nil)
        #expect(difference("tokens")?.estimate.note == "no scenario has a known tokens on both sides")
        #expect(difference("pass_hat_2")?.a == 0 && difference("pass_at_3")?.a == 1)
        #expect(abs((difference("pass_at_2")?.a ?? 0) - 2.0 / 3) < 1e-12)
        // All others are equal, so that they are no question.
        #expect(difference("cost_usd")?.p != nil)
        #expect(difference("cost_usd")?.correctedP == difference("cost_usd")?.p)
        #expect(c.byMetric.count { $0.difference.p != nil } == 1)
    }

    @Test("a metric that there isn't is refused with those that there are, and so is a wrong option")
    func refused() async throws {
        func refused(_ change: (inout ComparisonOptions) -> Void) async -> String {
            var options = ComparisonOptions()
            change(&options)
            let wrong = options
            return await refusal(.invalid) { _ = try await Self.compare(Self.runs("a", 1), [], wrong) }
        }
        let unknown = await refused { $0.metric = "speed" }
        #expect(unknown.contains("no metric \"speed\"") && unknown.contains("score, pass_rate, latency_ms"))
        #expect(await refused { $0.confidence = 95 }.contains("confidence must be between 0 and 1"))
        #expect(
            await refused { $0.tolerance = .absolute(-1) }.contains("tolerance must be 0 or more, got -1"))
        #expect(await refused { $0.resamples = 0 }.contains("resamples must be between 1 and"))
        #expect(
            await refused { $0.passThreshold = 7 }.contains("pass_threshold must be between 0 and 1, got 7"))
    }

    @Test("synonyms of the columns and of the bundled metrics find the metric")
    func synonyms() async throws {
        for (name, metric) in [
            ("reliability_score", "score"), ("execution_time_ms", "latency_ms"), ("tokens_used", "tokens"),
            ("pass_at_2", "pass_at_2"),
        ] {
            var options = ComparisonOptions()
            options.metric = name
            #expect(
                try await Self.compare(Self.runs("a", 1), Self.runs("a", 1), options).metric.name == metric)
        }
    }
}
