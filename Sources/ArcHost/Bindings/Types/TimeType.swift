import ArcKit
import LuaBridge
import Postgres

extension TypeBinding {
    private static let zone = Parameter.optional(
        "zone", .string,
        "\"UTC\" (unless said), a distance such as \"+02:00\", or a name such as \"Europe/Berlin\"")

    private static let units = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond"]

    /// `arc.time`
    static let time = TypeBinding(
        TimeObject.typeName,
        "A moment, to the microsecond (PostgreSQL's timestamptz); also a clock's reading without a zone (timestamp) or a day (date), and the infinities. Fields are in UTC. Times without a zone are compared as UTC.",
        fields: timeFields, methods: timeMethods, operators: timeOperators,
        example: """
            local t = arc.time.parse("2026-03-02T10:30:00.5+01:00")
            assert(t.hour == 9 and t.microsecond == 500000)
            assert(t + "24h" == arc.time.parse("2026-03-03 09:30:00.5+00"))
            assert(t:format("%Y-%m-%d %H:%M %Z", "Europe/Berlin") == "2026-03-02 10:30 CET")
            """,
        tostring: { call in [.string(try call.object(0, as: TimeObject.self).text)] },
        metamethods: [
            .direct("__index") { call in try putField(call) },
            .direct("__eq") { call in
                let (one, other) = try times(call)
                call.put(one == other)
            },
        ])

    private static let timeFields: [Parameter] = [
        .optional("year", .anyInteger, "the year; 0 is 1 BC. nil for an infinity, as all of these"),
        .optional("month", .integer(1...12), "the month"), .optional("day", .integer(1...31), "the day"),
        .optional("hour", .integer(0...23), "the hour"), .optional("minute", .integer(0...59), "the minute"),
        .optional("second", .integer(0...59), "the second, whole"),
        .optional("microsecond", .integer(0...999_999), "the rest of the second"),
        .optional("weekday", .integer(1...7), "the day of the week; 1 is Monday"),
        .optional("yearday", .integer(1...366), "the day of the year, from 1"),
        .optional("unix", .anyNumber, "seconds from 1970, as a float"),
        .required("iso", .string, "as RFC 3339 writes it, in UTC"),
        .required("kind", .choice(["timestamptz", "timestamp", "date"]), "PostgreSQL's type"),
        .required("is_finite", .boolean, "false for infinity and -infinity"),
    ]

    private static func putField(_ call: borrowing DirectCall) throws {
        let time = try call.object(0, as: TimeObject.self)
        let key = call.string(1) ?? ""
        switch key {
        case "unix":
            if let seconds = time.timestamp.unixSeconds { call.put(seconds) } else { call.putNil() }
        case "iso": try call.put(.string(TimeFormat.iso(time, in: .utc)))
        case "kind": try call.put(.string(time.kind))
        case "is_finite": call.put(time.timestamp.isFinite)
        default:
            guard timeFields.contains(where: { $0.name == key }) else {
                let names = timeFields.map(\.name) + timeMethods.map(\.name)
                throw unknownField(call.string(1) ?? call.typeName(1), of: "Time", names: names)
            }
            guard let fields = TimeFields(time.timestamp, in: .utc), let number = fields.number(key) else {
                return call.putNil()
            }
            call.put(number)
        }
    }

