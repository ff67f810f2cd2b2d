import Foundation
import Measuring
import Postgres
import Synchronization

/// What it costs to have a pool between a task and its connection.
enum PoolComparisons {
    static let all = [
        Benchmark("lend a connection, uncontended (CPU time)", lending),
        Benchmark("lend to 1,000 tasks over 50 connections", contention),
    ]

    /// The pool's own work, with nothing done on the connection. What is compared is the time of the processor.
    @Sendable private static func lending(_ server: Server) async throws -> Contest {
        let pool = try Pool(try await server.options())
        try await pool.query("select 1")
        let counter = Counter()
        let rounds = 20_000
        return Contest(
            unit: "lending", units: rounds, repeats: 1,
            baseline: .measured("an async call between two locks") {
                try await processorTime(rounds) { try await counter.withTurn { _ in } }
            },
            subject: .measured("Pool.withConnection") {
                try await processorTime(rounds) { try await pool.withConnection { _ in } }
            })
    }

    /// Fairness: by how much the longest wait exceeds the mean one, when a thousand tasks come at once and each
    /// needs a connection for one short command.
    @Sendable private static func contention(_ server: Server) async throws -> Contest {
        let waits = Waits(
            try Pool(try await server.options(), settings: PoolSettings(size: 50, maxOverflow: 0)))
        return Contest(
            unit: "task", units: 1000, repeats: 1,
            baseline: .measured("the mean wait") { try await waits.next().mean },
            subject: .measured("the longest wait") { try await waits.next().longest })
    }

    private static func processorTime(_ rounds: Int, _ work: () async throws -> Void) async throws -> Double {
        let start = processorNanoseconds()
        for _ in 0..<rounds { try await work() }
        return Double(processorNanoseconds() - start) / Double(rounds)
    }

    /// The processor time of the whole process.
    static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// The least that lending could be: something behind a lock that is taken and given back around a call.
private final class Counter: Sendable {
    private let free = Mutex([1])

    nonisolated(nonsending) func withTurn<T>(
        _ body: nonisolated(nonsending) (Int) async throws -> T
    ) async throws -> T {
        let taken = free.withLock { $0.removeLast() }
        defer { free.withLock { $0.append(taken) } }
        return try await body(taken)
    }
}

/// A thousand tasks over a pool, and how long they waited for a connection.
private actor Waits {
    private let pool: Pool
    /// A run that one side has looked at, and the other one hasn't.
    private var half: (mean: Double, longest: Double)?

    init(_ pool: Pool) { self.pool = pool }

    /// The waits of one run, in nanoseconds; every run is told twice, once to each side.
    func next() async throws -> (mean: Double, longest: Double) {
        if let known = half {
            half = nil
            return known
        }
        let run = try await run()
        half = run
        return run
    }

    private func run() async throws -> (mean: Double, longest: Double) {
        try await fill(50)
        let before = pool.statistics
        let pool = pool
        let times = try await withThrowingTaskGroup(of: Double.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    let asked = ContinuousClock.now
                    return try await pool.withConnection { connection in
                        let waited = ContinuousClock.now - asked
                        try await connection.query("select pg_sleep(0.001)")
                        return waited / .nanoseconds(1)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let after = pool.statistics
        guard times.count == 1000, after.failures == 0, after.failedWaits == 0, after.opened == before.opened
        else { throw WrongResult("the pool says \(after)") }
        return (times.reduce(0, +) / 1000, times.max() ?? 0)
    }

    private func fill(_ count: Int) async throws {
        try await pool.withConnection { _ in if count > 1 { try await fill(count - 1) } }
    }
}
