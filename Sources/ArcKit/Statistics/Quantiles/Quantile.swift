/// Quantiles of a sample.
public enum Quantile {
    /// The quantile by linear interpolation between order statistics, at the position (n − 1)·p from the smallest:
    /// definition 7 of Hyndman & Fan, "Sample quantiles in statistical packages", The American Statistician 50
    /// (1996), the default of R, NumPy and PostgreSQL's `percentile_cont`.
    ///
    /// Nil without values, where a value isn't finite, and for a `p` outside 0…1.
    ///
    /// - Parameters:
    ///   - p: the share of the values below, 0…1; 0.5 is the median.
    ///   - values: the sample, in any order.
    public static func linear(_ p: Double, of values: [Double]) -> Double? {
        linear(p, ofSorted: values.sorted())
    }

    /// The same of values that are in ascending order already, for several quantiles of one sample.
    public static func linear(_ p: Double, ofSorted values: [Double]) -> Double? {
        guard !values.isEmpty, (0...1).contains(p), values.allSatisfy(\.isFinite) else { return nil }
        let position = Double(values.count - 1) * p
        let below = Int(position)
        let share = position - Double(below)
        guard share > 0 else { return values[below] }
        return values[below] + (values[below + 1] - values[below]) * share
    }
}
