/// Where each name stands, found by the bytes of the name: scripts ask for a row's fields millions of times.
struct NameTable: Sendable {
    private let names: [[UInt8]]
    /// Places of names by hash; −1 where there is none.
    private let places: [Int32]

    /// - Parameter names: all different.
    init(_ names: [String]) {
        self.names = names.map { Array($0.utf8) }
        var size = 8
        while size < names.count * 2 { size *= 2 }
        var places = [Int32](repeating: -1, count: size)
        for (index, name) in self.names.enumerated() {
            var place = name.withUnsafeBytes(Self.hash) & (size - 1)
            while places[place] >= 0 { place = (place + 1) & (size - 1) }
            places[place] = Int32(index)
        }
        self.places = places
    }

    subscript(_ name: UnsafeRawBufferPointer) -> Int? {
        var place = Self.hash(name) & (places.count - 1)
        while case let index = Int(places[place]), index >= 0 {
            if names[index].count == name.count,
                names[index].withUnsafeBytes({ ByteOrder.compare($0, name) == 0 })
            {
                return index
            }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    /// FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29)
    }
}

/// Names of which no two are equal.
enum DistinctNames {
    /// The names; one that occurs again gets a number.
    static func of(_ names: [String]) -> [String] {
        var taken = Set(names)
        guard taken.count < names.count else { return names }
        var seen: Set<String> = []
        return names.map { name in
            if seen.insert(name).inserted { return name }
            var number = 2
            while !taken.insert("\(name)_\(number)").inserted { number += 1 }
            return "\(name)_\(number)"
        }
    }
}
