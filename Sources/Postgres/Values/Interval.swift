/// A span of time: PostgreSQL's interval, whose months and days have no fixed length.
///
/// Two intervals are equal here when all three parts are, unlike in SQL, where 1 month equals 30 days.
public struct Interval: Sendable, Hashable, CustomStringConvertible {
    /// Months, of any sign.
    public let months: Int32
    /// Days, of any sign.
    public let days: Int32
    /// Microseconds, of any sign.
    public let microseconds: Int64

    /// An interval of three parts.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// The interval that `text` writes in the style "postgres", as "1 year 2 mons -3 days +04:05:06.7"; nil
    /// for anything else.
    public init?(_ text: some StringProtocol) {
        let words = String(text).split(separator: " ")
        guard !words.isEmpty else { return nil }
        var months: Int64 = 0
        var days: Int64 = 0
        var microseconds: Int64 = 0
        var index = 0
        while index < words.count {
            let word = words[index]
            if word.contains(":") {
                let isNegative = word.hasPrefix("-")
                let digits = isNegative || word.hasPrefix("+") ? word.dropFirst() : word
                guard let size = Calendar.magnitude(digits),
                    let signed = Int64(exactly: size)
                        ?? (isNegative && size == Int64.min.magnitude ? .min : nil)
                else { return nil }
                microseconds = isNegative && signed != .min ? -signed : signed
                index += 1
                continue
            }
            guard index + 1 < words.count, let number = Int64(word) else { return nil }
            switch words[index + 1] {
            case "year", "years": months += number * 12
            case "mon", "mons": months += number
            case "day", "days": days += number
            default: return nil
            }
            index += 2
        }
        guard let months = Int32(exactly: months), let days = Int32(exactly: days) else { return nil }
        self.init(months: months, days: days, microseconds: microseconds)
    }

    /// PostgreSQL's text in the style "postgres".
    public var description: String {
        var text = ""
        var followsNegative = false
        func add(_ number: Int32, _ unit: String) {
            guard number != 0 else { return }
            text += text.isEmpty ? "" : " "
            text += followsNegative && number > 0 ? "+" : ""
            text += "\(number) \(unit)\(number == 1 ? "" : "s")"
            followsNegative = number < 0
        }
        add(months / 12, "year")
        add(months % 12, "mon")
        add(days, "day")
        if microseconds != 0 || text.isEmpty {
            text += text.isEmpty ? "" : " "
            text += microseconds < 0 ? "-" : followsNegative ? "+" : ""
            text += Calendar.text(ofMicroseconds: microseconds.magnitude)
        }
        return text
    }
}
