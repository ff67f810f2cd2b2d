import Testing

@testable import ArcKit

@Suite("Statistics agree with scipy and statsmodels")
struct StatisticsOracleTests {
    let oracle: StatisticsOracle

    init() throws { oracle = try StatisticsOracle.read() }

    @Test("the oracle has hundreds of cases of every kind, known and unknown")
    func cases() {
        #expect(oracle.means.count >= 200)
        #expect(
            oracle.means.contains { $0.scenarios.se == nil }
                && oracle.means.contains { $0.scenarios.se != nil })
        #expect(
            oracle.means.contains { $0.intraclass == nil } && oracle.means.contains { $0.intraclass != nil })
        #expect(oracle.proportions.count >= 150 && oracle.passRates.count >= 150)
        #expect(oracle.distributions.count >= 200)
    }

    @Test("naive and clustered means, both weightings, with standard errors and intervals")
    func means() {
        for item in oracle.means {
            let scale = item.byScenario.joined().map(\.magnitude).max() ?? 0
            let naive = Mean.naive(item.byScenario.flatMap(\.self), confidence: item.confidence)
            #expect(agree(naive, item.naive, scale: scale), "\(item) gave \(naive)")
            let trials = Mean.clustered(item.byScenario, weighting: .trials, confidence: item.confidence)
            #expect(agree(trials, item.trials, scale: scale), "\(item) gave \(trials)")
            let scenarios = Mean.clustered(
                item.byScenario, weighting: .scenarios, confidence: item.confidence)
            #expect(agree(scenarios, item.scenarios, scale: scale), "\(item) gave \(scenarios)")
        }
    }

    @Test("with equal numbers of trials both weightings are one")
    func weightings() {
        for item in oracle.means where Set(item.byScenario.map(\.count)).count == 1 {
            let trials = Mean.clustered(item.byScenario, weighting: .trials)
            let scenarios = Mean.clustered(item.byScenario, weighting: .scenarios)
            #expect(agree(trials.standardError, scenarios.standardError))
        }
    }

    @Test("the intraclass correlation")
    func intraclass() {
        for item in oracle.means {
            let correlation = IntraclassCorrelation.anova(item.byScenario)
            #expect(
                agree(correlation, item.intraclass, scale: 1e3),
                "\(item) gave \(String(describing: correlation))")
        }
    }

    @Test("Wilson, Clopper–Pearson and Jeffreys intervals")
    func proportions() {
        for item in oracle.proportions {
            for (estimate, expected) in [
                (Proportion.wilson(item.successes, of: item.n, confidence: item.confidence), item.wilson),
                (
                    Proportion.clopperPearson(item.successes, of: item.n, confidence: item.confidence),
                    item.clopperPearson
                ),
                (Proportion.jeffreys(item.successes, of: item.n, confidence: item.confidence), item.jeffreys),
            ] {
                #expect(agree(estimate.interval?.low, expected[0]), "\(item) gave \(estimate)")
                #expect(agree(estimate.interval?.high, expected[1]), "\(item) gave \(estimate)")
                #expect(estimate.value == Double(item.successes) / Double(item.n))
            }
        }
    }

    @Test("pass@k and pass^k with scenarios left out")
    func passRates() {
        for item in oracle.passRates {
            let counts = item.counts.map { PassCount(passes: $0[0], trials: $0[1]) }
            let at = PassRates.passAt(item.k, of: counts, confidence: item.confidence)
            #expect(agree(at, item.at, scale: 1), "\(item) gave \(at)")
            let hat = PassRates.passHat(item.k, of: counts, confidence: item.confidence)
            #expect(agree(hat, item.hat, scale: 1), "\(item) gave \(hat)")
            #expect(at.leftOut == item.leftOut && hat.leftOut == item.leftOut)
        }
    }

    @Test("means of values with bounds, near these and far from them")
    func boundedMeans() {
        #expect(oracle.boundedMeans.count > 150)
        for item in oracle.boundedMeans {
            let estimate = Mean.estimate(item.byScenario, bounds: 0...1, confidence: item.confidence)
            #expect(agree(estimate.interval, item.interval, scale: 1), "\(item) gave \(estimate)")
        }
    }

    @Test("quantiles by linear interpolation")
    func quantiles() {
        for item in oracle.quantiles {
            #expect(agree(Quantile.linear(item.p, of: item.values), item.value), "\(item)")
        }
    }

    @Test("McNemar's exact p")
    func mcnemar() {
        for item in oracle.mcnemar {
            let table = McNemar(
                both: item.table[0], onlyA: item.table[1], onlyB: item.table[2], neither: item.table[3])
            #expect(agree(table.p, item.p), "\(item)")
        }
    }

    @Test("paired differences: matching, standard error, interval, p, and what pairing gains")
    func pairings() {
        for item in oracle.pairings {
            let pairing = Pairing(a: item.a, b: item.b)
            let difference = pairing.difference(confidence: item.confidence)
            #expect(pairing.pairs.count == item.matched)
            #expect(agree(difference, item.difference, scale: 1), "\(item) gave \(difference)")
            #expect(agree(pairing.p, item.p), "\(item)")
            #expect(agree(pairing.unpairedStandardError, item.unpaired), "\(item)")
        }
    }

    @Test("distribution functions, tails and quantiles")
    func distributions() {
        for item in oracle.distributions {
            #expect(agree(Self.evaluate(item), item.value), "\(item)")
        }
    }

    private static func evaluate(_ item: StatisticsOracle.DistributionCase) -> Double? {
        let x = item.arguments
        switch item.function {
        case "normal": return Distribution.normal(x[0])
        case "normalTail": return Distribution.normalTail(x[0])
        case "normalQuantile": return Distribution.normalQuantile(x[0])
        case "studentT": return Distribution.studentT(x[0], degreesOfFreedom: x[1])
        case "studentTTail": return Distribution.studentTTail(x[0], degreesOfFreedom: x[1])
        case "studentTQuantile": return Distribution.studentTQuantile(x[0], degreesOfFreedom: x[1])
        case "noncentralT": return Distribution.noncentralT(x[0], degreesOfFreedom: x[1], delta: x[2])
        case "noncentralTTail": return Distribution.noncentralTTail(x[0], degreesOfFreedom: x[1], delta: x[2])
        case "beta": return Distribution.beta(x[0], x[1], x[2])
        case "betaQuantile": return Distribution.betaQuantile(x[0], x[1], x[2])
        case "binomial": return Distribution.binomial(Int(x[0]), of: Int(x[1]), x[2])
        case "binomialTail": return Distribution.binomialTail(Int(x[0]), of: Int(x[1]), x[2])
        default: return nil
        }
    }
}
