/// The proleptic Gregorian calendar in days from 2000-01-01.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", with the epoch moved.
enum Calendar {
    /// Days from 0000-03-01 to 2000-01-01.
    private static let shift = 730_425

    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - shift
    }

    /// Year 0 is 1 BC, as astronomers count.
    static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let days = days + shift
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }

    /// "2024-02-29", and " BC" for years before 1, which comes last, after the time.
    static func text(ofDays days: Int) -> (date: String, era: String) {
        let (year, month, day) = civil(days)
        let shown = year > 0 ? year : 1 - year
        return ("\(padded(shown, 4))-\(padded(month, 2))-\(padded(day, 2))", year > 0 ? "" : " BC")
    }

    /// "04:05:06.789" for microseconds from midnight, which may exceed a day.
    static func text(ofMicroseconds microseconds: UInt64) -> String {
        let seconds = Int(microseconds / 1_000_000)
        var text = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        let fraction = Int(microseconds % 1_000_000)
        if fraction > 0 {
            var digits = padded(fraction, 6)
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text
    }

    /// Days of "2024-02-29".
    static func days(_ text: Substring, isBC: Bool) -> Int? {
        let parts = text.split(separator: "-")
        guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            (1...12).contains(month), (1...31).contains(day), year < 10_000_000
        else { return nil }
        let count = days(year: isBC ? 1 - year : year, month: month, day: day)
        // The 30th of February would come back as the first of March.
        return civil(count).day == day ? count : nil
    }

    /// Microseconds of "04:05:06.789", "04:05:06" or "04:05".
    static func microseconds(_ text: Substring) -> Int64? {
        magnitude(text).flatMap { Int64(exactly: $0) }
    }

    /// As `microseconds`, and one more: PostgreSQL's most negative interval is that much longer than its longest.
    static func magnitude(_ text: Substring) -> UInt64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = number(parts[0]), let minutes = number(parts[1]),
            hours < 3_000_000_000, minutes < 60
        else { return nil }
        let base = (hours * 60 + minutes) * 60_000_000
        guard parts.count == 3 else { return base }
        let seconds = parts[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = seconds.first.flatMap(number), whole <= 60 else { return nil }
        var rest = whole * 1_000_000
        if seconds.count == 2 {
            let digits = seconds[1].prefix(6)
            guard let value = number(digits), number(seconds[1]) != nil else { return nil }
            rest += (digits.count..<6).reduce(value) { sum, _ in sum * 10 }
        }
        return base + rest
    }

    /// Digits alone, without a sign.
    private static func number(_ digits: Substring) -> UInt64? {
        digits.utf8.first.map { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") } == true
            ? UInt64(digits) : nil
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
