import Foundation
import TestServer
import Testing

@Suite("What is the matter with a read server")
struct ReadServerTests {
    private static let away = "postgresql://me:s3cr3t%2Fword@127.0.0.1:1/nowhere"

    private func check(_ result: Program.Result) throws -> [String: String] {
        let all = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
        let found = try #require(all?.first { $0["check"] as? String == "read server" }, "\(result)")
        return found.compactMapValues { $0 as? String }
    }

    @Test("the doctor fails one that has another database, with a schema or without one")
    func another() async throws {
        let world = try await World.reading()
        let (other, empty) = (try await World.make("shell_other"), try await TestEmpty.make())
        for (reads, finding) in [(other, "has another database"), (empty, "has no arc schema")] {
            let result = try await world.arc(
                "doctor", "--format", "json", "--url", world.database.url, "--read-url", reads.database.url)
            #expect(result.status == 1, "\(result)")
            let check = try check(result)
            #expect(check["verdict"] == "fail" && check["advice"]?.contains("--read-url") == true, "\(check)")
            #expect(check["finding"]?.contains(finding) == true, "\(check)")
        }
    }

    @Test("beside a server without a schema the doctor can't tell whose replica it is, and says so")
    func unknown() async throws {
        let (empty, world) = (try await TestEmpty.make(), try await World.reading())
        let result = try await empty.arc(
            "doctor", "--format", "json", "--url", empty.database.url, "--read-url", world.database.url)
        let check = try check(result)
        #expect(result.status == 0 && check["verdict"] == "warn", "\(result)")
        #expect(check["finding"]?.contains("can't be told") == true, "\(check)")
        #expect(check["advice"]?.contains("arc db deploy") == true, "\(check)")
    }

    @Test(
        "the doctor warns of one that is no standby, and fails one that can't be reached, without its password"
    )
    func doctor() async throws {
        let world = try await World.reading()
        let same = try await world.arc(
            "doctor", "--format", "json", "--url", world.database.url, "--read-url", world.database.url)
        let warned = try check(same)
        #expect(same.status == 0 && warned["verdict"] == "warn", "\(same)")
        let away = try await world.arc(
            "doctor", "--format", "json", "--url", world.database.url, "--read-url", Self.away)
        // The database itself answers: that isn't 2.
        let failed = try check(away)
        #expect(away.status == 1 && failed["verdict"] == "fail", "\(away)")
        #expect(
            !(away.output + away.notes).contains("s3cr3t") && !(away.output + away.notes).contains("word@"))
    }

    @Test("the database's status is shown whatever the read server's is", arguments: ["table", "json"])
    func status(format: String) async throws {
        let world = try await World.reading()
        let other = try await World.make("shell_other")
        for (url, problem) in [(Self.away, "127.0.0.1"), (other.database.url, "another database")] {
            let result = try await world.arc(
                "db", "status", "--format", format, "--url", world.database.url, "--read-url", url)
            #expect(result.status == 0 && result.output.contains(problem), "\(result)")
            #expect(result.output.contains("healthy") && result.output.contains("--read-url"), "\(result)")
            #expect(!(result.output + result.notes).contains("s3cr3t"))
        }
    }

    @Test("a list isn't answered from another database, and what is said names what can be set")
    func list() async throws {
        let (world, other) = (try await World.reading(), try await World.make("shell_other"))
        let result = try await world.arc(
            "list", "--url", world.database.url, "--read-url", other.database.url)
        #expect(result.status == 1 && result.output.isEmpty, "\(result)")
        #expect(result.notes.contains("the read server") && result.notes.contains("ARC_READ_DATABASE_URL"))
    }

    @Test("a database without a schema says so, whatever a read server beside it has")
    func withoutSchema() async throws {
        let (empty, world) = (try await TestEmpty.make(), try await World.reading())
        let result = try await empty.arc(
            "list", "--url", empty.database.url, "--read-url", world.database.url)
        #expect(result.status == 1 && result.output.isEmpty, "\(result)")
        #expect(result.notes.contains("arc db deploy"), "\(result)")
    }
}
