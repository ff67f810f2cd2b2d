import Glibc

/// Whether a candidate got worse, by the rule that gates go by.
///
/// - It **regressed** where the change for the worse exceeds the tolerance, its one-sided interval excludes 0 and the
///   permutation of the signs agrees (docs/statistics.md says why both are asked), or where a critical scenario went from
///   always passing to never.
/// - There is **too little evidence** where neither is so, and a change as large as the tolerance could have been there
///   unseen: the smallest detectable effect is larger than the tolerance or can't be told, and the one-sided interval
///   doesn't exclude such a change either. Or where what A knows and B doesn't could hide such a change.
/// - Else there is **no regression**.
public struct RegressionVerdict: Sendable, Equatable {
    /// What the rule says.
    public enum Answer: String, Sendable, CaseIterable {
        /// It got worse.
        case regressed
        /// It didn't get worse by more than the tolerance.
        case noRegression = "no_regression"
        /// Nobody can tell.
        case tooLittleEvidence = "too_little_evidence"
    }

    /// What the rule says.
    public let answer: Answer
    /// The change for the worse that is put up with, in the metric's unit; nil where it isn't given and A has no mean to
    /// take a share of.
    public let tolerance: Double?
    /// The critical scenarios that went from always passing to never, by their ids.
    public let lostCritical: [String]
    /// The change for the worse, in the metric's unit: above 0 where B is worse. Nil without matched scenarios.
    public let worsening: Double?
    /// The change for the worse that is exceeded with the confidence asked for, one-sided; above 0 the interval excludes
    /// 0. Nil without a standard error.
    public let atLeast: Double?
    /// The change for the worse that isn't exceeded with that confidence.
    public let atMost: Double?
    /// Of what A knows about the metric of the scenarios that both ran, the share that B doesn't.
    public let lostShare: Double
    /// The change for the worse that there is where that is as bad as it can be: at the metric's worst end, or, where it has
    /// none, worse than the rest by A's mean. Nil without matched scenarios.
    public let hidden: Double?
    /// Whether what B doesn't know could hide a change beyond the tolerance.
    public let hidesTooMuch: Bool
    /// The smallest effect that this comparison could have seen, with 80 % power.
    ///
    /// Where no matched scenario differs, of a metric that lies in 0…1, it is 1 − 0.2^(1/C): a mean that drops by δ
    /// drops in a share of at least δ of the scenarios, and C of them miss all of these with a chance of at most
    /// (1 − δ)^C.
    public let detectable: Double?
}

extension RegressionVerdict {
    /// The verdict on a difference.
    ///
    /// - Parameters:
    ///   - difference: over the matched scenarios.
    ///   - permutation: the two-sided p-value of the sign-flip test, which decides alone where all differences are equal.
    ///   - lostShare: of what A knows about the scenarios that both ran, the share that B doesn't.
    init(
        _ difference: PairedDifference, of metric: ComparedMetric, options: ComparisonOptions,
        permutation: Double?, lostCritical: [String], lostShare: Double = 0
    ) {
        let moreIsBetter = options.moreIsBetter ?? metric.moreIsBetter
        let worsening = difference.estimate.value.map { moreIsBetter ? -$0 : $0 }
        let tolerance = (options.tolerance ?? Self.tolerance(metric)).size(a: difference.a)
        let margin = difference.estimate.standardError.flatMap { error in
            Distribution.studentTQuantile(
                options.confidence, degreesOfFreedom: Double(difference.matched - 1)
            ).map { $0 * error }
        }
        self.tolerance = tolerance
        self.lostCritical = lostCritical
        self.worsening = worsening
        self.lostShare = lostShare
        let hidden = Self.hidden(
            worsening, difference, lostShare, worst: moreIsBetter ? metric.bounds.low : metric.bounds.high)
        self.hidden = hidden
        hidesTooMuch = if lostShare > 0, let hidden, let tolerance { hidden > tolerance } else { false }
        atLeast = margin.flatMap { margin in worsening.map { $0 - margin } }
        atMost = margin.flatMap { margin in worsening.map { $0 + margin } }
        detectable =
            difference.smallestDetectableEffect
            ?? Self.detectable(difference, of: metric)
        // Half of the two-sided p-value is that of a change for the worse, where B is worse.
        let excludesZero = Regression.isBeyondChance(
            atLeast: atLeast, flips: permutation.map { $0 / 2 }, alpha: 1 - options.confidence)
        answer = Self.answer(
            worsening: worsening, excludesZero: excludesZero, atMost: atMost, detectable: detectable,
            tolerance: tolerance, lostCritical: lostCritical, hidesTooMuch: hidesTooMuch)
    }

    private static func hidden(
        _ worsening: Double?, _ difference: PairedDifference, _ lostShare: Double, worst: Double?
    ) -> Double? {
        guard let worsening, let a = difference.a, let b = difference.b else { return nil }
        return worsening + lostShare * (worst.map { ($0 - b).magnitude } ?? a.magnitude)
    }

    private static func answer(
        worsening: Double?, excludesZero: Bool, atMost: Double?, detectable: Double?, tolerance: Double?,
        lostCritical: [String], hidesTooMuch: Bool
    ) -> Answer {
        if !lostCritical.isEmpty { return .regressed }
        guard let worsening, let tolerance else { return .tooLittleEvidence }
        if worsening > tolerance, excludesZero { return .regressed }
        if hidesTooMuch { return .tooLittleEvidence }
        let wouldBeSeen = detectable.map { $0 <= tolerance } == true
        let isExcluded = atMost.map { $0 <= tolerance } == true
        return wouldBeSeen || isExcluded ? .noRegression : .tooLittleEvidence
    }

    private static func tolerance(_ metric: ComparedMetric) -> Tolerance {
        metric.bounds == .rate ? .absolute(0.05) : .relative(0.05)
    }

    private static func detectable(_ difference: PairedDifference, of metric: ComparedMetric) -> Double? {
        guard metric.bounds == .rate, difference.matched > 0, let value = difference.estimate.value,
            value.magnitude < 1e-12,
            difference.estimate.standardError == nil
        else { return nil }
        return 1 - pow(1 - PairedDifference.power, 1 / Double(difference.matched))
    }
}
