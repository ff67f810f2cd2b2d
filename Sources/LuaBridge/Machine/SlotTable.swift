/// The host's objects that Lua may hold, by number.
struct SlotTable {
    /// What is behind a number.
    enum Slot {
        /// To open.
        case free
        /// To closed, or free when Lua has collected its last handle.
        case open(any HostObject)
        /// To free when Lua has collected its last handle.
        case closed(description: String)
    }

    private(set) var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var numbers: [ObjectIdentifier: UInt32] = [:]

    /// The object's number, and whether it is new.
    mutating func open(_ object: any HostObject) -> (number: UInt32, isNew: Bool) {
        if let number = numbers[ObjectIdentifier(object)] { return (number, false) }
        let number: UInt32
        if let free = freeSlots.popLast() {
            number = free
            slots[Int(free)] = .open(object)
        } else {
            number = UInt32(slots.count)
            slots.append(.open(object))
        }
        numbers[ObjectIdentifier(object)] = number
        return (number, true)
    }

    /// How many objects are held.
    var openCount: Int { numbers.count }

    subscript(_ number: UInt32) -> Slot { Int(number) < slots.count ? slots[Int(number)] : .free }

    /// The number of the object, which is no longer held.
    mutating func close(_ object: any HostObject, as description: String) -> UInt32? {
        guard let number = numbers.removeValue(forKey: ObjectIdentifier(object)) else { return nil }
        slots[Int(number)] = .closed(description: description)
        return number
    }

    /// The object, so that it goes outside of any lock.
    mutating func free(_ number: UInt32) -> (any HostObject)? {
        guard Int(number) < slots.count else { return nil }
        let slot = slots[Int(number)]
        if case .free = slot { return nil }
        slots[Int(number)] = .free
        freeSlots.append(number)
        guard case .open(let object) = slot else { return nil }
        numbers[ObjectIdentifier(object)] = nil
        return object
    }

    /// All objects, which are no longer held.
    mutating func removeAll() -> [any HostObject] {
        defer { self = SlotTable() }
        return slots.compactMap { slot in
            if case .open(let object) = slot { object } else { nil }
        }
    }
}
