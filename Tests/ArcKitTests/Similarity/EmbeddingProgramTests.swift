import Foundation
import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("The program that makes embeddings")
struct EmbeddingProgramTests {
    private static func run(
        _ script: String, _ texts: [String], timeout: Duration = .seconds(30)
    ) async throws -> [[Float]] {
        let program = EmbeddingProgram(
            settings: EmbeddingSettings(command: ["/bin/sh", "-c", script], timeout: timeout))
        let items = texts.map { EmbeddingProgram.Item(place: "scenario \"\($0.prefix(5))\"", text: $0) }
        return try await program.embeddings(of: items).map(\.values)
    }

    private static func failure(
        _ script: String, _ texts: [String] = ["a", "b", "c"], timeout: Duration = .seconds(30)
    ) async -> String {
        await refusal(.program) { _ = try await run(script, texts, timeout: timeout) }
    }

    @Test("it reads a JSON string a line, and prints a vector a line")
    func lines() async throws {
        // The length of the line, which has its quotes, escapes and all.
        let script = #"while IFS= read -r line; do echo "[${#line}, 1e0, -0.5]"; done"#
        let texts = ["ab", "two\nlines \"quoted\" \\ tab\t", "", "ünï"]
        let vectors = try await Self.run(script, texts)
        #expect(vectors.map { $0[1...] } == Array(repeating: [1, -0.5], count: 4))
        #expect(vectors[0][0] == 4)
        #expect(vectors[2][0] == 2)
        #expect(try await Self.run("exit 1", []) == [])
    }

    @Test("a program may say much on standard error, and read only later, without either waiting for ever")
    func chatty() async throws {
        let script = "head -c 3000000 /dev/zero | tr '\\0' x >&2; cat >/dev/null; echo '[1]'; echo '[2]'"
        let vectors = try await Self.run(script, [String(repeating: "long ", count: 200_000), "b"])
        #expect(vectors == [[1], [2]])
    }

    @Test(
        "what it prints wrongly is named by its line and scenario",
        arguments: [
            (
                "echo '[1]'; echo nonsense; echo '[1]'",
                #"line 2, for scenario "b", must be a JSON list of numbers, got "nonsense""#
            ),
            ("echo '[1]'; echo '[1, \"x\"]'; echo '[1]'", "line 2, for scenario \"b\""),
            ("echo '{}'; echo '[1]'; echo '[1]'", "line 1, for scenario \"a\""),
            (
                "echo '[1]'; echo '[]'; echo '[1]'",
                "line 2, for scenario \"b\": embedding must have 1 to 1536 numbers, got none"
            ),
            ("echo '[0]'; echo '[1]'; echo '[1]'", "is all zeroes"),
            ("echo '[1]'; echo '[1e99]'; echo '[1]'", "finite 32-bit number"),
            (
                "echo '[1]'; echo '[1, 2]'; echo '[1]'",
                "line 2, for scenario \"b\", has 2 numbers, and line 1 has 1"
            ),
            ("echo '[1]'", "printed 1 line for 3 texts: line 2, for scenario \"b\", is missing"),
            ("true", "printed 0 lines for 3 texts: line 1, for scenario \"a\", is missing"),
            (
                "for i in 1 2 3 4; do echo '[1]'; done",
                "printed 4 lines for 3 texts: line 4 belongs to no text"
            ),
            (
                "printf '\\377\\376\\n'; echo '[1]'; echo '[1]'",
                "line 1, for scenario \"a\", must be a JSON list"
            ),
        ])
    func wrong(_ script: String, _ what: String) async {
        let text = await Self.failure(script)
        #expect(text.contains(what), "\(text)")
    }

    @Test("a program that dies says how, after which line, and what it said")
    func dies() async {
        let text = await Self.failure("echo '[1]'; echo 'no such model' >&2; exit 3")
        #expect(text.contains("ended with status 3 after 1 line for 3 texts"), "\(text)")
        #expect(text.contains("no such model"))
        #expect(await Self.failure("kill -9 $$").contains("was ended by signal"))
        #expect(await Self.failure("/no/such/program").contains("ended with status 127"))
        // It closes its input at once, with much left to read.
        let long = [String](repeating: String(repeating: "x", count: 100_000), count: 30)
        #expect(await Self.failure("exec 0<&-; exit 4", long).contains("ended with status 4"))
    }

