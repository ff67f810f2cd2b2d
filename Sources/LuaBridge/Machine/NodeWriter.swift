internal import CLua

/// Writes values for C to push. Nothing in here can raise: the arena remembers when memory ran out.
struct NodeWriter {
    let core: MachineCore
    let arena: OpaquePointer

    func write(_ values: [LuaValue]) throws(LuaError) {
        for value in values { try write(value, depth: 0) }
    }

    private func write(_ value: LuaValue, depth: Int) throws(LuaError) {
        switch value {
        case .nil: put(ARC_NIL)
        case .null: put(ARC_NULL)
        case .boolean(let value): put(ARC_BOOLEAN, value ? 1 : 0)
        case .integer(let value): put(ARC_INTEGER, value)
        case .number(let value): arc_arena_put_number(arena, value)
        case .string(let value): write(string: value)
        case .bytes(let value):
            value.withUnsafeBytes { bytes in
                arc_arena_put_string(arena, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
            }
        case .table(let table): try write(table, depth: depth)
        case .function(let function):
            try write(reference: function.reference, of: function.core, tag: ARC_FUNCTION)
        case .other(let reference):
            try write(reference: reference.reference, of: reference.core, tag: ARC_OTHER)
        case .handle(let handle) where type(of: handle.object) == JSONDocument.self:
            write(json: unsafeDowncast(handle.object, to: JSONDocument.self).text)
        case .handle(let handle):
            let (number, type) = try core.open(handle.object)
            arc_arena_put_handle(arena, number, type)
        }
    }

    private func put(_ tag: arc_tag, _ integer: Int64 = 0) {
        arc_arena_put(arena, UInt8(tag.rawValue), integer)
    }

    private func write(string: String) {
        var string = string
        string.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                arc_arena_put_string(arena, bytes.baseAddress, bytes.count)
            }
        }
    }

    private func write(json: String) {
        var json = json
        json.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                arc_arena_put_json(arena, bytes.baseAddress, bytes.count)
            }
        }
    }

    private func write(reference: Int32, of owner: MachineCore, tag: arc_tag) throws(LuaError) {
        guard owner === core else {
            throw LuaError(.value, "a function can't be passed to another machine than its own")
        }
        put(tag, Int64(reference))
    }

    private func write(_ table: LuaTable, depth: Int) throws(LuaError) {
        guard depth < 100 else {
            throw LuaError(.value, "a table nested more than 100 deep can't be passed on")
        }
        let mark =
            switch table.kind {
            case .unspecified: ARC_UNMARKED
            case .array: ARC_ARRAY
            case .object: ARC_OBJECT
            case .error: ARC_ERROR
            }
        arc_arena_put_table(arena, UInt8(mark.rawValue), table.array.count, UInt32(table.fields.count))
        for item in table.array { try write(item, depth: depth + 1) }
        for field in table.fields {
            try write(field.key, depth: depth + 1)
            try write(field.value, depth: depth + 1)
        }
    }

    /// The value that a script's `pcall` gets for a Swift error: what Lua raised itself stays what it was.
    func write(error: any Error) {
        if let error = error as? LuaError {
            if let original = error.original, original.core === core {
                return put(ARC_OTHER, Int64(original.reference))
            }
            if error.code == .runtime, error.value.stringValue != nil {
                return (try? write([error.value])) ?? ()
            }
        }
        let shown = error as? any ScriptError
        var fields = [
            LuaTable.Field("message", .string(shown?.scriptMessage ?? "\(error)")),
            LuaTable.Field("code", .string(shown?.scriptCode ?? "host")),
        ]
        if let advice = shown?.scriptAdvice { fields.append(LuaTable.Field("advice", .string(advice))) }
        fields.append(LuaTable.Field("cause", .object(ErrorBox(error))))
        if (try? write([.table(LuaTable(fields: fields, kind: .error))])) == nil {
            arc_arena_clear(arena)
            write(string: "a host function failed")
        }
    }
}
