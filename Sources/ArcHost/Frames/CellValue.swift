import LuaBridge
import Postgres

/// A Lua value as a value of a column.
enum CellValue {
    /// A value that is to be compared with a column's: a text as the moment, the interval or the UUID that it writes, where
    /// the column has such, and a date as the moment at which it begins in UTC.
    ///
    /// - Throws: `HostError` with code `argument` where it is of another type than the column's values.
    static func of(_ value: LuaValue, for column: Column, function: String) throws -> Value {
        let given = try Value(value, function: function, parameter: "the value for column \"\(column.name)\"")
        guard given != .null, column.values.nullCount < column.count, let type = column.values.typeName else {
            return given
        }
        if let fitting = fitting(given, type) { return fitting }
        throw HostError(
            .argument,
            "\(function): column \"\(column.name)\" is \(type), which can't be compared with \(ArgumentCheck.display(value))"
        )
    }

    /// The value in the form that the type's values have; nil where it has none.
    private static func fitting(_ value: Value, _ type: String) -> Value? {
        switch (type, value) {
        case ("integer", .int), ("integer", .double), ("real", .int), ("real", .double), ("numeric", .int),
            ("numeric", .double), ("numeric", .numeric), ("integer", .numeric), ("real", .numeric),
            ("double precision", .int), ("double precision", .double):
            return value
        case ("integer", .text(let text)), ("real", .text(let text)), ("numeric", .text(let text)):
            // An arc.decimal comes as its text.
            return Numeric(text).map(Value.numeric)
        case ("timestamp with time zone", .text(let text)), ("timestamp", .text(let text)):
            return moment(text, hasZone: type != "timestamp").map(Value.timestamp)
        case ("timestamp with time zone", .timestamp(let moment)), ("timestamp", .timestamp(let moment)):
            return .timestamp(Timestamp(microseconds: moment.microseconds, hasZone: type != "timestamp"))
        case ("timestamp with time zone", .date(let date)), ("timestamp", .date(let date)):
            return moment(date.description, hasZone: type != "timestamp").map(Value.timestamp)
        case ("interval", .text(let text)): return DurationText.interval(text).map(Value.interval)
        case ("date", .text(let text)): return CalendarDate(text).map(Value.date)
        case ("time", .text(let text)): return TimeOfDay(text).map(Value.time)
        case ("uuid", .text(let text)): return UniqueID(text).map(Value.uuid)
        case ("json", .text(let text)): return .json(text)
        case ("bytea", .text(let text)): return .bytes(Array(text.utf8))
        default:
            // A nil beside a Value would be a NULL.
            guard value.kind == type else { return nil }
            return value
        }
    }

    private static func moment(_ text: String, hasZone: Bool) -> Timestamp? {
        let found =
            Timestamp(text, hasZone: hasZone) ?? Timestamp(text + " 00:00:00", hasZone: hasZone)
        return found.map { Timestamp(microseconds: $0.microseconds, hasZone: hasZone) }
    }

    /// A value as a column's type says, as a script names types.
    ///
    /// - Throws: `HostError` with code `argument`, which names the column and the row.
    static func of(_ value: LuaValue, as type: String?, place: () -> String) throws -> Value {
        let given = try Value(value, function: place(), parameter: "its value")
        guard let type, given != .null else { return given }
        if let fitting = converted(given, type) { return fitting }
        throw HostError(.argument, "\(place()) must be \(type), got \(ArgumentCheck.display(value))")
    }

    /// A column without a known value, which still has the type.
    ///
    /// - Parameter type: as a script names types; nil where none was named. Decimals have no form of their own: an empty column
    ///   of them is like one of no type.
    static func nulls(_ count: Int, as type: String?) -> ColumnValues {
        let sample: Value? =
            switch type {
            case "integer": .int(0)
            case "number": .double(0)
            case "text": .text("")
            case "boolean": .bool(false)
            case "time": .timestamp(Timestamp(microseconds: 0))
            case "date": .date(CalendarDate(days: 0))
            case "uuid": .uuid(UniqueID(high: 0, low: 0))
            case "json": .json("null")
            default: nil
            }
        guard let sample else { return .nulls(count) }
        return ColumnValues([sample]).gathering([Int32](repeating: -1, count: count))
    }

    /// What `types` of `arc.frame` may name.
    static let types = [
        "integer", "number", "text", "boolean", "decimal", "time", "date", "uuid", "json",
    ]

    private static func converted(_ value: Value, _ type: String) -> Value? {
        switch type {
        case "integer":
            switch value {
            case .int: return value
            case .double(let number): return Int64(exactly: number).map(Value.int)
            case .text(let text): return Int64(text).map(Value.int)
            default: return nil
            }
        case "number":
            if let number = value.number { return .double(number) }
            if case .text(let text) = value { return Double(text).map(Value.double) }
            return nil
        case "text":
            switch value {
            case .text: return value
            case .array, .json, .bytes: return nil
            default: return .text(value.description)
            }
        case "boolean": if case .bool = value { return value } else { return nil }
        case "decimal":
            switch value {
            case .int(let number): return .numeric(Numeric(number))
            case .double(let number): return Numeric("\(number)").map(Value.numeric)
            default: return fitting(value, "numeric")
            }
        case "time": return fitting(value, "timestamp with time zone")
        case "json":
            switch value {
            case .array(let array): return json(array)
            default: return fitting(value, "json")
            }
        default: return fitting(value, type)
        }
    }

    private static func json(_ array: ArrayValue) -> Value? {
        let items = array.elements.map { Cell($0).jsonText }
        return .json("[" + items.joined(separator: ",") + "]")
    }
}
