internal import CPostgres
internal import Dispatch
internal import Synchronization

/// Why a command is being stopped, and what has been done to stop it.
struct Stop {
    enum Reason {
        /// It took longer than it may.
        case timedOut
        /// Its task was cancelled.
        case cancelled
        /// Its caller wants no more of it.
        case abandoned
    }

    let reason: Reason
    /// When we stop waiting for the server to react.
    let limit: ContinuousClock.Instant
    var pause = Duration.milliseconds(100)
    var request: CancelRequest
}

/// Asks the server to cancel what a connection is doing. libpq blocks while it asks, so that happens on a
/// thread of its own.
final class CancelRequest: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let isFinished = Atomic(false)

    /// Sends the request for the command that runs on `pointer` now.
    init(_ pointer: OpaquePointer) {
        nonisolated(unsafe) let cancel = PQgetCancel(pointer)
        DispatchQueue(label: "arc.postgres.cancel").async { [self] in
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(cancel, &message, Int32(message.count))
            PQfreeCancel(cancel)
            isFinished.store(true, ordering: .releasing)
            done.signal()
        }
    }

    var isDone: Bool { isFinished.load(ordering: .acquiring) }

    /// Waits until the server has taken the request; false if that takes longer than `limit`.
    func waitUntilDone(_ limit: Duration) -> Bool {
        isDone || done.wait(timeout: .now() + .milliseconds(Int(limit.components.seconds * 1000))) == .success
    }
}
