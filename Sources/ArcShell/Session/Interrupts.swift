import Dispatch
import Glibc
import Synchronization

/// Ctrl-C while something runs: calls a handler instead of ending the process.
///
/// The signal's handler does the one thing that it may: it writes a byte to a pipe, which a queue reads.
final class Interrupts: Sendable {
    private static let pipe = SignalPipe()
    private let handler: @Sendable (Int) -> Void
    private let count = Atomic(0)

    /// Calls `handler` with how often Ctrl-C was pressed, from the first on, until ``stop()``.
    init(_ handler: @escaping @Sendable (Int) -> Void) {
        self.handler = handler
        Self.pipe.listen { [weak self] in self?.interrupt() }
        signal(SIGINT) { _ in SignalPipe.wake() }
    }

    /// From now on Ctrl-C ends the process again.
    func stop() {
        signal(SIGINT, SIG_DFL)
        Self.pipe.listen(nil)
    }

    private func interrupt() { handler(count.add(1, ordering: .relaxed).newValue) }
}

/// A pipe from a signal's handler to a queue.
private final class SignalPipe: Sendable {
    /// The end that the signal's handler writes to; -1 before there is one.
    private static let input = Atomic<Int32>(-1)

    private let listener = Mutex<(@Sendable () -> Void)?>(nil)
    // Made here and never touched again.
    private nonisolated(unsafe) let source: any DispatchSourceRead

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        source = DispatchSource.makeReadSource(
            fileDescriptor: ends[0], queue: DispatchQueue(label: "arc.interrupts"))
        let output = ends[0]
        source.setEventHandler { [weak self] in
            var byte: UInt8 = 0
            while read(output, &byte, 1) == 1 { self?.listener.withLock { $0 }?() }
        }
        source.resume()
        Self.input.store(ends[1], ordering: .releasing)
    }

    func listen(_ listener: (@Sendable () -> Void)?) {
        self.listener.withLock { $0 = listener }
    }

    /// Safe in a signal's handler: an atomic load and a write.
    static func wake() {
        var byte: UInt8 = 1
        let saved = errno
        write(input.load(ordering: .acquiring), &byte, 1)
        errno = saved
    }
}
