/// A day of the calendar: PostgreSQL's date.
public struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days from 2000-01-01. The largest and smallest value stand for the infinities.
    public let days: Int32

    /// The day that is `days` after 2000-01-01.
    public init(days: Int32) { self.days = days }

    /// A day by year (0 is 1 BC), month (1…12) and day (1…31).
    public init(year: Int, month: Int, day: Int) {
        days = Int32(clamping: Calendar.days(year: year, month: month, day: day))
    }

    /// Later than every other.
    public static let infinity = CalendarDate(days: .max)
    /// Earlier than every other.
    public static let negativeInfinity = CalendarDate(days: .min)

    /// The day that `text` writes, as "2024-02-29" or "infinity"; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let text = String(text)[...]
        switch text {
        case "infinity": days = .max
        case "-infinity": days = .min
        default:
            let isBC = text.hasSuffix(" BC")
            guard let found = Calendar.days(isBC ? text.dropLast(3) : text, isBC: isBC) else { return nil }
            days = Int32(clamping: found)
        }
    }

    /// Whether this isn't one of the infinities.
    public var isFinite: Bool { days != .max && days != .min }

    /// Year (0 is 1 BC), month and day.
    public var components: (year: Int, month: Int, day: Int) { Calendar.civil(Int(days)) }

    /// As "2024-02-29".
    public var description: String {
        guard isFinite else { return days > 0 ? "infinity" : "-infinity" }
        let (date, era) = Calendar.text(ofDays: Int(days))
        return date + era
    }

    /// Whether `left` is earlier.
    public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }
}

/// A time of day: PostgreSQL's time without time zone.
public struct TimeOfDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds from midnight, 0…86,400,000,000 (24:00:00 is a time).
    public let microseconds: Int64

    /// The time `microseconds` after midnight.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// The time that `text` writes, as "12:30:00.5"; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let found = Calendar.microseconds(String(text)[...]), found <= 86_400_000_000 else {
            return nil
        }
        microseconds = found
    }

    /// As "12:30:00.5".
    public var description: String { Calendar.text(ofMicroseconds: UInt64(clamping: microseconds)) }

    /// Whether `left` is earlier.
    public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool {
        left.microseconds < right.microseconds
    }
}
