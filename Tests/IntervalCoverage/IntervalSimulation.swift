import ArcKit
import SeededRandom

/// Simulated evaluations, and how often each interval holds the truth.
public struct IntervalSimulation: Sendable {
    /// How many evaluations each figure rests on.
    public let evaluations: Int
    /// How many samples a bootstrap draws; 0: there are no bootstraps.
    public let resamples: Int

    /// A simulation of that many evaluations for each figure.
    public init(evaluations: Int = 2000, resamples: Int = 999) {
        self.evaluations = evaluations
        self.resamples = resamples
    }

    private typealias Size = (scenarios: Int, trials: Int)

    /// Every interval of one evaluation.
    public func intervals() -> [Tally] {
        var tallies: [Tally] = []
        let settings: [(rate: Double, intraclass: Double, size: Size)] = [
            (0.42, 0.4, (50, 4)), (0.7, 0.4, (50, 4)), (0.9, 0.4, (50, 4)), (0.97, 0.4, (50, 4)),
            (0.7, 0.5, (20, 4)), (0.9, 0.3, (20, 4)), (0.5, 0.4, (20, 1)), (0.8, 0.4, (20, 1)),
            (0.95, 0.4, (20, 1)), (0.5, 0.4, (200, 1)), (0.9, 0.4, (200, 1)), (0.98, 0.4, (200, 1)),
            (0.5, 0.4, (4, 1)), (0.9, 0.4, (5, 4)), (0.95, 0.4, (20, 10)), (0.97, 0.4, (50, 10)),
        ]
        for (place, setting) in settings.enumerated() {
            tallies += means(
                Population(passRate: setting.rate, intraclass: setting.intraclass), setting.size,
                seed: UInt64(place))
        }
        for (place, size) in [(50, 4), (20, 4), (200, 1)].enumerated() {
            tallies += passRates(Population(passRate: 0.7, intraclass: 0.4), size, seed: UInt64(place))
        }
        for (place, size) in [(20, 1), (200, 1), (50, 4), (20, 4)].enumerated() {
            tallies += quantiles(size, seed: UInt64(place))
        }
        for (place, size) in [(5, 1), (5, 4), (20, 1), (50, 4)].enumerated() {
            tallies += scores(Population(passRate: 0.9, intraclass: 0.4), size, seed: UInt64(place))
        }
        for (place, share) in [(0.6, 4), (0.95, 4), (0.9, 10), (0.98, 10), (0.95, 50)].enumerated() {
            tallies += shares(of: share.1, passing: share.0, seed: UInt64(place))
        }
        for (place, trials) in [2, 4, 10, 50].enumerated() {
            tallies += flakiness(trials, seed: UInt64(place))
        }
        return tallies
    }

    /// Every interval of a difference.
    public func differences() -> [Tally] {
        var tallies: [Tally] = []
        let settings: [(rate: Double, drop: Double, size: Size)] = [
            (0.6, 0, (50, 4)), (0.6, 0.1, (50, 4)), (0.9, 0.03, (50, 4)), (0.6, 0, (20, 1)),
            (0.9, 0.05, (20, 1)),
            (0.6, 0.05, (200, 1)), (0.95, 0.02, (200, 1)), (0.7, 0.05, (20, 4)),
        ]
        for (place, setting) in settings.enumerated() {
            tallies += differences(
                Population(passRate: setting.rate, intraclass: 0.4), setting.size, drop: setting.drop,
                seed: UInt64(place))
        }
        for (place, pair) in [
            (0.6, 0.5, 50, 50), (0.9, 0.8, 30, 60), (0.97, 0.97, 100, 100), (0.5, 0.5, 10, 10),
        ]
        .enumerated() {
            tallies.append(unmatched(pair, seed: UInt64(place)))
        }
        return tallies
    }

