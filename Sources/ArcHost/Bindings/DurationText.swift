import Postgres

/// Durations as people write them: "90s", "15m", "24h", "7d", "2w", also "1h30m".
enum DurationText {
    private static let microseconds: [Substring: Double] = [
        "us": 1, "µs": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000,
    ]
    private static let days: [Substring: Double] = ["d": 1, "w": 7]
    private static let months: [Substring: Double] = ["mo": 1, "y": 12]

    /// The seconds that the text stands for.
    ///
    /// - Throws: `HostError` with code `argument` where it is something else, or not a length of time.
    static func seconds(_ text: String, function: String, parameter: String) throws -> Double {
        guard let length = interval(text)?.length, length >= 0 else {
            throw HostError(
                .argument,
                "\(function): \(parameter) must be seconds or a text such as \"24h\", got \"\(text)\"",
                advice: "Units are ms, s, m, h, d and w: \"90s\", \"1h30m\", \"7d\".")
        }
        return Double(length) / 1_000_000
    }

    /// The duration that a text writes: "1h30m", "-90s", "1y2mo3d", or as PostgreSQL writes intervals, "1 day 02:00:00";
    /// nil for anything else.
    static func interval(_ text: String) -> Interval? {
        let trimmed = text.trimmingBlanks
        let isNegative = trimmed.hasPrefix("-")
        if let found = parts(isNegative ? trimmed.dropFirst() : trimmed[...]) {
            return isNegative ? found.negated : found
        }
        return Interval(trimmed)
    }

    private static func parts(_ text: Substring) -> Interval? {
        var sum = Interval()
        var rest = text
        while let match = rest.prefixMatch(of: /\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|mo|us|µs|[smhdwy])\s*/) {
            guard let number = Double(match.1), let part = interval(number, match.2),
                let next = sum.adding(part)
            else {
                return nil
            }
            sum = next
            rest = rest[match.range.upperBound...]
        }
        return rest.isEmpty && !text.isEmpty ? sum : nil
    }

    private static func interval(_ number: Double, _ unit: Substring) -> Interval? {
        if let size = months[unit] {
            return Int32(exactly: number * size).map { Interval(months: $0) }
        }
        if let size = days[unit] {
            if let days = Int32(exactly: number * size) { return Interval(days: days) }
            return Int64(exactly: (number * size * Double(TimeFields.day)).rounded()).map {
                Interval(microseconds: $0)
            }
        }
        guard let size = microseconds[unit] else { return nil }
        return Int64(exactly: (number * size).rounded()).map { Interval(microseconds: $0) }
    }
}

extension Interval {
    /// As "1h30m" or "-7d"; where its parts differ in sign, as PostgreSQL writes it. `DurationText` reads both.
    var shortText: String {
        let signs = [months.signum(), days.signum(), Int32(microseconds.signum())]
        if signs.contains(1), signs.contains(-1) { return description }
        var text = ""
        func add(_ number: UInt64, _ unit: String) { if number > 0 { text += "\(number)\(unit)" } }
        add(UInt64(months.magnitude / 12), "y")
        add(UInt64(months.magnitude % 12), "mo")
        add(UInt64(days.magnitude), "d")
        let size = microseconds.magnitude
        add(size / 3_600_000_000, "h")
        add(size / 60_000_000 % 60, "m")
        let (seconds, fraction) = (size / 1_000_000 % 60, size % 1_000_000)
        if fraction > 0 {
            var digits = String(String(1_000_000 + fraction).dropFirst())
            while digits.last == "0" { digits.removeLast() }
            text += "\(seconds).\(digits)s"
        } else if seconds > 0 || text.isEmpty {
            text += "\(seconds)s"
        }
        return signs.contains(-1) ? "-" + text : text
    }
}
