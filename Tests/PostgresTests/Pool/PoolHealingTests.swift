import FaultProxy
import Glibc
import Logging
import Synchronization
import TestServer
import Testing

@testable import Postgres

@Suite("A pool and a server that comes and goes")
struct PoolHealingTests {
    /// Runs `body` with a server of its own, that it may stop and start.
    private func withServer(_ body: (LocalServer, EphemeralServer) async throws -> Void) async throws {
        let search = ServerProgramSearch(explicit: getenv("ARC_PG_BIN").map { String(cString: $0) })
        let ephemeral = try await EphemeralServer(search: search)
        let place = try ServerDirectory(base: ephemeral.directory, rootBase: ephemeral.directory)
        var settings = ServerSettings()
        settings.durable = false
        do {
            try await body(LocalServer(place, settings: settings, search: search), ephemeral)
        } catch {
            await ephemeral.stop()
            throw error
        }
        await ephemeral.stop()
    }

    private func pool(
        _ options: ConnectionOptions, _ settings: PoolSettings, _ log: RecordingLog = RecordingLog()
    )
        throws -> Pool
    {
        try Pool(options, settings: settings, logger: Logger(label: "test") { _ in log })
    }

    /// Opens so many connections and leaves them idle.
    private func fill(_ pool: Pool, _ count: Int) async throws {
        try await pool.withConnection { _ in if count > 1 { try await fill(pool, count - 1) } }
    }

