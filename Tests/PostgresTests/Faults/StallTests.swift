import FaultProxy
import Logging
import TestServer
import Testing

@testable import Postgres

@Suite("When a connection stalls or its cancelling fails", .timeLimit(.minutes(15)))
struct StallTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func proxy(
        _ hint: String, _ plan: FaultPlan = FaultPlan(), on listening: FaultProxy.Listening = .unix
    )
        async throws -> FaultProxy
    {
        try FaultProxy(to: try await TestDatabase.create(hint).options, plan: plan, on: listening)
    }

    private func pool(_ proxy: FaultProxy, timeout: Duration? = .seconds(60)) throws -> Pool {
        try Pool(
            proxy.options, settings: PoolSettings(size: 1, maxOverflow: 0, commandTimeout: timeout),
            logger: Self.quiet)
    }

    @Test("a stall that ends in time is only a wait", arguments: [FaultProxy.Listening.unix, .loopback])
    func shortStall(_ listening: FaultProxy.Listening) async throws {
        let proxy = try await proxy("short", on: listening)
        let pool = try pool(proxy)
        let before = try await pool.query("select pg_backend_pid()")[0, 0]
        proxy.stall()
        let query = Task { try await pool.query("select pg_backend_pid()") }
        while pool.statistics.inUse == 0 { await Task.yield() }
        proxy.resume()
        #expect(try await query.value[0, 0] == before)
        await pool.close()
    }

    @Test("a peer that vanishes without a word is found out by the command's time limit")
    func halfOpen() async throws {
        let proxy = try await proxy("vanished")
        let pool = try pool(proxy, timeout: .milliseconds(200))
        let before = try await pool.query("select pg_backend_pid()")[0, 0]
        proxy.arm(.stall(.beforeCommand("select 'unheard'")))
        await fails(.timedOut) { try await pool.query("select 'unheard'") }
        #expect(try await pool.query("select pg_backend_pid()")[0, 0] != before)
        await pool.close()
        proxy.cutAll()
        await proxy.reached { $0.open == 0 }
    }

    @Test("a peer that stops reading in the middle of a long command is found out, too")
    func stopsReading() async throws {
        let proxy = try await proxy("unread", FaultPlan([.stall(.after(bytes: 100_000, .toServer))]))
        let pool = try pool(proxy, timeout: .milliseconds(500))
        let long = Value.text(String(repeating: "x", count: 20_000_000))
        await fails(.timedOut) { try await pool.query("select length($1::text)", [long]) }
        #expect(try await pool.query("select 1")[0, 0] == 1)
        await pool.close()
        proxy.cutAll()
    }

    @Test("a commit that isn't confirmed in time is never cancelled: nobody can say whether it took effect")
    func unconfirmedCommit() async throws {
        let proxy = try await proxy("commit")
        let pool = try pool(proxy, timeout: .milliseconds(300))
        try await pool.query("create table it (n int)")
        proxy.arm(.stall(.beforeCommand("COMMIT")))
        await fails(.connectionLost) {
            try await pool.withConnection { connection in
                try await connection.transaction { _ = try await $0.query("insert into it values (1)") }
            }
        }
        #expect(proxy.counts.cancels == 0)
        #expect(try await pool.query("select 1")[0, 0] == 1)
        await pool.close()
        proxy.cutAll()
    }

    @Test("an idle peer that vanished is found out by asking it for a sign of life")
    func vanishedIdle() async throws {
        let proxy = try await proxy("idle")
        let connection = try await Connection.connect(proxy.options, logger: Self.quiet)
        proxy.arm(.stall(.beforeCommand("")))
        await fails(.timedOut) { try await connection.ping(timeout: .milliseconds(200)) }
        #expect(connection.isBroken)
        // Nobody is asked to cancel a question that asks for nothing.
        #expect(proxy.counts.cancels == 0)
        proxy.cutAll()
    }

    @Test("a peer that vanished while idle costs a pool no command: it is dropped, and another is asked")
    func vanishedInPool() async throws {
        let proxy = try await proxy("pool")
        let time = ManualTime()
        let pool = try Pool(
            proxy.options, settings: PoolSettings(size: 2, maxOverflow: 0), logger: Self.quiet,
            time: time.keeper)
        let before = try await pool.query("select pg_backend_pid()")[0, 0]
        proxy.arm(.stall(.beforeCommand("")))
        time.advance(by: .seconds(5))
        #expect(try await pool.query("select pg_backend_pid()")[0, 0] != before)
        #expect(proxy.counts.cancels == 0)
        #expect(pool.statistics.failures == 0 && pool.statistics.broken == 1)
        await pool.close()
        proxy.cutAll()
    }

    @Test("asking a peer that vanished can be given up at once")
    func cancelPing() async throws {
        let proxy = try await proxy("ping")
        let connection = try await Connection.connect(proxy.options, logger: Self.quiet)
        proxy.arm(.stall(.beforeCommand("")))
        let pinging = Task { try await connection.ping(timeout: .seconds(600)) }
        await proxy.reached { $0.strikes == 1 }
        pinging.cancel()
        await fails(.cancelled) { try await pinging.value }
        #expect(connection.isBroken && proxy.counts.cancels == 0)
        proxy.cutAll()
    }

    @Test("hundreds of requests to cancel that hang keep no other connection from working")
    func hangingCancels() async throws {
        let proxy = try await proxy("hanging")
        let connection = try await Connection.connect(proxy.options, logger: Self.quiet)
        proxy.stall()
        let requests = await connection.requestCancels(400)
        let other = try await Connection.connect(proxy.server, logger: Self.quiet)
        #expect(try await other.query("select 1")[0, 0] == 1)
        #expect(requests.contains { !$0.isDone })
        proxy.resume()
        while requests.contains(where: { !$0.isDone }) { await Task.yield() }
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a server that accepts and then says nothing is given up after connect_timeout")
    func silentServer() async throws {
        let proxy = try await proxy("silent", FaultPlan([.stall(.after(bytes: 20, .toClient))]))
        let options = try proxy.options.with("connect_timeout", "2")
        await fails(.timedOut) { _ = try await Connection.connect(options, logger: Self.quiet) }
        let next = try await Connection.connect(options, logger: Self.quiet)
        #expect(try await next.query("select 1")[0, 0] == 1)
        proxy.cutAll()
    }

    @Test("connecting to a server that says nothing can be cancelled")
    func cancelConnecting() async throws {
        let proxy = try await proxy("impatient", FaultPlan([.stall(.after(bytes: 20, .toClient))]))
        let options = proxy.options
        let connecting = Task { _ = try await Connection.connect(options, logger: Self.quiet) }
        await proxy.reached { $0.strikes == 1 }
        connecting.cancel()
        await fails(.cancelled) { try await connecting.value }
        proxy.cutAll()
    }

    @Test("a request to cancel that is cut is made again, and the connection stays usable")
    func cutCancel() async throws {
        let proxy = try await proxy("cancels", FaultPlan([.cut(.beforeCancel), .cut(.beforeCancel)]))
        let pool = try pool(proxy)
        let pid = try await pool.query("select pg_backend_pid()")[0, 0]
        let sleeping = Task { try await pool.query("select pg_sleep(600)") }
        let direct = try await Connection.connect(proxy.server, logger: Self.quiet)
        let asleep = "select count(*) from pg_stat_activity where pid = \(pid) and wait_event = 'PgSleep'"
        while try await direct.query(asleep)[0, 0] != 1 {}
        sleeping.cancel()
        await fails(.cancelled) { try await sleeping.value }
        #expect(proxy.counts.strikes == 2)
        #expect(proxy.counts.cancels >= 3)
        #expect(try await pool.query("select pg_backend_pid()")[0, 0] == pid)
        await pool.close()
    }

    @Test("one who waits for a connection that is then cut gets a new one")
    func cutWhileOthersWait() async throws {
        let proxy = try await proxy("waiting")
        let pool = try pool(proxy)
        let first = try await pool.query("select pg_backend_pid()")[0, 0]
        let sleeping = Task { try await pool.query("select pg_sleep(600)") }
        while pool.statistics.inUse == 0 { await Task.yield() }
        let waiting = Task { try await pool.query("select pg_backend_pid()") }
        while pool.statistics.waiting == 0 { await Task.yield() }
        proxy.cutAll()
        await fails(.connectionLost) { try await sleeping.value }
        #expect(try await waiting.value[0, 0] != first)
        await pool.close()
    }

    @Test("a commit whose answer never came is told as lost, though it took effect")
    func unansweredCommit() async throws {
        let proxy = try await proxy("commit")
        let pool = try pool(proxy)
        try await pool.withConnection { try await $0.script("create table t (id int)") }
        proxy.arm(.cut(.beforeAnswer("COMMIT")))
        await fails(.connectionLost) {
            try await pool.transaction { try await $0.query("insert into t values (1)") }
        }
        proxy.arm(.cut(.beforeCommand("COMMIT")))
        await fails(.connectionLost) {
            try await pool.transaction { try await $0.query("insert into t values (2)") }
        }
        #expect(try await pool.query("select id from t").map { $0[0] } == [1])
        await pool.close()
    }
}

extension Connection {
    /// Asks the server so many times to cancel what this connection does.
    fileprivate func requestCancels(_ count: Int) -> [CancelRequest] {
        guard let handle else { return [] }
        return (0..<count).map { _ in CancelRequest(handle.pointer) }
    }
}
