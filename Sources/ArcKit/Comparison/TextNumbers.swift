import Glibc

/// Gives each different text a number, from 0 in the order in which they come. Texts are the same where their bytes are,
/// as they are to the database.
struct TextNumbers {
    private var bytes: [UInt8] = []
    /// Where each text begins, and where the last one ends.
    private var starts = [0]
    /// The numbers by their hashes, −1 where there is none: open addressing, at most half full.
    private var slots = [Int32](repeating: -1, count: 64)

    /// How many different texts have come.
    var count: Int { starts.count - 1 }

    /// The text of a number.
    subscript(_ number: Int) -> String {
        String(decoding: bytes[starts[number]..<starts[number + 1]], as: UTF8.self)
    }

    /// The number of a text, a new one where it hasn't come before.
    mutating func number(of text: UnsafeRawBufferPointer) -> Int {
        let slot = slot(of: text)
        if slots[slot] >= 0 { return Int(slots[slot]) }
        slots[slot] = Int32(count)
        bytes.append(contentsOf: text)
        starts.append(bytes.count)
        if count * 2 > slots.count { grow() }
        return count - 1
    }

    /// The number of a text that has come.
    func known(_ text: UnsafeRawBufferPointer) -> Int? {
        let number = slots[slot(of: text)]
        return number < 0 ? nil : Int(number)
    }

    /// The slot that has the text's number, or would have it.
    private func slot(of text: UnsafeRawBufferPointer) -> Int {
        var slot = Self.hash(text) & (slots.count - 1)
        while slots[slot] >= 0, !isText(Int(slots[slot]), text) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    /// Whether that number stands for that text.
    func isText(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let stored = starts[number]..<starts[number + 1]
        guard stored.count == text.count, let other = text.baseAddress else {
            return stored.count == text.count
        }
        return bytes.withUnsafeBytes { all in
            all.baseAddress.map { memcmp($0 + stored.lowerBound, other, text.count) == 0 } ?? false
        }
    }

    /// All numbers in the order of their texts' bytes, which is the same on every machine.
    func inOrder() -> [Int] {
        bytes.withUnsafeBytes { all in
            let texts = (0..<count).map { UnsafeRawBufferPointer(rebasing: all[starts[$0]..<starts[$0 + 1]]) }
            func comes(_ one: Int, _ other: Int) -> Bool {
                texts[one].lexicographicallyPrecedes(texts[other])
            }
            // As an index gives them they mostly come in this order already.
            if (1..<max(count, 1)).allSatisfy({ comes($0 - 1, $0) }) { return Array(0..<count) }
            return (0..<count).sorted(by: comes)
        }
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        bytes.withUnsafeBytes { all in
            for number in 0..<count {
                let text = UnsafeRawBufferPointer(rebasing: all[starts[number]..<starts[number + 1]])
                var slot = Self.hash(text) & (slots.count - 1)
                while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = Int32(number)
            }
        }
    }

    private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: text)
        return hasher.finalize()
    }
}
