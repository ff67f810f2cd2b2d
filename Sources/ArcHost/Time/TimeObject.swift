import LuaBridge
import Postgres

/// A moment, a reading of a calendar and a clock without a zone, or a day: an `arc.time` in a script.
final class TimeObject: HostObject {
    static let typeName = "Time"

    /// What a day has of it is its midnight.
    let timestamp: Timestamp
    let isDate: Bool

    init(_ timestamp: Timestamp, isDate: Bool = false) {
        self.timestamp = timestamp
        self.isDate = isDate
    }

    /// A day; nil where it is outside of what timestamps can tell.
    convenience init?(_ date: CalendarDate) {
        guard date.isFinite else {
            self.init(
                date == .infinity ? .infinity(hasZone: false) : .negativeInfinity(hasZone: false),
                isDate: true)
            return
        }
        let (microseconds, overflow) = Int64(date.days).multipliedReportingOverflow(by: TimeFields.day)
        guard !overflow else { return nil }
        self.init(Timestamp(microseconds: microseconds, hasZone: false), isDate: true)
    }

    /// The value for the database.
    var value: Value {
        guard isDate else { return .timestamp(timestamp) }
        guard timestamp.isFinite else {
            return .date(timestamp.microseconds > 0 ? .infinity : .negativeInfinity)
        }
        return .date(CalendarDate(days: Int32(clamping: TimeFields.days(of: timestamp.microseconds))))
    }

    /// PostgreSQL's text, in UTC.
    var text: String { value.description }

    /// The name of PostgreSQL's type.
    var kind: String { isDate ? "date" : timestamp.hasZone ? "timestamptz" : "timestamp" }
}

/// What a calendar and a clock in a zone show.
struct TimeFields: Sendable {
    /// Microseconds.
    static let day: Int64 = 86_400_000_000

    let year, month, day: Int
    let hour, minute, second, microsecond: Int
    /// 1 is Monday, 7 is Sunday.
    let weekday: Int
    /// 1 is the first of January.
    let yearday: Int
    let reading: Zone.Reading

    static func days(of microseconds: Int64) -> Int64 {
        let days = microseconds / day
        return microseconds % day < 0 ? days - 1 : days
    }

    /// Microseconds from 2000 of what clocks of the zone show; nil outside of the range.
    static func local(_ timestamp: Timestamp, _ zone: Zone) -> (microseconds: Int64, reading: Zone.Reading)? {
        guard timestamp.isFinite else { return nil }
        let seconds = Self.seconds(since1970: timestamp.microseconds)
        let reading = timestamp.hasZone ? zone.reading(at: seconds) : Zone.utc.reading(at: seconds)
        let (sum, overflow) = timestamp.microseconds.addingReportingOverflow(
            Int64(reading.offset) * 1_000_000)
        return overflow ? nil : (sum, reading)
    }

    /// Whole seconds from 1970 of microseconds from 2000, rounded down.
    static func seconds(since1970 microseconds: Int64) -> Int64 {
        let seconds = microseconds / 1_000_000 + 946_684_800
        return microseconds % 1_000_000 < 0 ? seconds - 1 : seconds
    }

    /// Fields of a time in a zone; nil for the infinities. What has no zone stays as it is.
    init?(_ timestamp: Timestamp, in zone: Zone) {
        guard let (microseconds, reading) = Self.local(timestamp, zone) else { return nil }
        self.reading = reading
        let days = Self.days(of: microseconds)
        let date = CalendarDate(days: Int32(clamping: days))
        (year, month, day) = date.components
        let time = microseconds - days * Self.day
        hour = Int(time / 3_600_000_000)
        minute = Int(time / 60_000_000 % 60)
        second = Int(time / 1_000_000 % 60)
        microsecond = Int(time % 1_000_000)
        // 2000-01-01 was a Saturday.
        weekday = Int((days % 7 + 5 + 7) % 7) + 1
        yearday = Int(date.days - CalendarDate(year: year, month: 1, day: 1).days) + 1
    }

    /// The time at which a calendar and a clock of the zone show these fields; nil outside of the range.
    static func timestamp(
        days: Int64, microseconds: Int64, in zone: Zone?
    ) -> Timestamp? {
        let (start, tooFar) = days.multipliedReportingOverflow(by: day)
        let (local, overflow) = start.addingReportingOverflow(microseconds)
        guard !tooFar, !overflow, Timestamp(microseconds: local).isFinite else { return nil }
        guard let zone else { return Timestamp(microseconds: local, hasZone: false) }
        let offset = zone.offset(atLocal: seconds(since1970: local))
        let (moment, tooLarge) = local.subtractingReportingOverflow(Int64(offset) * 1_000_000)
        return tooLarge ? nil : Timestamp(microseconds: moment)
    }
}