    private func means(_ population: Population, _ size: Size, seed: UInt64) -> [Tally] {
        let setting = Self.name(population, size)
        var estimate = Tally("mean of an evaluation (arc's own)", setting)
        var clustered = Tally("clustered t alone", setting)
        var naive = Tally("naive t (ignores scenarios)", setting)
        var bca = Tally("BCa bootstrap of scenarios", setting)
        var studentised = Tally("studentised bootstrap of scenarios", setting)
        var single = ["Wilson", "Clopper–Pearson", "Jeffreys", "Beta(1, 1) posterior"].map {
            Tally($0, setting)
        }
        var random = SeededGenerator(seed: 1000 + seed)
        for number in 0..<evaluations {
            let values = population.evaluation(scenarios: size.scenarios, trials: size.trials, &random)
            let truth = population.passRate
            estimate.count(Mean.estimate(values, bounds: 0...1).interval, truth: truth)
            clustered.count(Mean.clustered(values).interval, truth: truth)
            if size.trials > 1 { naive.count(Mean.naive(values.flatMap(\.self)).interval, truth: truth) }
            bootstrap(values, number, truth, &bca, &studentised)
            guard size.trials == 1 else { continue }
            let passes = values.count { $0[0] == 1 }
            let found = [
                Proportion.wilson(passes, of: values.count),
                Proportion.clopperPearson(passes, of: values.count),
                Proportion.jeffreys(passes, of: values.count),
                Proportion.betaPosterior(passes, of: values.count),
            ]
            for place in single.indices { single[place].count(found[place].interval, truth: truth) }
        }
        return [estimate, clustered] + (size.trials > 1 ? [naive] : [])
            + (resamples > 0 ? [bca, studentised] : []) + (size.trials == 1 ? single : [])
    }

    private func bootstrap(
        _ values: [[Double]], _ number: Int, _ truth: Double, _ bca: inout Tally, _ studentised: inout Tally
    ) {
        guard resamples > 0 else { return }
        let seed = UInt64(number)
        bca.count(
            Bootstrap.bca(byScenario: values, resamples: resamples, seed: seed).interval, truth: truth)
        studentised.count(
            Bootstrap.studentised(byScenario: values, resamples: resamples, seed: seed).interval, truth: truth
        )
    }

    private func passRates(_ population: Population, _ size: Size, seed: UInt64) -> [Tally] {
        let setting = Self.name(population, size)
        let most = min(size.trials, 3)
        var hat = Tally("pass^\(most)", setting)
        var at = Tally("pass@\(most)", setting)
        var random = SeededGenerator(seed: 2000 + seed)
        let failing = Population(passRate: 1 - population.passRate, intraclass: population.intraclass)
        for _ in 0..<evaluations {
            let counts = population.evaluation(scenarios: size.scenarios, trials: size.trials, &random)
                .map { PassCount($0.map { $0 == 1 }) }
            hat.count(PassRates.passHat(most, of: counts).interval, truth: population.passHat(most))
            at.count(PassRates.passAt(most, of: counts).interval, truth: 1 - failing.passHat(most))
        }
        return [hat, at]
    }

    /// Log-normal latencies of which 0.4 of the variance (of the logarithm) lies between scenarios.
    private func quantiles(_ size: Size, seed: UInt64) -> [Tally] {
        var tallies: [Tally] = []
        for (p, z) in [(0.5, 0.0), (0.9, 1.281_551_565_544_600_4)] {
            let setting = "p\(Int(p * 100)) of latencies, \(size.scenarios) × \(size.trials)"
            var order = Tally("quantile by order statistics", setting)
            var woodruff = Tally("quantile by Woodruff", setting)
            var random = SeededGenerator(seed: 3000 + seed)
            for _ in 0..<evaluations {
                let values = (0..<size.scenarios).map { _ in
                    let scenario = 0.4.squareRoot() * random.normal()
                    return (0..<size.trials).map { _ in scenario + 0.6.squareRoot() * random.normal() }
                }
                if size.trials == 1 {
                    order.count(Quantile.estimate(p, of: values.flatMap(\.self)).interval, truth: z)
                }
                woodruff.count(Quantile.estimate(p, byScenario: values).interval, truth: z)
            }
            tallies += (size.trials == 1 ? [order] : []) + [woodruff]
        }
        return tallies
    }

