import Postgres

/// What is written at the axis of a line chart.
struct AxisTicks {
    let ticks: [(position: Double, text: String)]
    /// The first and the last position that the axis has room for.
    let low: Double
    let high: Double

    /// - Parameter count: at most about so many.
    init(_ axis: Chart.Axis, marks: [Chart.Mark] = [], count: Int = 5) {
        let positions = axis.positions + marks.map(\.position)
        let (first, last) = (positions.min() ?? 0, positions.max() ?? 1)
        let margin = first == last ? max(abs(first) / 10, 0.5) : 0
        (low, high) = (first - margin, last + margin)
        switch axis.kind {
        case .number:
            let scale = ChartScale([low, high], count: count)
            let (low, high) = (low, high)
            ticks = scale.ticks.filter { $0 >= low && $0 <= high }.map { ($0, scale.text($0)) }
        case .time:
            let span = last - first
            let steps = max(1, min(count, axis.positions.count) - 1)
            let places =
                first == last ? [first] : (0...steps).map { first + span * Double($0) / Double(steps) }
            ticks = places.map { ($0, Self.text($0, span: span)) }
        case .category:
            let every = max(1, (axis.positions.count + count - 1) / count)
            ticks = axis.positions.indices.filter { $0 % every == 0 }
                .map { (axis.positions[$0], axis.labels[$0]) }
        }
    }

    /// Where a position is, from 0 at the beginning to 1 at the end.
    func share(_ position: Double) -> Double {
        ChartScale.share(position, from: low, to: high)
    }

    /// A moment in UTC: the day, or the time of day where several are of two days or so.
    private static func text(_ seconds: Double, span: Double) -> String {
        guard abs(seconds) < 9e12, let moment = Timestamp(unixMicroseconds: Int64(seconds * 1_000_000)) else {
            return Figure.significant(seconds, digits: 6)
        }
        let text = moment.description
        let parts = text.split(separator: " ")
        guard let day = parts.first, parts.count > 1 else { return text }
        if span == 0 || span > 300 * 86_400 { return String(day) }
        if span > 2 * 86_400 { return String(day.dropFirst(5)) }
        return String(parts[1].prefix(5))
    }
}
