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

    /// Returns where the database is there, after bringing what waits; nobody tries where others have just tried in vain.
    ///
    /// - Throws: why it is away.
    func end() async throws {
        switch state.withLock({ $0.need(isUrgent: false, now: .now) }) {
        case .goAhead: return
        case .stayAway(let reason): throw reason
        case .tryAgain: try await bring()
        }
    }

    /// Brings what waits before other work, which has nowhere else to go, whatever others have tried.
    ///
    /// - Throws: why nobody listens, where that was found out just now: the work needn't try as often once more.
    func endForWork() async throws {
        guard case .tryAgain = state.withLock({ $0.need(isUrgent: true, now: .now) }) else { return }
        do {
            try await bring()
        } catch let error as DatabaseError {
            if error.isAbsence { throw error }
        }
    }

    private func bring() async throws {
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
