internal import CPostgres
internal import Dispatch
internal import Glibc
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

/// Asks the server to cancel what a connection is doing.
///
/// libpq makes a connection for that, and blocks until the server has read the request and closed it; nothing interrupts
/// it. So that happens on a thread of its own: neither one of Swift's cooperative threads nor one of Dispatch's, of which
/// there are 255 for all connections together, and a server that has been stopped may keep it for as long as it likes.
/// Whoever asked waits no longer than they want to, and one connection has one request under way. Where the server's
/// machine has vanished, the keepalive settings of the connection end the thread.
///
/// Source: libpq's `PQcancel` keeps to `tcp_user_timeout` and the keepalive settings since PostgreSQL 15 (release notes).
final class CancelRequest: Sendable {
    /// What libpq needs is in a few pages; a hung thread shouldn't cost the usual 8 MB of addresses.
    private static let stackSize = 256 << 10

    private let done = DispatchSemaphore(value: 0)
    private let isFinished = Atomic(false)

    /// Sends the request for the command that runs on `pointer` now.
    init(_ pointer: OpaquePointer) {
        guard let cancel = PQgetCancel(pointer) else {
            finish()
            return
        }
        let work = Unmanaged.passRetained(Work(cancel: cancel, request: self))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        // No thread to be had: the command goes on, and is asked again after a pause.
        if failure != 0 { work.takeRetainedValue().giveUp() }
    }

    var isDone: Bool { isFinished.load(ordering: .acquiring) }

    /// Waits until the server has taken the request; false if that takes longer than `limit`.
    func waitUntilDone(_ limit: Duration) -> Bool {
        isDone || done.wait(timeout: .now() + .milliseconds(Int(limit.components.seconds * 1000))) == .success
    }

    private func finish() {
        isFinished.store(true, ordering: .releasing)
        done.signal()
    }

    /// What the thread does.
    private final class Work {
        private let cancel: OpaquePointer
        private let request: CancelRequest

        init(cancel: OpaquePointer, request: CancelRequest) {
            self.cancel = cancel
            self.request = request
        }

        func run() {
            // Signals are for the threads that wait for them.
            var signals = sigset_t()
            sigfillset(&signals)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(cancel, &message, Int32(message.count))
            giveUp()
        }

        func giveUp() {
            PQfreeCancel(cancel)
            request.finish()
        }
    }
}
