import Dispatch

/// A thread for work that blocks. The threads on which Swift runs tasks are as few as the machine's processors: a test
/// that blocks one of them holds up all others.
public final class OwnThread: TaskExecutor {
    // A serial queue is given a thread even where those of the global queues are all taken.
    private let queue = DispatchQueue(label: "own thread")

    /// A thread that waits for work.
    public init() {}

    /// Does what blocks, on a thread that ends with it.
    public static func run<Answer: Sendable>(
        _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "own thread").async { continuation.resume(with: Result { try work() }) }
        }
    }

    /// Runs a piece of a task, as Swift wants it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
