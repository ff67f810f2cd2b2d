internal import CLua

/// A call that is going on: its arguments are read where they lie, and its results written to where Lua takes them. It
/// can't outlast the function.
///
/// Of tables, functions and coroutines it tells the type alone.
public struct DirectCall: ~Copyable {
    /// The number of arguments.
    public let count: Int
    private let nodes: UnsafePointer<arc_value>?
    private let results: OpaquePointer
    private unowned(unsafe) let operation: HostOperation

    init(
        operation: HostOperation, nodes: UnsafePointer<arc_value>?, count: Int, results: OpaquePointer
    ) {
        self.operation = operation
        self.nodes = nodes
        self.count = count
        self.results = results
    }

    /// The function's name as errors show it.
    public var name: String { operation.function.name }

    private func node(_ index: Int) -> arc_value? {
        guard index >= 0, index < count, let nodes else { return nil }
        return nodes[index]
    }

    private func tag(_ index: Int) -> arc_tag { node(index).map { arc_tag(UInt32($0.tag)) } ?? ARC_NIL }

    /// Whether the argument, counted from 0, is nil or isn't there.
    public func isNil(_ index: Int) -> Bool { tag(index) == ARC_NIL }

    /// The integer, also of a float that has an exact one; nil of anything else.
    public func integer(_ index: Int) -> Int64? {
        guard let node = node(index) else { return nil }
        switch arc_tag(UInt32(node.tag)) {
        case ARC_INTEGER: return node.as.integer
        case ARC_NUMBER: return Int64(exactly: node.as.number)
        default: return nil
        }
    }

    /// The number as a float; nil of anything else.
    public func number(_ index: Int) -> Double? {
        guard let node = node(index) else { return nil }
        switch arc_tag(UInt32(node.tag)) {
        case ARC_INTEGER: return Double(node.as.integer)
        case ARC_NUMBER: return node.as.number
        default: return nil
        }
    }

    /// The boolean; nil of anything else.
    public func boolean(_ index: Int) -> Bool? {
        guard let node = node(index), arc_tag(UInt32(node.tag)) == ARC_BOOLEAN else { return nil }
        return node.as.integer != 0
    }

    /// The text; nil of anything else, and where it isn't UTF-8.
    public func string(_ index: Int) -> String? {
        guard let node = node(index), arc_tag(UInt32(node.tag)) == ARC_STRING else { return nil }
        return NodeReader.string(UnsafeRawBufferPointer(start: node.as.bytes, count: node.length)).stringValue
    }

    /// What `body` makes of a string's bytes, which it must not keep; nil of anything else.
    public func withBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result?
    {
        guard let node = node(index), arc_tag(UInt32(node.tag)) == ARC_STRING else { return nil }
        return try body(UnsafeRawBufferPointer(start: node.as.bytes, count: node.length))
    }

    /// Lua's name for the argument's type; the object's own name for a handle.
    public func typeName(_ index: Int) -> String {
        switch tag(index) {
        case ARC_NIL: "nil"
        case ARC_NULL: "null"
        case ARC_BOOLEAN: "boolean"
        case ARC_INTEGER, ARC_NUMBER: "number"
        case ARC_STRING: "string"
        case ARC_TABLE: "table"
        case ARC_FUNCTION: "function"
        case ARC_HANDLE:
            if case .open(let object) = slot(index) { type(of: object).typeName } else { "closed handle" }
        default: "userdata"
        }
    }

    private func slot(_ index: Int) -> SlotTable.Slot {
        guard let node = node(index), arc_tag(UInt32(node.tag)) == ARC_HANDLE else { return .free }
        return operation.core.slot(UInt32(node.as.integer))
    }

    /// The object behind a handle. Throws an error that names the function and what it got.
    public func object<Object: HostObject>(_ index: Int, as type: Object.Type) throws(LuaError) -> Object {
        switch slot(index) {
        case .open(let object):
            // Nearly all are final classes: telling them by their type is ten times as fast as a cast.
            if Swift.type(of: object) == type { return unsafeDowncast(object, to: type) }
            if let object = object as? Object { return object }
        case .closed(let description):
            throw LuaError(.closed, "\(name): argument \(index + 1) is closed: \(description)")
        case .free: break
        }
        throw LuaError(
            .argument, "\(name): argument \(index + 1) must be a \(Object.typeName), got \(typeName(index))",
            advice: index == 0 ? "call methods with a colon, as in value:method()" : nil)
    }

    // MARK: Results, in their order

    /// Returns an integer.
    public func put(_ value: Int64) { arc_arena_put(results, UInt8(ARC_INTEGER.rawValue), value) }

    /// Returns a float.
    public func put(_ value: Double) { arc_arena_put_number(results, value) }

    /// Returns a boolean.
    public func put(_ value: Bool) { arc_arena_put(results, UInt8(ARC_BOOLEAN.rawValue), value ? 1 : 0) }

    /// Returns nil.
    public func putNil() { arc_arena_put(results, UInt8(ARC_NIL.rawValue), 0) }

    /// Returns a string of these bytes.
    public func put(_ bytes: UnsafeRawBufferPointer) {
        arc_arena_put_string(results, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }

    /// Returns the value of valid JSON, as a ``JSONDocument`` does: its tables are made where the script looks at them.
    public func putJSON(_ bytes: UnsafeRawBufferPointer) {
        arc_arena_put_json(results, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }

    /// Returns an object's handle.
    public func put(_ object: any HostObject) throws(LuaError) {
        let (number, type) = try operation.core.open(object)
        arc_arena_put_handle(results, number, type)
    }

    /// Returns any value.
    public func put(_ value: LuaValue) throws(LuaError) {
        try NodeWriter(core: operation.core, arena: results).write([value])
    }
}
