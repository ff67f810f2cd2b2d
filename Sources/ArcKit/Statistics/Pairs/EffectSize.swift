import Glibc

/// How large a difference is, in units that don't depend on what was measured.
public enum EffectSize {
    /// Cohen's h of two proportions: 2 arcsin √p₁ − 2 arcsin √p₂. By convention 0.2 is small, 0.5 medium, 0.8 large.
    ///
    /// Source: Cohen, "Statistical power analysis for the behavioral sciences", 2nd edition, 1988, chapter 6.
    ///
    /// - Returns: a number of −π…π, above 0 where the first is the larger; nil where one isn't a proportion.
    public static func cohenH(_ first: Double, _ second: Double) -> Double? {
        guard (0...1).contains(first), (0...1).contains(second) else { return nil }
        return 2 * asin(first.squareRoot()) - 2 * asin(second.squareRoot())
    }

    /// Cohen's d_z of paired differences: their mean over their standard deviation (n − 1).
    ///
    /// Source: Cohen (1988), chapter 2; Lakens, "Calculating and reporting effect sizes to facilitate cumulative
    /// science", Frontiers in Psychology 4 (2013).
    ///
    /// - Parameters:
    ///   - differences: one for each pair.
    ///   - scale: the magnitude of the figures that the differences were computed from, if it is known: a spread
    ///     that is mere rounding at that scale is none.
    /// - Returns: nil where the differences have no spread, of which fewer than two have none, or aren't finite.
    public static func dz(_ differences: [Double], scale: Double? = nil) -> Double? {
        guard differences.allSatisfy(\.isFinite), !Moments.allEqual(differences, scale: scale),
            let deviation = Moments.deviation(differences), deviation > 0, deviation.isFinite
        else { return nil }
        return Moments.mean(differences) / deviation
    }

    /// Why differences have no d_z.
    public static func whyUndefined(dz differences: [Double]) -> String {
        if let reason = Moments.whyUnusable(differences, "differences") { return reason }
        if differences.count == 1 { return "one difference: no deviation" }
        return Moments.allEqual(differences)
            ? "all differences are equal: no deviation"
            : "the deviation of the differences can't be computed: they are too large or too small"
    }
}
