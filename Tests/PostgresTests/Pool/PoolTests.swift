import Logging
import TestServer
import Testing

@testable import Postgres

@Suite("A pool")
struct PoolTests {
    private func pool(_ settings: PoolSettings = PoolSettings(), _ log: RecordingLog = RecordingLog())
        async throws -> Pool
    {
        let database = try await TestDatabase.create("pool")
        return try Pool(database.options, settings: settings, logger: Logger(label: "test") { _ in log })
    }

    /// Lets other tasks run until `condition` holds.
    private func wait(until condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test("a thousand tasks over 20 + 30 connections are all answered")
    func thousand() async throws {
        let pool = try await pool()
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<1000 as Range<Int64> {
                group.addTask {
                    let result = try await pool.query("select $1::int8 * 2, pg_sleep(0.001)", [.int(number)])
                    guard case .int(let double) = result[0, 0] else { return -1 }
                    #expect(double == number * 2)
                    return double
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 999_000)
        let statistics = pool.statistics
        #expect(statistics.queries == 1000)
        #expect(statistics.successRate == 1)
        #expect(statistics.inUse == 0)
        #expect(statistics.idle <= 20)
        #expect(statistics.waits > 0)
        #expect((statistics.p50 ?? .zero) <= (statistics.p99 ?? .zero))
        await pool.close()
    }

    @Test("a waiter that gives up leaves the queue")
    func givesUp() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.query("select 1") }
            await wait { pool.statistics.waiting == 1 }
            waiter.cancel()
            let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
            #expect(error?.code == .cancelled)
            #expect(pool.statistics.waiting == 0)
        }
        #expect(try await pool.query("select 1")[0, 0] == 1)
    }

    @Test("a wait that is too long names itself")
    func timeout() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0, timeout: .milliseconds(50)))
        // The first connection may take longer than that to open, on a busy machine.
        while (try? await pool.query("select 1")) == nil {}
        try await pool.withConnection { _ in
            let error = await #expect(throws: DatabaseError.self) { try await pool.query("select 1") }
            #expect(error?.code == .poolTimeout)
            #expect(error?.message.contains("0.05 s: 1 of 1 are in use") == true)
        }
    }

    @Test("a terminated backend is replaced")
    func terminated() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        let first = try await pool.query("select pg_backend_pid()")[0, 0]
        await #expect(throws: DatabaseError.self) {
            try await pool.query("select pg_terminate_backend(pg_backend_pid())")
        }
        #expect(try await pool.query("select pg_backend_pid()")[0, 0] != first)
        #expect(pool.statistics.failures == 1)
    }

    @Test("a connection that comes back inside a transaction is rolled back, and that is logged")
    func leftOpen() async throws {
        let log = RecordingLog()
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0), log)
        try await pool.withConnection { try await $0.script("create table t (a int)") }
        try await pool.withConnection { connection in
            try await connection.script("begin")
            try await connection.execute("insert into t values (1)")
        }
        #expect(try await pool.query("select count(*) from t")[0, 0] == 0)
        #expect(log.messages.contains { $0.contains("inside a transaction") })
    }

    @Test("cancelling a query leaves its connection in the pool, usable")
    func cancelled() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        let pid = try await pool.query("select pg_backend_pid()")[0, 0]
        let task = Task { try await pool.query("select pg_sleep(600)") }
        await wait { pool.statistics.inUse == 1 }
        task.cancel()
        await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(try await pool.query("select pg_backend_pid()")[0, 0] == pid)
    }

    @Test("closing waits for work in flight, and refuses new work")
    func draining() async throws {
        let pool = try await pool(PoolSettings(size: 2, maxOverflow: 0))
        try await pool.withConnection { connection in
            let closing = Task { await pool.close() }
            await wait {
                pool.statistics.idle == 0 && pool.isClosed
            }
            let error = await #expect(throws: DatabaseError.self) { try await pool.query("select 1") }
            #expect(error?.code == .poolClosed)
            let answer = try await connection.query("select 1")
            #expect(answer[0, 0] == 1)
            _ = closing
        }
        await pool.close()
        #expect(pool.statistics.inUse == 0)
    }

    @Test("closing cancels what takes too long")
    func abandoning() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        let task = Task { try await pool.query("select pg_sleep(600)") }
        await wait { pool.statistics.inUse == 1 }
        await pool.close(within: .milliseconds(20))
        await #expect(throws: DatabaseError.self) { try await task.value }
    }

    @Test("a server that isn't there fails everybody who waits")
    func unreachable() async throws {
        let pool = try Pool(
            ConnectionOptions("host=/nonexistent"), settings: PoolSettings(size: 2, maxOverflow: 0),
            logger: Logger(label: "test") { _ in RecordingLog() })
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let error = await #expect(throws: DatabaseError.self) { try await pool.query("select 1") }
                    #expect(error?.code == .connectionFailed)
                }
            }
        }
    }

    @Test("settings out of range are refused by name")
    func settings() throws {
        let options = try ConnectionOptions("")
        for settings in [
            PoolSettings(size: 0), PoolSettings(maxOverflow: -1), PoolSettings(timeout: .zero),
            PoolSettings(recycle: .zero), PoolSettings(commandTimeout: .zero),
            PoolSettings(statementCacheSize: -1),
        ] {
            let error = #expect(throws: DatabaseError.self) { try Pool(options, settings: settings) }
            #expect(error?.code == .invalidOptions)
        }
    }

    @Test("percentiles are right to within 7 %")
    func percentiles() {
        var histogram = Histogram()
        for microseconds in 1...10_000 { histogram.add(.microseconds(microseconds)) }
        for (rank, expected) in [(0.5, 5000.0), (0.95, 9500), (0.99, 9900)] {
            let found = (histogram.percentile(rank) ?? .zero) / .microseconds(1)
            #expect(abs(found - expected) < expected * 0.07)
        }
        #expect(histogram.average == .nanoseconds(5_000_500))
    }
}
