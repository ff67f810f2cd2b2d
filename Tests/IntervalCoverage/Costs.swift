import ArcKit
import SeededRandom

/// What the methods cost that draw or go through much.
struct Costs {
    /// Each method with the median of a number of runs, in milliseconds.
    static func measured() -> [(name: String, milliseconds: Double)] {
        var random = SeededGenerator(seed: 1)
        let odd = (0..<1250).map { _ in random.unit() - 0.48 }
        let quarters = (0..<1250).map { _ in Double(random.index(below: 9)) / 4 - 1 }
        let trials = (0..<1250).map { _ in (0..<4).map { _ in random.unit() < 0.6 ? 1.0 : 0 } }
        let counts = (0..<5000).map { number in
            let trials = 200 + random.index(below: 600)
            return ("scenario \(number)", PassCount(passes: random.index(below: trials + 1), trials: trials))
        }
        let series = (0..<300).map { $0 < 200 ? 0.8 + 0.05 * random.unit() : 0.7 + 0.05 * random.unit() }
        let latencies = (0..<5000).map { _ in random.unit() }
        return [
            ("sign flips: 10,000 drawn, 1,250 pairs", median { SignFlip.p(odd) }),
            ("sign flips: exact, 1,250 pairs in quarters", median { SignFlip.p(quarters) }),
            ("BCa bootstrap: 10,000 drawn, 1,250 scenarios", median { Bootstrap.bca(odd) }),
            ("studentised bootstrap: 10,000 drawn, 1,250 scenarios", median { Bootstrap.studentised(odd) }),
            ("clustered mean with interval, 1,250 × 4", median { Mean.estimate(trials, bounds: 0...1) }),
            ("flakiness, 5,000 scenarios ranked", median { Flakiness.ranking(counts) }),
            ("change points, Bayesian, 300 values", median { ChangePoints.bayesian(series) }),
            ("change points, cumulative sums, 300 values", median { ChangePoints.cusum(series) }),
            (
                "smallest detectable effect",
                median {
                    Power.smallestDetectableEffect(standardError: 0.02, degreesOfFreedom: 1249)
                }
            ),
            (
                "95th percentile with interval, 5,000 values",
                median { Quantile.estimate(0.95, of: latencies) }
            ),
        ]
    }

    private static func median<Answer>(_ work: () -> Answer) -> Double {
        let clock = ContinuousClock()
        var kept: [Answer] = []
        let times = (0..<15).map { _ in clock.measure { kept.append(work()) } }.sorted()
        return times[7] / .milliseconds(1)
    }
}
