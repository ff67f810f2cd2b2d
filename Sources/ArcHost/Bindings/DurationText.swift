import Postgres

/// Durations as people write them: "90s", "15m", "24h", "7d", "2w", also "1h30m"; as PostgreSQL takes intervals:
/// "1 hour 30 minutes", "1 day 02:00:00", "2 weeks ago"; and as ISO 8601 does: "PT1H30M".
enum DurationText {
    /// What units are called beside their short names.
    private static let words: [Substring: Substring] = [
        "microsecond": "us", "usec": "us", "millisecond": "ms", "msec": "ms", "second": "s", "sec": "s",
        "minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d", "week": "w", "month": "mo",
        "mon": "mo", "year": "y", "yr": "y",
    ]
    private static let microseconds: [Substring: Double] = [
        "us": 1, "µs": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000,
    ]
    private static let days: [Substring: Double] = ["d": 1, "w": 7]
    private static let months: [Substring: Double] = ["mo": 1, "y": 12]

    /// The seconds that the text stands for.
    ///
    /// - Throws: `HostError` with code `argument` where it is something else, or not a length of time.
    static func seconds(_ text: String, function: String, parameter: String) throws -> Double {
        let interval = interval(text)
        if let interval, interval.months != 0 {
            throw HostError(
                .argument,
                "\(function): \(parameter) must be seconds or a text such as \"24h\", got \"\(text)\", which has no length: months differ",
                advice: "Say it in days: \"30d\".")
        }
        guard let length = interval?.length, length >= 0 else {
            throw HostError(
                .argument,
                "\(function): \(parameter) must be seconds or a text such as \"24h\", got \"\(text)\"",
                advice: "Units are ms, s, m, h, d and w: \"90s\", \"1h30m\", \"7d\".")
        }
        return Double(length) / 1_000_000
    }

    /// The duration that a text writes; nil where it writes none.
    static func interval(_ text: String) -> Interval? {
        let trimmed = text.trimmingBlanks
        if let found = standard(trimmed[...]) { return found }
        // The sign before a text without blanks is that of all its parts: "-1h30m". Elsewhere each has its own, as in
        // PostgreSQL: "-1 hour 30 minutes".
        if trimmed.hasPrefix("-"), !trimmed.contains(" ") { return parts(trimmed.dropFirst())?.negated }
        if trimmed.lowercased().hasSuffix(" ago") { return parts(trimmed.dropLast(4))?.negated }
        return parts(trimmed[...]) ?? Interval(trimmed)
    }

    private static func parts(_ text: Substring) -> Interval? {
        var sum = Interval()
        var rest = text
        while let match = rest.prefixMatch(
            of: /\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ]+?)(?:\s+|(?=[0-9+-])|$)/)
        {
            guard let number = Double(match.1), let unit = unit(match.2), let part = interval(number, unit),
                let next = sum.adding(part)
            else {
                return nil
            }
            sum = next
            rest = rest[match.range.upperBound...]
        }
        // A clock may end it: "2 weeks 03:00".
        if !rest.isEmpty, rest.startIndex > text.startIndex, rest.contains(":") {
            return Interval(rest).flatMap(sum.adding)
        }
        return rest.isEmpty && !text.isEmpty ? sum : nil
    }

    /// The short name of a unit.
    private static func unit(_ text: Substring) -> Substring? {
        let word = text.lowercased()[...]
        if microseconds[word] != nil || days[word] != nil || months[word] != nil { return word }
        return words[word] ?? (word.hasSuffix("s") ? words[word.dropLast()] : nil)
    }

    /// "P1Y2M3DT4H5M6.5S", "P2W", each number with a sign of its own.
    ///
    /// Source: ISO 8601-1:2019, 5.5.2.2, and PostgreSQL's documentation, 8.5.4.
    private static func standard(_ text: Substring) -> Interval? {
        let isNegative = text.hasPrefix("-")
        guard let start = text.wholeMatch(of: /-?P([^T]*)(?:T(.+))?/) else { return nil }
        var sum = Interval()
        var isEmpty = true
        let dates: [Substring: Substring] = ["Y": "y", "M": "mo", "W": "w", "D": "d"]
        let times: [Substring: Substring] = ["H": "h", "M": "m", "S": "s"]
        for (part, units) in [(start.1, dates), (start.2 ?? "", times)] {
            var rest = part
            while let match = rest.prefixMatch(of: /([+-]?[0-9]+(?:\.[0-9]+)?)([A-Z])/) {
                guard let number = Double(match.1), let unit = units[match.2],
                    let next = interval(number, unit).flatMap(sum.adding)
                else { return nil }
                (sum, rest, isEmpty) = (next, rest[match.range.upperBound...], false)
            }
            guard rest.isEmpty else { return nil }
        }
        return isEmpty ? nil : isNegative ? sum.negated : sum
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
