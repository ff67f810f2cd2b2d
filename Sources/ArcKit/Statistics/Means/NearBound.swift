extension Estimate {
    /// Korn's and Graubard's interval of a mean that has a bound within four standard errors, where Student's is too short
    /// on the bound's side; nil of any other.
    ///
    /// It is the exact interval of Clopper and Pearson for as many independent trials of yes and no as would have this
    /// standard error, but no smaller one than independent values have, and fewer where the standard error is itself
    /// uncertain, by (z/t)². Of values that are 0 or 1 this is the method as published, in which there are no more
    /// trials than there were; of scores in between its rule is the same, applied to their own variance.
    ///
    /// Where scenarios are run often, a few failures that happen to be spread over several scenarios make all trials look
    /// independent, and the published interval is too short: it held 85 to 92 of 100 times. So of values that are 0 or 1
    /// a twentieth of a scenario more, all at the other bound, counts in how much scenarios vary, as pseudo-observations
    /// do with Agresti & Coull ("Approximate is better than 'exact'", The American Statistician 52, 1998). With one trial
    /// a scenario it changes nothing.
    ///
    /// Source: Korn & Graubard, "Confidence intervals for proportions with small expected number of positive counts
    /// estimated from survey data", Survey Methodology 24 (1998); docs/statistics.md has how often it holds.
    ///
    /// - Parameters:
    ///   - bounds: the values that are possible.
    ///   - variance: the mean squared distance of single values from the mean, in squares of their unit; nil where it isn't
    ///     known or they are all at a bound: the largest that this mean allows.
    ///   - df: the degrees of freedom of the standard error.
    ///   - confidence: the level of the interval, between 0 and 1.
    func nearBound(
        _ bounds: ClosedRange<Double>, variance: Double?, degreesOfFreedom df: Double, confidence: Double
    ) -> Interval? {
        let (lowest, width) = (bounds.lowerBound, bounds.upperBound - bounds.lowerBound)
        guard let value, let standardError, interval != nil, value > lowest, value < bounds.upperBound,
            let z = Distribution.normalQuantile((1 + confidence) / 2),
            let t = Distribution.studentTQuantile((1 + confidence) / 2, degreesOfFreedom: df)
        else { return nil }
        let (share, error) = ((value - lowest) / width, standardError / width)
        // At just four standard errors rounding must not decide.
        guard min(share, 1 - share) < 4 * error * (1 - 1e-9) else { return nil }
        let largest = share * (1 - share)
        let single = variance.map { min($0 / (width * width), largest) } ?? largest
        var trials = largest / max(error * error, single / Double(n))
        if variance == nil { trials = min(trials, Self.trials(share, error, scenarios: df + 1)) }
        trials *= (z / t) * (z / t)
        let passed = share * trials
        guard
            let low = Distribution.betaQuantile((1 - confidence) / 2, passed, trials - passed + 1),
            let high = Distribution.betaQuantile((1 + confidence) / 2, passed + 1, trials - passed)
        else { return nil }
        // Of very few scenarios an end may come out at 10⁻²²⁴, which nobody can tell from the bound.
        return Interval(
            low: low < 1e-12 ? lowest : lowest + width * low,
            high: high > 1 - 1e-12 ? bounds.upperBound : lowest + width * high)
    }

    /// How many independent trials scenarios are worth where a twentieth more of them, all at the other bound, counts in
    /// how much they vary.
    private static func trials(_ share: Double, _ error: Double, scenarios count: Double) -> Double {
        let (more, bound) = (0.05, share > 0.5 ? 0.0 : 1.0)
        let mean = (count * share + more * bound) / (count + more)
        let squares =
            (count - 1) * count * error * error + count * (share - mean) * (share - mean)
            + more * (bound - mean) * (bound - mean)
        return mean * (1 - mean) * count * (count + more - 1) / squares
    }

    /// The exact interval over scenarios of values that are all at the same bound, where nothing is left to estimate a
    /// standard error from: what ``nearBound(_:variance:degreesOfFreedom:confidence:)`` comes to there, with a scenario's
    /// trials, which all agree, taken as one.
    ///
    /// - Parameter isLow: whether the values are at the lower bound.
    func atBound(isLow: Bool, confidence: Double) -> Estimate {
        let exact = Proportion.clopperPearson(isLow ? 0 : clusters, of: clusters, confidence: confidence)
        var estimate = self
        estimate.interval = exact.interval
        estimate.method = "mean, \(exact.method) over scenarios"
        return estimate
    }
}
