internal import Dispatch

/// As many threads as there are cores, apart from those of Swift's tasks.
final class ComputationExecutor: TaskExecutor {
    static let shared = ComputationExecutor()

    // Each quality of service has threads of its own.
    private let queue = DispatchQueue(label: "arc.computation", qos: .utility, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
