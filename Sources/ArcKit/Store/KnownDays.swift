import Synchronization

/// The days whose partitions this process has seen, so that recording asks the server once a day and not once a
/// batch. On TimescaleDB nothing needs asking.
final class KnownDays: Sendable {
    private let days = Mutex<Set<String>>([])

    func missing(of wanted: Set<String>) -> [String] {
        days.withLock { wanted.subtracting($0).sorted() }
    }

    func insert(_ seen: [String]) {
        days.withLock { $0.formUnion(seen) }
    }

    /// Forgets everything: retention may have dropped a partition since.
    func forget() {
        days.withLock { $0.removeAll() }
    }
}
