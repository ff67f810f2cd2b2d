import Glibc

/// The axis of a chart's values: where it begins and ends, and which values are written at it.
struct ChartScale {
    /// The least value that it has room for.
    let low: Double
    /// The greatest.
    let high: Double
    /// Values at even steps, from the least to the greatest.
    let ticks: [Double]
    private let step: Double

    /// A scale for these values.
    ///
    /// Source: P. Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.
    ///
    /// - Parameters:
    ///   - includesZero: whether zero has a place on it, as bars need it.
    ///   - count: about so many steps.
    init(_ values: some Sequence<Double>, includesZero: Bool = false, count: Int = 5) {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
        if low > high { (low, high) = (0, 1) }
        if includesZero { (low, high) = (min(low, 0), max(high, 0)) }
        if low == high {
            let margin = low == 0 ? 1 : abs(low) / 10
            (low, high) = (low - margin, high + margin)
        }
        let span = high / 2 - low / 2
        let step = Self.nice(span / Double(max(1, count)) * 2)
        let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        // Values whose steps a double can't tell apart, or whose ends it can't hold, have no more than their ends.
        guard step > 0, step.isFinite, last - first <= Double(4 * count + 4), (first * step).isFinite,
            (last * step).isFinite, first + 1 > first, last - 1 < last
        else {
            (self.low, self.high, self.ticks, self.step) = (low, high, [low, high], high - low)
            return
        }
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        // A multiple of the step may be rounded to the wrong side of what it is to hold.
        (self.low, self.high, self.step) = (min(low, first * step), max(high, last * step), step)
    }

    /// Where a value is, from 0 at the beginning to 1 at the end.
    func share(_ value: Double) -> Double { Self.share(value, from: low, to: high) }

    /// Where a value is between two others, from 0 to 1; in the middle where they can't be told apart.
    static func share(_ value: Double, from low: Double, to high: Double) -> Double {
        // By halves: what lies between two doubles may be more than one can hold. Half of the smallest is nothing.
        let span = high / 2 - low / 2
        guard span > 0 else { return 0.5 }
        return min(1, max(0, (value / 2 - low / 2) / span))
    }

    /// A tick's text: no more digits than the steps need.
    func text(_ tick: Double, _ quantity: Quantity = Quantity()) -> String {
        guard quantity.isDifference, tick != 0 else { return size(tick, quantity) }
        return (tick < 0 ? "-" : "+") + size(tick.magnitude, quantity)
    }

    private func size(_ tick: Double, _ quantity: Quantity) -> String {
        let scaled = quantity.unit == "ratio" ? step * 100 : step
        guard scaled.isFinite, scaled > 1e-9, tick.magnitude < 1e12 else {
            return Figure.significant(tick, digits: 3)
        }
        let decimals = min(12, max(0, Int(-log10(scaled).rounded(.down))))
        switch quantity.unit {
        case "ratio": return Figure.fixed(tick * 100, decimals: decimals) + quantity.hundredths
        case "usd":
            let amount = Figure.fixed(tick.magnitude, decimals: decimals == 1 ? 2 : decimals)
            return (tick < 0 ? "-$" : "$") + amount
        case "ms": return tick == 0 ? "0" : Figure.duration(milliseconds: tick)
        default: return Figure.fixed(tick, decimals: decimals)
        }
    }

    /// The next larger of 1, 2, 5 and 10 times a power of ten.
    private static func nice(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return value }
        let power = pow(10, log10(value).rounded(.down))
        guard power > 0 else { return value }
        let share = value / power
        return (share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 5.0001 ? 5 : 10) * power
    }
}

extension Chart {
    /// The values that the axis must have room for.
    var extent: [Double] {
        switch content {
        case .line(let line):
            line.series.flatMap { ($0.values + $0.low + $0.high).compactMap(\.self) }
        case .bar(let bars): bars.flatMap { [$0.value, $0.low, $0.high].compactMap(\.self) }
        case .histogram(let histogram): histogram.counts.map(Double.init)
        case .box(let boxes):
            boxes.flatMap { [$0.low, $0.high, $0.least, $0.greatest].compactMap(\.self) }
        case .heatmap(let map): map.values.joined().compactMap(\.self)
        case .sparkline(let values): values.compactMap(\.self)
        }
    }

    /// What the chart shows in a sentence or two, for those who can't see it.
    var summary: String {
        let values = extent
        func range(_ values: [Double]) -> String {
            guard let low = values.min(), let high = values.max() else { return "no value is known" }
            return low == high ? "all are \(display(low))" : "from \(display(low)) to \(display(high))"
        }
        switch content {
        case .line(let line):
            let points = Figure.count(line.axis.positions.count, "point", "points")
            let known = line.series.flatMap { $0.values.compactMap(\.self) }
            let last = line.series.count == 1 ? line.series[0].values.compactMap(\.self).last : nil
            let marks = line.marks.map { [$0.label, $0.place].compactMap(\.self).joined(separator: " at ") }
            return "\(Figure.count(line.series.count, "line", "lines")) of \(points), \(range(known))"
                + (last.map { "; the last is \(display($0))" } ?? "") + "."
                + (marks.isEmpty ? "" : " Marked: \(marks.prefix(5).joined(separator: ", ")).")
        case .bar(let bars):
            return "\(Figure.count(bars.count, "bar", "bars")), \(range(bars.compactMap(\.value)))."
        case .histogram(let histogram):
            let ends = [histogram.edges.first, histogram.edges.last].compactMap(\.self)
            return "\(Figure.count(histogram.n, "value", "values")), \(range(ends))."
        case .box(let boxes):
            let medians = boxes.prefix(5).map { "\($0.label) \(display($0.median))" }
            return
                "\(Figure.count(boxes.count, "box", "boxes")). Medians: \(medians.joined(separator: ", "))."
        case .heatmap(let map):
            return
                "\(Figure.count(map.rows.count, "row", "rows")) by \(Figure.count(map.columns.count, "column", "columns")), \(range(values))."
        case .sparkline(let all):
            return "\(Figure.count(all.count, "value", "values")), \(range(values))."
        }
    }
}
