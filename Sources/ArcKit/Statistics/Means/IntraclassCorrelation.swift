/// How much trials of the same scenario resemble one another.
public enum IntraclassCorrelation {
    /// The one-way random-effects intraclass correlation of single trials, ICC(1), by analysis of variance:
    /// (MSB − MSW) / (MSB + (n₀ − 1) MSW), with n₀ = (n − Σ n_c² / n) / (C − 1) for unequal numbers of trials.
    ///
    /// 1: trials of a scenario always agree; 0: they agree as often as trials of different scenarios; below 0:
    /// less often than that. The lowest possible value is −1/(n₀ − 1).
    /// Nil where it isn't defined: fewer than two scenarios, no scenario with a second trial, values that are all
    /// equal or not finite.
    ///
    /// Source: Shrout & Fleiss, "Intraclass correlations: uses in assessing rater reliability", Psychological
    /// Bulletin 86 (1979); for unequal numbers: Donner, "A review of inference procedures for the intraclass
    /// correlation coefficient in the one-way random effects model", International Statistical Review 54 (1986).
    ///
    /// - Parameter byScenario: the trials' values of each scenario; scenarios without values don't count.
    public static func anova(_ byScenario: [[Double]]) -> Double? {
        let scenarios = byScenario.filter { !$0.isEmpty }
        let values = scenarios.flatMap(\.self)
        let n = Double(values.count)
        let count = Double(scenarios.count)
        guard count >= 2, n > count, values.allSatisfy(\.isFinite), !Moments.allEqual(values) else {
            return nil
        }
        // Around the overall mean, so that a large common offset costs no digits.
        let mean = Moments.mean(values)
        var between = 0.0
        var within = 0.0
        for scenario in scenarios {
            let deviations = scenario.map { $0 - mean }
            let center = Moments.mean(deviations)
            between += Double(scenario.count) * center * center
            within += Moments.squares(deviations, around: center)
        }
        between /= count - 1
        within /= n - count
        let squaredCounts = scenarios.reduce(0.0) { $0 + Double($1.count) * Double($1.count) }
        let typicalCount = (n - squaredCounts / n) / (count - 1)
        let correlation = (between - within) / (between + (typicalCount - 1) * within)
        return correlation.isFinite ? correlation : nil
    }

    /// Why it isn't defined for these values.
    public static func whyUndefined(_ byScenario: [[Double]]) -> String {
        let scenarios = byScenario.filter { !$0.isEmpty }
        let values = scenarios.flatMap(\.self)
        if let reason = Moments.whyUnusable(values) { return reason }
        if scenarios.count == 1 { return "one scenario: there is none to compare its trials with" }
        if values.count == scenarios.count { return "no scenario has a second trial" }
        return Moments.allEqual(values)
            ? "all values are equal: nothing varies" : "the values are too large or too small to add up"
    }
}
