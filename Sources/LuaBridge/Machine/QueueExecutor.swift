internal import Dispatch

/// A serial executor over a queue of its own, so that Lua's CPU time never blocks the cooperative pool.
final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "lua.machine")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs a piece of work between the jobs.
    func enqueue(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