    private static let timeMethods: [Binding] = [
        Binding(
            "Time:fields", "What a calendar and a clock in a zone show at that time.", [zone],
            returns: (
                .table,
                "year, month, day, hour, minute, second, microsecond, weekday, yearday, offset (seconds east of UTC), zone"
            ),
            example: """
                local fields = arc.time.parse("2026-07-01T12:00:00Z"):fields("America/New_York")
                assert(fields.hour == 8 and fields.offset == -4 * 3600 and fields.zone == "EDT")
                """,
            .immediate { arguments in
                let time: TimeObject = try arguments.receiver()
                return [try time.fieldTable(in: arguments.zone("zone") ?? .utc)]
            }),
        Binding(
            "Time:format", "The time as text.",
            [
                .optional(
                    "pattern", .string,
                    "conversions as strftime has them: \(TimeFormat.conversions); RFC 3339 unless said"),
                zone,
            ],
            returns: (.string, "the text"),
            example: """
                local t = arc.time.parse("2026-03-02T10:30:00Z")
                assert(t:format("%A, %d %B %Y") == "Monday, 02 March 2026")
                assert(t:format(nil, "+02:00") == "2026-03-02T12:30:00+02:00")
                """,
            .immediate { arguments in
                let time: TimeObject = try arguments.receiver()
                let zone = try arguments.zone("zone") ?? .utc
                guard let pattern = arguments.string("pattern") else {
                    return [.string(TimeFormat.iso(time, in: zone))]
                }
                return [.string(try TimeFormat.text(time, pattern, in: zone, function: arguments.function))]
            }),
        Binding(
            "Time:truncate", "The beginning of the hour, day, week (Monday), … that the time is in.",
            [.required("unit", .choice(units), "which"), zone],
            returns: (.handle("Time"), "the time"),
            example: """
                local t = arc.time.parse("2026-03-05T10:30:00Z")
                assert(t:truncate("day") == arc.time.parse("2026-03-05T00:00:00Z"))
                assert(t:truncate("week") == arc.time.parse("2026-03-02T00:00:00Z"))
                """,
            .immediate { arguments in
                let time: TimeObject = try arguments.receiver()
                let zone = try arguments.zone("zone") ?? .utc
                return [.object(time.truncated(to: arguments.text("unit"), in: zone))]
            }),
        Binding(
            "Time:to_epoch", "Seconds from 1970-01-01 00:00 UTC, exactly; nil for an infinity.",
            returns: (.handle("Decimal"), "the seconds"),
            example: """
                assert(tostring(arc.time.parse("2026-03-02T10:30:00.000001Z"):to_epoch()) == "1772447400.000001")
                """,
            .immediate { arguments in
                let time: TimeObject = try arguments.receiver()
                return [time.timestamp.unixMicroseconds.map { .object(DecimalObject(.seconds($0))) } ?? .nil]
            }),
    ]

    private static let timeOperators: [Operator] = [
        Operator(
            "time + duration",
            "the time so much later; a number is seconds, a text such as \"24h\" works too",
            annotations: ["add(arc.Duration|number|string): arc.Time"],
            .direct("__add") { call in
                if let time = call.find(0, as: TimeObject.self), let duration = call.duration(1) {
                    return try call.put(.object(try sum(time, duration)))
                }
                if let time = call.find(1, as: TimeObject.self), let duration = call.duration(0) {
                    return try call.put(.object(try sum(time, duration)))
                }
                throw call.cannot("a duration can be added to a time")
            }),
        Operator(
            "time - duration, time - time",
            "the time so much earlier; the duration from one time to the other",
            annotations: ["sub(arc.Time): arc.Duration", "sub(arc.Duration|number|string): arc.Time"],
            .direct("__sub") { call in
                guard let time = call.find(0, as: TimeObject.self) else {
                    throw call.cannot("a time or a duration can be taken from a time")
                }
                if let other = call.find(1, as: TimeObject.self) {
                    return try call.put(.object(DurationObject(try distance(other, time))))
                }
                guard let duration = call.duration(1)?.negated else {
                    throw call.cannot("a time or a duration can be taken from a time")
                }
                try call.put(.object(try sum(time, duration)))
            }),
        Operator(
            "time < time, time <= time, time == time", "which is earlier",
            .direct("__lt") { call in
                let (one, other) = try times(call)
                call.put(one < other)
            }),
        Operator(
            "time <= time", "which isn't later",
            .direct("__le") { call in
                let (one, other) = try times(call)
                call.put(one <= other)
            }),
        .concatenation("time"),
    ]

    private static func times(_ call: borrowing DirectCall) throws -> (Int64, Int64) {
        guard let one = call.find(0, as: TimeObject.self), let other = call.find(1, as: TimeObject.self)
        else {
            throw call.cannot("a time can be compared with a time")
        }
        return (one.timestamp.microseconds, other.timestamp.microseconds)
    }

