import Synchronization

/// Keeps a `ReplicaState` for all tasks.
final class ReplicaProgress: Sendable {
    private let state = Mutex(ReplicaState())

    var question: ReplicaState.Question { state.withLock { $0.question } }

    func wrote() { state.withLock { $0.wrote() } }

    func learned(_ position: String, writes: Int) { state.withLock { $0.learned(position, writes: writes) } }
}
