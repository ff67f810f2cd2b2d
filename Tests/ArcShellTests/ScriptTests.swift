import Foundation
import Postgres
import TestServer
import Testing

@Suite("Scripts, from files and from standard input")
struct ScriptTests {
    @Test("several lines run in order in one machine, after arc and after arc run, until one fails")
    func lines() async throws {
        let world = try await World.reading()
        for command in [[], ["run"]] {
            let result = try await Program.run(
                command + [
                    "-e", "x = 1 print('first')", "-e", "x + 1", "-e", "error('stop')", "-e",
                    "print('never')",
                ],
                environment: world.environment, folder: world.home.path)
            #expect(
                result.status == 1 && result.output == "first\n2\n" && result.notes.contains("stop"),
                "\(result)")
            let sql = try await Program.run(
                command + ["-c", "select 1 as a", "-c", "select 2 as b", "--format", "csv"],
                environment: world.environment, folder: world.home.path)
            #expect(sql.status == 0 && sql.output == "a\n1\nb\n2\n", "\(sql)")
        }
        let negative = try await world.arc("-e", "-1 + 3")
        #expect(negative.output == "2\n")
    }

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

    @Test("require finds modules beside the script, in folders of it, and says where it looked")
    func require() async throws {
        let world = try await World.reading()
        _ = try world.write(
            "tool.lua",
            "local name, file = ... return { name = name, file = file, twice = require 'parts.twice' }")
        _ = try world.write("parts/twice.lua", "return function(n) return 2 * n end")
        _ = try world.write("broken.lua", "return (")
        let file = try world.write(
            "main.lua",
            """
            local tool = require "tool"
            print(tool.name, tool.twice(21), require "tool" == tool)
            print(select(2, pcall(require, "nowhere.at.all")))
            print(select(2, pcall(require, "broken")))
            """)
        let result = try await world.arc("run", file)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.hasPrefix("tool\t42\ttrue\nmodule 'nowhere.at.all' not found:"), "\(result)")
        #expect(result.output.contains("no file '\(world.home.path)/nowhere/at/all.lua'"), "\(result)")
        #expect(
            result.output.contains("error loading module 'broken' from file '\(world.home.path)/broken.lua'"))
    }

    @Test("os.exit ends arc with its code, pcall or not, and everything recorded before is there")
    func exit() async throws {
        let world = try await World.make("script_exit")
        let file = try world.write(
            "exit.lua",
            """
            arc.create_configuration("exits", "model: small")
            local sim = arc.start_simulation { config_version_id = "exits", scenarios = { "a" }, simulation_name = "exits" }
            arc.record_outcome { simulation_id = sim, scenario_id = "a", status = "success" }
            pcall(function() pcall(os.exit, 7) end)
            while true do pcall(arc.sleep, 0) end
            """)
        let result = try await world.arc("run", file)
        #expect(result.status == 7 && result.output == "" && result.notes == "", "\(result)")
        let count = try await world.arc("-e", "arc.get_simulation_status('exits').completed_runs")
        #expect(count.output == "1\n", "\(count)")
        #expect(try await world.arc("-e", "os.exit()").status == 0)
        #expect(try await world.arc("-e", "os.exit(false)").status == 1)
        #expect(
            try await world.arc("-e", "arc.map({1, 2}, function() arc.sleep(0.01) os.exit(9) end)").status
                == 9)
        let wrong = try await world.arc("-e", "os.exit('seven')")
        #expect(
            wrong.status == 1 && wrong.notes.contains("os.exit: code must be true, false or a whole number"),
            "\(wrong)")
    }

    @Test("arc.env shows the environment and can't be set")
    func environment() async throws {
        let world = try await World.reading()
        let result = try await world.arc(
            "-e",
            "print(arc.env.TERM, arc.env('NOTHING_AT_ALL'), arc.env('NOTHING_AT_ALL', 'default'), os.getenv('TERM')) "
                + "local n = 0 for name, value in pairs(arc.env) do n = n + 1 assert(arc.env[name] == value) end assert(n > 3) "
                + "arc.env.TERM = 'x'")
        #expect(result.output == "xterm-256color\tnil\tdefault\txterm-256color\n", "\(result)")
        #expect(result.status == 1 && result.notes.contains("arc.env.TERM can't be set"), "\(result)")
    }

    @Test("files and processes are there for scripts")
    func filesAndProcesses() async throws {
        let world = try await World.reading()
        let file = try world.write(
            "files.lua",
            """
            local name = os.tmpname()
            local out <close> = assert(io.open(name, "w"))
            out:write("one\\ntwo\\n")
            out:flush()
            local n = 0
            for _ in io.lines(name) do n = n + 1 end
            assert(n == 2 and os.remove(name))
            local pipe <close> = io.popen("echo $((40 + 2))")
            print(pipe:read("n"), os.execute("exit 3"))
            """)
        let result = try await world.arc("run", file)
        #expect(result.output == "42\tnil\texit\t3\n", "\(result)")
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
              print("looping") while true do end
            end }} }
            """)
        for arguments in [["show", "latest"], ["report", "summary"], ["-e", "arc.metrics('latest')"]] {
            let program = try Program(arguments, environment: world.environment, folder: world.home.path)
            try await program.waitForNote("looping")
            program.interrupt()
            let result = try await program.end()
            #expect(result.status == 130, "\(arguments): \(result.status) \(result.notes)")
        }
    }
}