    /// Scores of four checks each, so that they are 0, ¼, ½, ¾ or 1.
    private func scores(_ population: Population, _ size: Size, seed: UInt64) -> [Tally] {
        let setting = "scores of four checks, " + Self.name(population, size)
        var estimate = Tally("mean of an evaluation (arc's own)", setting)
        var clustered = Tally("clustered t alone", setting)
        var random = SeededGenerator(seed: 6000 + seed)
        for _ in 0..<evaluations {
            let values = (0..<size.scenarios).map { _ in
                let ability = population.ability(&random)
                return (0..<size.trials).map { _ in
                    Population.trials(4, ability: ability, &random).reduce(0, +) / 4
                }
            }
            estimate.count(Mean.estimate(values, bounds: 0...1).interval, truth: population.passRate)
            clustered.count(Mean.clustered(values).interval, truth: population.passRate)
        }
        return [estimate, clustered]
    }

    /// Shares of one scenario's runs.
    private func shares(of runs: Int, passing share: Double, seed: UInt64) -> [Tally] {
        let setting = "\(runs) runs of a scenario that passes in \(percent(share))"
        var own = Tally("share of a scenario's runs (arc's own: Clopper–Pearson)", setting)
        var wilson = Tally("Wilson", setting)
        var random = SeededGenerator(seed: 6500 + seed)
        for _ in 0..<evaluations {
            let passes = Population.trials(runs, ability: share, &random).count { $0 == 1 }
            own.count(Proportion.clopperPearson(passes, of: runs).interval, truth: share)
            wilson.count(Proportion.wilson(passes, of: runs).interval, truth: share)
        }
        return [own, wilson]
    }

    private func flakiness(_ trials: Int, seed: UInt64) -> [Tally] {
        let population = Population(passRate: 0.6, intraclass: 0.4)
        var tally = Tally("flakiness of a scenario", "\(trials) trials, scenarios of 60 %, ICC 0.4")
        var random = SeededGenerator(seed: 4000 + seed)
        for _ in 0..<evaluations {
            let ability = population.ability(&random)
            let verdicts = Population.trials(trials, ability: ability, &random)
            tally.count(
                Flakiness.of(PassCount(verdicts.map { $0 == 1 })).interval, truth: 2 * ability * (1 - ability)
            )
        }
        return [tally]
    }

    private func differences(
        _ population: Population, _ size: Size, drop: Double, seed: UInt64
    ) -> [Tally] {
        let setting = Self.name(population, size) + ", true difference \(percent(-drop))"
        var paired = Tally("paired difference", setting)
        var bca = Tally("BCa bootstrap of differences", setting)
        var studentised = Tally("studentised bootstrap of differences", setting)
        var random = SeededGenerator(seed: 5000 + seed)
        for number in 0..<evaluations {
            let (a, b) = population.pair(
                scenarios: size.scenarios, trials: size.trials, drop: drop, alike: 0.7, &random)
            let pairing = Self.pairing(a, b)
            paired.count(pairing.difference().interval, truth: -drop)
            bootstrap(pairing.pairs.map { [$0.difference] }, number, -drop, &bca, &studentised)
        }
        return [paired] + (resamples > 0 ? [bca, studentised] : [])
    }

    private func unmatched(
        _ sides: (a: Double, b: Double, scenariosOfA: Int, scenariosOfB: Int), seed: UInt64
    ) -> Tally {
        var tally = Tally(
            "Newcombe, different scenarios",
            "\(percent(sides.a)) of \(sides.scenariosOfA) against \(percent(sides.b)) of \(sides.scenariosOfB)"
        )
        var random = SeededGenerator(seed: 6000 + seed)
        for _ in 0..<evaluations {
            let a = (0..<sides.scenariosOfA).count { _ in random.unit() < sides.a }
            let b = (0..<sides.scenariosOfB).count { _ in random.unit() < sides.b }
            tally.count(
                Newcombe.difference(a: (a, sides.scenariosOfA), b: (b, sides.scenariosOfB)).interval,
                truth: sides.b - sides.a)
        }
        return tally
    }

    static func pairing(_ a: [[Double]], _ b: [[Double]]) -> Pairing<Int> {
        func numbered(_ side: [[Double]]) -> [Int: [Double]] {
            Dictionary(uniqueKeysWithValues: side.enumerated().map { ($0, $1) })
        }
        return Pairing(a: numbered(a), b: numbered(b))
    }

    static func name(_ population: Population, _ size: (scenarios: Int, trials: Int)) -> String {
        "\(percent(population.passRate)), ICC \(population.intraclass), \(size.scenarios) × \(size.trials)"
    }
}

func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
