/// How often each piece of memory is held by the objects that a machine's Lua holds: it is charged once.
struct MemoryLedger {
    private var holds: [ObjectIdentifier: Int] = [:]

    /// Notes what one more object holds; the bytes that weren't held before.
    mutating func hold(_ object: any HostObject) -> Int {
        var added = 0
        object.forEachSharedMemory { added += hold($0) }
        return added
    }

    /// Notes that an object is gone; the bytes that nothing holds any more.
    mutating func release(_ object: any HostObject) -> Int {
        var freed = 0
        object.forEachSharedMemory { freed += release($0) }
        return freed
    }

    private mutating func hold(_ memory: any SharedMemory) -> Int {
        let holders = holds[ObjectIdentifier(memory), default: 0]
        holds[ObjectIdentifier(memory)] = holders + 1
        guard holders == 0 else { return 0 }
        return memory.parts.reduce(memory.byteCount) { $0 + hold($1) }
    }

    private mutating func release(_ memory: any SharedMemory) -> Int {
        guard let holders = holds[ObjectIdentifier(memory)] else { return 0 }
        guard holders == 1 else {
            holds[ObjectIdentifier(memory)] = holders - 1
            return 0
        }
        holds[ObjectIdentifier(memory)] = nil
        return memory.parts.reduce(memory.byteCount) { $0 + release($1) }
    }
}
