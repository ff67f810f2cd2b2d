import Testing

@testable import ArcKit

@Suite("Resampling and intervals agree with scipy and statsmodels")
struct ResamplingOracleTests {
    let oracle: StatisticsOracle

    init() throws { oracle = try StatisticsOracle.read() }

    @Test("sign-flip permutations, exactly and in every direction")
    func signFlips() throws {
        for item in oracle.signFlips {
            for alternative in SignFlip.Alternative.allCases {
                let answer = try #require(SignFlip.p(item.values, alternative: alternative))
                #expect(answer.isExact, "\(item)")
                #expect(agree(answer.p, item.p[alternative.rawValue]), "\(item) gave \(answer)")
            }
        }
    }

    @Test("a drawn permutation is as near the exact one as its number of draws promises")
    func drawnSignFlips() throws {
        for item in oracle.signFlips where item.values.contains(where: { $0 != 0 }) {
            for alternative in SignFlip.Alternative.allCases {
                let exact = try #require(item.p[alternative.rawValue])
                let sums = SignedSums(item.values.filter { $0 != 0 }.sorted(), alternative)
                let drawn = try #require(sums.drawn(4000, seed: 7))
                let error = (exact * (1 - exact) / 4000).squareRoot()
                #expect((drawn - exact).magnitude <= 4.5 * error + 1 / 4001.0, "\(item) gave \(drawn)")
                if item.values.count <= SignedSums.mostEnumerated {
                    #expect(agree(sums.enumerated(), exact), "\(item)")
                }
            }
        }
    }

    @Test("BCa and studentised bootstraps over scenarios, from the same draws")
    func bootstraps() {
        for item in oracle.bootstraps {
            let weighting: Mean.Weighting = item.weighting == "trials" ? .trials : .scenarios
            let scale = item.byScenario.joined().map(\.magnitude).max() ?? 0
            for (estimate, expected) in [
                (
                    Bootstrap.bca(
                        byScenario: item.byScenario, weighting: weighting, confidence: item.confidence,
                        resamples: item.resamples, seed: item.seed), item.bca
                ),
                (
                    Bootstrap.studentised(
                        byScenario: item.byScenario, weighting: weighting, confidence: item.confidence,
                        resamples: item.resamples, seed: item.seed), item.studentised
                ),
            ] {
                #expect(agree(estimate.standardError, expected[0], scale: scale), "\(item) gave \(estimate)")
                #expect(
                    agree(estimate.interval, Array(expected[1...]), scale: 1e4 * scale),
                    "\(item) gave \(estimate)")
            }
        }
    }

    @Test("corrections for several questions, unknown ones left out")
    func multiplicity() {
        for item in oracle.multiplicity {
            for (corrected, expected) in [
                (Multiplicity.holm(item.values), item.holm),
                (Multiplicity.benjaminiHochberg(item.values), item.benjaminiHochberg),
            ] {
                #expect(corrected.count == expected.count)
                #expect(zip(corrected, expected).allSatisfy { agree($0, $1) }, "\(item) gave \(corrected)")
            }
        }
    }

    @Test("Newcombe's intervals and Cohen's h")
    func differencesOfProportions() {
        for item in oracle.differencesOfProportions {
            let estimate = Newcombe.difference(
                a: (item.a[0], item.a[1]), b: (item.b[0], item.b[1]), confidence: item.confidence)
            #expect(agree(estimate.value, item.value, scale: 1))
            #expect(agree(estimate.interval, item.interval, scale: 1), "\(item) gave \(estimate)")
            let h = EffectSize.cohenH(
                Double(item.b[0]) / Double(item.b[1]), Double(item.a[0]) / Double(item.a[1]))
            #expect(agree(h, item.h, scale: 10))
        }
    }

    @Test("Cohen's d_z")
    func effectSizes() {
        for item in oracle.effectSizes {
            #expect(agree(EffectSize.dz(item.values), item.dz, scale: 1), "\(item)")
        }
    }

    @Test("Beta posteriors")
    func posteriors() {
        for item in oracle.posteriors {
            let estimate = Proportion.betaPosterior(
                item.successes, of: item.n, prior: (item.prior[0], item.prior[1]), confidence: item.confidence
            )
            #expect(agree(estimate, item.figure, scale: 0), "\(item) gave \(estimate)")
        }
    }

    @Test("intervals of quantiles by order statistics, and none where there are too few values")
    func quantileIntervals() {
        for item in oracle.quantileIntervals {
            let estimate = Quantile.estimate(item.p, of: item.values, confidence: item.confidence)
            #expect(agree(estimate.interval, item.interval), "\(item) gave \(estimate)")
            #expect((estimate.interval == nil) == (estimate.note != nil))
        }
    }

    @Test("intervals of quantiles of trials in scenarios")
    func woodruff() {
        for item in oracle.woodruff {
            let estimate = Quantile.estimate(item.p, byScenario: item.byScenario, confidence: item.confidence)
            #expect(agree(estimate.value, item.value, scale: 10))
            #expect(agree(estimate.interval, item.interval, scale: 1e3), "\(item) gave \(estimate)")
        }
    }
}
