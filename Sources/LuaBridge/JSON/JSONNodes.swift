internal import CJSON

/// Makes values of the flat list that C++ made of a text, while the text is there.
struct JSONNodeReader {
    let nodes: UnsafeBufferPointer<arc_json_node>
    private var position = 0

    init(nodes: UnsafeBufferPointer<arc_json_node>) { self.nodes = nodes }

    mutating func read() -> LuaValue {
        let node = nodes[position]
        position += 1
        switch arc_json_tag(UInt32(node.tag)) {
        case ARC_JSON_BOOLEAN: return .boolean(node.as.integer != 0)
        case ARC_JSON_INTEGER: return .integer(node.as.integer)
        case ARC_JSON_NUMBER: return .number(node.as.number)
        case ARC_JSON_STRING: return .string(Self.string(node))
        case ARC_JSON_ARRAY:
            var table = LuaTable(kind: .array)
            table.array.reserveCapacity(Int(node.count))
            for _ in 0..<node.count { table.array.append(read()) }
            return .table(table)
        case ARC_JSON_OBJECT:
            var table = LuaTable(kind: .object)
            table.fields.reserveCapacity(Int(node.count))
            for _ in 0..<node.count {
                let name = Self.string(nodes[position])
                position += 1
                table.fields.append(LuaTable.Field(name, read()))
            }
            return .table(table)
        default: return .null
        }
    }

    private static func string(_ node: arc_json_node) -> String {
        let count = Int(node.count)
        guard node.escaped else {
            return String(decoding: UnsafeRawBufferPointer(start: node.as.bytes, count: count), as: UTF8.self)
        }
        return String(unsafeUninitializedCapacity: count) { room in
            room.withMemoryRebound(to: CChar.self) { room in
                var node = node
                return arc_json_unescape(&node, room.baseAddress)
            }
        }
    }
}

/// Writes values through C++, one event each.
struct JSONWriter: ~Copyable {
    private let writer: OpaquePointer
    private let allowsNaN: Bool

    init?(isPretty: Bool, allowsNaN: Bool) {
        guard let writer = arc_json_writer_new(isPretty) else { return nil }
        self.writer = writer
        self.allowsNaN = allowsNaN
    }

    deinit { arc_json_writer_free(writer) }

    func text() throws(JSONError) -> String {
        var length = 0
        guard let text = arc_json_writer_text(writer, &length) else {
            throw JSONError(.memory, "not enough memory to write JSON")
        }
        let bytes = UnsafeRawBufferPointer(start: text, count: length)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(_ value: LuaValue, depth: Int) throws(JSONError) {
        switch value {
        case .nil, .null: arc_json_put_null(writer)
        case .boolean(let value): arc_json_put_boolean(writer, value)
        case .integer(let value): arc_json_put_integer(writer, value)
        case .number(let value):
            if !value.isFinite, !allowsNaN { throw refused("\(value) isn't a number in JSON") }
            arc_json_put_number(writer, value)
        case .string(let value): put(value, arc_json_put_string)
        case .bytes: throw refused("a string isn't valid UTF-8")
        case .table(let table):
            if depth == 1000 { throw refused("tables are nested too deep") }
            try write(table, depth: depth)
        case .handle(let handle):
            guard let document = handle.object as? JSONDocument else {
                throw refused("a \(value.typeName) can't be written")
            }
            put(document.text, arc_json_put_raw)
        case .function, .other: throw refused("a \(value.typeName) can't be written")
        }
    }

    private func write(_ table: LuaTable, depth: Int) throws(JSONError) {
        if !table.array.isEmpty, !table.fields.isEmpty {
            throw refused("a table has both items and named fields")
        }
        if table.kind == .array || (!table.array.isEmpty && table.kind != .object) {
            guard table.fields.isEmpty else { throw refused("an array has named fields") }
            arc_json_begin_array(writer)
            for (index, item) in table.array.enumerated() {
                try write(item, depth: depth + 1, at: "[\(index + 1)]")
            }
            arc_json_end_array(writer)
            return
        }
        guard table.array.isEmpty else { throw refused("an object has items without names") }
        arc_json_begin_object(writer)
        for field in table.fields {
            guard let name = field.name else {
                throw refused("a field's name is a \(field.key.typeName), not a string")
            }
            put(name, arc_json_put_key)
            try write(field.value, depth: depth + 1, at: ".\(name)")
        }
        arc_json_end_object(writer)
    }

    private func put(
        _ string: String, _ write: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> Void
    ) {
        var string = string
        string.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { write(writer, $0.baseAddress, $0.count) }
        }
    }

    private func write(_ part: LuaValue, depth: Int, at place: @autoclosure () -> String) throws(JSONError) {
        do {
            try write(part, depth: depth)
        } catch {
            throw error.inside(place())
        }
    }

    private func refused(_ message: String) -> JSONError { JSONError(.unsupported, message) }
}
