import FaultProxy
import Glibc
import Logging
import Synchronization
import TestServer
import Testing

@testable import Postgres

@Suite("A connection cut at any byte", .timeLimit(.minutes(15)))
struct CutExchangeTests {
    /// A connection as the tests saw it, which is to be gone in the end.
    private struct Seen: Sendable { weak let connection: Connection? }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// How a conversation went: what was answered before it broke off, and with what it broke off.
    private struct Course: Sendable {
        var answers: [String] = []
        var error: DatabaseError?
        var hasCommitted = false
        var isBroken = false
        var seen: Seen?
    }

    private static let answers = ["42", "84", "committed", "copied 2", "3", "4", "1", "2"]

    /// A conversation with a little of everything.
    private static func converse(_ pool: Pool, _ id: Int) async throws -> Course {
        let course = Mutex(Course())
        do {
            try await pool.withConnection { connection in
                course.withLock { $0.seen = Seen(connection: connection) }
                defer { course.withLock { $0.isBroken = connection.isBroken } }
                for number in [21, 42] as [Int64] {
                    let answer = try await connection.query("select $1::int8 * 2", [.int(number)])
                    course.withLock { $0.answers.append(answer[0, 0].description) }
                }
                try await connection.transaction { connection in
                    _ = try await connection.query("insert into t values (\(1_000_000 + id))")
                }
                course.withLock {
                    $0.hasCommitted = true
                    $0.answers.append("committed")
                }
                let copied = try await connection.copyIn("copy c from stdin", chunks: [Array("1\n2\n".utf8)])
                course.withLock { $0.answers.append("copied \(copied)") }
                for result in try await connection.pipeline([Command("select 3"), Command("select 4")]) {
                    course.withLock { $0.answers.append(result[0, 0].description) }
                }
                for result in try await connection.script("select 1; select 2") {
                    course.withLock { $0.answers.append(result[0, 0].description) }
                }
            }
        } catch let error as DatabaseError {
            course.withLock { $0.error = error }
        }
        return course.withLock { $0 }
    }

    private static func pool(_ options: ConnectionOptions) throws -> Pool {
        try Pool(options, settings: PoolSettings(size: 1, maxOverflow: 0), logger: quiet)
    }

    /// Lets the conversation run through a cut, and sees that the pool works on. The course, with the error.
    private static func run(
        _ options: ConnectionOptions, _ fault: Fault, _ id: Int
    ) async throws -> Course {
        let proxy = try FaultProxy(to: options, plan: FaultPlan([fault]))
        let pool = try pool(proxy.options)
        let course = try await converse(pool, id)
        #expect(answers.starts(with: course.answers), "\(fault): \(course.answers)")
        if let error = course.error {
            #expect([.connectionLost, .connectionFailed].contains(error.code), "\(fault): \(error)")
            // A connection that could not be made has never been lent.
            #expect(course.seen == nil || course.isBroken, "\(fault): \(error)")
        } else {
            #expect(course.answers == answers, "\(fault)")
        }
        if id % 8 == 0 { await worksOn(pool, course, fault) }
        #expect(pool.statistics.inUse == 0)
        await pool.close()
        await proxy.reached { $0.open == 0 }
        // The names of statements differ in length, and with them the conversations.
        let isLonger = course.error == nil && fault.isBeyond(proxy.counts.bytes)
        #expect(proxy.counts.strikes == 1 || isLonger, "\(fault) has not struck")
        return course
    }

    /// Sees that the pool finds a connection that works: at once after one was lost, for which it looks beforehand, and
    /// after a pause where none could be made.
    private static func worksOn(_ pool: Pool, _ course: Course, _ fault: Fault) async {
        for attempt in 1... {
            let error = await databaseError {
                let answer = try await pool.query("select 6 * 7")
                #expect(answer[0, 0] == 42)
            }
            guard let error else { return }
            let isPause = course.seen == nil && error.code == course.error?.code
            // The cut may come in this very query, where it didn't come before.
            let isLate = course.error == nil && attempt == 1
            #expect(isPause || isLate, "\(fault): \(error)")
            guard isPause || isLate else { return }
        }
    }

