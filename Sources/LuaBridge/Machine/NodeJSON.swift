internal import CJSON
internal import CLua

/// Writes tables as JSON straight from the flat list of nodes that C made of them.
final class NodeJSON {
    /// What JSON can't hold.
    private struct Unfit: Error {}

    private let writer: OpaquePointer

    init?() {
        guard let writer = arc_json_writer_new(false) else { return nil }
        self.writer = writer
    }

    deinit { arc_json_writer_free(writer) }

    /// The text of the value whose nodes begin at `position`, which is moved behind them; nil, and `position` as it was,
    /// where JSON can't hold it. Takes no reference.
    func text(_ nodes: UnsafeBufferPointer<arc_value>, _ position: inout Int) -> String? {
        arc_json_writer_reset(writer)
        var end = position
        var length = 0
        guard (try? write(nodes, &end)) != nil, let text = arc_json_writer_text(writer, &length) else {
            return nil
        }
        // The strings in it are valid where the whole is: what is between them is ASCII.
        let bytes = UnsafeRawBufferPointer(start: text, count: length).bindMemory(to: UInt8.self)
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        position = end
        return text
    }

    private func write(_ nodes: UnsafeBufferPointer<arc_value>, _ position: inout Int) throws(Unfit) {
        let node = nodes[position]
        position += 1
        switch arc_tag(UInt32(node.tag)) {
        case ARC_NIL, ARC_NULL: arc_json_put_null(writer)
        case ARC_BOOLEAN: arc_json_put_boolean(writer, node.as.integer != 0)
        case ARC_INTEGER: arc_json_put_integer(writer, node.as.integer)
        case ARC_NUMBER:
            guard node.as.number.isFinite else { throw Unfit() }
            arc_json_put_number(writer, node.as.number)
        case ARC_STRING: arc_json_put_string(writer, node.as.bytes, node.length)
        case ARC_TABLE: try write(node, nodes, &position)
        default: throw Unfit()
        }
    }

    /// The rules are those of `JSONWriter`.
    private func write(
        _ table: arc_value, _ nodes: UnsafeBufferPointer<arc_value>, _ position: inout Int
    ) throws(Unfit) {
        let mark = arc_mark(UInt32(table.mark))
        if mark == ARC_ARRAY || (table.length > 0 && mark != ARC_OBJECT) {
            guard table.count == 0 else { throw Unfit() }
            arc_json_begin_array(writer)
            for _ in 0..<table.length { try write(nodes, &position) }
            arc_json_end_array(writer)
            return
        }
        guard table.length == 0 else { throw Unfit() }
        arc_json_begin_object(writer)
        for _ in 0..<table.count {
            let key = nodes[position]
            guard arc_tag(UInt32(key.tag)) == ARC_STRING else { throw Unfit() }
            position += 1
            arc_json_put_key(writer, key.as.bytes, key.length)
            try write(nodes, &position)
        }
        arc_json_end_object(writer)
    }
}
