/// Means with standard errors and intervals that respect how the values came about: several trials of the same
/// scenario resemble one another, so the scenarios, not the trials, are what the uncertainty is counted over.
public enum Mean {
    /// What counts once in a mean where scenarios have unequal numbers of trials.
    ///
    /// With equal numbers both give the same value and the same standard error.
    public enum Weighting: Sendable {
        /// Each scenario: the mean of the scenarios' means.
        case scenarios
        /// Each trial: the plain mean of all values.
        case trials
    }

    /// The mean of independent values: standard error s/√n with n − 1 in s, t interval on n − 1 degrees of freedom.
    ///
    /// Source: Student, "The probable error of a mean", Biometrika 6 (1908). For trials of the same scenarios it is
    /// too sure of itself: see `clustered`. Without spread (n < 2, all values equal) there is no standard error.
    ///
    /// - Parameters:
    ///   - values: one value per independent unit.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func naive(_ values: [Double], confidence: Double = 0.95) -> Estimate {
        naive(values, scale: nil, confidence: confidence)
    }

    /// The same, with the magnitude of the figures that the values were computed from: a spread that is mere
    /// rounding at that scale is none.
    static func naive(_ values: [Double], scale: Double?, confidence: Double) -> Estimate {
        var estimate = Estimate(
            value: nil, n: values.count, clusters: values.count, method: "mean, t interval")
        let mean = Moments.mean(values)
        if let reason = whyUndefined(values, mean) { return estimate.noting(reason) }
        estimate.value = mean
        if values.count < 2 { return estimate.noting("one value: no standard error") }
        if Moments.allEqual(values, scale: scale) {
            return estimate.noting("all values are equal: no standard error")
        }
        let n = Double(values.count)
        let variance = Moments.squares(values, around: mean) / (n - 1) / n
        return estimate.withStudentT(variance: variance, degreesOfFreedom: n - 1, confidence: confidence)
    }

    /// The mean with a standard error clustered by scenario, C/(C − 1) corrected, and a t interval on C − 1 degrees
    /// of freedom, C being the number of scenarios that have values.
    ///
    /// With `.trials` it is the cluster-robust variance of an intercept, C/(C − 1) · Σ_c (Σ_i (x_ci − x̄))² / n²
    /// (Liang & Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73, 1986; for
    /// evaluations: Miller, "Adding error bars to evals", 2024, arXiv:2411.00640). With `.scenarios` each
    /// scenario's mean is one value: s/√C.
    /// With one scenario, or scenarios whose means don't differ, there is no standard error.
    ///
    /// - Parameters:
    ///   - byScenario: the trials' values of each scenario; scenarios without values are left out, and counted.
    ///   - weighting: what counts once where scenarios have unequal numbers of trials.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func clustered(
        _ byScenario: [[Double]], weighting: Weighting = .scenarios, confidence: Double = 0.95
    ) -> Estimate {
        let scenarios = byScenario.filter { !$0.isEmpty }
        let values = scenarios.flatMap(\.self)
        let means = scenarios.map(Moments.mean)
        let mean = Moments.mean(weighting == .scenarios ? means : values)
        var estimate = Estimate(
            value: nil, n: values.count, clusters: scenarios.count,
            leftOut: byScenario.count - scenarios.count, method: "mean, clustered by scenario, t interval")
        if let reason = whyUndefined(values, mean) { return estimate.noting(reason) }
        estimate.value = mean
        if scenarios.count < 2 { return estimate.noting("one scenario: no standard error over scenarios") }
        if Moments.allEqual(means, scale: values.lazy.map(\.magnitude).max()) {
            return estimate.noting("the scenarios' means are all equal: no standard error")
        }
        let weights = scenarios.map { weighting == .scenarios ? 1 : Double($0.count) }
        let deviations = zip(means, weights).map { ($0 - mean) * $1 }
        let total = weights.reduce(0, +)
        let count = Double(scenarios.count)
        let variance = count / (count - 1) * Moments.squares(deviations, around: 0) / (total * total)
        return estimate.withStudentT(variance: variance, degreesOfFreedom: count - 1, confidence: confidence)
    }

    /// The mean of an evaluation's values by the method that fits them; `method` and `note` say which, and why.
    ///
    /// - Scenarios count once each, whatever their numbers of trials (`note` says when these are unequal); standard
    ///   error and t interval are clustered by scenario.
    /// - Where a bound is within four standard errors of the mean, as of pass rates near 0 or 1, Student's interval is too
    ///   short on that side (docs/statistics.md has by how much), and Korn's and Graubard's takes its place:
    ///   `Estimate.nearBound`.
    /// - Where the bounds are 0…1 and all values are 0, or all are 1, there is no standard error, and the interval is the
    ///   exact one of Clopper and Pearson over the scenarios: a scenario's trials that agree are taken as one observation,
    ///   which errs on the wide side. (Costs that are all 0 are no rate: without bounds they get no interval.)
    /// - Where all other values are equal, or there is one scenario, there is neither standard error nor interval.
    ///
    /// - Parameters:
    ///   - byScenario: the trials' values of each scenario; scenarios without values are left out, and counted.
    ///   - bounds: the values that are possible, to which the interval is cut; 0…1 for scores and rates.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func estimate(
        _ byScenario: [[Double]], bounds: ClosedRange<Double>? = nil, confidence: Double = 0.95
    ) -> Estimate {
        estimate(
            byScenario, trials: byScenario.map(\.count), bounds: bounds, confidence: confidence,
            knowsValues: true)
    }

    /// The same where only each scenario's mean is at hand, and of how many trials it is. Near a bound the trials are taken
    /// to vary as much as such a mean allows, as verdicts do; of scores the interval is then a little wider.
    ///
    /// - Parameter means: each scenario's mean, and its number of trials; scenarios without trials are left out.
    public static func estimate(
        means: [(mean: Double, trials: Int)], bounds: ClosedRange<Double>? = nil, confidence: Double = 0.95
    ) -> Estimate {
        estimate(
            means.map { $0.trials > 0 ? [$0.mean] : [] }, trials: means.map(\.trials), bounds: bounds,
            confidence: confidence, knowsValues: means.allSatisfy { $0.trials <= 1 })
    }

    /// The mean of scenarios' probabilities, such as of passing three times out of three: each is known from a few trials
    /// only, so near 0 and 1 scenarios are worth no more than one yes or no each.
    static func estimate(probabilities: [Double], confidence: Double) -> Estimate {
        estimate(
            probabilities.map { [$0] }, trials: probabilities.map { _ in 1 }, bounds: 0...1,
            confidence: confidence, knowsValues: false)
    }

    /// - Parameters:
    ///   - trials: how many trials each scenario's values stand for.
    ///   - knowsValues: whether the values are those of single trials, so that their variance is known.
    private static func estimate(
        _ byScenario: [[Double]], trials: [Int], bounds: ClosedRange<Double>?, confidence: Double,
        knowsValues: Bool
    ) -> Estimate {
        var estimate = clustered(byScenario, confidence: confidence).bounded(to: bounds)
        estimate.n = trials.reduce(0, +)
        let scenarios = byScenario.filter { !$0.isEmpty }
        if let bounds, let value = estimate.value,
            let interval = estimate.nearBound(
                bounds, variance: knowsValues ? variance(scenarios, around: value, bounds) : nil,
                degreesOfFreedom: Double(estimate.clusters - 1), confidence: confidence)
        {
            estimate.interval = interval
            estimate.method = "mean, clustered by scenario, Korn–Graubard interval"
        }
        if bounds == 0...1, let value = estimate.value, value == 0 || value == 1,
            scenarios.joined().allSatisfy({ $0 == value })
        {
            estimate = estimate.atBound(isLow: value == 0, confidence: confidence)
            estimate.note = "all values are \(value == 0 ? 0 : 1): no standard error"
        }
        if estimate.value != nil, Set(trials.lazy.filter { $0 > 0 }).count > 1 {
            estimate = estimate.noting("scenarios have unequal numbers of trials; each scenario counts once")
        }
        return estimate
    }

    /// The variance of single values around a mean in which each scenario counts once; nil where they are all at a bound.
    private static func variance(
        _ scenarios: [[Double]], around mean: Double, _ bounds: ClosedRange<Double>
    ) -> Double? {
        guard
            !scenarios.joined().allSatisfy({ $0 == bounds.lowerBound || $0 == bounds.upperBound })
        else { return nil }
        return Moments.mean(scenarios.map { Moments.squares($0, around: mean) / Double($0.count) })
    }

    /// Why values have no mean, or nil where they have one.
    private static func whyUndefined(_ values: [Double], _ mean: Double) -> String? {
        Moments.whyUnusable(values) ?? (mean.isFinite ? nil : "the values are too large to add up")
    }
}
