internal import Glibc

/// A copy of a Lua table: the items 1…n, and all other fields.
///
/// Fields read from Lua are sorted by key (numbers, then strings by their bytes, then the rest), so that everything
/// made of them is the same each time; but those of a record, whose fields come in forms of their own.
public struct LuaTable: Sendable, Hashable {
    /// What an empty table stands for in JSON and SQL.
    public enum Kind: Sendable, Hashable {
        case unspecified, array, object
        /// An error that the host raised, with the fields `message`, `code`, `advice`.
        case error
    }

    /// A field that isn't one of the items.
    public struct Field: Sendable, Hashable {
        /// Mostly a string; a number, boolean or handle where a script made it so.
        public var key: LuaValue
        /// Not nil.
        public var value: LuaValue

        /// A field by name.
        public init(_ name: String, _ value: LuaValue) {
            self.init(key: .string(name), value: value)
        }

        /// A field by any key but nil.
        public init(key: LuaValue, value: LuaValue) {
            self.key = key
            self.value = value
        }

        /// The key, where it is a string.
        public var name: String? { key.stringValue }
    }

    /// The items 1…n; nil in the middle where the table has holes.
    public var array: [LuaValue]
    /// The other fields in order.
    public var fields: [Field]
    /// How the table is marked.
    public var kind: Kind

    /// A table of these items and fields.
    public init(array: [LuaValue] = [], fields: [Field] = [], kind: Kind = .unspecified) {
        self.array = array
        self.fields = fields
        self.kind = kind
    }

    /// Whether there is neither an item nor a field.
    public var isEmpty: Bool { array.isEmpty && fields.isEmpty }

    /// The field's value, or nil; setting nil removes it. Takes time in proportion to the number of fields.
    public subscript(_ key: String) -> LuaValue {
        get {
            for field in fields.reversed() {
                if field.key.isString(key) { return field.value }
            }
            return .nil
        }
        set {
            guard let index = fields.lastIndex(where: { $0.key.isString(key) }) else {
                if !newValue.isNil { fields.append(Field(key, newValue)) }
                return
            }
            if newValue.isNil { fields.remove(at: index) } else { fields[index].value = newValue }
        }
    }

    /// The item at a Lua index, from 1; nil where there is none.
    public subscript(_ index: Int) -> LuaValue {
        index >= 1 && index <= array.count ? array[index - 1] : .nil
    }

    mutating func sortFields() {
        guard fields.count > 1 else { return }
        fields.sort { Self.precedes($0.key, $1.key) }
    }

    private static func precedes(_ left: LuaValue, _ right: LuaValue) -> Bool {
        if case .string(let a) = left, case .string(let b) = right {
            let order = a.utf8.withContiguousStorageIfAvailable { a in
                b.utf8.withContiguousStorageIfAvailable { b in Self.precede(a, b) }
            }
            return (order ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
        }
        let ranks = (rank(left), rank(right))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        return (left.numberValue ?? 0) < (right.numberValue ?? 0)
    }

    private static func precede(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let left = a.baseAddress, let right = b.baseAddress else { return a.count < b.count }
        let order = memcmp(left, right, min(a.count, b.count))
        return order == 0 ? a.count < b.count : order < 0
    }

    private static func rank(_ key: LuaValue) -> Int {
        switch key {
        case .integer, .number: 0
        case .string: 1
        case .bytes: 2
        case .boolean(false): 3
        case .boolean: 4
        default: 5
        }
    }
}
