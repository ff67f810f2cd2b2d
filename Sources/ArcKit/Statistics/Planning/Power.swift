/// How much an evaluation can see: power, sample sizes, and the smallest effect that would likely have been found.
///
/// Two-sided tests unless said otherwise; all answers are nil where the question has none.
///
/// How trials enter: several trials of a scenario make its mean more exact, and leave the differences between
/// scenarios as they are, so they lower the standard error with less effect the more alike they are. `PairedDesign`
/// has the arithmetic.
public enum Power {
    /// How many directions of an effect count as a finding.
    public enum Sides: Sendable {
        /// Only an effect in the direction that was looked for.
        case one
        /// An effect in either direction.
        case two
    }

    /// The probability that a t test finds an effect of that size, by the noncentral t distribution.
    ///
    /// Source: Cohen, "Statistical power analysis for the behavioral sciences", 2nd edition, 1988, chapter 2.
    ///
    /// - Parameters:
    ///   - effect: the true effect, in the unit of the standard error.
    ///   - standardError: above 0.
    ///   - degreesOfFreedom: those of the standard error, such as the number of pairs less one.
    ///   - alpha: the level of the test, between 0 and 1.
    ///   - sides: which effects count.
    public static func power(
        effect: Double, standardError: Double, degreesOfFreedom: Double, alpha: Double = 0.05,
        sides: Sides = .two
    ) -> Double? {
        guard standardError > 0 else { return nil }
        return power(of: effect / standardError, degreesOfFreedom, alpha, sides)
    }

    /// The smallest true effect that a t test with this standard error finds with that probability: by how many
    /// standard errors the noncentral t distribution must be off for it. (The usual approximation,
    /// (t₁₋α⁄₂ + t_power) · SE, is a little above it.)
    ///
    /// It says what "no difference found" is worth: a smaller difference may well be there. Source: Bloom, "Minimum
    /// detectable effects: a simple way to report the statistical power of experimental designs", Evaluation Review
    /// 19 (1995).
    ///
    /// - Parameters:
    ///   - standardError: that of the difference, above 0; the answer has its unit.
    ///   - degreesOfFreedom: those of the standard error, such as the number of pairs less one.
    ///   - alpha: the level of the test, between 0 and 1.
    ///   - power: the probability, above alpha and below 1.
    ///   - sides: which effects count.
    public static func smallestDetectableEffect(
        standardError: Double, degreesOfFreedom: Double, alpha: Double = 0.05, power: Double = 0.8,
        sides: Sides = .two
    ) -> Double? {
        guard standardError > 0, standardError.isFinite, power > alpha, power < 1 else { return nil }
        return Root.ofIncreasing(from: 0, near: 3, reaching: power) {
            Self.power(of: $0, degreesOfFreedom, alpha, sides)
        }.flatMap { finite($0 * standardError) }
    }

    /// How many pairs a paired t test needs to find an effect with that probability; round it up.
    ///
    /// Source: Cohen (1988), chapter 2, by the noncentral t distribution instead of its tables.
    ///
    /// - Parameters:
    ///   - effect: the true mean difference; its sign doesn't matter.
    ///   - deviation: the standard deviation of the pairs' differences, above 0, in the unit of the effect.
    ///   - alpha: the level of the test, between 0 and 1.
    ///   - power: the probability, above alpha and below 1.
    ///   - sides: which effects count.
    /// - Returns: at least 2: a single pair has no standard error.
    public static func pairs(
        effect: Double, deviation: Double, alpha: Double = 0.05, power: Double = 0.8, sides: Sides = .two
    ) -> Double? {
        let size = (effect / deviation).magnitude
        guard deviation > 0, size > 0, size.isFinite, power > alpha, power < 1,
            let normal = shift(alpha, power, sides)
        else { return nil }
        return Root.ofIncreasing(from: 2, near: normal * normal / (size * size) + 2, reaching: power) {
            Self.power(of: size * $0.squareRoot(), $0 - 1, alpha, sides)
        }.flatMap(finite)
    }

    /// How many independent units each of two sides needs to find a difference of two proportions with that
    /// probability, by the normal distribution of the arcsine; round it up.
    ///
    /// Source: Cohen (1988), chapter 6.
    ///
    /// - Parameters:
    ///   - h: Cohen's h of the two proportions, other than 0; its sign doesn't matter.
    ///   - alpha: the level of the test, between 0 and 1.
    ///   - power: the probability, above alpha and below 1.
    ///   - sides: which effects count.
    public static func perArm(
        h: Double, alpha: Double = 0.05, power: Double = 0.8, sides: Sides = .two
    ) -> Double? {
        guard h != 0, h.isFinite, power > alpha, power < 1, let shift = shift(alpha, power, sides) else {
            return nil
        }
        return finite(2 * (shift / h) * (shift / h))
    }

    /// Why one of these has no answer for such figures.
    ///
    /// - Parameters: those that it was asked with.
    public static func whyUndefined(
        effect: Double? = nil, deviation: Double? = nil, standardError: Double? = nil,
        degreesOfFreedom: Double? = nil, alpha: Double, power: Double? = nil
    ) -> String {
        if let effect, effect == 0 { return "the effect is 0: no number of scenarios finds what isn't there" }
        if let deviation, !(deviation > 0) { return "the deviation must be above 0" }
        if let standardError, !(standardError > 0) { return "the standard error must be above 0" }
        if let degreesOfFreedom, !(degreesOfFreedom > 0) {
            return "there must be more than 0 degrees of freedom: at least two pairs"
        }
        if !(alpha > 0 && alpha < 1) { return "alpha must be between 0 and 1, got \(alpha)" }
        if let power, !(power > alpha && power < 1) {
            return "the power must be above alpha, \(alpha), and below 1, got \(power)"
        }
        return "the figures are too large or too small to compute with"
    }

    /// An answer that a Double can't hold is none.
    private static func finite(_ answer: Double) -> Double? { answer.isFinite ? answer : nil }

    /// The power where the statistic's mean is off by that many standard errors.
    private static func power(
        of shift: Double, _ degreesOfFreedom: Double, _ alpha: Double, _ sides: Sides
    ) -> Double? {
        guard alpha > 0, alpha < 1, degreesOfFreedom > 0 else { return nil }
        let tail = sides == .two ? alpha / 2 : alpha
        guard let bound = Distribution.studentTQuantile(1 - tail, degreesOfFreedom: degreesOfFreedom),
            let above = Distribution.noncentralTTail(bound, degreesOfFreedom: degreesOfFreedom, delta: shift)
        else { return nil }
        guard sides == .two else { return above }
        // The other side's share is below Φ(−shift), and beyond 7 it is nothing that a sum would show.
        guard shift < 7 else { return above }
        return Distribution.noncentralT(-bound, degreesOfFreedom: degreesOfFreedom, delta: shift)
            .map { min(1, above + $0) }
    }

    /// By how many standard errors a normal statistic's mean must be off for that power.
    private static func shift(_ alpha: Double, _ power: Double, _ sides: Sides) -> Double? {
        let tail = sides == .two ? alpha / 2 : alpha
        guard let bound = Distribution.normalQuantile(1 - tail) else { return nil }
        return Root.ofIncreasing(from: 0, near: 3, reaching: power) { shift in
            guard let above = Distribution.normalTail(bound - shift) else { return nil }
            guard sides == .two else { return above }
            return Distribution.normal(-bound - shift).map { above + $0 }
        }
    }
}
