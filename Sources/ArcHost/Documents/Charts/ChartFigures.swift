import ArcKit
import Glibc

extension Chart.Histogram {
    /// The counts of these values.
    ///
    /// - Parameter bins: how many stretches there are; unless said, as many as the rule of Freedman and Diaconis gives
    ///   ("On the histogram as a density estimator: L2 theory", 1981: a width of twice the interquartile range over the cube
    ///   root of n), between 1 and 50, or Sturges' number where the middle half of the values are equal.
    init(_ values: [Double], bins: Int? = nil) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else {
            (edges, counts) = ([], [])
            return
        }
        guard first < last else {
            (edges, counts) = ([first, last], [sorted.count])
            return
        }
        let count = bins ?? Self.bins(sorted, last - first)
        // The span of two halves can't overflow where that of the whole could.
        let edges = (0...count).map { index -> Double in
            let share = Double(index) / Double(count)
            return index == count ? last : first * (1 - share) + last * share
        }
        var counts = [Int](repeating: 0, count: count)
        var bin = 0
        for value in sorted {
            while bin < count - 1, value >= edges[bin + 1] { bin += 1 }
            counts[bin] += 1
        }
        (self.edges, self.counts) = (edges, counts)
    }

    private static func bins(_ sorted: [Double], _ span: Double) -> Int {
        let n = Double(sorted.count)
        let sturges = Int(log2(n).rounded(.up)) + 1
        guard let low = Quantile.linear(0.25, ofSorted: sorted),
            let high = Quantile.linear(0.75, ofSorted: sorted), high > low, span.isFinite
        else { return min(50, max(1, sturges)) }
        let width = 2 * (high - low) / cbrt(n)
        return Int(min(50, max(1, (span / width).rounded(.up))))
    }
}

extension Chart.Box {
    /// The box of these values, of which there is at least one: quartiles by linear interpolation, whiskers to the furthest
    /// values within one and a half times the interquartile range.
    ///
    /// Source: J. W. Tukey, "Exploratory Data Analysis", 1977.
    init?(_ label: String, _ values: [Double]) {
        let sorted = values.sorted()
        guard let lower = Quantile.linear(0.25, ofSorted: sorted),
            let median = Quantile.linear(0.5, ofSorted: sorted),
            let upper = Quantile.linear(0.75, ofSorted: sorted), let first = sorted.first,
            let last = sorted.last
        else { return nil }
        let reach = 1.5 * (upper - lower)
        // A whisker never ends within the box, which interpolated quartiles could make it.
        let low = min(lower, sorted.first { $0 >= lower - reach } ?? first)
        let high = max(upper, sorted.last { $0 <= upper + reach } ?? last)
        self.init(
            label: label, n: sorted.count, low: low, lowerQuartile: lower, median: median,
            upperQuartile: upper, high: high, least: first < low ? first : nil,
            greatest: last > high ? last : nil, beyond: sorted.count { $0 < low || $0 > high })
    }
}
