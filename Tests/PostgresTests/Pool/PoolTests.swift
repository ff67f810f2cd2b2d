import Logging
import Synchronization
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

    private func pool(_ settings: PoolSettings, _ time: ManualTime) async throws -> Pool {
        let database = try await TestDatabase.create("pool")
        return try Pool(
            database.options, settings: settings, logger: Logger(label: "test") { _ in RecordingLog() },
            time: time.keeper)
    }

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
        #expect(statistics.inUse == 0 && statistics.waiting == 0 && statistics.failedWaits == 0)
        #expect(statistics.opened <= 50)
        #expect(statistics.waits > 0)
        #expect((statistics.averageWait ?? .zero) <= (statistics.longestWait ?? .zero))
        #expect((statistics.p50 ?? .zero) <= (statistics.p99 ?? .zero))
        await pool.close()
        #expect(pool.statistics.closed == pool.statistics.opened)
    }

    @Test("tasks are served in the order in which they came")
    func fairness() async throws {
        // One connection: of several lent at once, any may be noted first.
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        let served = Served()
        let tasks = try await pool.withConnection { _ in
            var tasks: [Task<Void, any Error>] = []
            for number in 0..<100 {
                tasks.append(
                    Task {
                        try await pool.withConnection { _ in
                            served.numbers.withLock { $0.append(number) }
                        }
                    })
                await wait { pool.statistics.waiting == number + 1 }
            }
            return tasks
        }
        for task in tasks { try await task.value }
        #expect(served.numbers.withLock { $0 } == Array(0..<100))
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
        let time = ManualTime()
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0), time)
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.query("select 1") }
            await wait { pool.statistics.waiting == 1 }
            time.advance(by: .seconds(31))
            let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
            #expect(error?.code == .poolTimeout)
            #expect(error?.message.contains("30 s: 1 of 1 are in use") == true)
            #expect(pool.statistics.failedWaits == 1 && pool.statistics.waiting == 0)
        }
        // The first one waited as well, for its connection to be opened; no time passed meanwhile.
        #expect(pool.statistics.waits == 2 && pool.statistics.averageWait == .seconds(15.5))
        #expect(pool.statistics.longestWait == .seconds(31))
    }

    @Test("connections beyond the size are closed when they have been idle for two seconds")
    func overflow() async throws {
        let time = ManualTime()
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 2), time)
        try await pool.withConnection { _ in
            try await pool.withConnection { _ in _ = try await pool.query("select 1") }
        }
        #expect(pool.statistics.idle == 3 && pool.statistics.overflow == 2)
        time.advance(by: .seconds(3))
        await wait { pool.statistics.idle == 1 }
        #expect(pool.statistics.closed == 2 && pool.statistics.broken == 0)
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
        #expect(pool.statistics.rolledBack == 1)
    }

    @Test("a connection whose session was changed is for nobody else")
    func retired() async throws {
        let pool = try await pool(PoolSettings(size: 1, maxOverflow: 0))
        try await pool.withConnection { connection in
            try await connection.script("set work_mem = '77MB'; create temporary table mine (a int)")
            connection.retire()
        }
        #expect(try await pool.query("select current_setting('work_mem')")[0, 0] != "77MB")
        #expect(pool.statistics.closed == 1 && pool.statistics.broken == 0)
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

/// In what order tasks were served.
private final class Served: Sendable {
    let numbers = Mutex<[Int]>([])
}
