import DequeModule

/// Which appends are being written and which wait for the next write: those that come while a write is under way go
/// to the disk together with one more write and one more sync.
struct SpoolState: Sendable {
    /// One call of `append`.
    struct Append: Sendable, Equatable {
        let number: Int
        let bytes: [UInt8]
    }

    private enum Phase: Equatable {
        /// Nothing is to be written. → `writing`
        case idle
        /// These are on their way to the disk. → `idle`, `writing`
        case writing([Int])
    }

    /// How many bytes go into one write: what is more waits for the next, so that the first are told soon.
    private let mostBytes: Int
    private var phase = Phase.idle
    private var waiting: Deque<Append> = []
    private var numbers = 0

    init(mostBytes: Int = 4 << 20) { self.mostBytes = mostBytes }

    var waitingCount: Int { waiting.count }
    var isIdle: Bool { phase == .idle }

    /// A new number for an append.
    mutating func newNumber() -> Int {
        numbers += 1
        return numbers
    }

    /// Somebody wants bytes to be written.
    ///
    /// - Returns: what to write now; nil where a write is under way, whose end begins the next.
    mutating func append(_ append: Append) -> [Append]? {
        waiting.append(append)
        return phase == .idle ? next() : nil
    }

    /// The write ended, well or not.
    ///
    /// - Returns: whom to tell, and what to write next.
    mutating func ended() -> (told: [Int], next: [Append]?) {
        guard case .writing(let numbers) = phase else { return ([], nil) }
        phase = .idle
        return (numbers, next())
    }

    /// Takes what fits into one write from those that wait, at least one.
    private mutating func next() -> [Append]? {
        var batch: [Append] = []
        var size = 0
        while let first = waiting.first, batch.isEmpty || size + first.bytes.count <= mostBytes {
            waiting.removeFirst()
            batch.append(first)
            size += first.bytes.count
        }
        guard !batch.isEmpty else { return nil }
        phase = .writing(batch.map(\.number))
        return batch
    }
}
