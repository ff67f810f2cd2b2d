import Logging
import Synchronization
import TestServer
import Testing

@testable import Postgres

@Suite("A connection")
struct ConnectionTests {
    private func connect(_ settings: Connection.Settings = .init(), logger: Logger = Logger(label: "test"))
        async throws -> Connection
    {
        let database = try await TestDatabase.create("connection")
        return try await Connection.connect(database.options, settings: settings, logger: logger)
    }

    @Test("the session runs in UTC with ISO dates, under arc's name")
    func session() async throws {
        let connection = try await connect()
        let result = try await connection.query(
            "select current_setting('TimeZone'), current_setting('DateStyle'), current_setting('application_name')"
        )
        #expect(result[0].values == ["UTC", "ISO, MDY", "arc"])
    }

    @Test("parameters take the types that the server infers")
    func parameters() async throws {
        let connection = try await connect()
        let row = try await connection.query(
            "select $1 + 1, $2::text, $3::bytea, $4::jsonb, $5::int[], $6::uuid, $7::int8",
            [
                41, "it's", .bytes([0, 255]), .json("{\"a\": 1}"), [1, nil, 3],
                .text("01234567-89ab-cdef-0123-456789abcdef"), nil,
            ]
        ).single()
        #expect(row[0] == 42)
        #expect(row[1] == "it's")
        #expect(row[2] == .bytes([0, 255]))
        #expect(row[3] == .json("{\"a\": 1}"))
        #expect(row[4].description == "{1,NULL,3}")
        #expect(row[5].description == "01234567-89ab-cdef-0123-456789abcdef")
        #expect(row[6] == .null)
    }

    @Test("a wrong number of parameters is named")
    func parameterCount() async throws {
        let connection = try await connect()
        let error = await #expect(throws: DatabaseError.self) { try await connection.query("select $1::int") }
        #expect(error?.message == "The SQL has 1 parameter, but 0 values were given.")
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("text with a NUL character is refused rather than cut")
    func nul() async throws {
        let connection = try await connect()
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.query("select $1::text", ["a\0b"])
        }
        #expect(error?.code == .invalidOptions)
    }

