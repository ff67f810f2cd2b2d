import Dispatch
import Glibc
import Synchronization

/// Ctrl-C while something runs: calls a handler instead of ending the process.
final class Interrupts: Sendable {
    // The source is made here, and only cancelled elsewhere, which Dispatch allows from any thread.
    private nonisolated(unsafe) let source: any DispatchSourceSignal

    /// Calls `handler` with how often Ctrl-C was pressed, from the first on, until ``stop()``.
    init(_ handler: @escaping @Sendable (Int) -> Void) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(
            signal: SIGINT, queue: DispatchQueue(label: "arc.interrupts"))
        let counter = Counter()
        source.setEventHandler { handler(counter.next()) }
        source.resume()
    }

    /// From now on Ctrl-C ends the process again.
    func stop() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }

    private final class Counter: Sendable {
        private let value = Atomic(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}
