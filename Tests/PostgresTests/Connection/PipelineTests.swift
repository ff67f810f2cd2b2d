import TestServer
import Testing

@testable import Postgres

@Suite("A pipeline of commands")
struct PipelineTests {
    private func connect(_ settings: Connection.Settings = .init()) async throws -> Connection {
        try await Connection.connect(try await TestServer.shared.options(), settings: settings)
    }

    @Test("gives each command's result in order, prepared or not", arguments: [200, 0])
    func results(cache: Int) async throws {
        let connection = try await connect(.init(statementCacheSize: cache))
        for _ in 0..<2 {
            let results = try await connection.pipeline([
                Command("select $1::int8 + 1", [41]), Command("select 'x' where false"),
                Command("select $1::text, array[1, null]", ["é"]),
            ])
            #expect(results.count == 3)
            #expect(results[0][0, 0] == 42)
            #expect(results[1].isEmpty)
            #expect(results[2][0].values.map(\.description) == ["é", "{1,NULL}"])
        }
        #expect(try await connection.pipeline([]).isEmpty)
    }

    @Test("takes effect as a whole or not at all, and names the command that failed")
    func allOrNothing() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int primary key)")
        let insert = "insert into t values ($1)"
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.pipeline([
                Command(insert, [1]), Command(insert, [1]), Command(insert, [2]),
            ])
        }
        #expect(error?.sqlState == "23505")
        #expect(error?.sql == insert)
        #expect(try await connection.query("select count(*) from t")[0, 0] == 0)
        #expect(connection.transactionStatus == .idle)
    }

    @Test("may begin a transaction and leave it open")
    func transaction() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int)")
        try await connection.transaction { connection in
            let results = try await connection.pipeline([
                Command("insert into t values (1)"), Command("select count(*) from t"),
            ])
            #expect(results[1][0, 0] == 1)
            #expect(connection.transactionStatus == .active)
        }
        #expect(try await connection.query("select count(*) from t")[0, 0] == 1)
    }

    @Test("of ten thousand commands needs no room in the sockets' buffers")
    func many() async throws {
        let connection = try await connect()
        let text = String(repeating: "y", count: 500)
        let results = try await connection.pipeline(
            (0..<10_000 as Range<Int64>).map {
                Command("select $1::int8, $2::text", [.int($0), .text(text)])
            })
        #expect(results.indices.allSatisfy { results[$0][0, 0] == .int(Int64($0)) })
    }

    @Test("is cancelled as a whole")
    func cancelled() async throws {
        let connection = try await connect()
        let pid = await connection.backendPID
        let task = Task {
            try await connection.pipeline([
                Command("select 1"), Command("select pg_sleep(600)"), Command("select 2"),
            ])
        }
        let other = try await connect()
        let busy = """
            select count(*) from pg_stat_activity
            where pid = $1 and state = 'active' and query like '%pg_sleep(600)%'
            """
        while try await other.query(busy, [.int(Int64(pid))])[0, 0] != 1 {}
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("survives that its table gets another column")
    func alteredTable() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t as select 1 as a")
        let read = [Command("select * from t"), Command("select 1")]
        #expect(try await connection.pipeline(read)[0][0].values == [1])
        try await connection.script("alter table t add b text default 'x'")
        #expect(try await connection.pipeline(read)[0][0].values == [1, "x"])
    }
}
