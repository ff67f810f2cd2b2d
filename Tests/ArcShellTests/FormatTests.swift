import Foundation
import Testing

private let formats: [String] = ["table", "json", "jsonl", "csv", "markdown"]

private let listings: [[String]] = [
    ["-c", "select 1 as n, 'x' as s, null as z"], ["-e", "arc.query('select 1 as n')"],
    ["-e", "{ a = 1, b = 'x' }"], ["list"], ["show", "latest"], ["db", "status"], ["plugin", "list"],
]

@Suite("What arc prints, in every format")
struct FormatTests {
    private func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    @Test("every format works on everything that prints data", arguments: formats, listings)
    func format(_ format: String, _ command: [String]) async throws {
        let world = try await World.reading()
        let arguments = command + ["--format", format]
        let result = try await Program.run(arguments, environment: world.environment, folder: world.home.path)
        #expect(result.status == 0 && result.notes == "", "\(result)")
        #expect(result.output.hasSuffix("\n") && !result.output.contains("\u{1B}"))
        switch format {
        case "json": _ = try json(result.output)
        case "jsonl": for line in result.output.split(separator: "\n") { _ = try json(String(line)) }
        case "csv": #expect(!result.output.contains("|") && result.output.contains("\n"))
        case "markdown":
            #expect(
                result.output.contains("| --") || result.output.contains("|--")
                    || result.output.contains("| :"))
        default: break
        }
    }

    @Test("each figure of the list stands under its heading", arguments: ["table", "markdown"])
    func list(_ format: String) async throws {
        let world = try await World.reading()
        let text = try await world.arc("list", "--format", format).output
        let rows = text.split(separator: "\n").filter { !$0.contains("--") && !$0.contains("──") }.map {
            line in
            line.split(omittingEmptySubsequences: false) { "│|".contains($0) }
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        #expect(rows[0] == ["name", "id", "state", "runs", "pass rate (95 %)", "cost", "age"])
        let baseline = try #require(rows.first { $0.first == "baseline" })
        #expect(baseline[1].wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}/) != nil)
        #expect(baseline[2...5] == ["completed", "120", "87.5 % ± 6.2", "$1.06"])
        #expect(baseline[6].contains("now") || baseline[6].contains("ago"))
    }

    @Test("a select prints exactly what it says in each format")
    func exactFormats() async throws {
        let world = try await World.reading()
        let sql = "select 9007199254740993 as n, 'a,\"b' as s, null as z"
        let expected = [
            "csv": "n,s,z\n9007199254740993,\"a,\"\"b\",\n",
            "jsonl": "{\"n\": 9007199254740993, \"s\": \"a,\\\"b\", \"z\": null}\n",
        ]
        for (format, text) in expected {
            #expect(try await world.arc("-c", sql, "--format", format).output == text)
        }
        #expect(try await world.arc("-c", sql, "--format", "xml").status == 64)
    }

    @Test("a pipe gets every row, whole, without colour")
    func pipe() async throws {
        let world = try await World.reading()
        let wide = String(repeating: "x", count: 500)
        let result = try await world.arc("-c", "select n, '\(wide)' as s from generate_series(1, 3000) n")
        #expect(result.output.split(separator: "\n").count { $0.contains(wide) } == 3000)
        #expect(!result.output.contains("…") && !result.output.contains("\u{1B}"))
        let coloured = try await world.arc("-c", "select 1 as n", environment: ["FORCE_COLOR": "1"])
        #expect(coloured.output.contains("\u{1B}["))
    }

    @Test("a reader that goes away ends arc quietly")
    func brokenPipe() async throws {
        let world = try await World.reading()
        let command =
            "'\(Program.path)' -c 'select * from generate_series(1, 200000) n' --format csv | head -n 2"
        let program = try Program(
            program: "/bin/sh", ["-c", command], environment: world.environment, folder: world.home.path)
        let result = try await program.end()
        #expect(result.output == "n\n1\n" && result.notes == "" && result.status == 0)
    }
}
