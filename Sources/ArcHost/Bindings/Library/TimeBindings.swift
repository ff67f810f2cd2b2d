import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let timeSource = ParameterType.either(
        .either(.string, .anyNumber), .either(.handle("Decimal"), .handle("Time")))

    private static let timeParts = ParameterType.record(
        "TimeParts",
        [
            .required("year", .integer(-4712...294_275), "the year; 0 is 1 BC"),
            .required("month", .integer(1...12), "the month"), .required("day", .integer(1...31), "the day"),
            .optional("hour", .integer(0...23), "the hour; 0 unless said"),
            .optional("minute", .integer(0...59), "the minute; 0 unless said"),
            .optional("second", .integer(0...59), "the second; 0 unless said"),
            .optional("microsecond", .integer(0...999_999), "the microsecond; 0 unless said"),
            .optional("zone", .string, "where the clock is; UTC unless said"),
        ])

    var timeBindings: [Binding] {
        [
            Binding(
                "arc.time.now", "The time of this machine's clock.", returns: (.handle("Time"), "the time"),
                example: #"assert(arc.time.now() - "1h" < arc.time.now())"#,
                .immediate { _ in [.object(TimeObject(host.now()))] }),
            Binding(
                "arc.time.parse",
                "Reads a time: ISO 8601, RFC 3339, or as PostgreSQL writes it, perhaps with a zone's name behind; a day alone; \"infinity\". A number is seconds from 1970. A text without a zone gives a time without one, unless you say where the clock is.",
                [
                    .required(
                        "value", Self.timeSource, "the text, or seconds from 1970 as a number or a decimal"),
                    .optional("zone", .string, "where the clock is, where the text doesn't say"),
                ],
                returns: (.handle("Time"), "the time"),
                example: """
                    local t = arc.time.parse("2026-03-02 10:30:00.123456+01")
                    assert(tostring(t) == "2026-03-02 09:30:00.123456+00")
                    assert(arc.time.parse("2026-07-01 12:00", "Europe/Berlin").hour == 10)
                    assert(arc.time.parse(0).iso == "1970-01-01T00:00:00Z")
                    assert(arc.time.parse("2026-03-02").kind == "date")
                    """,
                .immediate { arguments in [.object(try Self.time(arguments))] }),
            Binding(
                "arc.time.of", "The time at which a calendar and a clock show these figures.",
                [.required("parts", Self.timeParts, "what they show")],
                returns: (.handle("Time"), "the time"),
                example: """
                    local t = arc.time.of { year = 2026, month = 7, day = 1, hour = 12, zone = "Europe/Berlin" }
                    assert(t.iso == "2026-07-01T10:00:00Z")
                    """,
                .immediate { arguments in [.object(try Self.time(of: arguments))] }),
            Binding(
                "arc.duration",
                "A span of time, from a text or from seconds. Units are us, ms, s, m, h, d, w, mo (months) and y; PostgreSQL's texts (\"1 hour 30 minutes\", \"1 day 02:00:00\") and those of ISO 8601 (\"PT1H30M\") work too.",
                [
                    .required(
                        "value", .either(.either(.string, .anyNumber), .handle("Duration")),
                        "\"24h\", \"1h30m\", \"1.5s\", \"-250ms\", or seconds as a number")
                ],
                returns: (.handle("Duration"), "the duration"),
                example: """
                    assert(arc.duration("1h30m").seconds == 5400)
                    assert(arc.duration(0.25) == arc.duration("250ms"))
                    assert(arc.duration("1 hour 30 minutes") == arc.duration("PT1H30M"))
                    """,
                .immediate { arguments in [.object(try Self.duration(arguments))] }),
        ]
    }

    private static func time(_ arguments: Arguments) throws -> TimeObject {
        if let time: TimeObject = arguments.object("value") { return time }
        if let text = arguments.string("value") {
            return try TimeText.parse(text, zone: try arguments.zone("zone"), function: arguments.function)
        }
        let microseconds: Int64?
        if let whole = arguments.integer("value") {
            let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
            microseconds = overflow ? nil : product
        } else if let decimal: DecimalObject = arguments.object("value") {
            microseconds = (try? Numeric.multiplying(decimal.number, 1_000_000))?.rounded(to: 0).intValue
        } else {
            microseconds = arguments.number("value").flatMap { Int64(exactly: ($0 * 1_000_000).rounded()) }
        }
        guard let time = microseconds.flatMap(Timestamp.init(unixMicroseconds:)) else {
            throw arguments.wrong("value", "seconds within the range of times")
        }
        return TimeObject(time)
    }

    private static func time(of arguments: Arguments) throws -> TimeObject {
        let parts = arguments.fields("parts")
        func part(_ name: String) -> Int64 { parts.integer(name) ?? 0 }
        let date = CalendarDate(year: Int(part("year")), month: Int(part("month")), day: Int(part("day")))
        guard date.components.day == Int(part("day")) else {
            throw parts.wrong("day", "a day of that month")
        }
        let seconds = (part("hour") * 60 + part("minute")) * 60 + part("second")
        let time = TimeFields.timestamp(
            days: Int64(date.days), microseconds: seconds * 1_000_000 + part("microsecond"),
            in: try parts.zone("zone") ?? .utc)
        guard let time else { throw parts.wrong("year", "within the range of times") }
        return TimeObject(time)
    }

    private static func duration(_ arguments: Arguments) throws -> DurationObject {
        if let duration: DurationObject = arguments.object("value") { return duration }
        let interval: Interval?
        if let text = arguments.string("value") {
            interval = DurationText.interval(text)
        } else {
            let seconds = arguments.number("value") ?? 0
            interval = Int64(exactly: (seconds * 1_000_000).rounded()).map { Interval(microseconds: $0) }
        }
        guard let interval else {
            throw arguments.wrong(
                "value", "a text such as \"24h\", or seconds",
                advice: "Units are us, ms, s, m, h, d, w, mo and y: \"90s\", \"1h30m\", \"7d\".")
        }
        return DurationObject(interval)
    }
}
