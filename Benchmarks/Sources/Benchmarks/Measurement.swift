/// What a comparison came to: times per unit, and their ratio round by round.
struct Measurement: Codable {
    struct Side: Codable {
        var name: String
        var nanoseconds: Spread
    }

    var name: String
    var unit: String
    var rounds: Int
    var baseline: Side
    var subject: Side
    /// The subject's time by the baseline's of the same round: below 1 the subject is the faster one.
    var ratio: Spread
    /// What else was found.
    var notes: [String]
}

/// The middle and the ends of what was measured.
struct Spread: Codable {
    var median: Double
    var low: Double
    var high: Double

    /// - Parameter values: at least one.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        low = sorted[0]
        high = sorted[sorted.count - 1]
    }
}

/// Measurements as an aligned table.
struct MeasurementTable {
    private var rows = [["", "baseline", "", "arc", "", "ratio", "(low – high)"]]

    mutating func add(_ measurement: Measurement) {
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

    var text: String {
        let widths = rows[0].indices.map { column in rows.lazy.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let end = row.count - 1
            return (padded[..<end] + [row[end]]).joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1e3: decimal(nanoseconds) + " ns"
        case ..<1e6: decimal(nanoseconds / 1e3) + " µs"
        default: decimal(nanoseconds / 1e6) + " ms"
        }
    }

    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
