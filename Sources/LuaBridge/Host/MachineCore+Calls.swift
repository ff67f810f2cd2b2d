internal import CLua

/// Calls from Lua into Swift.
extension MachineCore {
    /// The core keeps its operations until it is closed: nothing has to be retained in here.
    private typealias Operation = Unmanaged<HostOperation>

    /// What C calls.
    var hostEntries: arc_host {
        arc_host(
            enter: { function, nodes, count, results in
                guard let function, let results else { return Int32(ARC_RAISE.rawValue) }
                return Operation.fromOpaque(function)._withUnsafeGuaranteedRef { operation in
                    Int32(operation.core.enter(operation, nodes, count, results).rawValue)
                }
            },
            enter_directly: { function, nodes, count, results in
                guard let function, let results else { return Int32(ARC_RAISE.rawValue) }
                return Operation.fromOpaque(function)._withUnsafeGuaranteedRef { operation in
                    Int32(MachineCore.enterDirectly(operation, nodes, count, results).rawValue)
                }
            },
            release: { context in
                guard let context else { return }
                Unmanaged<MachineCore>.fromOpaque(context)._withUnsafeGuaranteedRef {
                    $0.freeCollectedSlots()
                }
            },
            context: Unmanaged.passUnretained(self).toOpaque())
    }

    private func enter(
        _ operation: HostOperation, _ nodes: UnsafePointer<arc_value>?, _ count: Int, _ results: OpaquePointer
    ) -> arc_answer {
        do {
            let call = try call(operation, nodes, count)
            switch operation.function.body {
            case .immediate(let body):
                try NodeWriter(core: self, arena: results).write(try body(call))
            case .waiting(let body):
                guard let values = try start(body, call) else { return ARC_SUSPEND }
                try NodeWriter(core: self, arena: results).write(values)
            case .direct: break
            }
            return ARC_RETURN
        } catch {
            return fail(error, results)
        }
    }

    private static func enterDirectly(
        _ operation: HostOperation, _ nodes: UnsafePointer<arc_value>?, _ count: Int, _ results: OpaquePointer
    ) -> arc_answer {
        do {
            try operation.direct(
                DirectCall(operation: operation, nodes: nodes, count: count, results: results))
            return ARC_RETURN
        } catch {
            return operation.core.fail(error, results)
        }
    }

    private func fail(_ error: any Error, _ results: OpaquePointer) -> arc_answer {
        arc_arena_clear(results)
        NodeWriter(core: self, arena: results).write(error: error)
        return ARC_RAISE
    }

    private func call(
        _ operation: HostOperation, _ nodes: UnsafePointer<arc_value>?, _ count: Int
    ) throws(LuaError) -> HostCall {
        var reader = NodeReader(
            core: self, nodes: nodes, count: count, texts: lua.flatMap { arc_machine_texts($0) })
        let arguments = reader.readAll()
        calls &+= 1
        if calls % 32 == 0 { releaseReferences() }
        if let closed = reader.closed {
            throw LuaError(
                .closed,
                "\(operation.function.name): argument \(closed.argument) is closed: \(closed.description)")
        }
        return HostCall(operation, arguments)
    }
}
