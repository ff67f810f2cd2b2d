internal import CLua
internal import Synchronization

/// The Lua state and what belongs to it. A machine's calls come one at a time, on its executor.
///
/// `@unchecked Sendable`: what other threads may touch is `slots` and `shared`, each behind its own mutex, and
/// `arc_task_kill`, which takes the C machine's lock. Everything else is used on the machine's executor alone (by
/// `Machine.init` before anyone else has it).
final class MachineCore: @unchecked Sendable {
    private struct Shared {
        var released: [Int32] = []
        var closedSlots: [UInt32] = []
        var closedObjects: [any HostObject] = []
        var isClosed = false
    }

    private let slots = Mutex(SlotTable())
    private let shared = Mutex(Shared())
    /// What goes on in the tasks.
    let schedule = Mutex(Schedule())
    private var freshSlots: [UInt32] = []
    private var ledger = MemoryLedger()
    private(set) var lua: OpaquePointer?
    private var operations: [HostOperation] = []
    private var types: [String: UInt32] = [:]
    private var typeNumbers: [ObjectIdentifier: UInt32] = [:]
    /// Calls with values that were made.
    var calls = 0
    weak var machine: Machine?
    /// How long a call may take.
    let timeLimit: Duration?

    init(timeLimit: Duration?) { self.timeLimit = timeLimit }

    deinit { if let lua { arc_machine_free(lua) } }

    // MARK: Opening and closing

    func open(limit: Int?) throws(LuaError) {
        var host = hostEntries
        lua = arc_machine_new(limit ?? 0, &host)
        if lua == nil { throw Self.outOfMemory }
    }

    func close() {
        shared.withLock { $0.isClosed = true }
        endAll()
        guard let lua else { return }
        arc_machine_close(lua)
        operations = []
        // Those that were closed by hand are still counted; nobody will count any more.
        let closed = shared.withLock { shared in
            defer { shared.closedObjects = [] }
            return shared.closedObjects
        }
        let objects = slots.withLock { $0.removeAll() } + closed
        _ = consume objects
    }

    var isClosed: Bool { shared.withLock { $0.isClosed } }

    /// The C machine, while it is open.
    func state() throws(LuaError) -> OpaquePointer {
        guard let lua, !isClosed else { throw LuaError(.closed, "the Lua machine is closed") }
        drain(lua)
        return lua
    }

    // MARK: Objects behind handles

    func slot(_ number: UInt32) -> SlotTable.Slot { slots.withLock { $0[number] } }

    func open(_ object: any HostObject) throws(LuaError) -> (number: UInt32, type: UInt32) {
        let type = try number(of: Swift.type(of: object))
        guard let lua else { throw LuaError(.closed, "the Lua machine is closed") }
        let (number, isNew) = slots.withLock { $0.open(object) }
        if isNew {
            freshSlots.append(number)
            charge(ledger.hold(object), lua)
            guard arc_machine_reserve_slots(lua, Int(number) + 1) else { throw Self.outOfMemory }
            arc_machine_set_cost(lua, number, max(0, object.memoryFootprint))
        }
        return (number, type)
    }

    private func number(of type: any HostObject.Type) throws(LuaError) -> UInt32 {
        // Names are slow to look up, and rows of frames come by the million.
        if let number = typeNumbers[ObjectIdentifier(type)] { return number }
        guard let number = types[type.typeName] else {
            throw LuaError(.value, "this machine has no type “\(type.typeName)” for an object of the host")
        }
        typeNumbers[ObjectIdentifier(type)] = number
        return number
    }

    /// Any thread.
    func close(_ object: any HostObject, as description: String) {
        guard let number = slots.withLock({ $0.close(object, as: description) }) else { return }
        shared.withLock {
            guard !$0.isClosed else { return }
            $0.closedSlots.append(number)
            $0.closedObjects.append(object)
        }
    }

    /// Any thread.
    func release(_ reference: Int32) {
        shared.withLock { if !$0.isClosed { $0.released.append(reference) } }
    }

