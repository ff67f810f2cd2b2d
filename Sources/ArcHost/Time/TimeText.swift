import Postgres

/// Reads times as people and programs write them: ISO 8601 and RFC 3339, PostgreSQL's own texts, with a distance from
/// UTC or a zone's name behind.
struct TimeText {
    private let text: [UInt8]
    private var index = 0

    private init(_ text: String) { self.text = Array(text.utf8) }

    /// The time that the text writes.
    ///
    /// - Parameters:
    ///   - zone: where the clock is, where the text doesn't say; without one such a time has no zone.
    /// - Throws: `HostError` with code `argument` for anything else.
    static func parse(_ text: String, zone: Zone?, function: String) throws -> TimeObject {
        let trimmed = text.trimmingBlanks
        switch trimmed.lowercased() {
        case "infinity": return TimeObject(.infinity())
        case "-infinity": return TimeObject(.negativeInfinity())
        default: break
        }
        var reader = TimeText(trimmed)
        if let time = try reader.read(zone, function) { return time }
        throw HostError(
            .argument, "\(function): there is no time in \"\(text.prefix(60))\"",
            advice: "Write \"2026-03-02\", \"2026-03-02 10:30:00.5\", \"2026-03-02T10:30:00Z\" or "
                + "\"2026-03-02 10:30 Europe/Berlin\".")
    }

    private mutating func read(_ zone: Zone?, _ function: String) throws -> TimeObject? {
        guard let (year, month, day) = date() else { return nil }
        let isBC = takeEra()
        if index == text.count, zone == nil {
            return Self.days(year, month, day, isBC).flatMap { TimeObject(CalendarDate(days: $0)) }
        }
        var microseconds: Int64 = 0
        if take("T") || take("t") || take(" ") {
            skipBlanks()
            guard let time = time() else { return nil }
            microseconds = time
        }
        skipBlanks()
        let era = takeEra()
        var place = zone
        if index < text.count, !era {
            var name = text[index...]
            index = text.count
            let isBCBehind = name.suffix(3).elementsEqual(" BC".utf8)
            if isBCBehind { name = name.dropLast(3) }
            place = try Zone(String(decoding: name, as: UTF8.self), function: function)
            return Self.time(year, month, day, isBC || isBCBehind, microseconds, place)
        }
        guard index == text.count else { return nil }
        return Self.time(year, month, day, isBC || era, microseconds, place)
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int, _ isBC: Bool) -> Int32? {
        guard year > 0 || !isBC, year < 300_000 else { return nil }
        let date = CalendarDate(year: isBC ? 1 - year : year, month: month, day: day)
        // The 30th of February would come back as the first of March.
        return date.components.day == day ? date.days : nil
    }

    private static func time(
        _ year: Int, _ month: Int, _ day: Int, _ isBC: Bool, _ microseconds: Int64, _ zone: Zone?
    ) -> TimeObject? {
        guard let days = days(year, month, day, isBC) else { return nil }
        return TimeFields.timestamp(days: Int64(days), microseconds: microseconds, in: zone).map {
            TimeObject($0)
        }
    }

    // MARK: Parts

    private func isAt(_ character: Character) -> Bool {
        index < text.count && text[index] == character.asciiValue
    }

    private mutating func take(_ character: Character) -> Bool {
        guard isAt(character) else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() { while take(" ") {} }

    private mutating func takeEra() -> Bool {
        let rest = text[index...].drop { $0 == UInt8(ascii: " ") }
        guard rest.elementsEqual("BC".utf8) else { return false }
        index = text.count
        return true
    }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, index < text.count, (48...57).contains(text[index]) {
            value = value * 10 + Int(text[index]) - 48
            index += 1
            count += 1
        }
        return digits.contains(count) ? value : nil
    }

    /// "2026-03-02" or "20260302".
    private mutating func date() -> (Int, Int, Int)? {
        let start = index
        if let whole = number(8...8), index == text.count || isAt("T") || isAt("t") || isAt(" ") {
            let parts = (whole / 10_000, whole / 100 % 100, whole % 100)
            return (1...12).contains(parts.1) && (1...31).contains(parts.2) ? parts : nil
        }
        index = start
        guard let year = number(4...6), take("-"), let month = number(1...2), take("-"),
            let day = number(1...2),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return (year, month, day)
    }

    /// Microseconds from midnight of "10:30", "10:30:00.123456" or "103000". As in PostgreSQL, 24:00 is the next day's
    /// midnight, a leap second the next minute, and digits beyond the sixth are rounded.
    private mutating func time() -> Int64? {
        guard let hour = number(1...2), hour <= 24 else { return nil }
        let hasColons = take(":")
        guard let minute = number(2...2), minute < 60 else { return nil }
        var second = 0
        var fraction: Int64 = 0
        let hasSeconds = hasColons ? take(":") : index < text.count && (48...57).contains(text[index])
        if hasSeconds {
            guard let found = number(2...2), found <= 60 else { return nil }
            second = found
            if take(".") || take(",") {
                let digits = text[index...].prefix { (48...57).contains($0) }
                guard !digits.isEmpty else { return nil }
                index += digits.count
                let seven = digits.prefix(7) + [UInt8](repeating: 48, count: max(0, 7 - digits.count))
                fraction = (seven.reduce(Int64(0)) { $0 * 10 + Int64($1) - 48 } + 5) / 10
            }
        }
        let total = Int64(hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
        return total <= TimeFields.day ? total : nil
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
