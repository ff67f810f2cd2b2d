import Dispatch
import Glibc
public import Postgres
import Synchronization

/// A fresh, empty database of its own for one test, on the server that the tests share.
///
///     let database = try await TestDatabase.create("pool")
///     let connection = try await Connection.connect(database.options)
///
/// On a throw-away server it needs no cleaning up. On a server that somebody gave, it is dropped by
/// ``drop()``, else when the process ends, else (the process was killed) by the next process that tests
/// there.
public struct TestDatabase: Sendable {
    /// The database's name.
    public let name: String
    /// How to connect to it.
    public let options: ConnectionOptions
    /// How to connect to it, as a URL with whatever password the server needs.
    public var url: String { options.url }

    /// Makes a database.
    ///
    /// - Parameters:
    ///   - hint: what it is for; becomes part of its name.
    ///   - template: the database to copy, which nobody may be connected to; an empty one unless given.
    public static func create(_ hint: String = "test", template: String? = nil) async throws -> TestDatabase {
        let name = DatabaseName.next(hint)
        try await Administration.shared.run(
            "CREATE DATABASE \(name) TEMPLATE \(template ?? "template0") ENCODING 'UTF8'")
        DatabaseName.made(name)
        return TestDatabase(
            name: name, options: try await TestServer.shared.options().with("dbname", name))
    }

    /// Drops the database, whoever is connected to it.
    public func drop() async throws {
        try await Administration.shared.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        DatabaseName.dropped(name)
    }
}

/// The names of test databases: `test_PROCESS_NUMBER_HINT`, where PROCESS is the process that made it.
enum DatabaseName {
    /// This process, among all that test on one server from whatever machine: when it began and a random
    /// number, in base 36.
    static let process =
        String(time(nil), radix: 36) + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    private static let count = Atomic<Int>(0)
    private static let alive = Mutex<Set<String>>([])

    static func next(_ hint: String) -> String {
        let number = count.add(1, ordering: .relaxed).newValue
        let letters = hint.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        // PostgreSQL cuts names at 63 bytes.
        return "test_\(process)_\(number)_\(String(letters.prefix(24)))"
    }

    static func made(_ name: String) { alive.withLock { _ = $0.insert(name) } }
    static func dropped(_ name: String) { alive.withLock { _ = $0.remove(name) } }
    static var left: [String] { alive.withLock { Array($0) } }
}

/// The one connection over which this process makes and drops databases. While it is open, the name of its
/// session tells other processes that this process's databases are in use.
actor Administration {
    static let shared = Administration()

    private var connecting: Task<Connection, any Error>?

    /// Runs one command, again for a while if another session is in its way.
    func run(_ sql: String) async throws {
        let connection = try await connection()
        for attempt in 1... {
            do {
                _ = try await connection.query(sql)
                return
            } catch {
                // object_in_use: somebody is just connected to the template.
                guard error.sqlState == "55006", attempt < 50 else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func connection() async throws -> Connection {
        if let connecting { return try await connecting.value }
        let task = Task {
            let options = try await TestServer.shared.options()
                .with("application_name", "tests \(DatabaseName.process)")
            let connection = try await Connection.connect(options)
            if TestServer.isExternal {
                try await dropStale(connection)
                dropOwnAtExit()
            }
            return connection
        }
        connecting = task
        return try await task.value
    }

    /// Drops the databases of processes that are no longer connected.
    private func dropStale(_ connection: Connection) async throws {
        let stale = try await connection.query(
            """
            SELECT made.datname::text FROM pg_database AS made
            WHERE made.datname ~ '^test_[0-9a-z]+_[0-9]+_' AND NOT EXISTS (
                SELECT FROM pg_stat_activity AS session
                WHERE session.application_name = 'tests ' || split_part(made.datname, '_', 2))
            """)
        for row in stale {
            guard case .text(let name) = row[0] else { continue }
            _ = try? await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
    }

    private func dropOwnAtExit() {
        atexit {
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                for name in DatabaseName.left {
                    try? await Administration.shared.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
                }
                done.signal()
            }
            _ = done.wait(timeout: .now() + 20)
        }
    }
}
