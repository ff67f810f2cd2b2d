import Logging
import Synchronization
import TestServer
import Testing

@testable import Postgres

@Suite("Work that is repeated")
struct RetryTests {
    private let time = ManualTime()

    private func pool(_ options: ConnectionOptions? = nil) async throws -> Pool {
        let place = if let options { options } else { try await TestDatabase.create("retry").options }
        return try Pool(
            place, settings: PoolSettings(size: 2, maxOverflow: 0),
            logger: Logger(label: "test") { _ in RecordingLog() }, time: time.keeper)
    }

    /// Lets the waits before repeats pass as soon as somebody waits.
    private func passing<T: Sendable>(
        _ waits: Int, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let task = Task { try await body() }
        for number in 0..<waits {
            let shortest: Duration = number == 0 ? .milliseconds(750) : .milliseconds(1500)
            let longest: Duration = number == 0 ? .milliseconds(1250) : .milliseconds(2500)
            await wait { time.waits.contains { $0 >= shortest && $0 <= longest } }
            time.advance(by: longest)
        }
        return try await task.value
    }

    /// Ends the session of `connection` while it sleeps in the server.
    private func terminate(_ pid: Int, _ killer: Connection) async throws {
        while try await killer.query(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'",
            [.int(Int64(pid))]
        ).isEmpty {}
    }

    @Test("a read whose backend is terminated is repeated, and succeeds")
    func read() async throws {
        let pool = try await pool()
        let killer = try await Connection.connect(pool.options)
        let pids = Mutex<[Int]>([])
        let reading = Task {
            try await passing(1) {
                try await pool.retrying(.read) { connection in
                    let pid = await connection.backendPID
                    let isFirst = pids.withLock { pids in
                        pids.append(pid)
                        return pids.count == 1
                    }
                    return try await connection.query(
                        "select 42, pg_sleep($1)", [.double(isFirst ? 600 : 0)])[0, 0]
                }
            }
        }
        await wait { pids.withLock { $0.count == 1 } }
        try await terminate(pids.withLock { $0[0] }, killer)
        #expect(try await reading.value == 42)
        #expect(pids.withLock { $0.count } == 2)
        #expect(pool.statistics.retries == 1 && pool.statistics.failures == 1)
        await killer.close()
    }

    @Test("a write of which nothing is known is not repeated when its connection is lost")
    func write() async throws {
        let pool = try await pool()
        try await pool.query("create table t (a int)")
        for safety in [RepeatSafety.write, .transaction] {
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.retrying(safety) { connection in
                    try await connection.query("insert into t values (1)")
                    try await connection.query("select pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .connectionLost)
        }
        #expect(try await pool.query("select count(*) from t")[0, 0] == 2)
        #expect(pool.statistics.retries == 0)
    }

    @Test("a transaction that couldn't be serialized is repeated whole")
    func serialization() async throws {
        let pool = try await pool()
        try await pool.withConnection {
            try await $0.script("create table t (a int); insert into t values (0)")
        }
        let attempts = Atomic(0)
        try await passing(1) {
            try await pool.retrying(.transaction) { connection in
                try await connection.transaction(isolation: .repeatableRead) { connection in
                    try await connection.query("select * from t")
                    if attempts.add(1, ordering: .relaxed).newValue == 1 {
                        // Somebody else is faster.
                        try await pool.query("update t set a = a + 1")
                    }
                    try await connection.query("update t set a = a + 10")
                }
            }
        }
        #expect(try await pool.query("select a from t")[0, 0] == 11)
        #expect(attempts.load(ordering: .relaxed) == 2 && pool.statistics.retries == 1)
    }

    @Test("three attempts and no more")
    func attempts() async throws {
        let pool = try await pool()
        let attempts = Atomic(0)
        await #expect(throws: DatabaseError.self) {
            try await passing(2) {
                try await pool.retrying(.read) { connection in
                    attempts.add(1, ordering: .relaxed)
                    try await connection.query("select pg_terminate_backend(pg_backend_pid())")
                }
            }
        }
        #expect(attempts.load(ordering: .relaxed) == 3 && pool.statistics.retries == 2)
    }

    @Test("a login that is refused, a mistake, an error of somebody else's and a closed pool aren't repeated")
    func lasting() async throws {
        let good = try await pool()
        let bad = try await pool(good.options.with("user", "nobody_of_that_name"))
        let unknown = try await pool(good.options.with("dbname", "nothing_of_that_name"))
        for pool in [bad, unknown] {
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.retrying(.read) { try await $0.query("select 1") }
            }
            #expect(error?.code == .connectionFailed)
            #expect(pool.statistics.failedConnects == 1 && pool.statistics.retries == 0)
        }
        await #expect(throws: DatabaseError.self) {
            try await good.retrying(.read) { try await $0.query("selct") }
        }
        struct Own: Error {}
        await #expect(throws: Own.self) { try await good.retrying(.read) { _ in throw Own() } }
        await good.close()
        await #expect(throws: DatabaseError.self) {
            try await good.retrying(.read) { try await $0.query("select 1") }
        }
        #expect(good.statistics.retries == 0)
    }

    @Test("a write that hadn't begun, since nobody listened, is repeated")
    func notBegun() async throws {
        let pool = try await pool(ConnectionOptions("host=/nonexistent"))
        let error = await #expect(throws: DatabaseError.self) {
            try await passing(2) { try await pool.retrying(.write) { try await $0.query("select 1") } }
        }
        #expect(error?.code == .connectionFailed)
        #expect(pool.statistics.retries == 2 && pool.statistics.failedConnects == 3)
    }

    @Test("a task that is cancelled while it waits for the next attempt ends at once")
    func cancelled() async throws {
        let pool = try await pool()
        let task = Task {
            try await pool.retrying(.read) {
                try await $0.query("select pg_terminate_backend(pg_backend_pid())")
            }
        }
        await wait { time.waits.contains { $0 <= .milliseconds(1250) } }
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(pool.statistics.retries == 0 && pool.statistics.queries == 1)
    }
}
