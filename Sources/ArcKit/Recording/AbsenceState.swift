import Postgres

/// Whether recording can reach the database, as far as is known. Outcomes that come while it is away go to the spool at
/// once: nobody waits for attempts that others have just made in vain.
struct AbsenceState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long it is left alone after it couldn't be reached.
    static let pause = Duration.seconds(3)

    enum Phase: Sendable {
        /// It was there when it was last needed. → `away`
        case present
        /// It couldn't be reached. → `returning`
        case away(until: Instant, DatabaseError)
        /// Somebody tries, and brings what waits. → `present`, `away`
        case returning(DatabaseError)
    }

    enum Decision: Sendable {
        /// Go ahead.
        case goAhead
        /// Bring what waits in the spool, and tell `returned` or `stayedAway`.
        case bringBack
        /// Don't try now; this is why it is away.
        case stayAway(DatabaseError)
    }

    private(set) var phase = Phase.present

    /// Somebody needs the database; `isUrgent` where there is no other way for what they do.
    mutating func need(isUrgent: Bool, now: Instant) -> Decision {
        switch phase {
        case .present: return .goAhead
        case .returning(let reason): return .stayAway(reason)
        case .away(let end, let reason):
            guard isUrgent || now >= end else { return .stayAway(reason) }
            phase = .returning(reason)
            return .bringBack
        }
    }

    /// Outcomes went to the spool. True where that is new.
    mutating func spilled(_ reason: DatabaseError, now: Instant) -> Bool {
        guard case .present = phase else { return false }
        phase = .away(until: now.advanced(by: Self.pause), reason)
        return true
    }

    /// What waited has been brought.
    mutating func returned() {
        if case .returning = phase { phase = .present }
    }

    /// It still can't be reached.
    mutating func stayedAway(_ reason: DatabaseError, now: Instant) {
        if case .returning = phase { phase = .away(until: now.advanced(by: Self.pause), reason) }
    }
}
