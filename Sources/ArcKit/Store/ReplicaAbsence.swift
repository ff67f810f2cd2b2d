import Postgres
import Synchronization

/// Sees to it that nobody waits for replicas that can't be reached, and that they are asked again when they can.
final class ReplicaAbsence: Sendable {
    /// How long a question waits for a connection to a replica, before the primary answers it.
    static let patience = Duration.seconds(5)

    private let state = Mutex(AbsenceState())
    private let replicas: Pool
    private let tell: @Sendable (StoreEvent) -> Void

    init(_ replicas: Pool, tell: @escaping @Sendable (StoreEvent) -> Void) {
        self.replicas = replicas
        self.tell = tell
    }

    /// Whether the next question is theirs. While they are away somebody looks for them now and then, and no question
    /// waits for that.
    var isOver: Bool {
        switch state.withLock({ $0.need(isUrgent: false, now: .now) }) {
        case .goAhead: return true
        case .stayAway: return false
        case .tryAgain:
            Task { await look() }
            return false
        }
    }

    /// A question couldn't be put to them.
    func begin(_ reason: DatabaseError) {
        if state.withLock({ $0.wentAway(reason, now: .now) }) { tell(.replicasAway(reason)) }
    }

    private func look() async {
        do {
            try await replicas.withConnection(within: Self.patience) { try await $0.ping() }
            state.withLock { $0.returned() }
            tell(.replicasReturned)
        } catch {
            let reason = error as? DatabaseError
            state.withLock {
                $0.stayedAway(reason ?? DatabaseError(.connectionFailed, "\(error)"), now: .now)
            }
        }
    }
}
