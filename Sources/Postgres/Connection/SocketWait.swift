internal import CPostgres
internal import Glibc
internal import Synchronization

/// Waits for a socket until it is ready, a deadline passes, or another thread interrupts.
///
/// One `Interruption` belongs to one connection. The connection's thread waits in `poll(2)` on its socket
/// and on an eventfd; any thread may interrupt the command that is running by writing to the eventfd.
final class Interruption: Sendable {
    /// Names one command, so that a late interruption can't hit the command after it.
    struct Ticket: Sendable, Hashable { fileprivate let number: UInt64 }

    enum Readiness { case ready, timedOut, interrupted, failed(errno: Int32) }

    private struct State {
        var current: UInt64 = 0
        var isInterrupted = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    init() {
        descriptor = arc_eventfd()
    }

    deinit { Glibc.close(descriptor) }

    /// Starts a command; earlier tickets can interrupt nothing any more.
    func begin() -> Ticket {
        let (ticket, wasInterrupted) = state.withLock { state in
            state.current += 1
            defer { state.isInterrupted = false }
            return (Ticket(number: state.current), state.isInterrupted)
        }
        // Only an interruption has written to it.
        if wasInterrupted { drain() }
        return ticket
    }

    /// Interrupts the command of `ticket`, if it is still running.
    func interrupt(_ ticket: Ticket) {
        state.withLock { state in
            guard state.current == ticket.number else { return }
            state.isInterrupted = true
            eventfd_write(descriptor, 1)
        }
    }

    /// Interrupts whatever command is running.
    func interruptCurrent() {
        interrupt(Ticket(number: state.withLock { $0.current }))
    }

    /// Waits until `socket` can be read, or with `writing` also until it can be written.
    func wait(socket: Int32, writing: Bool, until deadline: Deadline, interruptible: Bool) -> Readiness {
        while true {
            if interruptible, state.withLock({ $0.isInterrupted }) { return .interrupted }
            guard let milliseconds = deadline.pollTimeout() else { return .timedOut }
            var descriptors = [
                pollfd(fd: socket, events: Int16(writing ? POLLIN | POLLOUT : POLLIN), revents: 0),
                pollfd(fd: interruptible ? descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, 2, milliseconds)
            if count < 0, errno != EINTR { return .failed(errno: errno) }
            if count > 0, descriptors[0].revents != 0 { return .ready }
        }
    }

    private func drain() {
        var value: eventfd_t = 0
        _ = eventfd_read(descriptor, &value)
    }
}

/// A point in time after which waiting ends, or never.
struct Deadline: Sendable {
    let instant: ContinuousClock.Instant?

    static let never = Deadline(instant: nil)

    static func after(_ duration: Duration?) -> Deadline {
        Deadline(instant: duration.map { ContinuousClock.now.advanced(by: $0) })
    }

    /// What `poll(2)` is told: -1 for ever, else milliseconds rounded up; nil where the time is over.
    func pollTimeout() -> Int32? {
        guard let instant else { return -1 }
        let left = ContinuousClock.now.duration(to: instant)
        guard left > .zero else { return nil }
        let milliseconds =
            left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        return Int32(clamping: milliseconds + 1)
    }
}
