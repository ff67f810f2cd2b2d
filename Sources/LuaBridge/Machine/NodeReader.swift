internal import CLua

/// Reads the flat list of nodes that C made of Lua's values.
///
/// Every reference in the list belongs to whoever reads it, so a list is always read to its end; what is wrong with
/// a value is remembered meanwhile.
struct NodeReader {
    let core: MachineCore
    private let nodes: UnsafeBufferPointer<arc_value>
    private var position = 0
    private var keys = KeyCache()
    private let texts: UnsafePointer<CChar>?
    /// The first handle whose object was closed.
    private(set) var closed: (argument: Int, description: String)?

    /// - Parameter texts: where the JSON texts among the values are.
    init(core: MachineCore, nodes: UnsafePointer<arc_value>?, count: Int, texts: UnsafePointer<CChar>? = nil)
    {
        self.core = core
        self.texts = texts
        self.nodes = UnsafeBufferPointer(start: nodes, count: nodes == nil ? 0 : count)
    }

    /// All values.
    mutating func readAll() -> [LuaValue] {
        var values: [LuaValue] = []
        while position < nodes.count { values.append(read(argument: values.count + 1)) }
        return values
    }

    private mutating func read(argument: Int) -> LuaValue {
        guard position < nodes.count else { return .nil }
        let node = nodes[position]
        position += 1
        switch arc_tag(UInt32(node.tag)) {
        case ARC_NULL: return .null
        case ARC_BOOLEAN: return .boolean(node.as.integer != 0)
        case ARC_INTEGER: return .integer(node.as.integer)
        case ARC_NUMBER: return .number(node.as.number)
        case ARC_STRING:
            return Self.string(UnsafeRawBufferPointer(start: node.as.bytes, count: node.length))
        case ARC_TABLE: return .table(table(node, argument: argument))
        case ARC_JSON: return .object(JSONDocument(text(node)))
        case ARC_FUNCTION:
            return .function(LuaFunction(reference: Int32(node.as.integer), core: core))
        case ARC_OTHER:
            return .other(LuaReference(reference: Int32(node.as.integer), core: core))
        case ARC_HANDLE: return handle(UInt32(node.as.integer), argument: argument)
        default: return .nil
        }
    }

    static func string(_ bytes: UnsafeRawBufferPointer) -> LuaValue {
        if let string = String(validating: bytes.bindMemory(to: UInt8.self), as: UTF8.self) {
            return .string(string)
        }
        return .bytes(Array(bytes))
    }

    private func text(_ node: arc_value) -> String {
        let bytes = UnsafeRawBufferPointer(start: texts.map { $0 + Int(node.as.integer) }, count: node.length)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func table(_ node: arc_value, argument: Int) -> LuaTable {
        var table = LuaTable()
        switch arc_mark(UInt32(node.mark)) {
        case ARC_ARRAY: table.kind = .array
        case ARC_OBJECT: table.kind = .object
        case ARC_ERROR: table.kind = .error
        default: break
        }
        table.array.reserveCapacity(node.length)
        for _ in 0..<node.length { table.array.append(read(argument: argument)) }
        table.fields.reserveCapacity(Int(node.count))
        for _ in 0..<node.count {
            let key = key(argument: argument)
            table.fields.append(LuaTable.Field(key: key, value: read(argument: argument)))
        }
        // Whoever knows a record's fields asks for them by name.
        if !node.is_record { table.sortFields() }
        return table
    }

    private mutating func key(argument: Int) -> LuaValue {
        guard position < nodes.count, arc_tag(UInt32(nodes[position].tag)) == ARC_STRING else {
            return read(argument: argument)
        }
        position += 1
        return keys.string(nodes[position - 1])
    }

    private mutating func handle(_ number: UInt32, argument: Int) -> LuaValue {
        switch core.slot(number) {
        case .open(let object): return .handle(LuaHandle(object))
        case .closed(let description):
            if closed == nil { closed = (argument, description) }
            return .nil
        case .free: return .nil
        }
    }
}

/// The keys that were read last. Lua keeps one copy of a short string, so where the same bytes come again, in the next
/// table of a list, the key is known.
private struct KeyCache {
    private var keys: [(bytes: UnsafePointer<CChar>?, value: LuaValue)] = []

    mutating func string(_ node: arc_value) -> LuaValue {
        if keys.isEmpty { keys = Array(repeating: (nil, .nil), count: 64) }
        let place = Int(bitPattern: node.as.bytes) >> 4 & 63
        if let bytes = node.as.bytes, keys[place].bytes == bytes { return keys[place].value }
        let value = NodeReader.string(UnsafeRawBufferPointer(start: node.as.bytes, count: node.length))
        keys[place] = (node.as.bytes, value)
        return value
    }
}