    @Test("a program that hangs is ended with what it started, and the error says after which time")
    func hangs() async throws {
        let mark = "31\(Int.random(in: 100_000...999_999))"
        let clock = ContinuousClock()
        let start = clock.now
        let text = await Self.failure("sleep \(mark) & sleep \(mark); wait", timeout: .milliseconds(300))
        #expect(text.contains("took longer than 0.3 seconds for 3 texts"), "\(text)")
        #expect(start.duration(to: clock.now) < .seconds(20))
        // Who was sent a SIGKILL ends when its turn comes.
        var sleeping = try Self.processes(with: mark)
        while !sleeping.isEmpty, start.duration(to: clock.now) < .seconds(20) {
            await Task.yield()
            sleeping = try Self.processes(with: mark)
        }
        #expect(sleeping == [])
    }

    /// The processes with that argument.
    private static func processes(with argument: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter {
            (FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data()).split(separator: 0)
                .contains { String(decoding: $0, as: UTF8.self) == argument }
        }
    }

    @Test("a program that never stops printing is stopped")
    func endless() async {
        let text = await Self.failure("yes | head -c 2000000", ["a"])
        #expect(text.contains("printed more than 131072 bytes"), "\(text)")
    }

    @Test("every scenario that lacks an embedding and has a prompt gets one, and no other is touched")
    func store() async throws {
        try await withStore { store in
            try await store.session { session in
                try await session.upsert([
                    Scenario(id: "a", taskPrompt: "one"), Scenario(id: "b", taskPrompt: "two\nlines"),
                    Scenario(id: "c"),
                    Scenario(id: "d", taskPrompt: "x", embedding: try Embedding([9, 9], place: "")),
                ])
            }
            let two = EmbeddingSettings(command: ["sh", "-c", "while read -r l; do echo '[1, 2]'; done"])
            #expect(try await store.embedScenarios(by: two) == EmbeddingReport(embedded: 2, withoutPrompt: 1))
            #expect(try await store.embedScenarios(by: two) == EmbeddingReport(embedded: 0, withoutPrompt: 1))
            let three = EmbeddingSettings(command: ["sh", "-c", "while read -r l; do echo '[1, 2, 3]'; done"])
            try await store.session { try await $0.upsert([Scenario(id: "e", taskPrompt: "new")]) }
            #expect(
                await refusal(.invalid) { _ = try await store.embedScenarios(by: three) }
                    .contains(
                        "scenario \"e\": embedding has 3 numbers, and this database's embeddings have 2"))
            #expect(
                await refusal(.program) {
                    _ = try await store.embedScenarios(by: .init(command: ["false"]), replacing: true)
                }.contains("status 1"))
            // A replacement that fails takes nothing away.
            #expect(try await store.session { try await $0.embeddingCoverage().embedded } == 3)
            #expect(
                try await store.embedScenarios(by: three, replacing: true)
                    == EmbeddingReport(embedded: 4, withoutPrompt: 1))
            #expect(try await store.session { try await $0.embeddingCoverage().dimensions } == 3)
            #expect(try await store.embedding(of: "text", by: three).values == [1, 2, 3])
        }
    }

    @Test("the configuration file names the program, as a list or as a text for a shell")
    func settings() async throws {
        func settings(_ yaml: String?) throws -> EmbeddingSettings? {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "arc-embed-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let inner = folder.appending(path: "arc")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            if let yaml { try Data(yaml.utf8).write(to: inner.appending(path: "config.yaml")) }
            return try EmbeddingSettings(environment: ["XDG_CONFIG_HOME": folder.path])
        }
        #expect(try settings(nil) == nil)
        #expect(try settings("profiles: {}\n") == nil)
        #expect(
            try settings("embed:\n  command: [python3, e.py]\n")
                == EmbeddingSettings(command: ["python3", "e.py"]))
        #expect(
            try settings("embed:\n  command: a | b\n  timeout: 2.5\n")
                == EmbeddingSettings(command: ["/bin/sh", "-c", "a | b"], timeout: .seconds(2.5)))
        for (yaml, what) in [
            ("embed: e.py\n", "embed must be a mapping"), ("embed: {command: []}\n", "embed.command must be"),
            ("embed: {command: [1]}\n", "embed.command must be"),
            ("embed: {timeout: 3}\n", "embed.command must be"),
            ("embed: {command: x, timeout: 0}\n", "embed.timeout must be"),
            ("embed: {command: x, cmd: y}\n", "not \"cmd\""),
        ] {
            let text = await refusal(.invalid) { _ = try settings(yaml) }
            #expect(text.contains(what), "\(text)")
        }
    }
}
