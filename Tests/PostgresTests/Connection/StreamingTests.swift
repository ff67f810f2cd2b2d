import TestServer
import Testing

@testable import Postgres

@Suite("A stream of rows")
struct StreamingTests {
    private func connect(_ settings: Connection.Settings = .init()) async throws -> Connection {
        try await Connection.connect(try await TestServer.shared.options(), settings: settings)
    }

    private struct Enough: Error {}

    @Test("hands over every row in order, prepared or not", arguments: [200, 0])
    func order(cache: Int) async throws {
        let connection = try await connect(.init(statementCacheSize: cache))
        let rows = try await connection.stream(
            "select n, case when n % 2 = 0 then 'row ' || n end from generate_series(1, $1::int) n", [5],
            into: [[Value]]()
        ) { rows, row in rows.append(row.values) }
        #expect(rows == [[1, nil], [2, "row 2"], [3, nil], [4, "row 4"], [5, nil]])
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("tells its columns and what was done, with rows or without", arguments: [200, 0])
    func summary(cache: Int) async throws {
        let connection = try await connect(.init(statementCacheSize: cache))
        let some = try await connection.streamed("select 1 as a, 'x' as b", into: 0) { count, _ in count += 1
        }
        #expect(some.value == 1 && some.summary.commandTag == "SELECT 1")
        #expect(some.summary.columns.map(\.name) == ["a", "b"])
        let none = try await connection.streamed("select 1 as a where false", into: 0) { count, _ in
            count += 1
        }
        #expect(none.value == 0 && none.summary.columns.map(\.name) == ["a"])
        try await connection.script("create temp table told (n int)")
        let insert = try await connection.streamed("insert into told values (1), (2)", into: 0) { _, _ in }
        #expect(insert.summary.columns.isEmpty && insert.summary.affectedRows == 2)
        #expect(insert.summary.commandTag == "INSERT 0 2")
    }

    @Test("that its reader has enough of is cancelled on the server, and the connection goes on")
    func abandoned() async throws {
        let connection = try await connect()
        await #expect(throws: Enough.self) {
            try await connection.stream("select generate_series(1, 1000000000)", into: 0) {
                count, _ in
                count += 1
                if count == 1000 { throw Enough() }
            }
        }
        #expect(!connection.isBroken)
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("that fails in the middle says so after the rows before it")
    func failing() async throws {
        let connection = try await connect()
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.stream("select 1 / (3 - n) from generate_series(1, 5) n", into: 0) {
                $0 += 1; _ = $1[0]
            }
        }
        #expect(error?.sqlState == "22012")
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("ends when its task is cancelled")
    func cancelled() async throws {
        let connection = try await connect()
        let (begun, signal) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await connection.stream("select generate_series(1, 1000000000)", into: 0) {
                count, _ in
                count += 1
                if count == 1 { signal.finish() }
            }
        }
        for await _ in begun {}
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("survives that its table gets another column")
    func alteredTable() async throws {
        let database = try await TestDatabase.create("stream")
        let connection = try await Connection.connect(database.options)
        try await connection.script("create table t as select 1 as a")
        let read = {
            try await connection.stream("select * from t", into: [[Value]]()) { $0.append($1.values) }
        }
        #expect(try await read() == [[1]])
        try await connection.script("alter table t add b text default 'x'")
        #expect(try await read() == [[1, "x"]])
    }

    @Test("is no way to run COPY", arguments: ["copy (select 1) to stdout", "copy pg_temp.t from stdin"])
    func copy(sql: String) async throws {
        let connection = try await connect(.init(statementCacheSize: 0))
        try await connection.script("create temp table t (a int)")
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.stream(sql, into: 0) { count, _ in count += 1 }
        }
        #expect(error?.code == .unexpectedResult)
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }
}
