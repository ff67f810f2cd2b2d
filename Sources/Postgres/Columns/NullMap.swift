/// Which rows of a column are NULL: a bit for each row up to the last that is.
struct NullMap: Sendable {
    private var words: [UInt64] = []
    /// How many there are.
    private(set) var count = 0

    var byteCount: Int { words.count * 8 }

    /// Notes a row that isn't yet among them.
    mutating func insert(_ row: Int) {
        let word = row >> 6
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(row & 63)
        count += 1
    }

    @inline(__always)
    func contains(_ row: Int) -> Bool {
        let word = row >> 6
        return word < words.count && words[word] & 1 << UInt64(row & 63) != 0
    }
}
