import Foundation
import Glibc
import Postgres
import TestServer
import Testing

/// What a person does at the prompt of the real `arc`, on a real terminal, with a real database.
@Suite("A session at the prompt", .blocking)
struct PromptSessionTests {
    private let terminal: Terminal

    init() throws { terminal = try Terminal(columns: 100, rows: 40) }

    private func start(_ world: World, on terminal: Terminal? = nil) throws -> pid_t {
        let terminal = terminal ?? self.terminal
        let arc = try terminal.spawn(Program.path, environment: world.environment)
        try terminal.wait(for: "arc>")
        return arc
    }

    /// Types an input, and waits for these lines between it and the next prompt.
    private func type(_ input: String, gives lines: String...) throws {
        terminal.send(input + "\r")
        let shown = ["arc> " + input] + lines + ["arc>"]
        try terminal.wait(for: "\(shown)") { $0.lines.suffix(shown.count) == shown }
    }

    /// Types an input, and waits for the next prompt and something before it.
    private func type(_ input: String, shows text: String) throws {
        terminal.send(input + "\r")
        try terminal.wait(for: text) { screen in
            guard let place = screen.lines.lastIndex(of: "arc> " + input) else { return false }
            return screen.lines.last == "arc>"
                && screen.lines[place...].joined(separator: "\n").contains(text)
        }
    }

    private func quit(_ arc: pid_t, _ keys: String = "\u{4}") throws {
        terminal.send(keys)
        #expect(try terminal.waitForExit(of: arc) == 0)
    }

    @Test("Lua: expressions, statements, several rows, and _ for the last result")
    func lua() async throws {
        let arc = try start(try await World.reading())
        try type("1 + 1", gives: "2")
        try type("_ * 21", gives: "42")
        try type("x = 5")
        try type("x, 'text'", gives: "5", "text")
        try type("print('printed')", gives: "printed")
        try type("nil", gives: "nil")
        terminal.send("for i = 1, 2 do\r")
        terminal.send("print(i)\r")
        terminal.send("end\r")
        try terminal.wait(forEnd: "end", "1", "2", "arc>")
        try type("return x", gives: "5")
        try quit(arc)
    }

    @Test("SQL: a table, :name and :sim.id from Lua, and its result as _")
    func sql() async throws {
        let arc = try start(try await World.reading())
        try type("select 40 + 2 as answer;", shows: "42")
        try type("_[1].answer", gives: "42")
        try type("who = 'Ada'")
        try type("select :who as name, length(:who::text) as n;", shows: "Ada")
        try type("sim = arc.simulation('baseline')")
        try type("select count(*) as runs from outcomes where simulation_id = :sim.id;", shows: "120")
        try type("_.runs[1]", gives: "120")
        terminal.send("select 1 as one,\r")
        terminal.send("2 as two;\r")
        try terminal.wait(for: "two rows of SQL") {
            $0.lines.last == "arc>"
                && $0.lines.contains { $0.contains("one") && $0.contains("two") && !$0.contains("select") }
        }
        try type("select :nobody;", shows: "there is no Lua value for :nobody")
        try quit(arc)
    }

    @Test("an error ends its input, and the prompt lives on")
    func errors() async throws {
        let arc = try start(try await World.reading())
        try type("error('mine')", shows: "mine")
        try type("nonsense.field", shows: "attempt to index a nil value")
        try type("x = = 1", shows: "unexpected symbol")
        try type("select scroe from (select 1 as score) x;", shows: "HINT: Perhaps you meant")
        try type("arc.query('select 1/0')", shows: "division by zero")
        try type("\\nonsense", shows: "there is no \\nonsense")
        try type("6 * 7", gives: "42")
        try quit(arc)
    }

    @Test("Ctrl-C ends an endless loop and a command on the server, and the prompt lives on")
    func interrupts() async throws {
        let world = try await World.make("shell_prompt_interrupt")
        let arc = try start(world)
        terminal.send("print('looping') while true do end\r")
        try terminal.wait(for: "the loop") { $0.lines.last == "looping" }
        terminal.send("\u{3}")
        try terminal.wait(for: "the prompt") {
            $0.lines.last == "arc>" && $0.lines.contains { $0.hasSuffix("interrupted") }
        }

        terminal.send("select pg_sleep(60);\r")
        let connection = try await Connection.connect(world.database.options)
        try await connection.waitForSleepers(1)
        terminal.send("\u{3}")
        try terminal.wait(for: "the prompt") { screen in
            screen.lines.last == "arc>" && screen.lines.suffix(3).contains { $0.hasSuffix("interrupted") }
                && screen.lines.count { $0.hasSuffix("interrupted") } == 2
        }
        try await connection.waitForSleepers(0)
        await connection.close()
        try type("6 * 7", gives: "42")
        try quit(arc)
    }

