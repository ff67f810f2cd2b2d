internal import Synchronization

/// A host function that a task may have to wait for: owner of its state.
final class WaitingOperation: Sendable {
    private let state = Mutex(OperationState())

    /// The answer; true where the task has to be resumed with it.
    func answer(_ answer: Result<[LuaValue], any Error>) -> Bool { state.withLock { $0.answer(answer) } }

    /// The answer, where it came before anybody had to wait.
    func started() -> Result<[LuaValue], any Error>? { state.withLock { $0.started() } }
}
