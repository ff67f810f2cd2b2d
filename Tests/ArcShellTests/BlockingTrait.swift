import Synchronization
import TestServer
import Testing

/// Runs tests that block, as they do while they wait for a terminal, on a few threads of their own.
///
/// A few, so that a hundred cases of one test don't run at once: each would have to be patient with all others.
struct BlockingTrait: SuiteTrait, TestTrait, TestScoping {
    private static let threads = (0..<3).map { _ in OwnThread() }
    private static let turn = Atomic<Int>(0)

    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let turn = Self.turn.wrappingAdd(1, ordering: .relaxed).oldValue
        try await withTaskExecutorPreference(Self.threads[turn % Self.threads.count]) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// The test blocks the thread that it runs on.
    static var blocking: Self { Self() }
}
