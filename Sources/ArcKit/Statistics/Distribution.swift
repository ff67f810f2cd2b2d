import CStatistics

/// Distribution functions and quantiles, by Boost.Math.
///
/// Each is nil where it isn't defined: an argument outside the domain, or an infinite answer.
enum Distribution {
    /// P(X ≤ x) of the standard normal distribution.
    static func normal(_ x: Double) -> Double? { known(arc_normal_cdf(x, nil)) }

    /// P(X > x) of the standard normal distribution.
    static func normalTail(_ x: Double) -> Double? { known(arc_normal_survival(x, nil)) }

    /// The x with P(X ≤ x) = p of the standard normal distribution.
    static func normalQuantile(_ p: Double) -> Double? { known(arc_normal_quantile(p, nil)) }

    /// P(T ≤ t) of Student's t distribution.
    static func studentT(_ t: Double, degreesOfFreedom df: Double) -> Double? {
        known(arc_student_t_cdf(t, df, nil))
    }

    /// P(T > t) of Student's t distribution.
    static func studentTTail(_ t: Double, degreesOfFreedom df: Double) -> Double? {
        known(arc_student_t_survival(t, df, nil))
    }

    /// The t with P(T ≤ t) = p of Student's t distribution.
    static func studentTQuantile(_ p: Double, degreesOfFreedom df: Double) -> Double? {
        known(arc_student_t_quantile(p, df, nil))
    }

    /// P(T ≤ t) of the noncentral t distribution: of (Z + delta)/√(V/df), Z normal, V chi-squared.
    static func noncentralT(_ t: Double, degreesOfFreedom df: Double, delta: Double) -> Double? {
        known(arc_noncentral_t_cdf(t, df, delta, nil))
    }

    /// P(T > t) of the noncentral t distribution.
    static func noncentralTTail(_ t: Double, degreesOfFreedom df: Double, delta: Double) -> Double? {
        known(arc_noncentral_t_survival(t, df, delta, nil))
    }

    /// P(X ≤ x) of Beta(a, b): the regularised incomplete beta function.
    static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double? { known(arc_beta_cdf(x, a, b, nil)) }

    /// P(X > x) of Beta(a, b).
    static func betaTail(_ x: Double, _ a: Double, _ b: Double) -> Double? {
        known(arc_beta_survival(x, a, b, nil))
    }

    /// The density of Beta(a, b) at x.
    static func betaDensity(_ x: Double, _ a: Double, _ b: Double) -> Double? {
        known(arc_beta_density(x, a, b, nil))
    }

    /// The x with P(X ≤ x) = p of Beta(a, b).
    static func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double? {
        known(arc_beta_quantile(p, a, b, nil))
    }

    /// P(X ≤ k) of the binomial distribution.
    static func binomial(_ k: Int, of n: Int, _ p: Double) -> Double? {
        known(arc_binomial_cdf(Double(k), Double(n), p, nil))
    }

    /// P(X > k) of the binomial distribution.
    static func binomialTail(_ k: Int, of n: Int, _ p: Double) -> Double? {
        known(arc_binomial_survival(Double(k), Double(n), p, nil))
    }

    private static func known(_ answer: Double) -> Double? { answer.isNaN ? nil : answer }
}
