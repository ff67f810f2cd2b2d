/// What a contest came to: times per unit, and their ratio round by round.
package struct ContestResult: Codable {
    package struct Side: Codable {
        package var name: String
        package var nanoseconds: Spread
    }

    package var name: String
    package var unit: String
    package var rounds: Int
    package var baseline: Side
    package var subject: Side
    /// The subject's time by the baseline's of the same round: below 1 the subject is the faster one.
    package var ratio: Spread
    /// What else was found.
    package var notes: [String]
}

/// The middle and the ends of what was measured.
package struct Spread: Codable {
    package var median: Double
    package var low: Double
    package var high: Double

    /// - Parameter values: at least one.
    package init(_ values: [Double]) {
        let sorted = values.sorted()
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        low = sorted[0]
        high = sorted[sorted.count - 1]
    }
}

/// Measurements as an aligned table.
package struct MeasurementTable {
    package init() {}

    private var rows = [["", "baseline", "", "arc", "", "ratio", "(low – high)"]]

    package mutating func add(_ measurement: ContestResult) {
        rows.append([
            measurement.name,
            measurement.baseline.name,
            Self.time(measurement.baseline.nanoseconds.median) + "/" + measurement.unit,
            measurement.subject.name,
            Self.time(measurement.subject.nanoseconds.median) + "/" + measurement.unit,
            Self.decimal(measurement.ratio.median),
            "(\(Self.decimal(measurement.ratio.low)) – \(Self.decimal(measurement.ratio.high)))",
        ])
    }

    package var text: String { Self.aligned(rows) }

    /// Rows of texts under one another.
    package static func aligned(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.lazy.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let end = row.count - 1
            return (padded[..<end] + [row[end]]).joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// A time as text, in the unit that suits it.
    package static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1e3: decimal(nanoseconds) + " ns"
        case ..<1e6: decimal(nanoseconds / 1e3) + " µs"
        default: decimal(nanoseconds / 1e6) + " ms"
        }
    }

    /// A number with two decimals.
    package static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
