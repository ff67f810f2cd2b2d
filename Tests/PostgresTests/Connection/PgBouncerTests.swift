import Logging
import TestServer
import Testing

@testable import Postgres

@Suite(
    "Through a PgBouncer in transaction mode", .enabled(if: PgBouncer.isInstalled && !TestServer.isExternal))
struct PgBouncerTests {
    /// One before the server that the tests share.
    static let shared = Task { try await PgBouncer(before: TestServer.shared.options()) }

    private func connect(
        _ database: TestDatabase, _ settings: Connection.Settings = .init(), _ more: [String: String] = [:]
    ) async throws -> Connection {
        var options = try await Self.shared.value.options(database: database.name)
        for (keyword, value) in more { options = try options.with(keyword, value) }
        return try await Connection.connect(options, settings: settings)
    }

    @Test("a connection notices the pooler, and prepares nothing; without one it prepares")
    func noticed() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let pooled = try await connect(database)
        let direct = try await Connection.connect(database.options)
        for _ in 0..<3 {
            #expect(try await pooled.query("select $1::int + 1", [1])[0, 0] == 2)
            #expect(try await direct.query("select $1::int + 1", [1])[0, 0] == 2)
        }
        #expect(await pooled.isBehindPooler)
        #expect(await !direct.isBehindPooler)
        #expect(try await pooled.script("select count(*) from pg_prepared_statements")[0][0, 0] == 0)
        #expect(try await direct.script("select count(*) from pg_prepared_statements")[0][0, 0] == 1)
    }

    @Test("queries and transactions of many clients share few sessions, and none meets another's")
    func shared() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let owner = try await connect(database)
        try await owner.script("create table t (client int, round int)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<12 {
                group.addTask {
                    let connection = try await self.connect(database)
                    for round in 0..<20 {
                        let mine = try await connection.transaction { connection in
                            try await connection.execute(
                                "insert into t values ($1, $2)", [.int(Int64(client)), .int(Int64(round))])
                            return try await connection.query(
                                "select count(*) from t where client = $1", [.int(Int64(client))])[0, 0]
                        }
                        #expect(mine == .int(Int64(round + 1)))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await owner.query("select count(*) from t")[0, 0] == 240)
    }

    @Test("whoever keeps statements behind a pooler never gets another's under the name of his own")
    func keptStatements() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let clients = [
            try await connect(database, .init(statementCacheSize: 50)),
            try await connect(database, .init(statementCacheSize: 50)),
        ]
        // Each prepares on whatever session is free; then a transaction holds one of the two sessions, so that the
        // other client has to change.
        for (index, client) in clients.enumerated() {
            #expect(try await client.query("select \(index)")[0, 0] == .int(Int64(index)))
        }
        for holder in [0, 1, 0, 1] {
            try await clients[holder].transaction { _ in
                let other = 1 - holder
                let answer = try? await clients[other].query("select \(other)")
                #expect(answer.map { $0[0, 0] == .int(Int64(other)) } ?? true)
            }
        }
    }

    @Test("a command is cancelled through it, and the connection is of use afterwards")
    func cancellation() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let connection = try await connect(database)
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.query("select pg_sleep(600)", timeout: .milliseconds(200))
        }
        #expect(error?.code == .timedOut)
        #expect(try await connection.query("select 1")[0, 0] == 1)
        let task = Task { try await connection.query("select pg_sleep(600)") }
        let watcher = try await Connection.connect(database.options)
        while try await watcher.query(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
        )[0, 0] != 1 {}
        task.cancel()
        let cancelled = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(cancelled?.code == .cancelled)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("the session's settings are its own, whichever server's session a transaction gets")
    func sessionSettings() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let owner = try await Connection.connect(database.options)
        try await owner.script(
            """
            alter database \(database.name) set timezone to 'Asia/Tokyo';
            alter database \(database.name) set datestyle to 'German';
            """)
        let clients = [
            try await connect(database), try await connect(database, .init(), ["application_name": "x"]),
        ]
        for _ in 0..<3 {
            for client in clients {
                let row = try await client.transaction { client in
                    try await client.query(
                        """
                        select current_setting('TimeZone'), current_setting('client_encoding'),
                          '2024-02-29 12:00:00+00'::timestamptz, '2024-02-29'::date, current_setting('application_name')
                        """
                    ).single()
                }
                #expect(row[0] == "UTC" && row[1] == "UTF8")
                #expect(row[2] == Timestamp("2024-02-29 12:00:00+00").map { .timestamp($0) })
                #expect(row[3] == CalendarDate("2024-02-29").map { .date($0) })
                #expect(row[4] == (client === clients[0] ? "arc" : "x"))
            }
        }
    }

    @Test("start-up options that it doesn't know are refused in its own words")
    func startUpOptions() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let error = await #expect(throws: DatabaseError.self) {
            try await connect(database, .init(), ["options": "-c work_mem=1MB"])
        }
        #expect(error?.message.contains("unsupported startup parameter: options") == true)
        #expect(error?.advice?.contains("PgBouncer") == true)
    }

    @Test("every type comes back through it as without it")
    func types() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let pooled = try await connect(database)
        let direct = try await Connection.connect(database.options)
        for (type, literals) in ValueTests.literals {
            let sql = "select \(literals.indices.map { "$\($0 + 1)::text::\(type)" }.joined(separator: ","))"
            let values = literals.map { Value.text($0) }
            let row = try await pooled.query(sql, values).single()
            #expect(
                try await direct.query(sql, values).single().values.map(\.description)
                    == row.values.map(\.description))
        }
    }

    @Test("a vector goes into an array through it, whichever session each transaction gets")
    func vectors() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let owner = try await connect(database)
        try await owner.script("create table t (r real[])")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    let connection = try await self.connect(database)
                    for _ in 0..<10 {
                        try await connection.query("insert into t values ($1)", [.vector([1, 2.5])])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try await owner.query("select count(*) from t where r = $1", [.vector([1, 2.5])])[0, 0] == 120)
    }

    @Test("a pool of connections works over it")
    func poolOverIt() async throws {
        let database = try await TestDatabase.create("pgbouncer")
        let options = try await Self.shared.value.options(database: database.name)
        let pool = try Pool(options, settings: PoolSettings(size: 6))
        try await withThrowingTaskGroup(of: Value.self) { group in
            for number in 0..<60 {
                group.addTask { try await pool.query("select $1::int8", [.int(Int64(number))])[0, 0] }
            }
            var seen: Set<Value> = []
            for try await value in group { seen.insert(value) }
            #expect(seen.count == 60)
        }
        await pool.close()
    }
}
