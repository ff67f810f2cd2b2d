/// A copy of a Lua table: the items 1…n, and all other fields.
///
/// Fields read from Lua are sorted by key (numbers, then strings by their bytes, then the rest), so that everything
/// made of them is the same each time.
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
        get { fields.last { $0.name == key }?.value ?? .nil }
        set {
            guard let index = fields.lastIndex(where: { $0.name == key }) else {
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
        fields.sort { left, right in
            switch (left.key, right.key) {
            case (.string(let a), .string(let b)):
                return a.utf8.lexicographicallyPrecedes(b.utf8)
            default:
                let ranks = (Self.rank(left.key), Self.rank(right.key))
                if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
                return (left.key.numberValue ?? 0) < (right.key.numberValue ?? 0)
            }
        }
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
