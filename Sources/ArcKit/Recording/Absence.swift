import Postgres
import Synchronization

/// Sees to it that what went to the spool while the database was away is brought back as soon as it is there again.
final class Absence: Sendable {
    private let state = Mutex(AbsenceState())
    private let tell: @Sendable (DatabaseError) -> Void
    private let bringBack: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - tell: is told why, when the database begins to be away.
    ///   - bringBack: brings what waits in the spool.
    init(
        tell: @escaping @Sendable (DatabaseError) -> Void,
        bringBack: @escaping @Sendable () async throws -> Void
    ) {
        self.tell = tell
        self.bringBack = bringBack
    }

    /// Outcomes have just gone to the spool.
    func begin(_ reason: DatabaseError) {
        if state.withLock({ $0.wentAway(reason, now: .now) }) { tell(reason) }
    }

    /// Returns where the database is there, after bringing what waits.
    ///
    /// - Parameter isUrgent: whether to try although others have just tried in vain.
    /// - Throws: why it is away.
    func end(isUrgent: Bool) async throws {
        switch state.withLock({ $0.need(isUrgent: isUrgent, now: .now) }) {
        case .goAhead: return
        case .stayAway(let reason): throw reason
        case .tryAgain: break
        }
        do {
            try await bringBack()
            state.withLock { $0.returned() }
        } catch {
            let reason = error as? DatabaseError
            let other = DatabaseError(
                .connectionFailed, "What waits in the spool can't be recorded: \(error)")
            state.withLock { $0.stayedAway(reason ?? other, now: .now) }
            throw reason ?? other
        }
    }
}