    private static func sum(_ time: TimeObject, _ duration: Interval) throws -> TimeObject {
        if let sum = time.adding(duration) { return sum }
        throw HostError(.argument, "\(time.text) and \(duration.shortText) are out of the range of times")
    }

    private static func distance(_ one: TimeObject, _ other: TimeObject) throws -> Interval {
        guard one.timestamp.isFinite, other.timestamp.isFinite else {
            throw HostError(.argument, "there is no duration from \(one.text) to \(other.text)")
        }
        let (length, overflow) = other.timestamp.microseconds.subtractingReportingOverflow(
            one.timestamp.microseconds)
        guard !overflow else {
            throw HostError(.argument, "\(one.text) and \(other.text) are too far apart")
        }
        if one.isDate, other.isDate { return Interval(days: Int32(clamping: length / TimeFields.day)) }
        return Interval(microseconds: length)
    }
}

extension TimeFields {
    /// The number of that name; nil of any other name.
    func number(_ name: String) -> Int64? {
        let number: Int? =
            switch name {
            case "year": year
            case "month": month
            case "day": day
            case "hour": hour
            case "minute": minute
            case "second": second
            case "microsecond": microsecond
            case "weekday": weekday
            case "yearday": yearday
            default: nil
            }
        return number.map { Int64($0) }
    }
}

extension TimeObject {
    fileprivate func fieldTable(in zone: Zone) throws -> LuaValue {
        guard let fields = TimeFields(timestamp, in: zone) else {
            throw HostError(.argument, "\(text) has no fields")
        }
        let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "weekday", "yearday"]
        var list = names.map { LuaTable.Field($0, fields.number($0).map(LuaValue.integer) ?? .nil) }
        if timestamp.hasZone {
            list.append(LuaTable.Field("offset", .integer(Int64(fields.reading.offset))))
            list.append(LuaTable.Field("zone", .string(fields.reading.abbreviation)))
        }
        return .table(LuaTable(fields: list, kind: .object))
    }

    /// The beginning of a unit, by the clock of a zone.
    fileprivate func truncated(to unit: String, in zone: Zone) -> TimeObject {
        guard let local = TimeFields.local(timestamp, zone), let fields = TimeFields(timestamp, in: zone)
        else {
            return self
        }
        let day = TimeFields.days(of: local.microseconds)
        let time = local.microseconds - day * TimeFields.day
        func begin(_ month: Int) -> Int64 {
            Int64(CalendarDate(year: fields.year, month: month, day: 1).days)
        }
        // Hours and less are no matter of the calendar: those that come twice stay apart.
        let sizes: [String: Int64] = [
            "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000, "millisecond": 1000,
        ]
        if let size = sizes[unit] {
            return TimeObject(
                Timestamp(microseconds: timestamp.microseconds - time % size, hasZone: timestamp.hasZone))
        }
        let first =
            switch unit {
            case "year": begin(1)
            case "month": begin(fields.month)
            case "week": day - Int64(fields.weekday - 1)
            default: day
            }
        let start = TimeFields.timestamp(days: first, microseconds: 0, in: timestamp.hasZone ? zone : nil)
        return TimeObject(start ?? timestamp, isDate: isDate)
    }
}

extension Arguments {
    /// The time zone that an argument names.
    func zone(_ name: String) throws -> Zone? { try string(name).map { try Zone($0, function: function) } }
}

extension Numeric {
    /// Seconds with six decimals, from microseconds.
    static func seconds(_ microseconds: Int64) -> Numeric {
        let whole = Numeric(microseconds)
        let million = Numeric("0.000001") ?? 0
        return (try? Numeric.multiplying(whole, million)) ?? .nan
    }
}

extension Timestamp {
    /// Seconds since 1970, to the microsecond; nil for the infinities.
    var unixSeconds: Double? { unixMicroseconds.map { Double($0) / 1_000_000 } }
}
