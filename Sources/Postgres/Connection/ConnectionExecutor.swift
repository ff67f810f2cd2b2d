internal import Dispatch

/// Runs the jobs of one connection, one after the other, on a thread outside the cooperative pool, where
/// they may wait for a socket. (On Linux Dispatch has no `DispatchSerialQueue` that is an executor itself.)
final class ConnectionExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
