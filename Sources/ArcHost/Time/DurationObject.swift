import LuaBridge
import Postgres

/// A span of time in a script: PostgreSQL's interval. Days and months keep apart from hours, since they differ in length.
final class DurationObject: HostObject {
    static let typeName = "Duration"
    let interval: Interval

    init(_ interval: Interval) { self.interval = interval }

    convenience init(microseconds: Int64) { self.init(Interval(microseconds: microseconds)) }

    var text: String { interval.shortText }
}

extension Interval {
    /// The length in microseconds, a day as 24 hours; nil where there are months, which have none, and beyond 64 bits.
    var length: Int64? { months == 0 ? Int64(exactly: span) : nil }

    /// What durations are ordered by: as in PostgreSQL, a month counts as 30 days and a day as 24 hours.
    var span: Int128 {
        (Int128(months) * 30 + Int128(days)) * Int128(TimeFields.day) + Int128(microseconds)
    }

    /// The same interval for all that compare as equal: as many months of 30 days as there are, then days of 24 hours.
    var canonical: Interval {
        let day = Int128(TimeFields.day)
        let months = Int32(clamping: span / (30 * day))
        let rest = span - Int128(months) * 30 * day
        let days = Int32(clamping: rest / day)
        // What is clamped came from all three parts, so that the rest fits into the last.
        return Interval(
            months: months, days: days, microseconds: Int64(clamping: rest - Int128(days) * day))
    }

    /// The sum of each part; nil where one is out of range.
    func adding(_ other: Interval) -> Interval? {
        let (months, one) = months.addingReportingOverflow(other.months)
        let (days, two) = days.addingReportingOverflow(other.days)
        let (microseconds, three) = microseconds.addingReportingOverflow(other.microseconds)
        return one || two || three ? nil : Interval(months: months, days: days, microseconds: microseconds)
    }

    var negated: Interval? { multiplied(by: -1) }

    /// Each part times a whole number; nil where one is out of range.
    func multiplied(by factor: Int64) -> Interval? {
        let (months, one) = Int64(months).multipliedReportingOverflow(by: factor)
        let (days, two) = Int64(days).multipliedReportingOverflow(by: factor)
        let (microseconds, three) = microseconds.multipliedReportingOverflow(by: factor)
        guard !one, !two, !three, let months = Int32(exactly: months), let days = Int32(exactly: days) else {
            return nil
        }
        return Interval(months: months, days: days, microseconds: microseconds)
    }

    /// The length times a number, rounded to microseconds; nil where it has none, or out of range.
    func scaled(by factor: Double) -> Interval? {
        guard let length else { return nil }
        let product = (Double(length) * factor).rounded()
        return Int64(exactly: product).map { Interval(microseconds: $0) }
    }
}

extension TimeObject {
    /// This time after a duration: as in PostgreSQL first the months, on a calendar in UTC (the last day of a month that is
    /// too short), then the days, then the rest. A day stays one where the duration has nothing shorter.
    ///
    /// - Returns: nil where that is out of range.
    func adding(_ interval: Interval) -> TimeObject? {
        guard timestamp.isFinite else { return self }
        let stays = isDate && interval.microseconds == 0
        var days = TimeFields.days(of: timestamp.microseconds)
        let time = timestamp.microseconds - days * TimeFields.day
        if interval.months != 0 { days = Self.days(days, plus: Int64(interval.months)) }
        let (microseconds, overflow) = time.addingReportingOverflow(interval.microseconds)
        guard !overflow,
            let sum = TimeFields.timestamp(
                days: days + Int64(interval.days), microseconds: microseconds, in: nil)
        else { return nil }
        return TimeObject(
            Timestamp(microseconds: sum.microseconds, hasZone: timestamp.hasZone), isDate: stays)
    }

    private static func days(_ days: Int64, plus months: Int64) -> Int64 {
        let (year, month, day) = CalendarDate(days: Int32(clamping: days)).components
        let total = Int64(year) * 12 + Int64(month) - 1 + months
        let newYear = Int(total >= 0 ? total / 12 : (total - 11) / 12)
        let newMonth = Int(total - Int64(newYear) * 12) + 1
        func first(_ year: Int, _ month: Int) -> Int64 {
            Int64(CalendarDate(year: year, month: month, day: 1).days)
        }
        let next = newMonth == 12 ? first(newYear + 1, 1) : first(newYear, newMonth + 1)
        return min(first(newYear, newMonth) + Int64(day) - 1, next - 1)
    }
}
