/// How a column's values are kept.
enum ColumnKind: Sendable, Hashable {
    case bool, int2, int4, int8, oid, float4, float8
    case timestamp(hasZone: Bool)
    case date, time, uuid
    /// Byte strings.
    case text, json, bytea
    /// Whatever has no form of its own: exact decimals, intervals, arrays, …
    case values

    /// How values of a shape are kept that come in the server's binary format, or else as text.
    init(_ shape: TypeShape, isBinary: Bool) {
        self =
            switch shape {
            case .bool: .bool
            case .int2: .int2
            case .int4: .int4
            case .int8: .int8
            case .oid: .oid
            // The text of a float4 says which double people mean by it.
            case .float4: isBinary ? .float4 : .float8
            case .float8: .float8
            case .timestamp(let hasZone): .timestamp(hasZone: hasZone)
            case .date: .date
            case .time: .time
            case .uuid: .uuid
            case .text, .other: .text
            case .json, .jsonb: .json
            case .bytea: .bytea
            // These become text, which is what their text form is already.
            case .char, .timetz, .bits: isBinary ? .values : .text
            case .numeric, .interval, .vector, .array: .values
            }
    }

    /// The bytes that each value takes; 0 where that differs from value to value.
    var width: Int {
        switch self {
        case .bool: 1
        case .int2: 2
        case .int4, .oid, .float4, .date: 4
        case .int8, .float8, .timestamp, .time: 8
        case .uuid: 16
        case .text, .json, .bytea, .values: 0
        }
    }
}
