import Foundation
import Postgres
import TestServer
import Testing

@Suite("Scripts, from files and from standard input")
struct ScriptTests {
    @Test("a script finds its arguments in ... and in arg, options among them")
    func arguments() async throws {
        let world = try await World.reading()
        let file = try world.write(
            "arguments.lua",
            "#!/usr/bin/env -S arc run\nprint(select('#', ...), ...) print(arg[0], arg[1], #arg)")
        let result = try await world.arc("run", file, "one", "two words", "--three", "-4")
        #expect(result.status == 0 && result.notes == "")
        #expect(result.output == "4\tone\ttwo words\t--three\t-4\n\(file)\tone\t4\n", "\(result)")
    }

    @Test("an option of arc's own behind the script is refused: the script would get it; behind -- it does")
    func strayOptions() async throws {
        let world = try await World.reading()
        let file = try world.write("stray.lua", "print(...)")
        for option in ["--url=postgresql://elsewhere/db", "--profile", "--format"] {
            let result = try await world.arc("run", file, "a", option, "x")
            #expect(result.status == 64 && result.output == "", "\(result)")
            #expect(result.notes.contains("stands behind the script"), "\(result)")
        }
        #expect(try await world.arc("run", file, "--", "--url", "x").output == "--url\tx\n")
    }

    @Test("a script comes from standard input, with run - and without a word; what it returns is printed")
    func standardInput() async throws {
        let world = try await World.reading()
        let source = "local rows = arc.query('select 41 + 1 as n')\nreturn rows[1].n\n"
        #expect(try await world.arc("run", "-", input: source).output == "42\n")
        #expect(try await world.arc(input: source).output == "42\n")
        #expect(try await world.arc("run", "-", "a", "b", input: "return select('#', ...)").output == "2\n")
        let empty = try await world.arc(input: "")
        #expect(empty.status == 0 && empty.output == "" && empty.notes == "")
    }

    @Test(
        "what a script prints and returns goes to standard output; a frame in the format that was asked for")
    func output() async throws {
        let world = try await World.reading()
        let result = try await world.arc(
            "-e", "io.stderr:write('note\\n') return arc.query('select 1 as n, true as b')", "--format", "csv"
        )
        #expect(result.output == "n,b\n1,true\n" && result.notes == "note\n")
        let table = try await world.arc("-e", "{ b = { 1, 2 }, a = arc.null }", "--format", "json")
        #expect(
            try JSONSerialization.jsonObject(with: Data(table.output.utf8)) as? [String: NSObject] == [
                "a": NSNull(), "b": [1, 2] as NSArray,
            ])
    }

    static let examples: [String] = {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: Program.package + "/examples")) ?? []
        return files.filter { $0.hasSuffix(".lua") }.sorted()
    }()

    @Test("every example runs, on the example results", arguments: examples)
    func example(_ name: String) async throws {
        let world = try await World.make("shell_example", results: true)
        let result = try await world.arc("run", Program.package + "/examples/" + name)
        #expect(result.status == 0 && result.notes == "" && !result.output.isEmpty, "\(result)")
    }

    @Test("there are examples, the one of the tour among them")
    func examplesAreThere() { #expect(Self.examples.contains("explore.lua")) }

    @Test("explore takes the simulation's name")
    func explore() async throws {
        let world = try await World.reading()
        let result = try await world.arc("run", Program.package + "/examples/explore.lua", "baseline")
        #expect(result.status == 0 && result.output.hasPrefix("baseline: completed, 120 of 120 runs\n"))
    }

    // MARK: - Ctrl-C

    @Test(
        "Ctrl-C ends an endless loop with 130, even one that catches errors",
        arguments: [
            "while true do end", "while true do pcall(function() while true do end end) end",
            "arc.map({ 1, 2 }, function() while true do end end)", "arc.sleep(3600)",
        ])
    func endless(_ loop: String) async throws {
        let world = try await World.reading()
        let program = try Program(
            ["-e", "io.stderr:write('ready\\n') \(loop)"], environment: world.environment,
            folder: world.home.path)
        try await program.waitForNote("ready")
        program.interrupt()
        let result = try await program.end()
        #expect(result.status == 130 && result.output == "", "\(result)")
    }

    @Test(
        "Ctrl-C cancels the command on the server, and is 130",
        arguments: [["-c", "select pg_sleep(60)"], ["-e", "arc.query('select pg_sleep(60)')"]])
    func sleeping(_ arguments: [String]) async throws {
        let world = try await World.make("shell_interrupt")
        let program = try Program(arguments, environment: world.environment, folder: world.home.path)
        let connection = try await Connection.connect(world.database.options)
        try await connection.waitForSleepers(1)
        program.interrupt()
        let result = try await program.end()
        #expect(result.status == 130 && result.output == "", "\(result)")
        try await connection.waitForSleepers(0)
        await connection.close()
    }

    @Test("Ctrl-C during a plugin that loops is 130, not the plugin's fault")
    func plugin() async throws {
        let world = try await World.make("shell_loop", results: true)
        _ = try world.write(
            "data/arc/plugins/loop/plugin.json",
            #"{"name": "loop", "version": "1", "provides": {"metrics": ["m"]}}"#)
        _ = try world.write(
            "data/arc/plugins/loop/init.lua",
            """
            return { metrics = {{ name = "m", compute = function()
              print(("looping"):rep(20000)) while true do end
            end }} }
            """)
        for arguments in [["show", "latest"], ["report", "summary"], ["-e", "arc.metrics('latest')"]] {
            let program = try Program(arguments, environment: world.environment, folder: world.home.path)
            try await program.waitForOutput("looping")
            program.interrupt()
            let result = try await program.end()
            #expect(result.status == 130, "\(arguments): \(result.status) \(result.notes)")
        }
    }
}