    @Test("\\d lists tables, \\d TABLE its columns, \\x turns rows, \\? helps, \\q quits")
    func commands() async throws {
        let arc = try start(try await World.reading())
        try type("\\d", shows: "simulations")
        #expect(!terminal.screen.lines.contains { $0.contains("outcomes_p") })
        try type("\\d outcomes", shows: "reliability_score")
        try type("\\d nonsense", shows: "there is no table \"nonsense\"")
        try type("\\x", shows: "one value a line")
        terminal.send("select 1 as one, 2 as two;\r")
        try terminal.wait(for: "two lines") { screen in
            screen.lines.last == "arc>"
                && screen.lines.suffix(6).contains { $0.hasPrefix(" two ") && $0.hasSuffix(" 2") }
        }
        try type("\\x", shows: "as a table")
        try type("\\format csv")
        try type("select 1 as one, 2 as two;", gives: "one,two", "1,2")
        try type("\\timing", shows: "Timing is on")
        try type("1", shows: "Time: ")
        try type("\\?", shows: "\\timing")
        try quit(arc, "\\q\r")
    }

    @Test("\\reload loads a plugin anew; where that fails the old one stays")
    func reload() async throws {
        let world = World(home: try TemporaryDirectory(), database: try await World.reading().database)
        func write(_ body: String) throws {
            _ = try world.write(
                "data/arc/plugins/p/plugin.json",
                #"{"name": "p", "version": "1.0.0", "provides": {"metrics": ["m"]}}"#)
            _ = try world.write(
                "data/arc/plugins/p/init.lua",
                "return { metrics = {{ name = 'm', compute = function() return \(body) end }} }")
        }
        try write("1")
        let arc = try start(world)
        try type("function v(x) if x.name == 'm' then return x.value end end")
        try type("function m() return v(arc.metrics('baseline')[1]) end")
        try type("m()", gives: "1")
        try write("2")
        try type("m()", gives: "1")
        try type("\\reload p", gives: "p 1.0.0: reloaded")
        try type("m()", gives: "2")
        try write("= nonsense")
        try type("\\reload p", shows: "The one that was loaded, 1.0.0, stays.")
        try type("m()", gives: "2")
        try type("\\reload q", shows: "there is no plugin \"q\"")
        try quit(arc)
    }

    @Test("what was typed in one session is recalled in the next")
    func history() async throws {
        let world = World(home: try TemporaryDirectory(), database: try await World.reading().database)
        let first = try start(world)
        try type("x = 1 -- remembered")
        try quit(first)
        let other = try Terminal(columns: 100, rows: 40)
        let second = try start(world, on: other)
        other.send("\u{1B}[A")
        try other.wait(forEnd: "arc> x = 1 -- remembered")
        other.send("\u{3}\u{4}")
        #expect(try other.waitForExit(of: second) == 0)
    }

    @Test("TAB completes the library, fields of values, commands, and tables in SQL")
    func completion() async throws {
        let arc = try start(try await World.reading())
        terminal.send("arc.que\t")
        try terminal.wait(forEnd: "arc> arc.query(")
        terminal.send("\u{3}")
        try terminal.wait(for: "a fresh prompt") { $0.lines.last == "arc>" }
        try type("mine = { alpha = { beta = 1 } }")
        terminal.send("mine.al\t.be\t\r")
        try terminal.wait(forEnd: "arc> mine.alpha.beta", "1", "arc>")
        terminal.send("\\tim\t")
        try terminal.wait(forEnd: "arc> \\timing")
        terminal.send("\u{3}")
        try terminal.wait(for: "a fresh prompt") { $0.lines.last == "arc>" }
        try quit(arc)
    }

    @Test("without a database that answers, Lua works at the prompt and SQL says what is wrong")
    func unreachable() async throws {
        let home = try TemporaryDirectory()
        let arc = try terminal.spawn(
            Program.path,
            environment: Program.environment(home: home.path, url: "postgresql://me:s3cret@127.0.0.1:1/x"))
        try terminal.wait(for: "arc>")
        try type("6 * 7", gives: "42")
        try type("select 1;", shows: "127.0.0.1")
        #expect(!terminal.screen.lines.joined().contains("s3cret"))
        try quit(arc)
    }
}
