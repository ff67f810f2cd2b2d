import ArcKit
import Testing

@Suite("Computations")
struct ComputationTests {
    @Test("leave the threads of other tasks free, however many compute")
    func apart() async throws {
        let computing = (0..<16).map { _ in
            Task { try await Computation.run { while true { try Task.checkCancellation() } } }
        }
        // Would never come to its end if the computations held all threads.
        for _ in 0..<1000 { await Task.detached { await Task.yield() }.value }
        for task in computing { task.cancel() }
        for task in computing { await #expect(throws: CancellationError.self) { try await task.value } }
    }

    @Test("what comes of one that was cancelled is thrown away")
    func thrownAway() async throws {
        let task = Task {
            try await Computation.run {
                withUnsafeCurrentTask { $0?.cancel() }
                return 1
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await Computation.run { 2 } == 2)
    }
}