    @Test("an error has every field of the server, and leaves the connection usable")
    func serverError() async throws {
        let connection = try await connect()
        try await connection.script("create table t (id int primary key, name text not null)")
        try await connection.execute("insert into t values (1, 'x')")
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.query("insert into t values ($1, 'y')", [1])
        }
        #expect(error?.code == .server)
        #expect(error?.sqlState == "23505")
        #expect(error?.server?.constraint == "t_pkey")
        #expect(error?.server?.table == "t")
        #expect(error?.server?.schema == "public")
        #expect(error?.server?.detail == "Key (id)=(1) already exists.")
        #expect(error?.description.contains("(id)=(1)") == false)
        #expect(error?.debugDescription.contains("(id)=(1)") == true)
        #expect(error?.sql == "insert into t values ($1, 'y')")
        let position = await #expect(throws: DatabaseError.self) {
            try await connection.query("select nam from t")
        }
        #expect(position?.server?.position == 8)
        #expect(position?.rendered().contains("       ^") == true)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a script gives a result for each of its commands")
    func script() async throws {
        let connection = try await connect()
        let results = try await connection.script(
            "create table t (a int); insert into t values (1), (2); select * from t; -- done")
        #expect(results.map(\.commandTag) == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
        #expect(results[2].map { $0[0] } == [1, 2])
    }

    @Test("a query of nothing and a COPY are answered, and leave the connection usable")
    func odd() async throws {
        let connection = try await connect()
        #expect(try await connection.query("").isEmpty)
        try await connection.script("create table t (a int)")
        await #expect(throws: DatabaseError.self) { try await connection.script("copy t from stdin") }
        await #expect(throws: DatabaseError.self) { try await connection.script("copy pg_class to stdout") }
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a transaction commits, and rolls back when its body throws")
    func transaction() async throws {
        struct Refused: Error {}
        let connection = try await connect()
        try await connection.script("create table t (a int)")
        try await connection.transaction { try await $0.execute("insert into t values (1)") }
        await #expect(throws: Refused.self) {
            try await connection.transaction {
                try await $0.execute("insert into t values (2)")
                throw Refused()
            }
        }
        #expect(connection.transactionStatus == .idle)
        #expect(try await connection.query("select a from t").map { $0[0] } == [1])
    }

    @Test("a transaction whose error was swallowed doesn't pass for committed")
    func swallowed() async throws {
        let connection = try await connect()
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.transaction { _ = try? await $0.query("select 1/0") }
        }
        #expect(error?.message.contains("rolled back") == true)
        #expect(connection.transactionStatus == .idle)
    }

    @Test("cancelling the task inside a transaction rolls it back")
    func cancelledTransaction() async throws {
        let connection = try await connect()
        try await connection.script("create table t (a int)")
        let task = Task {
            try await connection.transaction {
                try await $0.execute("insert into t values (1)")
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(connection.transactionStatus == .idle)
        #expect(try await connection.query("select count(*) from t")[0, 0] == 0)
    }

    @Test("cancelling a task cancels its command on the server and leaves the connection usable")
    func cancellation() async throws {
        let connection = try await connect()
        let watcher = try await Connection.connect(connection.options)
        let pid = await connection.backendPID
        let task = Task { try await connection.query("select pg_sleep(600)") }
        while try await watcher.query(
            "select count(*) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'",
            [.int(Int64(pid))])[0, 0] != 1
        {}
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(!connection.isBroken)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a command that is cancelled before the server began with it ends nevertheless")
    func earlyCancellation() async throws {
        let connection = try await connect()
        for _ in 0..<20 {
            let task = Task { try await connection.query("select pg_sleep(600)") }
            task.cancel()
            await #expect(throws: DatabaseError.self) { try await task.value }
        }
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a timeout names itself and leaves the connection usable")
    func timeout() async throws {
        let connection = try await connect(.init(commandTimeout: .milliseconds(150)))
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.query("select pg_sleep(600)")
        }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("0.15 s") == true)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("a connection whose backend was terminated says so and is broken")
    func terminated() async throws {
        let connection = try await connect()
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.query("select pg_terminate_backend(pg_backend_pid())")
        }
        #expect(error?.code == .connectionLost)
        #expect(connection.isBroken)
        let after = await #expect(throws: DatabaseError.self) { try await connection.query("select 1") }
        #expect(after?.code == .connectionLost)
    }

    @Test("a closed connection says so")
    func closed() async throws {
        let connection = try await connect()
        await connection.close()
        let error = await #expect(throws: DatabaseError.self) { try await connection.query("select 1") }
        #expect(error?.message == "The connection is closed.")
    }

    @Test("many parameters of a megabyte go through")
    func large() async throws {
        let connection = try await connect()
        let text = String(repeating: "x", count: 1 << 20)
        let values = [Value](repeating: .text(text), count: 6)
        let sql = "select " + (1...6).map { "$\($0)::text" }.joined(separator: ",")
        #expect(try await connection.query(sql, values)[0].values == values)
    }

    @Test("the server's notices go to the logger")
    func notices() async throws {
        let log = RecordingLog()
        let connection = try await connect(logger: Logger(label: "test") { _ in log })
        try await connection.script("do $$ begin raise warning 'beware'; end $$")
        #expect(log.messages == ["warning: beware"])
    }
}

@Suite("Prepared statements")
struct PreparedStatementTests {
    @Test("a statement survives ALTER TABLE")
    func alterTable() async throws {
        let database = try await TestDatabase.create("statements")
        let connection = try await Connection.connect(database.options)
        try await connection.script("create table t (a int); insert into t values (1)")
        #expect(try await connection.query("select * from t")[0].values == [1])
        try await connection.script("alter table t add b text default 'x'")
        #expect(try await connection.query("select * from t")[0].values == [1, "x"])
        try await connection.script("alter table t alter a type numeric")
        #expect(try await connection.query("select * from t")[0].values == [.numeric(1), "x"])
    }

    @Test("a statement that the server forgot is prepared again")
    func deallocated() async throws {
        let database = try await TestDatabase.create("statements")
        let connection = try await Connection.connect(database.options)
        #expect(try await connection.query("select 1")[0, 0] == 1)
        try await connection.script("deallocate all")
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("no more statements are kept than the limit", arguments: [0, 1, 3])
    func bounded(limit: Int) async throws {
        let database = try await TestDatabase.create("statements")
        let connection = try await Connection.connect(
            database.options, settings: .init(statementCacheSize: limit))
        for number in 0..<10 {
            #expect(
                try await connection.query("select \(number) + $1::int", [1])[0, 0] == .int(Int64(number + 1))
            )
        }
        let kept = try await connection.script("select count(*) from pg_prepared_statements")
        #expect(kept[0][0, 0] == .int(Int64(limit)))
    }

    @Test("the statement used longest ago goes first")
    func leastRecentlyUsed() {
        var cache = StatementCache(limit: 2)
        for name in ["a", "b"] {
            cache.insert(.init(name: name, parameterTypes: [], readsBinary: true, shapes: []), for: name)
        }
        _ = cache.statement(for: "a")
        let dropped = [cache.makeRoom(isInTransaction: false), cache.makeRoom(isInTransaction: false)]
        #expect(dropped == [["b"], []])
    }

    @Test("a transaction may begin with its isolation, however many statements were prepared before")
    func isolationWithFullCache() async throws {
        let database = try await TestDatabase.create("statements")
        let connection = try await Connection.connect(
            database.options, settings: .init(statementCacheSize: 3))
        for round in 0..<4 {
            for number in 0..<3 { try await connection.query("select \(number) as n\(round)") }
            try await connection.transaction { connection in
                try await connection.query("set transaction isolation level serializable /* \(round) */")
                for number in 0..<9 { try await connection.query("select \(number) as t\(round)") }
            }
            let kept = try await connection.script("select count(*) from pg_prepared_statements")
            #expect(try kept[0][0].get("count", as: Int.self) <= 6)
        }
    }
}

/// A log whose messages can be looked at.
final class RecordingLog: LogHandler {
    private let lines = Mutex<[String]>([])
    var messages: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level): \(event.message)") }
    }
}
