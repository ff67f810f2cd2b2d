/// A value on its way into or out of Lua. Tables are copied; functions and objects are references.
public enum LuaValue: Sendable, Hashable {
    case `nil`
    /// The null of JSON and SQL where nil would make a hole: one value that is equal only to itself.
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    /// A Lua string that isn't valid UTF-8.
    case bytes([UInt8])
    case table(LuaTable)
    case function(LuaFunction)
    case handle(LuaHandle)
    /// What has no form here: a coroutine, a file of `io`, a table that contains itself.
    case other(LuaReference)
}

extension LuaValue {
    /// Lua's name for the value's type; the object's own name for a handle.
    public var typeName: String {
        switch self {
        case .nil: "nil"
        case .null: "null"
        case .boolean: "boolean"
        case .integer, .number: "number"
        case .string, .bytes: "string"
        case .table: "table"
        case .function: "function"
        case .handle(let handle): type(of: handle.object).typeName
        case .other: "userdata"
        }
    }

    /// Whether this is nil; null isn't.
    public var isNil: Bool {
        if case .nil = self { true } else { false }
    }

    /// Whether this is that text.
    public func isString(_ text: String) -> Bool {
        // The lengths tell most apart at once.
        if case .string(let string) = self {
            string.utf8.count == text.utf8.count && string == text
        } else {
            false
        }
    }

    /// Whether this is nil or null.
    public var isAbsent: Bool {
        switch self {
        case .nil, .null: true
        default: false
        }
    }

    /// What Lua takes for true: everything but nil and false.
    public var isTruthy: Bool { self != .nil && self != .boolean(false) }

    /// The boolean, where this is one.
    public var boolValue: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The integer, also of a float that has an exact one.
    public var integerValue: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The number as a float.
    public var numberValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The string, where it is valid UTF-8.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The bytes of a string, whatever they are.
    public var byteValue: [UInt8]? {
        switch self {
        case .string(let value): Array(value.utf8)
        case .bytes(let value): value
        default: nil
        }
    }

    /// The table, where this is one.
    public var table: LuaTable? {
        if case .table(let value) = self { value } else { nil }
    }

    /// The function, where this is one.
    public var function: LuaFunction? {
        if case .function(let value) = self { value } else { nil }
    }

    /// The handle, where this is one.
    public var handle: LuaHandle? {
        if case .handle(let value) = self { value } else { nil }
    }

    /// The host's object behind a handle, where it is of that type.
    public func object<Object: HostObject>(as type: Object.Type) -> Object? {
        handle?.object as? Object
    }

    /// A handle of the object.
    public static func object(_ object: any HostObject) -> LuaValue { .handle(LuaHandle(object)) }
}

extension LuaValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByStringInterpolation
{
    /// nil
    public init(nilLiteral: ()) { self = .nil }

    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A float.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A table that is marked as an array.
    public init(arrayLiteral elements: LuaValue...) { self = .table(LuaTable(array: elements, kind: .array)) }

    /// A table that is marked as an object.
    public init(dictionaryLiteral elements: (String, LuaValue)...) {
        let fields = elements.map { LuaTable.Field($0.0, $0.1) }
        self = .table(LuaTable(fields: fields, kind: .object))
    }
}
