import LuaBridge
import Postgres

/// The places of a chart's axis, from a list of strings, numbers or times, or from a frame's column.
struct AxisMaking {
    private let values: [LuaValue]

    init(_ value: LuaValue) {
        if let column = value.object(as: Column.self) {
            values = (0..<column.count).map { (try? LuaValue(column[$0])) ?? .nil }
        } else {
            values = value.table?.array ?? []
        }
    }

    /// What people read at each place.
    var labels: [String] { values.map(Self.label) }

    /// The axis: of numbers or times where all are, else of things.
    ///
    /// - Throws: `HostError` where numbers or times don't ascend, or aren't finite.
    func axis(_ function: String) throws -> Chart.Axis {
        let labels = labels
        let numbers = values.compactMap(\.numberValue)
        let times = values.compactMap { $0.object(as: TimeObject.self).flatMap(Self.seconds) }
        // Where all are midnights, they are days.
        let isDays = !times.isEmpty && labels.allSatisfy { $0.hasSuffix(Self.midnight) }
        let kind: Chart.Axis.Kind =
            values.isEmpty
            ? .category
            : numbers.count == values.count
                ? .number : times.count == values.count ? .time : .category
        let positions: [Double] =
            switch kind {
            case .number: numbers
            case .time: times
            case .category: values.indices.map { Double($0 + 1) }
            }
        for index in positions.indices.dropFirst() where positions[index - 1] >= positions[index] {
            throw HostError(
                .argument,
                "\(function): x[\(index + 1)] (\(labels[index])) must be greater than the one before it (\(labels[index - 1]))",
                advice: "Sort the points by x first, and make one point of those with the same x.")
        }
        guard positions.allSatisfy(\.isFinite) else {
            throw HostError(.argument, "\(function): every x must be finite")
        }
        let shown = isDays ? labels.map { String($0.dropLast(Self.midnight.count)) } : labels
        return Chart.Axis(kind: kind, positions: positions, labels: shown)
    }

    /// Where on an axis a value is; nil where it is of another kind, or a thing that the axis doesn't have.
    static func place(_ value: LuaValue, on axis: Chart.Axis) -> (position: Double, label: String)? {
        let label = label(value)
        switch axis.kind {
        case .number: return value.numberValue.flatMap { $0.isFinite ? ($0, label) : nil }
        case .time:
            let isDay = label.hasSuffix(midnight) && axis.labels.allSatisfy { !$0.contains(":") }
            let place = isDay ? String(label.dropLast(midnight.count)) : label
            return value.object(as: TimeObject.self).flatMap(seconds).map { ($0, place) }
        case .category: return axis.labels.firstIndex(of: label).map { (axis.positions[$0], label) }
        }
    }

    private static let midnight = " 00:00:00+00"

    private static func seconds(_ time: TimeObject) -> Double? {
        time.timestamp.unixMicroseconds.map { Double($0) / 1_000_000 }
    }

    private static func label(_ value: LuaValue) -> String {
        switch value {
        case .string(let text): text
        case .nil, .null: Cell.nullSign
        case .number(let number): Figure.significant(number, digits: 6)
        default: Presentation.display(value)
        }
    }
}

extension Chart.Axis {
    /// What a place on it must be.
    var expectation: String {
        switch kind {
        case .number: "a finite number"
        case .time: "a time"
        case .category: "one of x"
        }
    }
}
