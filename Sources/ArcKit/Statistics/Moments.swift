/// The sums that every mean and standard error here is made of.
public enum Moments {
    /// The arithmetic mean, NaN without values. Equal values give that value, whatever their number.
    public static func mean(_ values: [Double]) -> Double {
        guard let first = values.first, values.contains(where: { $0 != first }) else {
            return values.first ?? .nan
        }
        return sum(values) / Double(values.count)
    }

    /// The sum, with the rounding of each step carried along (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur
    /// Summation endlicher Summen", ZAMM 54, 1974), so that 50 scenarios of 0.42 on average have a mean of 0.42.
    public static func sum(_ values: [Double]) -> Double {
        var sum = 0.0
        var lost = 0.0
        for value in values {
            let next = sum + value
            lost += sum.magnitude >= value.magnitude ? (sum - next) + value : (value - next) + sum
            sum = next
        }
        return sum.isFinite ? sum + lost : sum
    }

    /// The standard deviation of a sample, with n − 1 as its divisor; nil of fewer than two values.
    public static func deviation(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        return (squares(values, around: mean(values)) / Double(values.count - 1)).squareRoot()
    }

    /// Why nothing can be computed from values; nil where something can.
    ///
    /// - Parameter name: what they are called, in the plural.
    public static func whyUnusable(_ values: [Double], _ name: String = "values") -> String? {
        if values.isEmpty { return "no \(name)" }
        let unusable = values.lazy.filter { !$0.isFinite }.count
        return unusable == 0 ? nil : "\(unusable) of \(values.count) \(name) are not finite numbers"
    }

    /// The sum of squared distances from `center`.
    static func squares(_ values: [Double], around center: Double) -> Double {
        values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    }

    /// Whether the values differ by no more than rounding can explain (10⁻¹⁴ of the largest magnitude).
    ///
    /// A standard error of 10⁻¹⁷ that is all rounding must not pass for a precise estimate.
    static func allEqual(_ values: [Double], scale: Double? = nil) -> Bool {
        guard let low = values.min(), let high = values.max() else { return true }
        return high - low <= 1e-14 * (scale ?? max(low.magnitude, high.magnitude))
    }
}
