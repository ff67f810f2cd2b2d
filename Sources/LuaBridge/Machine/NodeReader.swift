internal import CLua

/// Reads the flat list of nodes that C made of Lua's values.
///
/// Every reference in the list belongs to whoever reads it, so a list is always read to its end; what is wrong with
/// a value is remembered meanwhile.
struct NodeReader {
    let core: MachineCore
    let nodes: UnsafePointer<arc_value>?
    let count: Int
    private var position = 0
    /// The first handle whose object was closed.
    private(set) var closed: (argument: Int, description: String)?

    init(core: MachineCore, nodes: UnsafePointer<arc_value>?, count: Int) {
        self.core = core
        self.nodes = nodes
        self.count = count
    }

    mutating func readAll() -> [LuaValue] {
        var values: [LuaValue] = []
        while position < count { values.append(read(argument: values.count + 1)) }
        return values
    }

    private mutating func read(argument: Int) -> LuaValue {
        guard let nodes, position < count else { return .nil }
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
            let key = read(argument: argument)
            table.fields.append(LuaTable.Field(key: key, value: read(argument: argument)))
        }
        table.sortFields()
        return table
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
