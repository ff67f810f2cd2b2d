/// The sums that every mean and standard error here is made of.
enum Moments {
    /// The arithmetic mean, in two passes: equal values give that value, whatever their number.
    static func mean(_ values: [Double]) -> Double {
        let count = Double(values.count)
        let rough = values.reduce(0, +) / count
        return rough + values.reduce(0) { $0 + ($1 - rough) } / count
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
