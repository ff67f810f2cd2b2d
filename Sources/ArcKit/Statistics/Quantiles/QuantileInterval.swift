extension Quantile {
    /// The quantile by linear interpolation with an interval whose ends are two of the values: the one that so few
    /// values lie below that it could be chance at most by half of what the confidence leaves, and likewise above. It
    /// covers at least as often as it says.
    ///
    /// Source: Thompson, "On confidence ranges for the median and other expectation distributions for populations of
    /// unknown distribution form", Annals of Mathematical Statistics 7 (1936); Conover, "Practical nonparametric
    /// statistics", 3rd edition, 1999, section 3.2.
    ///
    /// - Parameters:
    ///   - p: the share of the values below, 0…1; 0.5 is the median.
    ///   - values: independent values, in any order; for trials of the same scenarios see ``estimate(_:byScenario:confidence:)``.
    ///   - confidence: the level of the interval, between 0 and 1.
    /// - Returns: no interval where there are too few values for one, as the note says.
    public static func estimate(_ p: Double, of values: [Double], confidence: Double = 0.95) -> Estimate {
        let sorted = values.sorted()
        var estimate = Estimate(
            value: linear(p, ofSorted: sorted), n: values.count, clusters: values.count,
            method: "quantile, interval by order statistics")
        if estimate.value == nil { return estimate.noting(whyUndefined(p, values)) }
        guard confidence > 0, confidence < 1 else {
            return estimate.noting("no interval at a confidence of \(confidence): it must be between 0 and 1")
        }
        guard let places = places(p, of: sorted.count, tail: (1 - confidence) / 2) else {
            return estimate.noting("too few values for an interval: \(fewest(p, confidence)) are needed")
        }
        estimate.interval = Estimate.Interval(low: sorted[places.low], high: sorted[places.high])
        return estimate
    }

    /// The quantile of trials in scenarios, with an interval that holds though trials of a scenario resemble each
    /// other: the interval of the share of trials at most the quantile, with its standard error clustered by scenario,
    /// turned back into values.
    ///
    /// Source: Woodruff, "Confidence intervals for medians and other position measures", JASA 47 (1952). It needs
    /// some ten scenarios on both sides of the quantile to hold what it promises; see docs/statistics.md.
    ///
    /// - Parameters:
    ///   - p: the share of the values below, 0…1; 0.5 is the median.
    ///   - byScenario: the trials' values of each scenario; scenarios without values are left out, and counted.
    ///   - confidence: the level of the interval, between 0 and 1.
    /// - Returns: no interval where an end lies outside all values, or the share has no standard error.
    public static func estimate(
        _ p: Double, byScenario: [[Double]], confidence: Double = 0.95
    ) -> Estimate {
        let scenarios = byScenario.filter { !$0.isEmpty }
        let sorted = scenarios.joined().sorted()
        var estimate = Estimate(
            value: linear(p, ofSorted: sorted), n: sorted.count, clusters: scenarios.count,
            leftOut: byScenario.count - scenarios.count,
            method: "quantile, Woodruff interval, clustered by scenario")
        guard let value = estimate.value else { return estimate.noting(whyUndefined(p, sorted)) }
        let share = Mean.clustered(
            scenarios.map { $0.map { $0 <= value ? 1 : 0 } }, weighting: .trials, confidence: confidence)
        guard let spread = share.interval, let reached = share.value else {
            return estimate.noting(
                "no interval: the share of values up to the quantile has no standard error")
        }
        let (low, high) = (p + spread.low - reached, p + spread.high - reached)
        guard low > 0, high < 1, let lowest = linear(low, ofSorted: sorted),
            let highest = linear(high, ofSorted: sorted)
        else { return estimate.noting("too few scenarios for an interval of this quantile") }
        estimate.interval = Estimate.Interval(low: lowest, high: highest)
        return estimate
    }

    private static func whyUndefined(_ p: Double, _ values: [Double]) -> String {
        if !(0...1).contains(p) { return "no quantile at \(p): it must be between 0 and 1" }
        return values.isEmpty ? "no values" : "not all values are finite numbers"
    }

    /// The places (from 0) of the values between which the quantile lies; nil where one is outside all values.
    private static func places(_ p: Double, of count: Int, tail: Double) -> (low: Int, high: Int)? {
        // The quantile is below the value at `place` (from 0) where at most `place` values are at most the quantile.
        guard let low = last(below: count, where: { (Distribution.binomial($0, of: count, p) ?? 1) <= tail }),
            let above = last(
                below: count, where: { (Distribution.binomial($0, of: count, 1 - p) ?? 1) <= tail })
        else { return nil }
        return (low, count - 1 - above)
    }

    /// The last number of 0 ..< count that a condition holds of, which holds of the first ones alone.
    private static func last(below count: Int, where holds: (Int) -> Bool) -> Int? {
        var (low, high) = (-1, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low < 0 ? nil : low
    }

    /// How many values an interval of this quantile needs.
    private static func fewest(_ p: Double, _ confidence: Double) -> String {
        guard p > 0, p < 1 else { return "infinitely many" }
        var count = 1
        while count < 1_000_000, places(p, of: count, tail: (1 - confidence) / 2) == nil {
            count += max(1, count / 64)
        }
        return "about \(count)"
    }
}
