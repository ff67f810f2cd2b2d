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

    /// Whether a change for the worse is more than chance, which is what every gate asks: its one-sided interval excludes
    /// 0, where there is one, and the permutation test of the signs agrees.
    ///
    /// - Parameters:
    ///   - atLeast: the end of the one-sided interval of the change for the worse; nil without a standard error.
    ///   - flips: the one-sided p-value of sign flips; nil where there is none.
    ///   - alpha: the level of both.
    static func isBeyondChance(atLeast: Double?, flips: Double?, alpha: Double) -> Bool {
        guard let flips, flips <= alpha else { return false }
        return atLeast.map { $0 > 0 } ?? true
    }
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
    /// Source: where each of several tests of one level must reject, all of them together keep it: the intersection–union
    /// test, Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24 (1982).
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
        let flips = signFlip(.less, seed: seed)?.p
        regression.p = flips.map { max(regression.p ?? 0, $0) }
        let isBeyondChance = Regression.isBeyondChance(
            atLeast: regression.upperBound.map { -$0 }, flips: flips, alpha: alpha)
        regression.verdict = isBeyondChance && -value > tolerance ? .regressed : .notFound
        return regression
    }
}
