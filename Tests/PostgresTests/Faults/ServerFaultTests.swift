import FaultProxy
import Glibc
import Logging
import Testing

@testable import Postgres

/// A server of their own that these tests do harm to, one after the other.
private actor HarmedServer {
    static let shared = HarmedServer()
    private var starting: Task<FaultServer, any Error>?

    func server() async throws -> FaultServer {
        if let starting { return try await starting.value }
        let task = Task { try await FaultServer() }
        starting = task
        return try await task.value
    }
}

@Suite("With a server that fails", .serialized, .timeLimit(.minutes(15)))
struct ServerFaultTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func connect(_ options: ConnectionOptions, _ settings: Connection.Settings = .init()) async throws
        -> Connection
    {
        try await Connection.connect(options, settings: settings, logger: Self.quiet)
    }

    private func pool(
        _ options: ConnectionOptions, size: Int = 1, overflow: Int = 0, timeout: Duration? = .seconds(60)
    ) throws -> Pool {
        try Pool(
            options, settings: PoolSettings(size: size, maxOverflow: overflow, commandTimeout: timeout),
            logger: Self.quiet)
    }

    /// Ends the server's process for a session, and waits until it is gone.
    private func terminate(_ pid: Int, _ direct: Connection) async throws {
        try await direct.query("select pg_terminate_backend(\(pid))")
        try await waitForSessions("pid = \(pid)", count: 0, direct)
    }

    private func waitForSessions(_ condition: String, count: Int, _ direct: Connection) async throws {
        let sql = """
            select count(*) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid() and \(condition)
            """
        while try await direct.query(sql)[0, 0] != .int(Int64(count)) {}
    }

    @Test("a session terminated while idle is noticed by the next command, and replaced")
    func terminatedIdle() async throws {
        let server = try await HarmedServer.shared.server()
        let direct = try await connect(server.options)
        let pool = try pool(server.options)
        let pid = try await pool.withConnection { await $0.backendPID }
        try await terminate(pid, direct)
        let failed = await databaseError { try await pool.query("select 1") }
        #expect(failed == nil || failed?.code == .connectionLost)
        let next = try await pool.withConnection { await $0.backendPID }
        #expect(next != pid)
        await pool.close()
    }

    @Test("a session terminated in a query, or in a transaction, fails that alone, and nothing was written")
    func terminatedAtWork() async throws {
        let server = try await HarmedServer.shared.server()
        let direct = try await connect(server.options)
        try await direct.script("drop table if exists t; create table t (id int)")
        let pool = try pool(server.options, size: 2)
        let sleeping = Task { try await pool.query("select pg_sleep(600), 'victim'") }
        // It sleeps, having prepared its query and looked types up: meanwhile another text would stand there.
        try await waitForSessions("wait_event = 'PgSleep' and query like '%victim%'", count: 1, direct)
        try await direct.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%victim%' and pid <> pg_backend_pid()"
        )
        let lost = await databaseError { try await sleeping.value }
        #expect(lost?.code == .connectionLost)
        #expect(lost?.sqlState == "57P01")
        let inTransaction = await databaseError {
            try await pool.transaction { connection in
                try await connection.query("insert into t values (1)")
                try await self.terminate(await connection.backendPID, direct)
                try await connection.query("insert into t values (2)")
            }
        }
        #expect(inTransaction?.code == .connectionLost)
        #expect(try await pool.query("select count(*) from t")[0, 0] == 0)
        #expect(pool.statistics.inUse == 0)
        await pool.close()
    }

    @Test("a session that hangs is cancelled when its time is over, and usable when it goes on")
    func stoppedBackend() async throws {
        let server = try await HarmedServer.shared.server()
        let proxy = try FaultProxy(to: server.options)
        let connection = try await connect(
            proxy.options, Connection.Settings(commandTimeout: .milliseconds(200)))
        let pid = await connection.backendPID
        server.send(SIGSTOP, to: pid)
        defer { server.send(SIGCONT, to: pid) }
        let query = Task { try await connection.query("select pg_sleep(600)") }
        await proxy.reached { $0.cancels > 0 }
        server.send(SIGCONT, to: pid)
        await fails(.timedOut) { try await query.value }
        #expect(try await connection.query("select pg_backend_pid()")[0, 0] == .int(Int64(pid)))
        await connection.close()
    }

    @Test("a session that hangs for good is given up, and its connection with it")
    func stoppedForGood() async throws {
        let server = try await HarmedServer.shared.server()
        let pool = try pool(server.options, timeout: .milliseconds(200))
        let pid = try await pool.withConnection { await $0.backendPID }
        server.send(SIGSTOP, to: pid)
        defer { server.send(SIGCONT, to: pid) }
        await fails(.timedOut) { try await pool.query("select 1") }
        let next = try await pool.withConnection { await $0.backendPID }
        #expect(next != pid)
        await pool.close()
    }

    @Test("a server that is stopped lets its sessions work and newcomers wait, until it goes on")
    func stoppedPostmaster() async throws {
        let server = try await HarmedServer.shared.server()
        let proxy = try FaultProxy(to: server.options)
        let pool = try pool(proxy.options, size: 2)
        let postmaster = Int(server.postmaster)
        #expect(postmaster > 1)
        try await pool.withConnection { connection in
            server.send(SIGSTOP, to: postmaster)
            defer { server.send(SIGCONT, to: postmaster) }
            let newcomer = Task { try await pool.query("select 7") }
            await proxy.reached { $0.accepted == 2 }
            let atWork = try await connection.query("select 1")
            #expect(atWork[0, 0] == 1)
            server.send(SIGCONT, to: postmaster)
            let answer = try await newcomer.value
            #expect(answer[0, 0] == 7)
        }
        await pool.close()
    }

    @Test("connecting to a server that is stopped ends with connect_timeout")
    func connectTimeout() async throws {
        let server = try await HarmedServer.shared.server()
        let postmaster = Int(server.postmaster)
        #expect(postmaster > 1)
        server.send(SIGSTOP, to: postmaster)
        defer { server.send(SIGCONT, to: postmaster) }
        let options = try server.options.with("connect_timeout", "2")
        let pool = try pool(options)
        await fails(.timedOut) { try await pool.query("select 1") }
        await pool.close()
    }

    @Test("a restart of the server fails what is under way, and the pool heals by itself")
    func restart() async throws {
        let server = try await HarmedServer.shared.server()
        let pool = try pool(server.options, size: 4, overflow: 4)
        let sleepers = (0..<12).map { _ in Task { try await pool.query("select pg_sleep(600)") } }
        let direct = try await connect(server.options)
        try await waitForSessions("query like 'select pg_sleep%' and state = 'active'", count: 8, direct)
        try await server.restart()
        // Four were still waiting: they failed with the others, or sleep on the new server.
        for sleeper in sleepers { sleeper.cancel() }
        var lost = 0
        for sleeper in sleepers {
            let error = await databaseError { try await sleeper.value }
            #expect(
                [.connectionLost, .connectionFailed, .cancelled].contains(error?.code),
                "\(String(describing: error))")
            if error?.code == .connectionLost { lost += 1 }
        }
        #expect(lost >= 8)
        // Whatever is left of the old connections is found out at the latest when it is used.
        for _ in 0..<8 { _ = try? await pool.query("select 1") }
        for _ in 0..<8 { #expect(try await pool.query("select 1")[0, 0] == 1) }
        #expect(pool.statistics.inUse == 0)
        await pool.close()
    }

    @Test(
        "with every tenth connection refused or cut, every call ends and the pool goes on", arguments: 1...3)
    func everyTenth(_ seed: Int) async throws {
        let server = try await HarmedServer.shared.server()
        let plan = FaultPlan(
            seed: UInt64(seed), refusedShare: 0.1, cutShare: 0.1, cutWithin: 1...3000)
        let proxy = try FaultProxy(to: server.options, plan: plan)
        let pool = try pool(proxy.options, size: 5, overflow: 5)
        let ends = await withTaskGroup(of: DatabaseError.Code?.self) { group in
            for number in 0..<400 as Range<Int64> {
                group.addTask {
                    await databaseError {
                        // Every fifth leaves the pool a connection less.
                        let result = try await pool.withConnection { connection in
                            let result = try await connection.query("select $1::int8", [.int(number)])
                            if number % 5 == 0 { await connection.close() }
                            return result
                        }
                        #expect(result[0, 0] == .int(number))
                    }?.code
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(ends.allSatisfy { [nil, .connectionLost, .connectionFailed].contains($0) })
        #expect(ends.count { $0 == nil } >= 300)
        #expect(proxy.counts.refused + proxy.counts.strikes > 0)
        #expect(pool.statistics.inUse == 0 && pool.statistics.waiting == 0)
        await pool.close()
        await proxy.reached { $0.open == 0 }
    }

}