    private func drain(_ lua: OpaquePointer) {
        let (released, closed, objects) = shared.withLock { shared in
            defer {
                shared.released.removeAll(keepingCapacity: true)
                shared.closedSlots.removeAll(keepingCapacity: true)
                shared.closedObjects.removeAll()
            }
            return (shared.released, shared.closedSlots, shared.closedObjects)
        }
        for object in objects { charge(-ledger.release(object), lua) }
        for reference in released { arc_machine_release(lua, reference) }
        for number in closed { arc_machine_set_cost(lua, number, 0) }
        freeCollectedSlots()
    }

    /// Lets go of objects whose handles couldn't be made. Not while results are written: those have none yet.
    private func freeUnusedSlots(_ lua: OpaquePointer) {
        for number in freshSlots where !arc_machine_slot_is_live(lua, number) { free(number, lua) }
        freshSlots.removeAll(keepingCapacity: true)
    }

    private func free(_ number: UInt32, _ lua: OpaquePointer) {
        guard let object = slots.withLock({ $0.free(number) }) else { return }
        charge(-ledger.release(object), lua)
    }

    private func charge(_ bytes: Int, _ lua: OpaquePointer) {
        if bytes != 0 { arc_machine_charge(lua, Int64(bytes)) }
    }

    /// What was passed once would be kept for as long as a task runs.
    func releaseReferences() {
        guard let lua, !arc_machine_is_pushing(lua) else { return }
        for reference in takeReleased() { arc_machine_release(lua, reference) }
    }

    private func takeReleased() -> [Int32] {
        shared.withLock { shared in
            defer { shared.released.removeAll(keepingCapacity: true) }
            return shared.released
        }
    }

    /// Lets go of objects whose handles were collected. Not between writing results and pushing them.
    func freeCollectedSlots() {
        guard let lua else { return }
        while case let number = arc_machine_next_free_slot(lua), number >= 0 {
            free(UInt32(number), lua)
        }
        freeUnusedSlots(lua)
    }

    // MARK: Operations and types

    func define(_ function: HostFunction, as name: String? = nil) throws(LuaError) -> Int32 {
        let lua = try state()
        var function = function
        function.name = name ?? function.name
        let kind =
            switch function.body {
            case .immediate: ARC_IMMEDIATE
            case .direct: ARC_DIRECT
            case .waiting: ARC_MAY_WAIT
            }
        let box = HostOperation(function, self)
        let operation = arc_machine_operation(
            lua, function.name, Int32(kind.rawValue), Unmanaged.passUnretained(box).toOpaque())
        guard operation >= 0 else { throw Self.outOfMemory }
        operations.append(box)
        for form in function.forms {
            guard arc_machine_add_form(lua, operation, try form?.copy()) else { throw Self.outOfMemory }
        }
        return operation
    }

    func define(_ type: HostType) throws(LuaError) {
        let lua = try state()
        let methods = try type.methods.map { method throws(LuaError) in
            (method.name, try define(method, as: "\(type.name):\(method.name)"))
        }
        let metamethods = try type.allMetamethods.map { method throws(LuaError) in
            (method.name, try define(method, as: "\(type.name).\(method.name)"))
        }
        var number: Int32 = -1
        let status = CStrings.with((methods + metamethods).map(\.0)) { names in
            let all = zip(names, methods + metamethods).map { arc_method(name: $0, operation: $1.1) }
            return all.withUnsafeBufferPointer { all in
                let rest = all.baseAddress.map { $0 + methods.count }
                return arc_machine_define_type(
                    lua, type.name, all.baseAddress, methods.count, rest, metamethods.count, &number)
            }
        }
        try check(status)
        types[type.name] = UInt32(number)
    }

    /// For tests: makes allocations fail from the N-th on.
    func failAllocations(from nth: Int, count: Int) {
        if let lua { arc_machine_fail_allocations(lua, Int64(nth), Int64(count)) }
    }

    /// For tests: how many objects Lua may hold.
    var openObjects: Int { slots.withLock { $0.openCount } }

    /// The values that the last call left.
    func values(_ lua: OpaquePointer) -> [LuaValue] {
        var count = 0
        let nodes = arc_machine_values(lua, &count)
        var reader = NodeReader(core: self, nodes: nodes, count: count)
        return reader.readAll()
    }
}
