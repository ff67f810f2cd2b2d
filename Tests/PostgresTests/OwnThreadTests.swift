import Dispatch
import Glibc
import TestServer
import Testing

@Suite("Threads of a test's own", .timeLimit(.minutes(2)))
struct OwnThreadTests {
    /// What blocked work waits for; in a function that isn't async, where Swift lets one block.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func pass() { semaphore.wait() }
        func open() { semaphore.signal() }
    }

    /// More than there are threads for tasks.
    private static let many = sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 2

    @Test("however many block, other tasks go on")
    func tasks() async {
        let gate = Gate()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.many { group.addTask(executorPreference: OwnThread()) { gate.pass() } }
            group.addTask { for _ in 0..<Self.many { gate.open() } }
        }
    }

    @Test("work that blocks is waited for without blocking, and its answer or error comes back")
    func run() async throws {
        struct Refused: Error {}
        let gate = Gate()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<Self.many {
                group.addTask {
                    try await OwnThread.run {
                        gate.pass()
                        return number
                    }
                }
            }
            group.addTask {
                for _ in 0..<Self.many { gate.open() }
                return -1
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.sorted() == Array(-1..<Self.many))
        await #expect(throws: Refused.self) { try await OwnThread.run { throw Refused() } }
    }
}
