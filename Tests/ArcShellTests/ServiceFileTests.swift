import Foundation
import Glibc
import Postgres
import TestServer
import Testing

/// Where libpq finds a server and a password by itself, arc finds them, too.
@Suite("Service files and password files")
struct ServiceFileTests {
    /// A home of its own before a server that asks `guarded` for the password `f1le-pw`.
    private struct Place {
        let home: TemporaryDirectory
        let server: GuardedServer

        init() async throws {
            home = try TemporaryDirectory()
            server = try await GuardedServer.shared.value
        }

        /// A service that leads there as `guarded`.
        var service: String { "[s]\nhost=\(server.address)\nport=5432\nuser=guarded\ndbname=arc\n" }

        /// Where that server is, without a password.
        var url: String { "postgresql://guarded@\(server.address):5432/arc" }

        @discardableResult
        func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
            let path = home.path + "/" + name
            try Data(text.utf8).write(to: URL(filePath: path))
            chmod(path, mode)
            return path
        }

        /// Who one is on the server that arc finds, or the error.
        func who(_ arguments: [String], _ environment: [String: String]) async throws -> Program.Result {
            try await Program.run(
                ["-c", "select current_user, current_database()", "--format", "csv"] + arguments,
                environment: Program.environment(home: home.path, environment), folder: home.path)
        }
    }

    private static let guarded = "current_user,current_database\nguarded,arc\n"

    @Test(
        "a service is found in the file of PGSERVICEFILE and in ~/.pg_service.conf, by service= and by PGSERVICE"
    )
    func found() async throws {
        let place = try await Place()
        let file = try place.write("services", place.service + "password=f1le-pw\n")
        for (arguments, environment) in [
            (["--url", "service=s"], ["PGSERVICEFILE": file]),
            (["--url", "postgresql:///?service=s"], ["PGSERVICEFILE": file]),
            ([], ["PGSERVICEFILE": file, "PGSERVICE": "s"]),
        ] {
            let result = try await place.who(arguments, environment)
            #expect(result.status == 0 && result.output == Self.guarded, "\(result)")
        }
        try place.write(".pg_service.conf", place.service + "password=f1le-pw\n")
        #expect(try await place.who(["--url", "service=s"], [:]).output == Self.guarded)
        #expect(try await place.who([], ["PGSERVICE": "s"]).output == Self.guarded)
    }

    @Test("what the string says counts before the service, the service before the environment")
    func precedence() async throws {
        let place = try await Place()
        let file = try place.write("services", place.service + "password=f1le-pw\n")
        let environment = [
            "PGSERVICEFILE": file, "PGUSER": "other", "PGPASSWORD": "else-pw", "PGHOST": "/none",
        ]
        #expect(try await place.who(["--url", "service=s"], environment).output == Self.guarded)
        let other = try await place.who(["--url", "service=s user=other password=else-pw"], environment)
        #expect(other.output == "current_user,current_database\nother,arc\n", "\(other)")
        // What the service leaves open comes from the environment.
        let open = try place.write("open", place.service)
        let both = ["PGSERVICEFILE": open, "PGPASSWORD": "f1le-pw"]
        #expect(try await place.who(["--url", "service=s"], both).output == Self.guarded)
    }

    @Test("a service that isn't there is an error in libpq's words, which names it")
    func missing() async throws {
        let place = try await Place()
        let file = try place.write("services", place.service)
        let unknown = try await place.who(["--url", "service=t"], ["PGSERVICEFILE": file])
        #expect(unknown.status == 2 && unknown.output == "", "\(unknown)")
        #expect(unknown.notes.contains("definition of service \"t\" not found"), "\(unknown)")
        let none = try await place.who(["--url", "service=s"], ["PGSERVICEFILE": file + "-none"])
        #expect(none.status == 2 && none.notes.contains("services-none"), "\(none)")
    }

    @Test("a password comes from ~/.pgpass and from the file of PGPASSFILE, for the server that it is for")
    func passwordFiles() async throws {
        let place = try await Place()
        let line = "\(place.server.address):5432:arc:guarded:f1le-pw\n"
        let file = try place.write("passwords", "# ours\nelsewhere:*:*:*:wr0ng-pw\n" + line)
        #expect(try await place.who(["--url", place.url], ["PGPASSFILE": file]).output == Self.guarded)
        let services = try place.write("services", place.service)
        let both = ["PGPASSFILE": file, "PGSERVICEFILE": services]
        #expect(try await place.who(["--url", "service=s"], both).output == Self.guarded)
        let without = try await place.who(["--url", place.url], [:])
        #expect(without.status == 2 && without.notes.contains("no password supplied"), "\(without)")
        try place.write(".pgpass", line)
        #expect(try await place.who(["--url", place.url], [:]).output == Self.guarded)
        // One that is given counts before it.
        let wrong = try await place.who(["--url", place.url], ["PGPASSWORD": "wr0ng-pw"])
        #expect(wrong.status == 2 && wrong.notes.contains("password authentication failed"), "\(wrong)")
        #expect(!wrong.notes.contains("wr0ng-pw") && !wrong.notes.contains("f1le-pw"))
    }

    @Test("a password file that others may read is left alone, and libpq says why; no password is shown")
    func permissions() async throws {
        let place = try await Place()
        let file = try place.write("passwords", "*:*:*:*:f1le-pw\n", mode: 0o644)
        let result = try await place.who(["--url", place.url], ["PGPASSFILE": file])
        #expect(result.status == 2 && result.output == "")
        #expect(result.notes.contains("\"\(file)\" has group or world access"), "\(result)")
        #expect(result.notes.contains("no password supplied") && !result.notes.contains("f1le-pw"))
        chmod(file, 0o600)
        #expect(try await place.who(["--url", place.url], ["PGPASSFILE": file]).output == Self.guarded)
    }
}
