import ArcKit
import FaultProxy
import FoundationEssentials
import Glibc
import Postgres
import Testing

@Suite("Recording while the server fails", .serialized, .timeLimit(.minutes(15)))
struct ServerDownTests {
    private func withRecording(
        in directory: String? = nil, spoolIn state: String? = nil, parameters: [String: String] = [:],
        commandTimeout: Duration = .seconds(60),
        _ body: (FaultServer, FaultyRecording) async throws -> Void
    ) async throws {
        let server = try await FaultServer(parameters: parameters, in: directory)
        let connection = try await Connection.connect(server.options)
        _ = try await SchemaDeployer().deploy(on: connection)
        await connection.close()
        let recording = try await FaultyRecording(
            server.options, state: state, commandTimeout: commandTimeout)
        do {
            try await body(server, recording)
            await server.stop()
        } catch {
            await server.stop()
            throw error
        }
    }

    @Test("a server that is killed and comes back loses nothing that was told")
    func killed() async throws {
        try await withRecording { server, recording in
            for _ in 0..<3 {
                let before = recording.answers
                let working = Task { await recording.record(400, tasks: 40) }
                while recording.answers < before + 20 { await Task.yield() }
                try await server.restart()
                await working.value
            }
            #expect(recording.answers == 1200 && recording.errors.isEmpty)
            try await recording.settle()
        }
    }

    @Test("a server whose processes are stopped for a while loses nothing that was told")
    func stopped() async throws {
        try await withRecording(commandTimeout: .milliseconds(300)) { server, recording in
            await recording.record(40, tasks: 8)
            let processes = try await server.sessions()
            let cancels = recording.proxy.counts.cancels
            for process in processes { server.send(SIGSTOP, to: process) }
            let working = Task { await recording.record(80, tasks: 8) }
            await recording.proxy.reached { $0.cancels > cancels }
            for process in processes { server.send(SIGCONT, to: process) }
            await working.value
            #expect(recording.answers == 120 && recording.errors.isEmpty)
            try await recording.settle()
        }
    }

    @Test("work after outcomes were spooled tries as often as any other, and says what is safe")
    func workAfterSpooling() async throws {
        let server = try await FaultServer()
        let pool = try Pool(
            server.options, settings: PoolSettings(retry: RetryPolicy(firstDelay: .milliseconds(10))))
        _ = try await pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
        let scratch = SpoolScratch()
        let folders = SpoolFolders(
            Folders(environment: ["XDG_STATE_HOME": String(scratch.path.dropLast("/arc/spool/".count + 36))]))
        let store = Store(pool, spools: folders)
        let simulation = try await store.newSimulation(name: "night")
        _ = try await store.spool()
        try await server.down()
        try await store.record([.spooled("s1")], in: simulation)
        #expect(try await store.spool()?.isWaiting == true)
        let before = pool.statistics.retries
        let error = await #expect(throws: DatabaseError.self) {
            try await store.ending("the call") { try await $0.completeSimulation(simulation) }
        }
        #expect(pool.statistics.retries == before + 2)
        #expect(error?.isAbsence == true)
        #expect(error?.advice?.contains("The outcomes are safe: they wait in the spool") == true)
        #expect(error?.advice?.contains("`the call` completes the simulation") == true)
        try await server.up()
        try await store.ending("the call") { try await $0.completeSimulation(simulation) }
        #expect(try await store.spool()?.isWaiting == false)
        await store.close()
        await server.stop()
        withExtendedLifetime(scratch) {}
    }

    @Test(
        "while the server's disk is full outcomes go to the spool, and to the server when there is room again",
        .enabled(if: SmallDisk.canBeMade, "only root can mount a small tmpfs"))
    func diskFull() async throws {
        let disk = try SmallDisk(megabytes: 220)
        defer { disk.remove() }
        try disk.fill(megabytes: 60)
        let parameters = ["max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "32MB"]
        try await withRecording(in: disk.path, parameters: parameters) { server, recording in
            // The server may give up altogether, where there is no room for what it has to write before anything.
            while recording.spooled == 0 { await recording.record(100, tasks: 10, bytes: 100_000) }
            #expect(recording.answers > 100 && recording.errors.isEmpty, "\(recording.errors)")
            disk.empty()
            try await server.up()
            await recording.record(50, tasks: 10)
            try await recording.settle()
        }
    }

    @Test(
        "where the database is away and the spool's disk is full, callers get an error, and what they were told before is kept",
        .enabled(if: SmallDisk.canBeMade, "only root can mount a small tmpfs"))
    func spoolFull() async throws {
        let disk = try SmallDisk(megabytes: 2)
        defer { disk.remove() }
        try await withRecording(spoolIn: disk.path) { server, recording in
            await recording.record(20, tasks: 4)
            recording.proxy.plan = FaultPlan(refusedShare: 1)
            recording.proxy.cutAll()
            while recording.errors.isEmpty { await recording.record(20, tasks: 10, bytes: 20_000) }
            #expect(recording.spooled > 0)
            #expect(Set(recording.errors.keys).isSubset(of: ["database"]), "\(recording.errors)")
            try await recording.settle()
        }
    }
}

extension FaultServer {
    /// The process ids of the sessions of clients.
    fileprivate func sessions() async throws -> [Int] {
        let connection = try await Connection.connect(options)
        let rows = try await connection.query(
            """
            select pid::int8 as pid from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()
            """)
        await connection.close()
        return try rows.map { Int(try $0.get("pid", as: Int64.self)) }
    }
}

/// A file system in memory that is quickly full.
private struct SmallDisk {
    let path: String
    private var ballast: String { "\(path)/ballast" }

    /// Root may mount, unless it is a container's.
    static let canBeMade: Bool = {
        guard geteuid() == 0, let disk = try? SmallDisk(megabytes: 1) else { return false }
        disk.remove()
        return true
    }()

    init(megabytes: Int) throws {
        var template = Array("/tmp/disk-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        guard mount("none", path, "tmpfs", 0, "size=\(megabytes)m,mode=1777") == 0 else {
            rmdir(path)
            throw Unmountable()
        }
    }

    /// Takes up room that `empty` gives back.
    func fill(megabytes: Int) throws {
        try Data(repeating: 1, count: megabytes << 20).write(to: URL(filePath: ballast))
    }

    func empty() { unlink(ballast) }

    func remove() {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    private struct Unmountable: Error {}
}
