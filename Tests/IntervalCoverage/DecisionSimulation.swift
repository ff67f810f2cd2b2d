import ArcKit
import SeededRandom

/// Simulated comparisons, and how often each test and the gate find something.
public struct DecisionSimulation: Sendable {
    /// How many evaluations each figure rests on.
    public let evaluations: Int
    /// The level of all tests.
    public let alpha: Double

    /// A simulation of that many comparisons for each figure.
    public init(evaluations: Int = 2000, alpha: Double = 0.05) {
        self.evaluations = evaluations
        self.alpha = alpha
    }

    private static let sizes: [(rate: Double, scenarios: Int, trials: Int)] = [
        (0.6, 50, 4), (0.9, 50, 4), (0.6, 20, 1), (0.95, 20, 1), (0.6, 200, 1), (0.97, 200, 1), (0.7, 20, 4),
    ]

    /// How often something is found where there is nothing.
    public func falsePositives() -> [Rate] {
        Self.sizes.enumerated().flatMap { place, size in
            let population = Population(passRate: size.rate, intraclass: 0.4)
            let setting = IntervalSimulation.name(population, (size.scenarios, size.trials))
            var gate = Rate("gate, no tolerance", setting, limit: alpha)
            var tolerant = Rate("gate, tolerance 2 %", setting, limit: alpha)
            var interval = Rate("one-sided paired t alone", setting, limit: alpha)
            var student = Rate("paired t, two-sided", setting, limit: alpha)
            var flips = Rate("sign flips, two-sided", setting, limit: alpha)
            var table = Rate("McNemar", setting, limit: alpha)
            var random = SeededGenerator(seed: 7000 + UInt64(place))
            for _ in 0..<evaluations {
                let (a, b) = population.pair(
                    scenarios: size.scenarios, trials: size.trials, drop: 0, alike: 0.7, &random)
                let pairing = IntervalSimulation.pairing(a, b)
                gate.count(pairing.regression(alpha: alpha).verdict == .regressed)
                tolerant.count(pairing.regression(tolerance: 0.02, alpha: alpha).verdict == .regressed)
                interval.count((pairing.regression(alpha: alpha).upperBound ?? 0) < 0)
                student.count((pairing.p ?? 1) <= alpha)
                flips.count((pairing.signFlip()?.p ?? 1) <= alpha)
                if size.trials == 1 {
                    table.count((McNemar(zip(a, b).map { ($0[0] == 1, $1[0] == 1) }).p ?? 1) <= alpha)
                }
            }
            return [gate, tolerant, interval, student, flips] + (size.trials == 1 ? [table] : [])
        }
    }

    /// How often a trend marks a bucket, each of so many scenarios: one of those after the first where nothing changes, and
    /// the last where it dropped.
    public func trends() -> [Rate] {
        let sizes: [(rate: Double, scenarios: Int, trials: Int, buckets: Int, drop: Double)] = [
            (0.9, 20, 1, 3, 0.5), (0.9, 20, 1, 10, 0.5), (0.9, 20, 4, 20, 0.4), (0.7, 50, 1, 10, 0.3),
            (0.97, 50, 1, 20, 0.25), (0.8, 5, 4, 10, 0.6),
        ]
        return sizes.enumerated().flatMap { place, size in
            let population = Population(passRate: size.rate, intraclass: 0.4)
            let setting =
                "\(size.buckets) buckets of other scenarios each, "
                + IntervalSimulation.name(population, (size.scenarios, size.trials))
            var innocent = Rate("trend: a bucket marked where nothing changes", setting, limit: 0.01)
            var dropped = Rate(
                "trend: the last bucket marked", "\(setting), \(percent(size.drop)) lower", limit: nil)
            var random = SeededGenerator(seed: 9000 + UInt64(place))
            for _ in 0..<max(evaluations / 5, 1) {
                func bucket(_ population: Population) -> Trend.Group {
                    let means = population.evaluation(
                        scenarios: size.scenarios, trials: size.trials, &random
                    ).map(Moments.mean)
                    let deviation = Moments.deviation(means) ?? 0
                    return Trend.Group(
                        mean: Moments.mean(means), units: means.count, variance: deviation * deviation)
                }
                let before = (1..<size.buckets).map { _ in bucket(population) }
                let worse = bucket(Population(passRate: size.rate - size.drop, intraclass: 0.4))
                for (last, isDrop) in [(bucket(population), false), (worse, true)] {
                    let points = Trend.ewma(of: before + [last])?.points ?? []
                    let marks = points.map { $0.isOutside || $0.isJump }
                    if isDrop {
                        dropped.count(marks.last == true)
                    } else {
                        for mark in marks.dropFirst() { innocent.count(mark) }
                    }
                }
            }
            return [innocent, dropped]
        }
    }

    /// How often the gate finds a drop of the size that it is said to find in 80 of 100 evaluations.
    public func power() -> [Rate] {
        [(0.6, 50, 4), (0.8, 200, 1), (0.7, 20, 4)].enumerated().flatMap { place, size in
            let (passRate, scenarios, trials) = size
            let population = Population(passRate: passRate, intraclass: 0.4)
            var random = SeededGenerator(seed: 8000 + UInt64(place))
            // What a comparison that is large enough to be exact says of scenarios that dropped so far.
            var drop = 0.1
            for _ in 0..<3 {
                let known = population.pair(
                    scenarios: 10_000, trials: max(trials, 2), drop: drop, alike: 0.7, &random)
                drop =
                    PairedDesign(a: known.a, b: known.b)?.smallestDetectableEffect(
                        scenarios: scenarios, trials: trials, alpha: alpha, sides: .one) ?? drop
            }
            let tenths = (drop * 1000).rounded() / 10
            let setting =
                "\(IntervalSimulation.name(population, (scenarios, trials))), true drop \(tenths) %"
            var gate = Rate("gate, at the smallest drop it should find", setting, limit: nil)
            var interval = Rate("one-sided paired t alone, at that drop", setting, limit: nil)
            for _ in 0..<evaluations {
                let (a, b) = population.pair(
                    scenarios: scenarios, trials: trials, drop: drop, alike: 0.7, &random)
                let regression = IntervalSimulation.pairing(a, b).regression(alpha: alpha)
                gate.count(regression.verdict == .regressed)
                interval.count((regression.upperBound ?? 0) < 0)
            }
            return [gate, interval]
        }
    }
}
