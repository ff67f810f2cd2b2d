/// Confidence intervals of a mean by drawing samples anew from the sample, for values that are far from normal.
///
/// The unit that is drawn is the scenario, with all its trials: trials of a scenario aren't independent. The order of
/// the units doesn't matter, and the same seed gives the same interval. Where the task is cancelled meanwhile, there is no
/// interval.
public enum Bootstrap {
    /// Below this many units an interval by resampling is known to hold less often than it promises, by
    /// docs/statistics.md.
    public static let fewUnits = 100

    /// The bias-corrected and accelerated interval (BCa) of the mean of independent values; the standard error is the
    /// standard deviation of the drawn means.
    ///
    /// Source: Efron, "Better bootstrap confidence intervals", JASA 82 (1987).
    /// Where all values are equal, or fewer than two, there is neither. It needs some twenty units to hold what it
    /// promises; see docs/statistics.md.
    ///
    /// - Parameters:
    ///   - values: one value for each independent unit, such as a scenario's mean.
    ///   - confidence: the level of the interval, between 0 and 1.
    ///   - resamples: how many samples are drawn, at least 2.
    ///   - seed: what decides the samples.
    public static func bca(
        _ values: [Double], confidence: Double = 0.95, resamples: Int = Resampling.resamples,
        seed: UInt64 = Resampling.seed
    ) -> Estimate {
        bca(byScenario: values.map { [$0] }, confidence: confidence, resamples: resamples, seed: seed)
    }

    /// The same of the mean of trials in scenarios, which are drawn whole.
    ///
    /// - Parameters:
    ///   - byScenario: the trials' values of each scenario; scenarios without values are left out, and counted.
    ///   - weighting: what counts once where scenarios have unequal numbers of trials.
    ///   - confidence: the level of the interval, between 0 and 1.
    ///   - resamples: how many samples are drawn, at least 2.
    ///   - seed: what decides the samples.
    public static func bca(
        byScenario: [[Double]], weighting: Mean.Weighting = .scenarios, confidence: Double = 0.95,
        resamples: Int = Resampling.resamples, seed: UInt64 = Resampling.seed
    ) -> Estimate {
        interval(byScenario, weighting, "BCa bootstrap", confidence, resamples, seed) {
            units, estimate, tail in
            guard let means = units.means(resamples, seed: seed) else { return nil }
            estimate.standardError = Moments.deviation(means)
            return units.bcaShares(means, tail: tail).flatMap { Quantile.pair($0, of: means) }
        }
    }

    /// The studentised interval (bootstrap-t) of the mean of independent values, around the usual standard error: how
    /// many standard errors a sample's mean may be off is drawn, not taken from Student's distribution.
    ///
    /// Source: Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of Statistics 9
    /// (1981); Hall, "Theoretical comparison of bootstrap confidence intervals", Annals of Statistics 16 (1988).
    /// Where too many drawn samples have no spread, as of few or of mostly equal values, there is no interval.
    ///
    /// - Parameters:
    ///   - values: one value for each independent unit, such as a scenario's mean.
    ///   - confidence: the level of the interval, between 0 and 1.
    ///   - resamples: how many samples are drawn, at least 2.
    ///   - seed: what decides the samples.
    public static func studentised(
        _ values: [Double], confidence: Double = 0.95, resamples: Int = Resampling.resamples,
        seed: UInt64 = Resampling.seed
    ) -> Estimate {
        studentised(byScenario: values.map { [$0] }, confidence: confidence, resamples: resamples, seed: seed)
    }

    /// The same of the mean of trials in scenarios, which are drawn whole, around the clustered standard error.
    ///
    /// - Parameters:
    ///   - byScenario: the trials' values of each scenario; scenarios without values are left out, and counted.
    ///   - weighting: what counts once where scenarios have unequal numbers of trials.
    ///   - confidence: the level of the interval, between 0 and 1.
    ///   - resamples: how many samples are drawn, at least 2.
    ///   - seed: what decides the samples.
    public static func studentised(
        byScenario: [[Double]], weighting: Mean.Weighting = .scenarios, confidence: Double = 0.95,
        resamples: Int = Resampling.resamples, seed: UInt64 = Resampling.seed
    ) -> Estimate {
        interval(byScenario, weighting, "studentised bootstrap", confidence, resamples, seed) {
            units, estimate, tail in
            guard let ratios = units.studentised(resamples, seed: seed),
                let standardError = estimate.standardError, let value = estimate.value,
                let bounds = Quantile.pair((tail, 1 - tail), of: ratios),
                bounds.low.isFinite, bounds.high.isFinite
            else { return nil }
            return Estimate.Interval(
                low: value - bounds.high * standardError, high: value - bounds.low * standardError)
        }
    }

    private static func interval(
        _ byScenario: [[Double]], _ weighting: Mean.Weighting, _ method: String, _ confidence: Double,
        _ resamples: Int, _ seed: UInt64,
        _ bounds: (BootstrapUnits, inout Estimate, _ tail: Double) -> Estimate.Interval?
    ) -> Estimate {
        // In an order of their own, so that sums come out the same however they were given.
        let byScenario = byScenario.map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
        var estimate = Mean.clustered(byScenario, weighting: weighting, confidence: 0.95)
        estimate.interval = nil
        estimate.method = "mean, \(method) over scenarios, \(resamples) resamples, seed \(seed)"
        guard estimate.standardError != nil, let value = estimate.value else { return estimate }
        guard confidence > 0, confidence < 1 else {
            return estimate.noting("no interval at a confidence of \(confidence): it must be between 0 and 1")
        }
        guard resamples >= 2 else { return estimate.noting("no interval of fewer than 2 resamples") }
        let units = BootstrapUnits(byScenario.filter { !$0.isEmpty }, weighting, mean: value)
        guard let interval = bounds(units, &estimate, (1 - confidence) / 2) else {
            return estimate.noting(
                Task.isCancelled ? "cancelled" : "too few values differ: no interval by resampling")
        }
        estimate.interval = interval
        guard estimate.clusters < fewUnits else { return estimate }
        return estimate.noting(
            "of fewer than \(fewUnits) scenarios an interval by resampling is too short: of 95 % it held 88 to 95 of 100 "
                + "simulated times"
        )
    }
}

extension Quantile {
    /// Two quantiles of the same values, infinities included; nil where a share isn't one.
    fileprivate static func pair(
        _ shares: (low: Double, high: Double), of values: [Double]
    ) -> Estimate.Interval? {
        guard (0...1).contains(shares.low), (0...1).contains(shares.high) else { return nil }
        var values = values
        guard let found = linear([shares.low, shares.high], sorting: &values), !found[0].isNaN,
            !found[1].isNaN
        else { return nil }
        return Estimate.Interval(low: found[0], high: max(found[0], found[1]))
    }
}
