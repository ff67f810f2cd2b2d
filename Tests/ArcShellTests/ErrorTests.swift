import Foundation
import Testing

/// How arc ends: its exit codes, and what standard error says.
@Suite("Errors of the command line")
struct ErrorTests {
    /// A server that nobody listens at.
    private static let unreachable = "postgresql://me:s3cret@127.0.0.1:1/nothing?connect_timeout=5"

    private func run(
        _ arguments: [String], url: String? = unreachable, input: String = "", files: [String: String] = [:],
        variables: [String: String] = [:]
    ) async throws -> Program.Result {
        let home = try TemporaryDirectory()
        for (name, text) in files {
            try text.write(toFile: home.path + "/" + name, atomically: true, encoding: .utf8)
        }
        return try await Program.run(
            arguments,
            environment: Program.environment(home: home.path, url: url, variables), input: input,
            folder: home.path)
    }

    // MARK: - Lua

    @Test(
        "what touches no database runs without one",
        arguments: [
            (["-e", "print(1)"], "1\n"), (["-e", "1 + 1"], "2\n"), (["-e", "return 1 + 1"], "2\n"),
            (["-e", "arc.map({1, 2}, function(n) return n * 2 end)[2]"], "4\n"), (["-e", "local x = 1"], ""),
            (["-e", "nil"], ""), (["-e", "'a', 'b'"], "a\nb\n"),
        ] as [([String], String)])
    func noDatabase(_ arguments: [String], _ output: String) async throws {
        let result = try await run(arguments)
        #expect(result.status == 0 && result.output == output && result.notes == "", "\(result)")
    }

