internal import Glibc

/// A point in time, in microseconds: PostgreSQL's timestamp with time zone, or without.
public struct Timestamp: Sendable, Hashable {
    /// Microseconds from 2000-01-01 00:00, as the server keeps them (its range doesn't fit into
    /// microseconds from 1970). The largest and smallest value stand for the infinities.
    public let microseconds: Int64

    /// Whether this is a point in time (in UTC); else it is what a clock and a calendar somewhere show.
    public let hasZone: Bool

    private static let microsecondsPerDay: Int64 = 86_400_000_000
    private static let unixShift: Int64 = 946_684_800_000_000

    /// `microseconds` from 2000-01-01 00:00.
    public init(microseconds: Int64, hasZone: Bool = true) {
        self.microseconds = microseconds
        self.hasZone = hasZone
    }

    /// A point in time by microseconds from 1970-01-01 00:00 UTC; nil outside of the representable range.
    public init?(unixMicroseconds: Int64) {
        let (shifted, overflow) = unixMicroseconds.subtractingReportingOverflow(Self.unixShift)
        guard !overflow, shifted != .min else { return nil }
        self.init(microseconds: shifted)
    }

    /// Later than every other.
    public static func infinity(hasZone: Bool = true) -> Timestamp {
        Timestamp(microseconds: .max, hasZone: hasZone)
    }

    /// Earlier than every other.
    public static func negativeInfinity(hasZone: Bool = true) -> Timestamp {
        Timestamp(microseconds: .min, hasZone: hasZone)
    }

    /// The current time.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000 - unixShift)
    }

    /// Whether this isn't one of the infinities.
    public var isFinite: Bool { microseconds != .max && microseconds != .min }

    /// Microseconds from 1970-01-01 00:00; nil for the infinities and for years after 294246.
    public var unixMicroseconds: Int64? {
        guard isFinite else { return nil }
        let (sum, overflow) = microseconds.addingReportingOverflow(Self.unixShift)
        return overflow ? nil : sum
    }

    /// The timestamp that `text` writes in ISO format, as "2024-02-29 12:30:00.5+00", "infinity", or with a
    /// "T" or "Z"; nil for anything else. It has a zone where `hasZone` says so or the text names an offset.
    public init?(_ text: some StringProtocol, hasZone: Bool = false) {
        var rest = String(text)[...]
        if rest == "infinity" || rest == "-infinity" {
            self.init(microseconds: rest == "infinity" ? .max : .min, hasZone: hasZone)
            return
        }
        let isBC = rest.hasSuffix(" BC")
        if isBC { rest = rest.dropLast(3) }
        guard let gap = rest.firstIndex(where: { $0 == " " || $0 == "T" }),
            let days = Calendar.days(rest[..<gap], isBC: isBC)
        else { return nil }
        rest = rest[rest.index(after: gap)...]
        var offset: Int64 = 0
        let zone = rest.firstIndex { $0 == "+" || $0 == "-" || $0 == "Z" }
        if let zone {
            if rest[zone] != "Z" {
                let digits = rest[rest.index(after: zone)...]
                guard let size = Calendar.microseconds(digits.contains(":") ? digits : digits + ":00"),
                    size < Self.microsecondsPerDay
                else { return nil }
                offset = rest[zone] == "-" ? -size : size
            }
            rest = rest[..<zone]
        }
        guard let time = Calendar.microseconds(rest), time <= Self.microsecondsPerDay else { return nil }
        let (start, overflow) = Int64(days).multipliedReportingOverflow(by: Self.microsecondsPerDay)
        let (total, tooLarge) = start.addingReportingOverflow(time - offset)
        guard !overflow, !tooLarge else { return nil }
        self.init(microseconds: total, hasZone: hasZone || zone != nil)
    }
}

extension Timestamp: Comparable, CustomStringConvertible {
    /// Whether `left` is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// PostgreSQL's text in ISO format, in UTC.
    public var description: String {
        guard isFinite else { return microseconds > 0 ? "infinity" : "-infinity" }
        var days = microseconds / Self.microsecondsPerDay
        var time = microseconds % Self.microsecondsPerDay
        if time < 0 {
            days -= 1
            time += Self.microsecondsPerDay
        }
        let (date, era) = Calendar.text(ofDays: Int(days))
        return "\(date) \(Calendar.text(ofMicroseconds: UInt64(time)))\(hasZone ? "+00" : "")\(era)"
    }
}
