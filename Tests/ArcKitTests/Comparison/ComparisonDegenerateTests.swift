import ArcKit
import Testing

@Suite("Comparisons in which little is known")
struct ComparisonDegenerateTests {
    typealias Tests = ComparisonTests

    @Test("without a matched scenario there is nothing but notes")
    func nothingMatched() async throws {
        let c = try await Tests.compare(Tests.runs("a", 1), Tests.runs("b", 1))
        #expect(c.difference.matched == 0 && c.difference.estimate.value == nil && c.difference.a == nil)
        #expect(c.difference.estimate.note == "no scenario was run by both")
        #expect(c.permutation == nil && c.mcNemar == nil && c.difference.p == nil)
        #expect(c.difference.effectSize == nil && c.difference.smallestDetectableEffect == nil)
        #expect(c.verdict.answer == .tooLittleEvidence && c.verdict.worsening == nil)
        #expect(c.byTag.isEmpty && c.flips(.lost).isEmpty)
    }

    @Test("simulations without runs can be compared")
    func empty() async throws {
        let c = try await Tests.compare([], [])
        #expect(c.a.runs == 0 && c.a.mean.value == nil && c.byScenario.isEmpty)
        #expect(c.verdict.answer == .tooLittleEvidence)
    }

    @Test("one matched scenario has a difference and no interval")
    func oneScenario() async throws {
        let c = try await Tests.compare(Tests.runs("a", 0.5, 0.75), Tests.runs("a", 0.25))
        #expect(c.difference.estimate.value == -0.375 && c.difference.estimate.interval == nil)
        #expect(c.difference.estimate.note?.contains("one matched scenario") == true)
        #expect(c.verdict.answer == .tooLittleEvidence)
        #expect(c.permutation?.p == 1 && c.permutation?.isExact == true)
    }

    @Test("an interval of differences ends where differences end: at ±1 for scores and rates")
    func withinBounds() async throws {
        let c = try await Tests.compare(
            Tests.runs("a", 0.9) + Tests.runs("b", 0.2), Tests.runs("a", 0.1) + Tests.runs("b", 0.1))
        let interval = try #require(c.difference.estimate.interval)
        let error = try #require(c.difference.estimate.standardError)
        #expect(interval.low == -1 && interval.high == 1 && error > 0.3)
        let rate = try #require(c.byMetric.first { $0.metric == .passRate })
        #expect(rate.difference.estimate.interval == Estimate.Interval(low: -1, high: 1))
    }

    @Test("where all differences are equal there is no interval, and the signs decide", arguments: [4, 8])
    func allEqual(_ count: Int) async throws {
        let names = (0..<count).map { "s\($0)" }
        let c = try await Tests.compare(
            names.flatMap { Tests.runs($0, 0.75) }, names.flatMap { Tests.runs($0, 0.5) })
        #expect(c.difference.estimate.value == -0.25 && c.difference.estimate.standardError == nil)
        #expect(c.difference.effectSize == nil && c.difference.smallestDetectableEffect == nil)
        #expect(c.permutation?.p == 2 / Double(1 << count))
        #expect(c.verdict.answer == (count == 8 ? .regressed : .tooLittleEvidence))
    }

    @Test("where nothing differs, enough scenarios are no regression", arguments: [(31, false), (32, true)])
    func nothingDiffers(_ count: Int, _ isEnough: Bool) async throws {
        let runs = (0..<count).flatMap { Tests.runs("s\($0)", Double($0 % 2)) }
        let c = try await Tests.compare(runs, runs)
        #expect(c.difference.estimate.value == 0 && c.difference.p == nil)
        #expect(c.verdict.answer == (isEnough ? .noRegression : .tooLittleEvidence))
        #expect(((c.verdict.detectable ?? 1) <= 0.05) == isEnough)
    }

    @Test("a simulation compared with itself")
    func itself() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record(
                Tests.runs("a", 1, 0) + Tests.runs("b", 0.5) + [Tests.failed("c")], in: simulation)
            let c = try await store.read { try await $0.compare(simulation, with: simulation) }
            #expect(c.notes.contains("A and B are the same simulation"))
            #expect(c.a.runs == 4 && c.b.runs == 4 && c.a.mean == c.b.mean)
            #expect(c.difference.matched == 2 && c.difference.estimate.value == 0)
            #expect(c.onlyA.isEmpty && c.onlyB.isEmpty && c.byScenario.allSatisfy { $0.flip == nil })
        }
    }

    @Test("a metric that nobody measured is unknown everywhere")
    func unknown() async throws {
        var options = ComparisonOptions()
        options.metric = "cost_usd"
        let runs = Tests.runs("a", 1) + Tests.runs("b", 0)
        let c = try await Tests.compare(runs, runs, options)
        #expect(c.difference.matched == 0 && c.withoutValue == 2 && c.a.mean.value == nil)
        #expect(c.difference.estimate.note == "no scenario has a known cost_usd on both sides")
        #expect(c.verdict.answer == .tooLittleEvidence && c.verdict.tolerance == nil)
    }

    @Test("every run may have failed")
    func allFailed() async throws {
        let failed = [Tests.failed("a"), Tests.failed("b")]
        let c = try await Tests.compare(failed, failed)
        #expect(c.difference.matched == 0 && c.a.errors == 2 && c.a.mean.value == nil)
        let rate = try #require(c.byMetric.first { $0.metric == .passRate }?.difference)
        #expect(rate.matched == 2 && rate.estimate.value == 0)
    }
}