    @Test("every call ends with a right answer or an error that says so, and nothing is left behind")
    func everyByte() async throws {
        let database = try await TestDatabase.create("cuts")
        let direct = try await Connection.connect(database.options, logger: Self.quiet)
        try await direct.script("create table t (id int); create table c (id int)")
        let faults = try await Self.recordedCuts(database.options)
        let courses = try await withThrowingTaskGroup(of: [(Int, Course)].self) { group in
            let lanes = 4
            for lane in 0..<lanes {
                group.addTask {
                    var courses: [(Int, Course)] = []
                    for id in stride(from: lane, to: faults.count, by: lanes) {
                        courses.append((id, try await Self.run(database.options, faults[id], id)))
                    }
                    return courses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(courses.count == faults.count)
        // Of every kind there are some: cut while connecting, in a query, and after all was done.
        #expect(courses.contains { $0.1.error?.code == .connectionFailed })
        #expect(courses.contains { $0.1.error?.code == .connectionLost && $0.1.answers.count == 1 })
        #expect(courses.contains { $0.1.error == nil })
        try await Self.checkLedger(direct, told: courses.filter(\.1.hasCommitted).map(\.0))
        #expect(try await eventually { courses.allSatisfy { $0.1.seen?.connection == nil } })
        await direct.close()
        try await database.drop()
    }

    /// A cut for every byte that the conversation takes in either direction.
    private static func recordedCuts(_ options: ConnectionOptions) async throws -> [Fault] {
        let proxy = try FaultProxy(to: options, isRecording: true)
        let pool = try pool(proxy.options)
        let whole = try await converse(pool, 0)
        #expect(whole.answers == answers)
        await pool.close()
        await proxy.reached { $0.open == 0 }
        let recorded = try #require(proxy.recorded[1])
        let (asked, answered) = (recorded[.toServer]?.count ?? 0, recorded[.toClient]?.count ?? 0)
        #expect(asked > 300 && answered > 500)
        return (0...asked).map { .cut(.after(bytes: $0, .toServer)) }
            + (0...answered).map { .cut(.after(bytes: $0, .toClient)) }
    }

    /// What was told to be committed is there, nothing is there twice, and all sessions have ended.
    private static func checkLedger(_ direct: Connection, told: [Int]) async throws {
        // The rest of a conversation whose client is gone may still be under way.
        let sessions = """
            select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            """
        while try await direct.query(sessions)[0, 0] != 0 {}
        let found = try await direct.query("select id - 1000000 from t where id > 1000000").map { row in
            if case .int(let id) = row[0] { Int(id) } else { -1 }
        }
        // The recorded conversation has written the first one, too.
        #expect(found.count - Set(found).count <= 1)
        #expect(Set(told).subtracting([0]).isSubset(of: found))
    }

    @Test("connections that are cut leave no descriptor behind")
    func descriptors() async throws {
        let database = try await TestDatabase.create("descriptors")
        let url = database.url
        await #expect(processExitsWith: .success) { [url = url as String] in
            let options = try ConnectionOptions(url)
            // The first ones make what every process keeps.
            try await Self.cutConnections(10, options)
            let before = Self.openDescriptors()
            try await Self.cutConnections(100, options)
            #expect(Self.openDescriptors() <= before + 5)
        }
        try await database.drop()
    }

    private static func cutConnections(_ count: Int, _ options: ConnectionOptions) async throws {
        let proxy = try FaultProxy(to: options, plan: FaultPlan(seed: 3, cutShare: 1, cutWithin: 1...250))
        for id in 0..<count {
            guard let connection = try? await Connection.connect(proxy.options, logger: quiet) else {
                continue
            }
            _ = try? await connection.query("select repeat('x', 2000), $1::int8", [.int(Int64(id))])
            await connection.close()
        }
        await proxy.reached { $0.open == 0 }
        #expect(proxy.counts.strikes >= count / 2)
    }

    private static func openDescriptors() -> Int {
        (0..<4096).count { fcntl(Int32($0), F_GETFD) != -1 }
    }
}

extension Fault {
    /// Whether the fault lies beyond so many bytes.
    fileprivate func isBeyond(_ passed: [Direction: Int]) -> Bool {
        guard case .after(let bytes, let direction) = point else { return false }
        return bytes > passed[direction, default: 0]
    }
}
