import FaultProxy
import Postgres
import Synchronization
import TestServer
import Testing

@testable import ArcKit

/// A primary with arc's schema, and a streaming standby of it whose replay can be stopped.
private struct Replicated {
    let primary: EphemeralServer
    let standby: Companion
    let store: Store

    static let shared = Task { try await Replicated() }

    private init() async throws {
        primary = try await EphemeralServer(settings: ServerSettings(maxConnections: 50))
        let pool = try Pool(primary.options)
        _ = try await pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
        let programs = try await ServerPrograms.find().directory
        let directory = try Companion.makeDirectory()
        try await Companion.run([
            programs + "/pg_basebackup", "--pgdata=\(directory)/data", "--host=\(primary.options.host ?? "")",
            "--username=arc", "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast",
            "--no-sync",
        ])
        standby = try Companion(
            [
                programs + "/postgres", "-D", directory + "/data", "-c",
                "unix_socket_directories=\(directory)",
            ],
            directory: directory)
        let options = try primary.options.with("host", directory)
        try await Companion.wait(for: options)
        store = Store(pool, replicas: try Pool(options))
    }

    var readsFromStandby: Bool {
        get async throws {
            try await store.read { session in
                try await session.connection.query("select pg_is_in_recovery()")[0, 0] == true
            }
        }
    }
}

@Suite("Questions to a replica", .serialized)
struct ReplicaTests {
    @Test(
        "a replica that has what was written answers; one that hasn't is passed over; both times all is seen")
    func ownWrites() async throws {
        let servers = try await Replicated.shared.value
        let (store, replicas) = (servers.store, try #require(servers.store.replicas))
        let simulation = try await store.newSimulation()
        try await replicas.query("select pg_wal_replay_pause()")
        for round in 1...3 {
            _ = try await store.record([.success("s\(round)")], in: simulation)
            let status = try await store.read { try await $0.status(of: simulation) }
            #expect(status.completedRuns == round)
            #expect(try await !servers.readsFromStandby)
        }
        try await replicas.query("select pg_wal_replay_resume()")
        while try await !servers.readsFromStandby {}
        let status = try await store.read { try await $0.status(of: simulation) }
        #expect(status.completedRuns == 3)
    }

    @Test("inside a transaction everything is on the primary, uncommitted rows included")
    func transactions() async throws {
        let servers = try await Replicated.shared.value
        try await servers.store.transaction { session in
            try await session.upsert([Scenario(id: "uncommitted")])
            try await servers.store.read { session in
                let row = try await session.connection.query(
                    "select pg_is_in_recovery(), exists (select from scenarios where scenario_id = 'uncommitted')"
                ).single()
                #expect(row.values == [false, true])
            }
        }
    }

    @Test("nothing can be written by a question")
    func readOnly() async throws {
        let servers = try await Replicated.shared.value
        while try await !servers.readsFromStandby {}
        let error = await #expect(throws: DatabaseError.self) {
            try await servers.store.read { try await $0.upsert([Scenario(id: "refused")]) }
        }
        #expect(error?.sqlState == "25006")
    }

    @Test("a replica says what it is and how far behind")
    func health() async throws {
        let servers = try await Replicated.shared.value
        let replicas = try #require(servers.store.replicas)
        let standby = try await replicas.withConnection { try await ReplicaHealth($0) }
        let primary = try await servers.store.pool.withConnection { try await ReplicaHealth($0) }
        #expect(standby.role.hasPrefix("standby") && primary.role == "not a standby")
    }

    @Test("a read server with another database gives no answer, and is named", arguments: [true, false])
    func another(hasSchema: Bool) async throws {
        try await withStore { store in
            try await withDatabase { other in
                if hasSchema {
                    _ = try await other.withConnection { try await SchemaDeployer().deploy(on: $0) }
                }
                let reading = Store(store.pool, replicas: other)
                for _ in 0..<2 {
                    let error = await #expect(throws: EvaluationError.self) {
                        try await reading.read { try await $0.simulations() }
                    }
                    #expect(error?.code == .schema)
                    #expect(error?.message.hasPrefix("the read server \(other.options) has ") == true)
                }
                await #expect(throws: EvaluationError.self) { try await reading.replicaHealth() }
            }
        }
    }

    @Test("a replica that can't be reached is passed over, said so once, and asked again when it is back")
    func away() async throws {
        try await withStore { store in
            let proxy = try FaultProxy(to: store.pool.options)
            let replicas = try Pool(proxy.options.with("application_name", "replica"))
            let told = Mutex<[String]>([])
            let reading = Store(store.pool, replicas: replicas) { event in
                told.withLock { told in
                    switch event {
                    case .replicasAway: told.append("away")
                    case .replicasReturned: told.append("returned")
                    default: told.append("\(event)")
                    }
                }
            }
            @Sendable func answering() async throws -> Value {
                try await reading.read { session in
                    try await session.connection.query("select current_setting('application_name')")[0, 0]
                }
            }
            #expect(try await answering() == "replica")
            proxy.plan = FaultPlan(refusedShare: 1)
            proxy.cutAll()
            for _ in 0..<20 { #expect(try await answering() == "arc") }
            #expect(told.withLock { $0 } == ["away"])
            proxy.plan = FaultPlan()
            while try await answering() != "replica" {}
            #expect(told.withLock { $0 } == ["away", "returned"])
            await replicas.close()
        }
    }

    @Test("what fails on a replica for a passing reason is asked of the primary, what lasts isn't")
    func failing() async throws {
        let servers = try await Replicated.shared.value
        while try await !servers.readsFromStandby {}
        for (code, isAskedAgain) in [("40001", true), ("22012", false)] {
            let asked = Tally()
            let error = await #expect(throws: DatabaseError.self) {
                try await servers.store.read { session in
                    asked.add()
                    try await session.connection.script("do $$ begin raise using errcode = '\(code)'; end $$")
                    Issue.record("it didn't fail")
                }
            }
            #expect(error?.sqlState == code)
            #expect(asked.count == (isAskedAgain ? 4 : 1))
        }
    }

    @Test("a process that wrote nothing asks nothing more; one that did asks for the place of its last write")
    func state() {
        var state = ReplicaState()
        #expect(state.question == .none)
        state.wrote()
        #expect(state.question == .position(writes: 1))
        state.learned("0/1", writes: 1)
        #expect(state.question == .replayed("0/1"))
        state.wrote()
        #expect(state.question == .position(writes: 2))
        // A second write, and the answer to a question from before it.
        state.wrote()
        state.learned("0/2", writes: 2)
        #expect(state.question == .position(writes: 3))
        state.learned("0/3", writes: 3)
        state.learned("0/2", writes: 2)
        #expect(state.question == .replayed("0/3"))
    }
}