    @Test("after a restart nobody meets a dead connection, however many were idle")
    func restarted() async throws {
        try await withServer { server, ephemeral in
            let pool = try pool(ephemeral.options, PoolSettings(size: 5, maxOverflow: 0))
            try await fill(pool, 5)
            #expect(pool.statistics.idle == 5)
            try await server.stop()
            try await server.start()
            for _ in 0..<10 { #expect(try await pool.query("select 1")[0, 0] == 1) }
            #expect(pool.statistics.failures == 0)
            // The first that was found dead condemned the others.
            #expect(pool.statistics.broken == 1 && pool.statistics.closed == 5 && pool.statistics.opened == 6)
            await pool.close()
        }
    }

    @Test("who comes while the server restarts is served when it is back")
    func whileAway() async throws {
        try await withServer { server, ephemeral in
            let log = RecordingLog()
            let retry = RetryPolicy(attempts: 10, firstDelay: .milliseconds(100))
            let pool = try pool(ephemeral.options, PoolSettings(size: 5, maxOverflow: 5, retry: retry), log)
            try await fill(pool, 5)
            try await server.stop()
            let tasks = (0..<200).map { _ in
                Task { try await pool.retrying(.read) { try await $0.query("select 1") } }
            }
            // More than the ten that were tried at once when the first one was found dead.
            await wait { pool.statistics.failedConnects >= 12 }
            // Two hundred want one, and one asks at a time, ever more rarely.
            #expect(pool.statistics.connecting <= 1)
            try await server.start()
            for task in tasks { #expect(try await task.value[0, 0] == 1) }
            #expect(pool.statistics.failures == 0)
            #expect(log.messages.count { $0.contains("could not be opened") } < 5)
            await pool.close()
        }
    }

    @Test(
        "where nobody listens any more, work is told so after its attempts, and not after the pool's timeout")
    func staysAway() async throws {
        try await withServer { server, ephemeral in
            let pool = try pool(
                ephemeral.options,
                PoolSettings(
                    size: 5, maxOverflow: 5, timeout: .seconds(3600),
                    retry: RetryPolicy(firstDelay: .milliseconds(100))))
            try await fill(pool, 5)
            try await server.stop()
            let tasks = (0..<100).map { _ in Task { try await pool.retrying(.read) { try await $0.ping() } } }
            for task in tasks {
                let error = await #expect(throws: DatabaseError.self) { try await task.value }
                #expect(error?.code == .connectionFailed)
            }
            #expect(pool.statistics.retries == 200 && pool.statistics.failedWaits == 300)
            // A few attempts for each of the first ten connections, and one after each pause.
            #expect(pool.statistics.failedConnects < 30)
            await pool.close()
        }
    }

    @Test("who waits in vain beside a connection that is lent is told why no other could be opened")
    func reason() async throws {
        let proxy = try FaultProxy(to: try await TestDatabase.create("pool").options)
        let time = ManualTime()
        let pool = try Pool(
            proxy.options, settings: PoolSettings(size: 2, maxOverflow: 0),
            logger: Logger(label: "test") { _ in RecordingLog() }, time: time.keeper)
        try await pool.withConnection { _ in
            proxy.plan = FaultPlan(refusedShare: 1)
            let waiter = Task { try await pool.query("select 1") }
            await wait { pool.statistics.failedConnects > 0 && pool.statistics.connecting == 0 }
            time.advance(by: .seconds(31))
            let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
            #expect(error?.code == .poolTimeout)
            #expect(error?.message.contains("1 of 2 are in use") == true)
            #expect(error?.message.contains("Can't connect to") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("closed the connection") == true)
        }
        await pool.close()
    }

    @Test("backends that are terminated under a pool are replaced, and each costs one command at most")
    func terminated() async throws {
        let database = try await TestDatabase.create("pool")
        let pool = try pool(database.options, PoolSettings(size: 10, maxOverflow: 0))
        let killer = try await Connection.connect(database.options)
        try await fill(pool, 10)
        try await killer.query(
            """
            select pg_terminate_backend(pid, 10000) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """)
        // Idle for a few milliseconds only, so no ping is due: a look at the socket finds out.
        for _ in 0..<30 { #expect(try await pool.query("select 1")[0, 0] == 1) }
        #expect(pool.statistics.failures == 0 && pool.statistics.opened == 11)
        await killer.close()
        await pool.close()
    }

    @Test("a server that is full lets a pool work on with the connections it has")
    func full() async throws {
        let database = try await TestDatabase.create("pool")
        let administrator = try await Connection.connect(database.options)
        // Roles belong to the server, which may be somebody's own.
        let role = "limited_\(database.name)"
        try await administrator.script("create role \(role) login password 'limited' connection limit 3")
        let keywords = try database.options.with("user", role).with("password", "limited")
        let pool = try pool(keywords, PoolSettings(size: 10, maxOverflow: 10))
        try await fill(pool, 3)
        let tasks = (0..<100).map { _ in Task { try await pool.query("select pg_sleep(0.001)") } }
        for task in tasks { _ = try await task.value }
        let now = pool.statistics
        #expect(now.failedWaits == 0 && now.failures == 0 && now.opened == 3)
        #expect(now.failedConnects > 0)
        await pool.close()
        try await administrator.script("drop role \(role)")
        await administrator.close()
    }

    @Test("a wrong password fails who waits at once, and isn't tried again for everybody")
    func refused() async throws {
        let database = try await TestDatabase.create("pool")
        let pool = try pool(
            database.options.with("user", "nobody_of_that_name"), PoolSettings(size: 2, maxOverflow: 0))
        let tasks = (0..<100).map { _ in Task { try await pool.query("select 1") } }
        for task in tasks {
            let error = await #expect(throws: DatabaseError.self) { try await task.value }
            #expect(error?.code == .connectionFailed)
        }
        #expect(pool.statistics.failedConnects < 100)
        #expect(pool.statistics.retries == 0)
    }

    @Test("closing a pool doesn't wait for a connection that is only being opened")
    func closesWhileOpening() async throws {
        // A socket that takes connections and never answers.
        let listener = try SilentListener()
        let pool = try pool(
            ConnectionOptions("host=127.0.0.1 port=\(listener.port) sslmode=disable connect_timeout=600"),
            PoolSettings(size: 2, maxOverflow: 0))
        let task = Task { try await pool.query("select 1") }
        await wait { pool.statistics.connecting == 1 }
        await pool.close(within: .seconds(600))
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .poolClosed)
    }
}

/// A TCP port on which nobody speaks.
private final class SilentListener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
