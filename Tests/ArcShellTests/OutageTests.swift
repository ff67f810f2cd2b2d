import ArcKit
import Foundation
import Postgres
import Testing

@testable import ArcShell

@Suite("arc while its database goes away")
struct OutageTests {
    /// Records an outcome once the server is gone, and tries to complete the simulation.
    private static let script = """
        arc.create_configuration("agent", "model: small")
        local sim = arc.start_simulation { config_version_id = "agent", simulation_name = "night" }
        io.stderr:write("ready\\n")
        local ok, problem
        repeat ok, problem = pcall(arc.query, "select 1") until not ok
        print("query: " .. tostring(problem) .. "\\n" .. tostring(problem.advice))
        arc.record_outcome { simulation_id = sim, scenario_id = "s1", status = "success", reliability_score = 1 }
        ok, problem = pcall(sim.complete_simulation, sim)
        print("complete: " .. tostring(problem) .. "\\n" .. tostring(problem.advice))
        print("id: " .. sim.id)
        """

    /// Runs the script on arc's local server, which is stopped under it.
    private func run(_ home: TemporaryDirectory, _ options: [String] = []) async throws -> Program.Result {
        let environment = Program.environment(home: home.path)
        let file = home.path + "/outage.lua"
        try Data(Self.script.utf8).write(to: URL(filePath: file))
        let program = try Program(["run"] + options + [file], environment: environment, folder: home.path)
        try await program.waitForNote("ready")
        let stopped = try await Program.run(
            ["server", "stop"], environment: environment, folder: home.path)
        #expect(stopped.status == 0, "\(stopped)")
        return try await program.end()
    }

    @Test("what is said names the local server, what is safe, and the command that records what waits")
    func localServer() async throws {
        let home = try TemporaryDirectory()
        let environment = Program.environment(home: home.path)
        let result = try await run(home)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("arc's local server isn't running"), "\(result)")
        #expect(
            result.output.contains(
                "The next arc command that needs it starts it; `arc server start` does so now."), "\(result)")
        #expect(!result.output.contains("Check the host and the port"))
        let id =
            result.output.split(separator: "id: ").last.map { $0.trimmingCharacters(in: .newlines) } ?? ""
        let call = "`arc.complete_simulation(\"\(id)\")`"
        #expect(
            result.output.contains("The outcomes are safe: they wait in the spool")
                && result.output.contains(call),
            "\(result)")
        #expect(
            result.notes.hasSuffix(
                "1 outcome waits in the spool: `arc spool flush` records it, as does the next arc that connects "
                    + "to the database.\n"), "\(result)")
        #expect(
            result.notes.contains("The database is away (arc's local server isn't running)."), "\(result)")

        let url = "postgresql://arc:geheim@/arc?host=\(try socketFolder(home))"
        #expect(
            try await Program.run(["server", "start"], environment: environment, folder: home.path).status
                == 0)
        let named = try await run(home, ["--url", url])
        let shown = "`arc spool flush --url '\(url.replacing(":geheim", with: ""))'` (with the password)"
        #expect(named.notes.contains("or by \(shown)."), "\(named)")
        #expect(named.notes.contains("1 outcome waits in the spool: \(shown) records it"), "\(named)")
        #expect(!(named.notes + named.output).contains("geheim"))
        let destroyed = try await Program.run(
            ["server", "destroy", "--yes"], environment: environment, folder: home.path)
        #expect(destroyed.status == 0, "\(destroyed)")
    }

    private func socketFolder(_ home: TemporaryDirectory) throws -> String {
        try ServerAccess.localServer(environment: Program.environment(home: home.path)).directory.socket
    }

    @Test(
        "the command that records what waits chooses the same database again",
        arguments: [
            (
                ["ARC_DATABASE_URL": "host=/x"], nil, nil,
                "`arc spool flush` (with ARC_DATABASE_URL as it is now)"
            ),
            (
                [:], "host=h user=ann password=p port=7 dbname=d", nil,
                "`arc spool flush --url postgresql://ann@h:7/d` (with the password)"
            ),
            (
                [:], "postgresql://ann@h/it's?sslmode=require", nil,
                "`arc spool flush --url 'postgresql://ann@h/it%27s?sslmode=require'`"
            ),
            ([:], nil, "lab", "`arc spool flush --profile lab`"),
            (
                ["PGHOST": "h"], nil, nil,
                "`arc spool flush` (with libpq's environment variables as they are now)"
            ),
            ([:], nil, nil, "`arc spool flush`"),
        ] as [([String: String], String?, String?, String)])
    func command(environment: [String: String], url: String?, profile: String?, expected: String) throws {
        let home = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: home.path + "/arc", withIntermediateDirectories: true)
        try Data("profiles:\n  lab:\n    url: host=/x\n".utf8).write(
            to: URL(filePath: home.path + "/arc/config.yaml"))
        var request = ServerChoice.Request(
            environment: environment.merging(["HOME": home.path, "XDG_CONFIG_HOME": home.path]) { $1 },
            workingDirectory: home.path)
        (request.url, request.profile) = (url, profile)
        #expect(FlushCommand(try ServerChoice(request)).description == expected)
    }
}
