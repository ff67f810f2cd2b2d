import Foundation
import Testing

/// arc's own server, in a folder of its own: nobody has set up a database here.
@Suite("arc without a database that somebody set up")
struct LocalServerCommandTests {
    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory() }

    private func arc(_ arguments: String..., input: String = "") async throws -> Program.Result {
        try await Program.run(
            arguments, environment: Program.environment(home: home.path), input: input, folder: home.path)
    }

    /// Destroys the server, whatever the test came to.
    private func withServer(_ body: () async throws -> Void) async throws {
        let result: Swift.Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        let destroyed = try await arc("server", "destroy", "--yes")
        #expect(destroyed.status == 0, "\(destroyed)")
        try result.get()
    }

    @Test("ten first commands at once all work, on one server")
    func tenAtOnce() async throws {
        try await withServer {
            let results = try await withThrowingTaskGroup(of: Program.Result.self) { group in
                for _ in 0..<10 { group.addTask { try await arc("db", "status", "--format", "json") } }
                return try await group.reduce(into: [Program.Result]()) { $0.append($1) }
            }
            for result in results {
                #expect(result.status == 0, "\(result)")
                #expect(
                    result.output.contains("healthy") && result.output.contains("local server"),
                    "\(result.output)")
            }
        }
    }

    @Test("server start, status, stop and destroy; the data stays until destroy")
    func life() async throws {
        try await withServer {
            let before = try await arc("server", "status", "--format", "csv")
            #expect(before.status == 0 && before.output.contains("never started"))
            let nothing = try await arc("server", "stop")
            #expect(nothing.status == 0)
            let started = try await arc("server", "start")
            #expect(started.status == 0 && started.output.hasPrefix("The server is running: "), "\(started)")
            #expect(try await arc("server", "start").status == 0)
            let running = try await arc("server", "status")
            #expect(running.output.contains("running") && running.output.contains(home.path), "\(running)")

            // The first command deploys the schema.
            let file = Program.package + "/examples/results/baseline.jsonl"
            #expect(try await arc("import", file).output.contains("120 outcomes, 40 scenarios × 3 trials"))
            #expect(try await arc("server", "stop").output == "The server is stopped.\n")
            #expect(try await arc("server", "status").output.contains("stopped"))
            // A command starts it again, with its data.
            #expect(try await arc("list", "--format", "csv").output.contains("baseline"))

            let refused = try await arc("server", "destroy")
            #expect(refused.status == 1 && refused.notes.contains("--yes"), "\(refused)")
            let gone = try await arc("server", "destroy", "--yes")
            #expect(gone.status == 0 && gone.output == "The server and its data are gone.\n")
            #expect(try await arc("server", "status").output.contains("never started"))
            #expect(try await arc("server", "destroy").output == "There is no server to destroy.\n")
        }
    }

    @Test("--ephemeral serves one command, and leaves nothing behind")
    func ephemeral() async throws {
        let result = try await arc("--ephemeral", "-e", "return #arc.list_simulations(), arc.health().status")
        #expect(result.status == 0 && result.output == "0\nhealthy\n" && result.notes == "", "\(result)")
        let imported = try await arc(
            "import", "--ephemeral", Program.package + "/examples/results/baseline.jsonl")
        #expect(imported.status == 0 && imported.output.contains("120 outcomes"))
        #expect(try await arc("server", "status").output.contains("never started"))
        #expect(!FileManager.default.fileExists(atPath: home.path + "/data/arc/server"))
    }

    @Test("without PostgreSQL on the machine, the error names the package and the variable")
    func notInstalled() async throws {
        var environment = Program.environment(home: home.path)
        environment["ARC_PG_BIN"] = home.path + "/nowhere"
        let result = try await Program.run(["db", "status"], environment: environment, folder: home.path)
        #expect(result.status == 2 && result.output == "", "\(result)")
        #expect(result.notes.contains("ARC_PG_BIN"), "\(result.notes)")
    }
}
