import Postgres

/// Whether a server can be reached, as far as is known, for work that has somewhere else to go: outcomes go to the spool
/// while the database is away, questions to the primary while a replica is. Nobody waits for attempts that others have
/// just made in vain; one tries again, now and then.
struct AbsenceState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long it is left alone after it couldn't be reached.
    static let pause = Duration.seconds(3)

    enum Phase: Sendable {
        /// It was there when it was last needed. → `away`
        case present
        /// It couldn't be reached. → `returning`
        case away(until: Instant, DatabaseError)
        /// Somebody tries, and does what has to be done first. → `present`, `away`
        case returning(DatabaseError)
    }

    enum Decision: Sendable {
        /// Go ahead.
        case goAhead
        /// Try, do what has to be done first, such as bringing what waits in the spool, and tell `returned` or `stayedAway`.
        case tryAgain
        /// Don't try now; this is why it is away.
        case stayAway(DatabaseError)
    }

    private(set) var phase = Phase.present

    /// Somebody needs the server; `isUrgent` where there is no other way for what they do.
    mutating func need(isUrgent: Bool, now: Instant) -> Decision {
        switch phase {
        case .present: return .goAhead
        case .returning(let reason): return .stayAway(reason)
        case .away(let end, let reason):
            guard isUrgent || now >= end else { return .stayAway(reason) }
            phase = .returning(reason)
            return .tryAgain
        }
    }

    /// It couldn't be reached, and the work went elsewhere. True where that is new.
    mutating func wentAway(_ reason: DatabaseError, now: Instant) -> Bool {
        guard case .present = phase else { return false }
        phase = .away(until: now.advanced(by: Self.pause), reason)
        return true
    }

    /// It is there, and what had to be done first is done.
    mutating func returned() {
        if case .returning = phase { phase = .present }
    }

    /// It still can't be reached.
    mutating func stayedAway(_ reason: DatabaseError, now: Instant) {
        if case .returning = phase { phase = .away(until: now.advanced(by: Self.pause), reason) }
    }
}
