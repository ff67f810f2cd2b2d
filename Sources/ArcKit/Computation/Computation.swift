/// What may compute for long: it runs on threads of its own, and ends where its task is cancelled.
///
/// Swift's tasks share one thread a core, and mustn't wait for a computation: with those threads busy no timer would end
/// anything, and no connection be read.
public enum Computation {
    /// The work's result.
    ///
    /// Long loops look at `Task.isCancelled` and leave; what comes of that isn't returned.
    ///
    /// - Parameter work: what to compute; it must not wait for anything.
    /// - Throws: what the work throws, and `CancellationError` where the task was cancelled meanwhile.
    public static func run<Result: Sendable>(
        _ work: @Sendable () throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(ComputationExecutor.shared) {
            try Task.checkCancellation()
            let result = try work()
            try Task.checkCancellation()
            return result
        }
    }
}
