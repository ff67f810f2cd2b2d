/// How a replay narrows a failure down that isn't known to be the outcomes': a time limit, a lost connection, an error of
/// the server's own. It may be one outcome that brings it about, each time anew, or the database that can't record
/// anything for the moment.
///
/// What tells them apart is whether the database takes other outcomes. A failure may take as long as a command may, and a
/// success takes milliseconds, so a batch is taken apart into many parts rather than into halves: that is two failures
/// more for an outcome among a thousand, not ten. For the same reason failures in a row are counted, and end the search.
struct NarrowingState: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nothing has failed since something was recorded. → `narrowing`
        case recording
        /// So many attempts have failed since, `inBatch` of them with the batch at hand. → `recording`, `hopeless`
        case narrowing(inRow: Int, inBatch: Int)
        /// Nothing more is tried in this replay. Stays so.
        case hopeless
    }

    enum Verdict: Sendable, Equatable {
        /// Try its parts.
        case split
        /// It can't be recorded now. It stays in the spool, and what comes after it is tried.
        case hold
        /// Nothing can be recorded now: leave everything as it is.
        case giveUp
    }

    /// How many parts a batch is taken apart into.
    static let parts = 32
    /// How many failures in a row one batch may cost before the rest of it is passed over.
    static let mostInBatch = 8
    /// How many failures in a row there may be before nothing more is tried.
    static let mostInRow = 16

    private(set) var phase = Phase.recording
    /// Whether the database takes outcomes, as far as is known: it took some in this replay.
    private(set) var takesOutcomes: Bool

    /// - Parameter isTrusted: whether the database counts as taking outcomes before it took any.
    init(isTrusted: Bool = false) { takesOutcomes = isTrusted }

    /// A batch as it was gathered is about to be tried.
    mutating func began() {
        if case .narrowing(let inRow, _) = phase { phase = .narrowing(inRow: inRow, inBatch: 0) }
    }

    /// Whether the next part of the batch is worth an attempt.
    var isPromising: Bool {
        switch phase {
        case .recording: true
        case .narrowing(_, let inBatch): inBatch < Self.mostInBatch
        case .hopeless: false
        }
    }

    /// Outcomes were recorded.
    mutating func recorded() {
        takesOutcomes = true
        if phase != .hopeless { phase = .recording }
    }

    /// An attempt with so many outcomes failed.
    mutating func failed(count: Int) -> Verdict {
        var (inRow, inBatch) = (1, 1)
        switch phase {
        case .recording: break
        case .narrowing(let row, let batch): (inRow, inBatch) = (row + 1, batch + 1)
        case .hopeless: return takesOutcomes ? .hold : .giveUp
        }
        guard inRow < Self.mostInRow else {
            phase = .hopeless
            return takesOutcomes ? .hold : .giveUp
        }
        phase = .narrowing(inRow: inRow, inBatch: inBatch)
        return count == 1 || !isPromising ? .hold : .split
    }
}
