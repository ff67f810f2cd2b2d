/// The best of many, by similarity and then by id, so that equals come in the same order everywhere.
struct Ranking: Sendable {
    /// A scenario and how similar it is.
    struct Entry: Sendable, Equatable {
        let id: String
        let similarity: Double

        /// PostgreSQL's own order of texts depends on its locale; that of their bytes doesn't.
        static func comesFirst(_ one: Entry, _ other: Entry) -> Bool {
            one.similarity != other.similarity
                ? one.similarity > other.similarity : one.id.utf8.lexicographicallyPrecedes(other.id.utf8)
        }
    }

    let limit: Int
    private(set) var entries: [Entry] = []

    init(limit: Int) { self.limit = limit }

    /// Whether something of that similarity could be among the best.
    func admits(_ similarity: Double) -> Bool {
        guard limit > 0 else { return false }
        guard entries.count == limit, let last = entries.last else { return true }
        return similarity >= last.similarity
    }

    mutating func add(_ id: String, _ similarity: Double) {
        let entry = Entry(id: id, similarity: similarity)
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if Entry.comesFirst(entries[middle], entry) { low = middle + 1 } else { high = middle }
        }
        guard low < limit else { return }
        entries.insert(entry, at: low)
        if entries.count > limit { entries.removeLast() }
    }
}
