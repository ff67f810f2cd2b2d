/// Whether a candidate is worse than its baseline on the scenarios that both ran, so much that it isn't chance.
public struct Regression: Sendable, Equatable {
    /// What the comparison amounts to.
    public enum Verdict: String, Sendable {
        /// B is worse than A: by more than is tolerated, and by more than chance explains.
        case regressed
        /// No such drop was found. What one would have been found is `smallestDetectableDrop`.
        case notFound = "not_found"
        /// There are too few matched scenarios to say anything.
        case tooLittleEvidence = "too_little_evidence"
    }

    /// What the comparison amounts to.
    public var verdict: Verdict
    /// The mean difference B − A over the matched scenarios; nil where there are none.
    public var difference: Double?
    /// The upper end of the difference's one-sided interval: B − A is at most this, with confidence 1 − alpha. Nil
    /// without a standard error.
    public var upperBound: Double?
    /// The one-sided p-value that the verdict rests on: the larger of Student's, where there is one, and that of sign
    /// flips.
    public var p: Double?
    /// The smallest true drop, above 0, that such a comparison finds with 80 % probability; nil without a standard
    /// error.
    public var smallestDetectableDrop: Double?
}

extension Pairing {
    /// The rule of gates: B has regressed where the one-sided interval of the paired difference lies below 0, the
    /// drop exceeds the tolerance, and the permutation test of the signs agrees that it isn't chance.
    ///
    /// Where B isn't worse, the rule is wrong with a probability of at most alpha. Student's interval alone would be
    /// wrong a little more often where most scenarios always pass (docs/statistics.md has how often); sign flips are
    /// exact whatever the differences are. Where all differences are equal there is no standard error, and sign flips
    /// decide alone: ten scenarios that all fell from 1 to 0 are a regression.
    ///
    /// - Parameters:
    ///   - tolerance: the largest drop that is let pass, at least 0, in the unit of the values.
    ///   - alpha: the level, between 0 and 1.
    ///   - seed: what decides the drawn signs where the permutation isn't exact.
    public func regression(
        tolerance: Double = 0, alpha: Double = 0.05, seed: UInt64 = Resampling.seed
    ) -> Regression {
        let estimate = difference()
        var regression = Regression(verdict: .tooLittleEvidence, difference: estimate.value)
        guard let value = estimate.value, pairs.count >= 2, alpha > 0, alpha < 1 else { return regression }
        if let standardError = estimate.standardError {
            let df = Double(pairs.count - 1)
            regression.p = Distribution.studentT(value / standardError, degreesOfFreedom: df)
            regression.upperBound = Distribution.studentTQuantile(1 - alpha, degreesOfFreedom: df)
                .map { value + $0 * standardError }
            regression.smallestDetectableDrop = Power.smallestDetectableEffect(
                standardError: standardError, degreesOfFreedom: df, alpha: alpha, sides: .one)
        }
        let isLower = regression.upperBound.map { $0 < 0 } ?? true
        let exceeds = isLower && -value > tolerance
        regression.verdict = .notFound
        guard let flips = signFlip(.less, seed: seed)?.p else { return regression }
        regression.p = max(regression.p ?? 0, flips)
        if exceeds, flips <= alpha { regression.verdict = .regressed }
        return regression
    }
}
