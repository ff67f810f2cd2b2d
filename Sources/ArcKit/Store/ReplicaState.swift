/// How far a replica has to be before this process may read from it: as far as what the process itself has written.
///
/// After a write the next read asks the primary where its log ends, and the replica whether it has come that far. A
/// replica that hasn't isn't waited for: the primary answers instead.
struct ReplicaState: Sendable {
    /// What to find out before a read.
    enum Question: Sendable, Equatable {
        /// Nothing: this process has written nothing.
        case none
        /// Where the primary's log ends now, which covers so many writes.
        case position(writes: Int)
        /// Whether the replica has replayed the primary's log up to here.
        case replayed(String)
    }

    private var writes = 0
    private var known: (writes: Int, position: String) = (0, "")

    /// Work on the primary has ended which may have written.
    mutating func wrote() { writes += 1 }

    /// What a read that is about to begin has to find out.
    var question: Question {
        if writes == 0 { return .none }
        return known.writes == writes ? .replayed(known.position) : .position(writes: writes)
    }

    /// The primary said where its log ends. What was written after it had been asked isn't covered.
    mutating func learned(_ position: String, writes: Int) {
        if writes > known.writes { known = (writes, position) }
    }

}
