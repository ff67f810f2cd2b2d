import Foundation
import TestServer
import Testing

@Suite("The job of a pull request, played on one's own machine")
struct CIRecipeTests {
    /// A repository with the recipe and, as its baseline, one of the example results.
    private static func repository(_ world: World, baseline: String) async throws -> String {
        let folder = world.home.path + "/repository"
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/results", withIntermediateDirectories: true)
        try files.copyItem(atPath: Program.package + "/examples/ci", toPath: folder + "/ci")
        try files.copyItem(
            atPath: Program.package + "/examples/results/\(baseline).jsonl",
            toPath: folder + "/results/baseline.jsonl")
        for arguments in [
            ["init", "--quiet"], ["add", "."],
            [
                "-c", "user.name=Tests", "-c", "user.email=tests@example.org", "commit", "--quiet", "-m",
                "results",
            ],
        ] {
            let result = try await Program(
                program: "/usr/bin/git", arguments, environment: world.environment, folder: folder
            ).end()
            try #require(result.status == 0, "\(result)")
        }
        // What isn't committed isn't in the job's checkout.
        try Data("left lying about".utf8).write(to: URL(filePath: folder + "/arc.gates.yaml"))
        return folder
    }

    private static func play(_ candidate: String, in repository: String, _ world: World) async throws
        -> Program.Result
    {
        try await Program(
            program: repository + "/ci/play.sh", ["results/baseline.jsonl", candidate, "artifacts"],
            environment: world.environment.merging(["ARC": Program.path]) { $1 }, folder: repository
        ).end(within: 120)
    }

    @Test("a regression ends it with 3, and brings back a report in every format")
    func regression() async throws {
        let world = try await World.make("shell_ci_regression")
        let repository = try await Self.repository(world, baseline: "baseline")
        let results = Program.package + "/examples/results"
        let result = try await Self.play(results + "/candidate.jsonl", in: repository, world)
        #expect(result.status == 3, "\(result)")
        #expect(result.output.contains("::error") && result.output.contains("exit code 3"), "\(result)")
        let artifacts = repository + "/artifacts/"
        for (file, part) in [
            ("regression.xml", "<testsuite"), ("regression.html", "<svg"), ("regression.md", "## Gates"),
            ("regression.json", "\"gates\""), ("step-summary.md", "## Gates"),
        ] {
            let text = try String(contentsOfFile: artifacts + file, encoding: .utf8)
            #expect(text.contains(part), "\(file)")
        }
    }

    @Test("an improvement ends it with 0, and three scenarios with 4")
    func others() async throws {
        let world = try await World.make("shell_ci_others")
        let repository = try await Self.repository(world, baseline: "candidate")
        let better = try await Self.play(
            Program.package + "/examples/results/baseline.jsonl", in: repository, world)
        #expect(better.status == 0, "\(better)")
        let few = try GateCommandTests.three("candidate", in: world)
        try FileManager.default.removeItem(atPath: repository + "/results/baseline.jsonl")
        try FileManager.default.copyItem(
            atPath: try GateCommandTests.three("baseline", in: world),
            toPath: repository + "/results/baseline.jsonl")
        let committed = try await Program(
            program: "/usr/bin/git",
            [
                "-c", "user.name=Tests", "-c", "user.email=tests@example.org", "commit", "--quiet", "-am",
                "fewer",
            ],
            environment: world.environment, folder: repository
        ).end()
        #expect(committed.status == 0, "\(committed)")
        let uncertain = try await Self.play(few, in: repository, world)
        #expect(uncertain.status == 4, "\(uncertain)")
    }

    @Test("nothing is half done where arc isn't there, or a word is missing")
    func wrong() async throws {
        let world = try await World.make("shell_ci_wrong")
        let repository = try await Self.repository(world, baseline: "baseline")
        let usage = try await Program(
            program: repository + "/ci/play.sh", ["results/baseline.jsonl"], environment: world.environment,
            folder: repository
        ).end()
        #expect(usage.status == 64 && usage.notes.contains("usage: "))
        let missing = try await Program(
            program: repository + "/ci/play.sh", ["results/baseline.jsonl", "x.jsonl"],
            environment: world.environment.merging(["ARC": "/nowhere/arc"]) { $1 }, folder: repository
        ).end()
        #expect(missing.status == 1 && missing.notes.contains("arc isn't there"))
    }
}
