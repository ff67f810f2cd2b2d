import Postgres

/// Writes times as a pattern says, with the conversions of C's `strftime`; names are English.
enum TimeFormat {
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    static let conversions =
        "%Y %m %d %H %M %S, %f (microseconds), %L (milliseconds), %F (date), %T (time), %z (+0200), %Z (zone), "
        + "%j (day of the year), %u (weekday, 1 is Monday), %a %A %b %B (names), %e %I %p %y %s (epoch seconds), %%"

    /// - Throws: `HostError` with code `argument` for a conversion that there isn't.
    static func text(_ time: TimeObject, _ pattern: String, in zone: Zone, function: String) throws -> String
    {
        guard let fields = TimeFields(time.timestamp, in: zone) else { return time.text }
        var out = ""
        var rest = pattern.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                out.unicodeScalars.append(scalar)
                continue
            }
            let letter = rest.popFirst()
            guard let text = letter.flatMap({ conversion($0, fields, time) }) else {
                let what = letter.map { "%\($0), which there isn't" } ?? "a % without a letter"
                throw HostError(
                    .argument, "\(function): the pattern \"\(pattern)\" has \(what)",
                    advice: "There are \(conversions).")
            }
            out += text
        }
        return out
    }

    /// RFC 3339: "2026-03-02T10:30:00.5Z"; what has no zone is written without, a day as a day.
    static func iso(_ time: TimeObject, in zone: Zone) -> String {
        guard !time.isDate, let fields = TimeFields(time.timestamp, in: zone) else { return time.text }
        var text = "\(date(fields))T\(clock(fields))"
        if fields.microsecond > 0 {
            var digits = padded(fields.microsecond, 6)
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        if time.timestamp.hasZone {
            text += fields.reading.offset == 0 ? "Z" : Zone.text(ofOffset: fields.reading.offset)
        }
        return text
    }

    private static func date(_ fields: TimeFields) -> String {
        "\(padded(fields.year, 4))-\(padded(fields.month, 2))-\(padded(fields.day, 2))"
    }

    private static func clock(_ fields: TimeFields) -> String {
        "\(padded(fields.hour, 2)):\(padded(fields.minute, 2)):\(padded(fields.second, 2))"
    }

    private static func conversion(_ letter: Unicode.Scalar, _ fields: TimeFields, _ time: TimeObject)
        -> String?
    {
        switch letter {
        case "Y": padded(fields.year, 4)
        case "y": padded(fields.year % 100, 2)
        case "m": padded(fields.month, 2)
        case "d": padded(fields.day, 2)
        case "e": fields.day < 10 ? " \(fields.day)" : "\(fields.day)"
        case "H": padded(fields.hour, 2)
        case "I": padded((fields.hour + 11) % 12 + 1, 2)
        case "p": fields.hour < 12 ? "AM" : "PM"
        case "M": padded(fields.minute, 2)
        case "S": padded(fields.second, 2)
        case "f": padded(fields.microsecond, 6)
        case "L": padded(fields.microsecond / 1000, 3)
        case "F": date(fields)
        case "T": clock(fields)
        case "z": Zone.text(ofOffset: fields.reading.offset, separator: "")
        case "Z": fields.reading.abbreviation
        case "j": padded(fields.yearday, 3)
        case "u": "\(fields.weekday)"
        case "a": String(weekdays[fields.weekday - 1].prefix(3))
        case "A": weekdays[fields.weekday - 1]
        case "b": String(months[fields.month - 1].prefix(3))
        case "B": months[fields.month - 1]
        case "s": "\(TimeFields.seconds(since1970: time.timestamp.microseconds))"
        case "%": "%"
        default: nil
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number.magnitude)"
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