    @Test(
        "plugins are listed, help is shown, and the reference printed without a database",
        arguments: [
            ["plugin", "list"], ["--help"], ["report", "--help"], ["--version"], ["docs", "stubs"],
            ["docs", "reference"], ["-e", "help()"],
        ])
    func noDatabaseCommands(_ arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.status == 0 && !result.output.isEmpty && result.notes == "", "\(result)")
    }

    @Test("an error in a script is exit 1, with its place")
    func scriptErrors() async throws {
        let line = try await run(["-e", "error('x')"])
        #expect(
            line.status == 1 && line.output == "" && line.notes.hasPrefix("arc: ") && line.notes.contains("x")
        )
        let syntax = try await run(["-e", "x ="])
        #expect(
            syntax.status == 1 && syntax.output == "" && syntax.notes.contains("(command line):1:"),
            "\(syntax)")
        let table = try await run(["-e", "error({ code = 7 })"])
        #expect(table.status == 1 && !table.notes.isEmpty)
        let file = try await run(
            ["run", "deep.lua"],
            files: ["deep.lua": "print('first')\nlocal function f()\n  error('deep')\nend\nf()\n"])
        #expect(file.status == 1 && file.output == "first\n")
        #expect(file.notes.hasPrefix("arc: deep.lua:3: deep"), "\(file)")
        #expect(file.notes.contains("deep.lua:5:"), "\(file)")
        let argument = try await run([
            "-e", "arc.record_outcome{scenario_id = 's', status = 'success', reliability_score = 92}",
        ])
        #expect(argument.status == 1)
        #expect(
            argument.notes.contains("arc.record_outcome: reliability_score must be between 0 and 1, got 92"))
    }

    @Test("an error can't move the terminal's cursor, whatever it quotes")
    func hiddenText() async throws {
        let result = try await run(["-e", "error('a \\27[31mname\\n\\tmore')"])
        #expect(result.notes.contains("a ␛[31mname\n\tmore") && !result.notes.contains("\u{1B}"), "\(result)")
    }

    @Test("a deadlock is told with the line that waits")
    func deadlock() async throws {
        let source = """
            local channel = arc.channel()
            local function wait()
              channel:receive()
            end
            wait()
            """
        let result = try await run(["run", "stuck.lua"], files: ["stuck.lua": source])
        #expect(result.status == 1 && result.notes.contains("none can go on"), "\(result)")
        #expect(
            result.notes.contains("stuck.lua:3: in") && result.notes.contains("stuck.lua:5: in main chunk"),
            "\(result)")
    }

    @Test("a script that wants all memory there is ends with an error, and arc goes on")
    func memory() async throws {
        let grow = "local s = 'x' while true do s = s .. s end"
        let line = try await run(
            ["-e", "arc.env.ARC_MEMORY_MB", "-e", "(pcall(load(\"\(grow)\")))", "-e", grow],
            variables: ["ARC_MEMORY_MB": "64"])
        #expect(line.status == 1 && line.output == "64\nfalse\n", "\(line)")
        #expect(line.notes.contains("not enough memory") && line.notes.contains("ARC_MEMORY_MB="), "\(line)")
        let wrong = try await run(["-e", "1"], variables: ["ARC_MEMORY_MB": "much"])
        #expect(wrong.status == 1 && wrong.notes.contains("ARC_MEMORY_MB must be a whole number"), "\(wrong)")
    }

    @Test("a script that isn't there, or isn't text, is named")
    func missingScript() async throws {
        let missing = try await run(["run", "nothing.lua"])
        #expect(missing.status == 1 && missing.notes.contains("nothing.lua doesn't exist"))
        let binary = try await run(["run", "-"], input: "\u{1B}Lua")
        #expect(binary.status == 1 && binary.output == "")
    }

    // MARK: - SQL

    @Test("an error in SQL shows the line, a caret under the place, and the hint")
    func sqlErrors() async throws {
        let world = try await World.reading()
        let result = try await world.arc("-c", "select 1,\n  scroe\nfrom (select 1 as score) x")
        #expect(result.status == 1 && result.output == "")
        #expect(
            result.notes == """
                arc: ERROR: column "scroe" does not exist
                LINE 2:   scroe
                          ^
                HINT: Perhaps you meant to reference the column "x.score".

                """, "\(result.notes)")
        let lua = try await world.arc("-e", "arc.query('select scroe from (select 1 as score) x')")
        #expect(lua.status == 1 && lua.notes.contains("LINE 1: select scroe") && lua.notes.contains("HINT: "))
        #expect(lua.notes.contains("(command line):1:"))
        let second = try await world.arc("-c", "select 1 as n; selec 2; select 3")
        #expect(second.status == 1 && second.output.contains("1") && !second.output.contains("3"))
        #expect(second.notes.contains("selec 2\n"))
    }

    // MARK: - A server that doesn't answer

    @Test(
        "a server that can't be reached is exit 2, with its URL and without its password",
        arguments: [
            ["list"], ["show", "latest"], ["db", "status"], ["db", "deploy"], ["report", "summary"],
            ["-c", "select 1"],
            ["-e", "arc.query('select 1')"],
            ["-e", "arc.map({1}, function() return arc.query('select 1') end)"],
        ])
    func unreachable(_ arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.status == 2 && result.output == "", "\(result)")
        #expect(result.notes.contains("127.0.0.1") && result.notes.contains("nothing"), "\(result.notes)")
        #expect(!result.notes.contains("s3cret"))
    }

    @Test("so it is for a file that is to be imported, an unknown host, and a socket that isn't there")
    func unreachableOthers() async throws {
        let file = Program.package + "/examples/results/baseline.jsonl"
        #expect(try await run(["import", file]).status == 2)
        for url in ["postgresql://me:s3cret@nowhere.invalid/x", "postgresql://me:s3cret@/x?host=/nowhere"] {
            let result = try await run(["--url", url, "list"], url: nil)
            #expect(
                result.status == 2 && !result.notes.contains("s3cret") && result.notes.contains("nowhere"),
                "\(result)")
        }
    }

    @Test("a pcall can catch it")
    func caught() async throws {
        let result = try await run(["-e", "local ok, e = pcall(arc.query, 'select 1') print(ok, e.code)"])
        #expect(result.status == 0 && result.output.hasPrefix("false\t"), "\(result)")
    }

    // MARK: - Wrong usage

    @Test(
        "wrong usage is exit 64, and says how to use it",
        arguments: [
            ["nonsense"], ["list", "--limit", "0"], ["list", "--limt", "3"], ["list", "extra"], ["show"],
            ["import"],
            ["import", "modal"], ["run"], ["run", "-e", "1", "a.lua"], ["run", "-e", "1", "-c", "select 1"],
            ["-e"], ["-e", "1", "-c", "select 1"], ["list", "--format", "xml"],
            ["--url", "postgresql://a/b", "--ephemeral", "list"], ["report"], ["server", "nonsense"],
            ["report", "summary", "--format", "json", "--format", "markdown"],
            ["import", "a", "b", "c", "--name", "n"],
            ["import", "a.json", "--pass-threshold", "2"], ["import", "a.json", "--option", "x"],
        ])
    func usage(_ arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.status == 64 && result.output == "", "\(result)")
        #expect(result.notes.contains("Usage:") || result.notes.contains("Error:"), "\(result.notes)")
    }
}
