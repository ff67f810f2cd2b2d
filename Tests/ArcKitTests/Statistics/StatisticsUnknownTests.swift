import SeededRandom
import Testing

@testable import ArcKit

/// What isn't defined is nil and says why; a zero is a computed zero.
@Suite("Statistics say what they don't know")
struct StatisticsUnknownTests {
    @Test(
        "a mean without values, or of values that aren't numbers, is unknown and says so",
        arguments: [
            ([], "no values"), ([[], []], "no values"),
            ([[1, .nan], [.infinity]], "2 of 3 values are not finite numbers"),
            ([[1e308, 1.5e308]], "the values are too large to add up"),
        ] as [([[Double]], String)])
    func unknownMean(values: [[Double]], note: String) {
        for estimate in [Mean.estimate(values), Mean.clustered(values, weighting: .trials)] {
            #expect(estimate.value == nil && estimate.standardError == nil && estimate.interval == nil)
            #expect(estimate.note == note)
        }
    }

    @Test("scenarios' means and their numbers of trials give what the trials give")
    func means() {
        var random = SeededGenerator(seed: 11)
        for _ in 1...500 {
            let often = Double.random(in: 0...1, using: &random)
            let runs = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    Double.random(in: 0...1, using: &random) < often ? 1.0 : 0
                }
            }
            let ofMeans = Mean.estimate(
                means: runs.map { ($0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count), $0.count) },
                bounds: 0...1
            )
            #expect(ofMeans == Mean.estimate(runs, bounds: 0...1))
        }
    }

    @Test("one scenario has a mean and nothing else, however many trials it has")
    func oneScenario() {
        let estimate = Mean.estimate([[0.2, 0.4, 0.9], []])
        #expect(estimate.value == 0.5 && estimate.n == 3 && estimate.clusters == 1 && estimate.leftOut == 1)
        #expect(estimate.standardError == nil && estimate.interval == nil)
        #expect(estimate.note == "one scenario: no standard error over scenarios")
    }

    @Test("equal values have no standard error, whatever rounding makes of their sum")
    func equalValues() {
        for value in [0.1, 0.7, 1.0 / 3, 1e-9, 1e12] {
            let estimate = Mean.estimate(Array(repeating: [value, value, value], count: 77))
            #expect(estimate.value == value && estimate.standardError == nil && estimate.interval == nil)
            #expect(estimate.note == "the scenarios' means are all equal: no standard error")
        }
        let naive = Mean.naive([0.1 + 0.2, 0.3])
        #expect(naive.standardError == nil && naive.note == "all values are equal: no standard error")
    }

    @Test("scenarios whose means agree while their trials don't have no standard error")
    func equalMeans() {
        let estimate = Mean.estimate([[1, 0], [0, 1], [0, 1]])
        #expect(estimate.value == 0.5 && estimate.standardError == nil && estimate.interval == nil)
    }

    @Test("a variance that underflows is unknown, not zero")
    func underflow() {
        let estimate = Mean.naive([1e-300, 2e-300])
        #expect(estimate.standardError == nil && estimate.interval == nil && estimate.note != nil)
    }

    @Test("all passed, or all failed: the exact interval over the scenarios, and no standard error")
    func allTheSame() {
        for value in [0.0, 1] {
            let estimate = Mean.estimate(Array(repeating: [value, value], count: 10), bounds: 0...1)
            let exact = Proportion.clopperPearson(value == 0 ? 0 : 10, of: 10)
            #expect(estimate.value == value && estimate.standardError == nil)
            #expect(estimate.interval == exact.interval)
            #expect(estimate.method == "mean, Clopper–Pearson interval over scenarios")
            #expect(estimate.n == 20 && estimate.clusters == 10)
        }
    }

    @Test("values that are all 0 but no rate, such as costs, get no interval")
    func allZeroCosts() {
        let estimate = Mean.estimate([[0, 0], [0, 0], [0, 0]])
        #expect(estimate.value == 0 && estimate.standardError == nil && estimate.interval == nil)
    }

    @Test("an interval near a bound stays within what is possible, and is Student's far from it")
    func bounds() throws {
        let scores = [[1.0], [1], [1], [0]]
        let free = try #require(Mean.estimate(scores).interval)
        #expect(free.low < 0 && free.high > 1)
        let near = Mean.estimate(scores, bounds: 0...1)
        #expect(near.method == "mean, clustered by scenario, Korn–Graubard interval")
        let interval = try #require(near.interval)
        #expect(interval.low > 0 && interval.low < 0.2 && interval.high > 0.99 && interval.high < 1)
        // The same in another unit.
        let percent = Mean.estimate(scores.map { $0.map { 100 * $0 } }, bounds: 0...100)
        #expect(
            agree(percent.interval?.low, 100 * interval.low)
                && agree(percent.interval?.high, 100 * interval.high))
        // Scores that vary less than verdicts do aren't taken for verdicts, and needn't be at the bound to be near it.
        let scored = Mean.estimate([[0.99], [0.8], [0.97], [0.98]], bounds: 0...1)
        let narrow = try #require(scored.interval)
        #expect(scored.method.hasSuffix("Korn–Graubard interval") && narrow.low > 0.6 && narrow.high < 1)
        let middling = (0..<40).map { [Double($0 % 2)] }
        #expect(Mean.estimate(middling, bounds: 0...1).interval == Mean.clustered(middling).interval)
    }

    @Test("an end that nobody can tell from the bound is the bound")
    func atTheBound() throws {
        let few = try #require(
            Mean.estimate([[1, 1], [1, 0.001]], bounds: 0...1, confidence: 0.999).interval)
        #expect(few.low == 0 && few.high == 1)
    }

    @Test("unequal numbers of trials: each scenario counts once, and the note says so")
    func unequal() {
        let scores: [[Double]] = [[1], [0, 0, 0]]
        let estimate = Mean.estimate(scores)
        #expect(estimate.value == 0.5)
        #expect(estimate.note == "scenarios have unequal numbers of trials; each scenario counts once")
        #expect(Mean.clustered(scores, weighting: .trials).value == 0.25)
    }

    @Test("no interval at a confidence that isn't one", arguments: [-1.0, 0, 1, 95, .nan])
    func confidence(_ confidence: Double) {
        #expect(Mean.naive([1, 2, 4], confidence: confidence).interval == nil)
        for estimate in [
            Proportion.wilson(3, of: 9, confidence: confidence),
            Proportion.clopperPearson(3, of: 9, confidence: confidence),
            Proportion.jeffreys(3, of: 9, confidence: confidence),
        ] {
            #expect(estimate.interval == nil && estimate.note != nil)
        }
    }

    @Test("proportions of no trials and of impossible counts are unknown")
    func impossibleProportions() {
        for (successes, n) in [(0, 0), (1, 0), (0, -1), (-1, 5), (6, 5)] {
            let estimate = Proportion.wilson(successes, of: n)
            #expect(estimate.value == nil && estimate.interval == nil && estimate.note != nil)
        }
    }

    @Test("pass rates of impossible counts, or for k below 1, are unknown")
    func impossiblePassRates() {
        #expect(PassRates.passAt(0, of: [PassCount(passes: 1, trials: 2)]).value == nil)
        for count in [PassCount(passes: 3, trials: 2), PassCount(passes: -1, trials: 2)] {
            let estimate = PassRates.passHat(1, of: [count])
            #expect(estimate.value == nil && estimate.note != nil && estimate.leftOut == 1)
        }
    }

    @Test("scenarios with too few trials for k are left out, counted, and named")
    func tooFewTrials() {
        let estimate = PassRates.passHat(
            3, of: [PassCount([true, true, true]), PassCount([true, false, true]), PassCount([true])])
        #expect(estimate.value == 0.5 && estimate.n == 6 && estimate.clusters == 2 && estimate.leftOut == 1)
        #expect(estimate.note == "scenarios with fewer than 3 trials, left out: 1")
    }

    @Test("the intraclass correlation needs two scenarios, a second trial and a difference")
    func intraclass() {
        for values: [[Double]] in [
            [], [[1, 0]], [[1], [0], [1]], [[1, 1], [1, 1]], [[1, .nan], [0, 1]],
        ] {
            #expect(IntraclassCorrelation.anova(values) == nil)
        }
        #expect(IntraclassCorrelation.anova([[1, 1], [0, 0]]) == 1)
        #expect(IntraclassCorrelation.anova([[1, 0], [0, 1]]) == -1)
    }

    @Test("why there is no effect size, no correlation and no power is told")
    func reasons() {
        let effects: [([Double], String)] = [
            ([], "no differences"), ([0.1], "one difference: no deviation"),
            ([0.1, 0.1], "all differences are equal: no deviation"),
            ([0.1, .nan], "1 of 2 differences are not finite numbers"),
        ]
        for (values, reason) in effects {
            #expect(EffectSize.dz(values) == nil && EffectSize.whyUndefined(dz: values) == reason)
        }
        let correlations: [([[Double]], String)] = [
            ([], "no values"), ([[1, 0]], "one scenario: there is none to compare its trials with"),
            ([[1], [0], []], "no scenario has a second trial"),
            ([[1, 1], [1]], "all values are equal: nothing varies"),
            ([[1, .infinity], [1]], "1 of 3 values are not finite numbers"),
        ]
        for (values, reason) in correlations {
            #expect(IntraclassCorrelation.anova(values) == nil)
            #expect(IntraclassCorrelation.whyUndefined(values) == reason)
        }
        #expect(Power.whyUndefined(effect: 0, alpha: 0.05).hasPrefix("the effect is 0"))
        #expect(Power.whyUndefined(deviation: 0, alpha: 0.05) == "the deviation must be above 0")
        #expect(Power.whyUndefined(standardError: 0, alpha: 0.05) == "the standard error must be above 0")
        #expect(
            Power.whyUndefined(standardError: 1, degreesOfFreedom: 0, alpha: 0.05)
                == "there must be more than 0 degrees of freedom: at least two pairs")
        #expect(Power.whyUndefined(effect: 1, alpha: 0) == "alpha must be between 0 and 1, got 0.0")
        #expect(
            Power.whyUndefined(effect: 1, alpha: 0.05, power: 0.02)
                == "the power must be above alpha, 0.05, and below 1, got 0.02")
    }

    @Test("unmatched scenarios are named on both sides and counted")
    func unmatched() {
        let pairing = Pairing(a: ["x": [1, 0], "y": [1], "w": []], b: ["x": [1], "z": [0], "w": [1]])
        #expect(pairing.onlyA == ["y"] && pairing.onlyB == ["w", "z"])
        let difference = pairing.difference()
        #expect(difference.value == 0.5 && difference.leftOut == 3 && difference.standardError == nil)
        #expect(
            difference.note == "one matched scenario: no standard error; 1 only in A, 2 only in B, left out")
    }

    @Test("differences that are equal but for rounding have no standard error, and no p")
    func equalDifferences() {
        let pairing = Pairing(a: [1: [0.3], 2: [0.1]], b: [1: [0.1 + 0.2], 2: [0.1]])
        #expect(pairing.difference().standardError == nil && pairing.p == nil)
    }

    @Test("McNemar's p of no discordant pairs is 1, and of negative counts unknown")
    func mcnemar() {
        #expect(McNemar(both: 3, onlyA: 0, onlyB: 0, neither: 4).p == 1)
        #expect(McNemar(both: 3, onlyA: -1, onlyB: 2, neither: 4).p == nil)
    }

    @Test("outside its domain, and where the answer is infinite, a distribution has no answer")
    func domains() {
        #expect(Distribution.normalQuantile(0) == nil && Distribution.normalQuantile(1.5) == nil)
        #expect(Distribution.studentTQuantile(0.975, degreesOfFreedom: 0) == nil)
        #expect(Distribution.studentT(.nan, degreesOfFreedom: 3) == nil)
        #expect(Distribution.betaQuantile(0.5, 0, 1) == nil && Distribution.beta(2, 1, 1) == nil)
        #expect(Distribution.binomial(6, of: 5, 0.5) == nil && Distribution.binomial(-1, of: 5, 0.5) == nil)
    }
}
