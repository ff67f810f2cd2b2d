import Glibc
import Postgres
import TestServer
import Testing

@Suite("The databases of the tests")
struct TestDatabaseTests {
    @Test("many made at once are all there, and each its own")
    func many() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let database = try await TestDatabase.create("Many at once!")
                    let connection = try await Connection.connect(database.options)
                    _ = try await connection.query("CREATE TABLE it AS SELECT \(number) AS number")
                    let found = try await connection.query("SELECT number, current_database()::text FROM it")
                    #expect(found[0, 0] == .int(Int64(number)))
                    #expect(found[0, 1] == .text(database.name))
                    await connection.close()
                    try await database.drop()
                    await #expect(throws: DatabaseError.self) {
                        try await Connection.connect(database.options)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a database can be a copy of another")
    func template() async throws {
        let original = try await TestDatabase.create("original")
        let connection = try await Connection.connect(original.options)
        _ = try await connection.query("CREATE TABLE it AS SELECT 7 AS number")
        await connection.close()
        let copy = try await TestDatabase.create("copy", template: original.name)
        let other = try await Connection.connect(copy.options)
        #expect(try await other.query("SELECT number FROM it")[0, 0] == .int(7))
        await other.close()
        try await copy.drop()
        try await original.drop()
    }

    @Test("on a server that somebody gave, no database outlives the process, however it ends")
    func external() async throws {
        let url = try await TestServer.shared.options().url
        let mine = try await TestDatabase.create("in_use")
        let observer = try await Connection.connect(mine.options)
        func left() async throws -> Int {
            try await observer.query("SELECT FROM pg_database WHERE datname LIKE '%\\_left\\_behind'").count
        }
        await #expect(processExitsWith: .success) { [url = url as String] in
            setenv("ARC_TEST_DATABASE_URL", url, 1)
            _ = try await TestDatabase.create("left_behind")
            exit(0)
        }
        #expect(try await left() == 0)
        await #expect(processExitsWith: .signal(SIGKILL)) { [url = url as String] in
            setenv("ARC_TEST_DATABASE_URL", url, 1)
            _ = try await TestDatabase.create("left_behind")
            kill(getpid(), SIGKILL)
        }
        #expect(try await left() == 1)
        // The server takes a moment to notice that a process was killed.
        while try await !observer.query(
            """
            SELECT FROM pg_database AS made JOIN pg_stat_activity AS session
              ON session.application_name = 'tests ' || split_part(made.datname, '_', 2)
            WHERE made.datname LIKE '%\\_left\\_behind'
            """
        ).isEmpty {}
        await #expect(processExitsWith: .success) { [url = url as String] in
            setenv("ARC_TEST_DATABASE_URL", url, 1)
            try await TestDatabase.create("next").drop()
            exit(0)
        }
        // This process's own database was left alone meanwhile, connection and all.
        #expect(try await left() == 0)
        await observer.close()
        try await mine.drop()
    }
}
