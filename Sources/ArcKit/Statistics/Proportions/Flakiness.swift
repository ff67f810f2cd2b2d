import Glibc

/// How unsteady a scenario's verdict is: the probability that two trials of it disagree, 2p(1 − p), from 0 (always the
/// same) to ½ (a coin).
public struct Flakiness: Sendable, Equatable {
    /// Which scenario it is.
    public var scenario: String
    /// Its trials and how many of them passed.
    public var count: PassCount
    /// The probability that two trials disagree, with its interval; see ``of(_:confidence:)``.
    public var disagreement: Estimate

    /// The probability that two trials of a scenario disagree: the share of pairs of its trials that do,
    /// 2c(n − c)/(n(n − 1)), but at most ½, and an interval by what is believed of the pass rate p after the
    /// trials, Beta(c + ½, n − c + ½), the equal-tailed one of 2p(1 − p) with the lower end 0 where all trials agree.
    ///
    /// The share of pairs is unbiased for that, and so above ½ where passes and failures are nearly as many (1 of 2 gives
    /// 1), though 2p(1 − p) can't be. Cut at ½ it is never further from the truth. Where it is above the equal-tailed
    /// interval, which ends just below ½, the interval reaches to it, as one of a proportion is closed at 0 and 1.
    ///
    /// Source: the unbiased estimator of Gini's and Simpson's index, Simpson, "Measurement of diversity", Nature 163
    /// (1949); cut to what is possible: Lehmann & Casella, "Theory of point estimation", 2nd edition, 1998, section 4.1;
    /// the interval under Jeffreys' prior, and its closing: Brown, Cai & DasGupta, "Interval estimation for a binomial
    /// proportion", Statistical Science 16 (2001), section 3.1.
    ///
    /// - Parameters:
    ///   - count: the scenario's trials under the same configuration.
    ///   - confidence: the posterior probability of the interval, between 0 and 1.
    /// - Returns: no value of fewer than two trials.
    public static func of(_ count: PassCount, confidence: Double = 0.95) -> Estimate {
        var estimate = Estimate(
            value: nil, n: max(count.trials, 0), clusters: count.trials > 0 ? 1 : 0,
            method: "share of pairs of trials that disagree, at most 1/2, interval under Jeffreys' prior")
        guard (0...max(count.trials, 0)).contains(count.passes) else {
            return estimate.noting("\(count.passes) passes of \(count.trials) trials are impossible")
        }
        guard count.trials >= 2 else { return estimate.noting("two trials are needed to disagree") }
        // Passes and failures count alike, to the last digit.
        let passes = Double(min(count.passes, count.trials - count.passes))
        let trials = Double(count.trials)
        let value = min(2 * passes * (trials - passes) / (trials * (trials - 1)), 0.5)
        estimate.value = value
        guard confidence > 0, confidence < 1,
            let low = quantile((1 - confidence) / 2, passes, trials),
            let high = quantile((1 + confidence) / 2, passes, trials)
        else {
            return estimate.noting("no interval at a confidence of \(confidence): it must be between 0 and 1")
        }
        estimate.interval = Estimate.Interval(
            low: passes == 0 ? 0 : min(low, value), high: max(low, high, value))
        return estimate
    }

    /// Scenarios by how flaky they surely are: by the interval's lower end, then by the value, then by the number of
    /// trials, then by name. Those of fewer than two trials come last, by name.
    ///
    /// - Parameters:
    ///   - scenarios: each scenario's name and its trials under the same configuration.
    ///   - confidence: the posterior probability of the intervals, between 0 and 1.
    public static func ranking(
        _ scenarios: some Sequence<(scenario: String, count: PassCount)>, confidence: Double = 0.95
    ) -> [Flakiness] {
        var known: [PassCount: Estimate] = [:]
        let all = scenarios.map { scenario, count in
            let estimate = known[count] ?? of(count, confidence: confidence)
            known[count] = estimate
            return Flakiness(scenario: scenario, count: count, disagreement: estimate)
        }
        return all.sorted { one, other in
            let (first, second) = (one.rank, other.rank)
            return first == second ? one.scenario < other.scenario : first > second
        }
    }

    private var rank: (Double, Double, Int) {
        (
            disagreement.interval?.low ?? -1, disagreement.value ?? -1,
            disagreement.value == nil ? 0 : count.trials
        )
    }

    /// The share of the posterior of p that lies within r of an end is that of 2p(1 − p) up to 2r(1 − r).
    private static func quantile(_ share: Double, _ passes: Double, _ trials: Double) -> Double? {
        EndsQuantile(a: passes + 0.5, b: trials - passes + 0.5).quantile(share).map { 2 * $0 * (1 - $0) }
    }
}

/// The distribution of the distance of a beta variable from the nearer end, where the lower end is as near as the
/// upper or nearer: a ≤ b.
private struct EndsQuantile {
    let a: Double
    let b: Double

    /// The distance that lies above that share: by Halley's steps from an approximation, and by halving where they
    /// would leave what is known.
    func quantile(_ share: Double) -> Double? {
        guard let z = Distribution.normalQuantile(share) else { return nil }
        var (low, high) = (0.0, 0.5)
        var r = guess(z)
        for _ in 0..<100 {
            if !(r > low && r < high) { r = (low + high) / 2 }
            guard let (below, density, slope) = evaluated(r) else { return nil }
            let distance = below - share
            if distance < 0 { low = r } else { high = r }
            if high - low <= 4 * high.ulp || distance == 0 { break }
            let newton = distance / density
            // Far away the curvature tells nothing, and Newton's step leads out of what is known.
            let curvature = newton * slope / 2
            let next = r - (curvature.magnitude < 0.5 ? newton / (1 - curvature) : newton)
            if (next - r).magnitude <= 1e-14 * r { break }
            r = next > low && next < high ? next : (low + high) / 2
        }
        return r
    }

    /// The share up to a distance, the density there, and the density's logarithm's slope.
    private func evaluated(_ r: Double) -> (share: Double, density: Double, slope: Double)? {
        guard let below = Distribution.beta(r, a, b), let density = Distribution.betaDensity(r, a, b) else {
            return nil
        }
        let slope = (a - 1) / r - (b - 1) / (1 - r)
        // What lies at the other end is nothing that a sum would show where that is twelve deviations away.
        let (mean, spread) = (a / (a + b), (a * b / (a + b + 1)).squareRoot() / (a + b))
        if b > 30, 1 - r > mean + 12 * spread { return (below, density, slope) }
        guard let above = Distribution.betaTail(1 - r, a, b),
            let other = Distribution.betaDensity(1 - r, a, b)
        else { return nil }
        let otherSlope = (a - 1) / (1 - r) - (b - 1) / r
        let both = density + other
        return (below + above, both, both > 0 ? (density * slope - other * otherSlope) / both : 0)
    }

    /// The beta quantile at z normal deviations, nearly: Abramowitz & Stegun, "Handbook of mathematical functions",
    /// 1964, 26.5.22.
    private func guess(_ z: Double) -> Double {
        guard a > 1.5 else { return a / (a + b) * (z < 0 ? 0.5 : 1.5) }
        let (first, second) = (1 / (2 * a - 1), 1 / (2 * b - 1))
        let lambda = (z * z - 3) / 6
        let h = 2 / (first + second)
        let w = -z * (h + lambda).squareRoot() / h - (second - first) * (lambda + 5.0 / 6 - 2 / (3 * h))
        return a / (a + b * exp(2 * w))
    }
}
