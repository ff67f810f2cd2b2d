/// Decides whether work that failed is begun once more, and when. Does nothing itself.
struct RetryState: Sendable {
    /// What is to be done after a failure.
    enum Decision: Sendable, Equatable {
        /// Wait that long, then tell `begin`.
        case again(after: Duration)
        /// Let the error go to the caller.
        case giveUp
    }

    enum Phase: Sendable, Equatable {
        /// The work is being done, for the so-manieth time. → `waiting`, `over`
        case trying(attempt: Int)
        /// So many attempts failed, and the next one will begin. → `trying`, `over`
        case waiting(failed: Int)
        /// Nothing more is tried. Stays so.
        case over
    }

    private let policy: RetryPolicy
    private let safety: RepeatSafety
    private(set) var phase = Phase.trying(attempt: 1)

    init(_ policy: RetryPolicy, _ safety: RepeatSafety) {
        self.policy = policy
        self.safety = safety
    }

    /// The attempt failed.
    ///
    /// - Parameters:
    ///   - hasBegun: whether the work itself had begun, rather than waited for a connection.
    ///   - random: from 0 to 1.
    mutating func failed(_ error: any Error, hasBegun: Bool, random: Double) -> Decision {
        guard case .trying(let attempt) = phase else { return .giveUp }
        guard attempt < policy.attempts, let error = error as? DatabaseError, error.mayPass,
            isSafe(after: error, hasBegun: hasBegun)
        else {
            phase = .over
            return .giveUp
        }
        phase = .waiting(failed: attempt)
        return .again(after: policy.delay(afterAttempts: attempt, random: random))
    }

    /// The wait is over.
    mutating func begin() {
        if case .waiting(let failed) = phase { phase = .trying(attempt: failed + 1) }
    }

    private func isSafe(after error: DatabaseError, hasBegun: Bool) -> Bool {
        switch safety {
        case .read, .idempotentWrite: true
        case .transaction: !hasBegun || error.provesRollback
        case .write: !hasBegun
        }
    }
}
