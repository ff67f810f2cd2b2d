/// One value of a row, or one parameter of a command.
///
/// `description` is PostgreSQL's own text for the value, which is also how it is sent (bytes go in binary).
public enum Value: Sendable, Hashable {
    /// NULL
    case null
    /// boolean
    case bool(Bool)
    /// smallint, integer, bigint, oid
    case int(Int64)
    /// real, double precision; with NaN and infinities
    case double(Double)
    /// numeric, exact
    case numeric(Numeric)
    /// text, varchar, char(n), name, enums, and every type that has no case here
    case text(String)
    /// bytea
    case bytes([UInt8])
    /// uuid
    case uuid(UniqueID)
    /// timestamp with and without time zone
    case timestamp(Timestamp)
    /// date
    case date(CalendarDate)
    /// time without time zone
    case time(TimeOfDay)
    /// interval
    case interval(Interval)
    /// json, jsonb: the text of the document
    case json(String)
    /// An array of any of these
    case array(ArrayValue)
    /// pgvector's vector
    case vector([Float])

    /// Whether this is NULL.
    public var isNull: Bool { self == .null }

    var isBytes: Bool {
        if case .bytes = self { true } else { false }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral
{
    /// NULL
    public init(nilLiteral: ()) { self = .null }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// An array of one dimension whose element type the server infers.
    public init(arrayLiteral elements: Value...) { self = .array(ArrayValue(elements)) }
}

extension Value: CustomStringConvertible {
    /// PostgreSQL's text for this value; "" for NULL, as psql shows it.
    public var description: String {
        switch self {
        case .null: ""
        case .bool(let value): value ? "t" : "f"
        case .int(let value): String(value)
        case .double(let value): FloatText.text(of: value)
        case .numeric(let value): value.description
        case .text(let value), .json(let value): value
        case .bytes(let value): ByteText.hex(value)
        case .uuid(let value): value.description
        case .timestamp(let value): value.description
        case .date(let value): value.description
        case .time(let value): value.description
        case .interval(let value): value.description
        case .array(let value): value.description
        case .vector(let value): "[" + value.map(FloatText.text(of:)).joined(separator: ",") + "]"
        }
    }

    /// What kind of value this is, for error messages.
    public var kind: String {
        switch self {
        case .null: "NULL"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "double precision"
        case .numeric: "numeric"
        case .text: "text"
        case .bytes: "bytea"
        case .uuid: "uuid"
        case .timestamp(let value): value.hasZone ? "timestamp with time zone" : "timestamp"
        case .date: "date"
        case .time: "time"
        case .interval: "interval"
        case .json: "json"
        case .array: "array"
        case .vector: "vector"
        }
    }
}
