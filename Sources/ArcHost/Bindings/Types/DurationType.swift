import LuaBridge
import Postgres

extension TypeBinding {
    /// `arc.duration`
    static let duration = TypeBinding(
        DurationObject.typeName,
        "A span of time, to the microsecond (PostgreSQL's interval). Days and months keep apart from hours. Compared, a day is 24 hours and a month 30 days. Wherever a function takes seconds, it takes a duration.",
        fields: durationFields, operators: durationOperators,
        example: """
            local d = arc.duration("1h30m")
            assert(d.seconds == 5400 and d > "1h" and d * 2 == arc.duration(3 * 3600))
            assert(tostring(d - "45m") == "45m")
            """,
        tostring: { call in [.string(try call.object(0, as: DurationObject.self).text)] },
        metamethods: [
            .direct("__index") { call in try putDurationField(call) },
            .direct("__eq") { call in
                let (one, other) = try spans(call)
                call.put(one == other)
            },
        ])

    private static let durationFields: [Parameter] = [
        .required("seconds", .anyNumber, "its length, a day as 24 hours; an error where it has months"),
        .required("microseconds", .anyInteger, "the same in microseconds, exactly"),
        .required("months", .anyInteger, "its months, a year as 12"),
        .required("days", .anyInteger, "its days, beside months and hours"),
    ]

    private static func putDurationField(_ call: borrowing DirectCall) throws {
        let interval = try call.object(0, as: DurationObject.self).interval
        let key = call.string(1) ?? call.typeName(1)
        switch key {
        case "months": call.put(Int64(interval.months))
        case "days": call.put(Int64(interval.days))
        case "seconds", "microseconds":
            guard let length = interval.length else {
                throw HostError(
                    .argument, "\(interval.shortText) has no length in \(key): months differ in length",
                    advice: "Add it to a time, and take the difference.")
            }
            if key == "seconds" { call.put(Double(length) / 1_000_000) } else { call.put(length) }
        default: throw unknownField(key, of: "Duration", names: durationFields.map(\.name))
        }
    }

    private static let durationOperators: [Operator] = [
        Operator(
            "duration + duration", "both together; a number is seconds, a text such as \"24h\" works too",
            annotations: ["add(arc.Duration|number|string): arc.Duration", "add(arc.Time): arc.Time"],
            .direct("__add") { call in
                // Of two operands Lua asks the first: a time may stand on the right.
                if let time = call.find(1, as: TimeObject.self), let duration = call.duration(0) {
                    guard let sum = time.adding(duration) else { throw outOfRange }
                    return try call.put(.object(sum))
                }
                let (one, other) = try durations(call, "a duration can be added to a duration or a time")
                try put(one.adding(other), call)
            }),
        Operator(
            "duration - duration", "what is left",
            annotations: ["sub(arc.Duration|number|string): arc.Duration"],
            .direct("__sub") { call in
                let (one, other) = try durations(call, "a duration can be taken from a duration")
                try put(other.negated.flatMap(one.adding), call)
            }),
        Operator(
            "duration * number", "so many times as long", annotations: ["mul(number): arc.Duration"],
            .direct("__mul") { call in
                let left = call.find(0, as: DurationObject.self)?.interval
                let right = call.find(1, as: DurationObject.self)?.interval
                guard let duration = left ?? right, let factor = call.number(left == nil ? 0 : 1) else {
                    throw call.cannot("a duration can be multiplied by a number")
                }
                let whole = Int64(exactly: factor)
                if whole == nil, duration.months != 0 { throw monthsDiffer(duration) }
                try put(whole.map(duration.multiplied) ?? duration.scaled(by: factor), call)
            }),
        Operator(
            "duration / number, duration / duration", "the part, and how often one goes into the other",
            annotations: ["div(number): arc.Duration", "div(arc.Duration): number"],
            .direct("__div") { call in
                guard let duration = call.find(0, as: DurationObject.self)?.interval else {
                    throw call.cannot("a duration can be divided by a number or a duration")
                }
                guard duration.months == 0 else { throw monthsDiffer(duration) }
                if let other = call.find(1, as: DurationObject.self)?.interval {
                    guard other.months == 0 else { throw monthsDiffer(other) }
                    return call.put(Double(duration.span) / Double(other.span))
                }
                guard let divisor = call.number(1) else {
                    throw call.cannot("a duration can be divided by a number or a duration")
                }
                try put(duration.scaled(by: 1 / divisor), call)
            }),
        Operator(
            "-duration", "the other way", annotations: ["unm: arc.Duration"],
            .direct("__unm") { call in
                try put(try call.object(0, as: DurationObject.self).interval.negated, call)
            }),
        Operator(
            "duration < duration, duration == duration", "which is shorter; a number is seconds",
            .direct("__lt") { call in
                let (one, other) = try spans(call)
                call.put(one < other)
            }),
        Operator(
            "duration <= duration", "which isn't longer",
            .direct("__le") { call in
                let (one, other) = try spans(call)
                call.put(one <= other)
            }),
        .concatenation("duration"),
    ]

    private static var outOfRange: HostError { HostError(.argument, "the result is out of range") }

    private static func monthsDiffer(_ duration: Interval) -> HostError {
        HostError(.argument, "\(duration.shortText) can't be parted: months differ in length")
    }

    private static func put(_ duration: Interval?, _ call: borrowing DirectCall) throws {
        guard let duration else { throw outOfRange }
        try call.put(.object(DurationObject(duration)))
    }

    private static func durations(_ call: borrowing DirectCall, _ rule: String) throws -> (Interval, Interval)
    {
        guard let one = call.duration(0), let other = call.duration(1) else { throw call.cannot(rule) }
        return (one, other)
    }

    private static func spans(_ call: borrowing DirectCall) throws -> (Int128, Int128) {
        let (one, other) = try durations(call, "a duration can be compared with a duration")
        return (one.span, other.span)
    }
}
