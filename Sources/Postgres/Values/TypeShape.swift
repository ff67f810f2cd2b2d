/// How the values of a type of the server are read.
indirect enum TypeShape: Sendable, Hashable {
    case bool
    case int2, int4, int8, oid
    case float4, float8
    case numeric
    /// Text whose binary form is its bytes: text, varchar, name, enums, …
    case text
    case char
    case bytea
    case uuid
    case timestamp(hasZone: Bool)
    case date, time, interval
    /// time with time zone, which becomes text.
    case timetz
    /// bit and bit varying, which become text.
    case bits
    case json, jsonb
    /// pgvector's `vector`.
    case vector
    case array(of: TypeShape, element: OID, delimiter: UInt8)
    /// A type without a binary decoder of ours: asked for as text, and left as text.
    case other

    /// Whether a binary result can be read.
    var readsBinary: Bool {
        switch self {
        case .other: false
        case .array(let element, _, _): element.readsBinary
        default: true
        }
    }

    /// The types that are the same on every server.
    static let builtIn: [OID: TypeShape] = {
        let scalars: [(OID, array: UInt32, TypeShape)] = [
            (.bool, 1000, .bool), (.bytea, 1001, .bytea), (.char, 1002, .char), (.name, 1003, .text),
            (.int2, 1005, .int2), (.int4, 1007, .int4), (.text, 1009, .text), (.oid, 1028, .oid),
            (.bpchar, 1014, .text), (.varchar, 1015, .text), (.int8, 1016, .int8), (.float4, 1021, .float4),
            (.float8, 1022, .float8), (.timestamp, 1115, .timestamp(hasZone: false)), (.date, 1182, .date),
            (.time, 1183, .time), (.timestamptz, 1185, .timestamp(hasZone: true)),
            (.interval, 1187, .interval), (.numeric, 1231, .numeric), (.uuid, 2951, .uuid),
            (.json, 199, .json), (.jsonb, 3807, .jsonb), (.timetz, 1270, .timetz), (.bit, 1561, .bits),
            (.varbit, 1563, .bits),
        ]
        var shapes: [OID: TypeShape] = [.unknown: .text]
        let comma = UInt8(ascii: ",")
        for (oid, array, shape) in scalars {
            shapes[oid] = shape
            shapes[OID(array)] = .array(of: shape, element: oid, delimiter: comma)
        }
        // int2vector and oidvector differ in their text form only, which is never asked for alone.
        shapes[OID(22)] = .other
        shapes[OID(30)] = .other
        return shapes
    }()
}
