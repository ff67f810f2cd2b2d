/// The number of an object of the server; here mostly of a type.
///
/// Source: PostgreSQL's `pg_type.dat`, whose numbers never change for built-in types.
public struct OID: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number.
    public let rawValue: UInt32

    /// The object with a number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ number: UInt32) { rawValue = number }

    /// The number, as text.
    public var description: String { String(rawValue) }
}

extension OID {
    /// No type: a parameter whose type the server is to infer.
    public static let unspecified = OID(0)
    /// boolean
    public static let bool = OID(16)
    /// bytea
    public static let bytea = OID(17)
    /// "char", one byte
    public static let char = OID(18)
    /// name, an identifier
    public static let name = OID(19)
    /// bigint
    public static let int8 = OID(20)
    /// smallint
    public static let int2 = OID(21)
    /// integer
    public static let int4 = OID(23)
    /// text
    public static let text = OID(25)
    /// oid
    public static let oid = OID(26)
    /// json
    public static let json = OID(114)
    /// bytea[]
    static let byteaArray = OID(1001)
    /// text[]
    static let textArray = OID(1009)
    /// character varying[]
    static let varcharArray = OID(1015)
    /// real[]
    static let float4Array = OID(1021)
    /// double precision[]
    static let float8Array = OID(1022)
    /// real
    public static let float4 = OID(700)
    /// double precision
    public static let float8 = OID(701)
    /// unknown, a literal without a type
    public static let unknown = OID(705)
    /// character(n)
    public static let bpchar = OID(1042)
    /// character varying
    public static let varchar = OID(1043)
    /// date
    public static let date = OID(1082)
    /// time without time zone
    public static let time = OID(1083)
    /// timestamp without time zone
    public static let timestamp = OID(1114)
    /// timestamp with time zone
    public static let timestamptz = OID(1184)
    /// time with time zone
    public static let timetz = OID(1266)
    /// bit(n)
    public static let bit = OID(1560)
    /// bit varying
    public static let varbit = OID(1562)
    /// interval
    public static let interval = OID(1186)
    /// numeric
    public static let numeric = OID(1700)
    /// uuid
    public static let uuid = OID(2950)
    /// jsonb
    public static let jsonb = OID(3802)
}
