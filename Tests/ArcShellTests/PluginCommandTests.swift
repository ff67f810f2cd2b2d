import Foundation
import TestServer
import Testing

@Suite("arc plugin, and plugins at the prompt and in commands")
struct PluginCommandTests {
    private static let asks = #""provides": {"metrics": ["rows"]}, "capabilities": ["db.read"]"#
    private static let counts =
        "return { metrics = {{ name = 'rows', compute = function() return #arc.query('select 1') end }} }"

    @Test("new makes a plugin, check and test pass, docs prints its page; a name that is taken is refused")
    func newPlugin() async throws {
        let world = try await World.make("shell_plugin_new")
        let made = try await world.arc("plugin", "new", "slow-runs", "--kind", "metric")
        #expect(made.status == 0 && made.notes.contains("wrote plugins/slow-runs/init.lua"), "\(made)")
        #expect(try await world.arc("plugin", "new", "slow-runs").status == 1)
        let check = try await world.arc("plugin", "check")
        #expect(
            check.status == 0 && check.output.contains("ok    metric slow_runs: the same each time"),
            "\(check)")
        let test = try await world.arc("plugin", "test", "plugins/slow-runs", "--format", "tap")
        #expect(test.status == 0 && test.output.hasPrefix("TAP version 14\n1..2\nok 1 - "), "\(test)")
        let page = try await world.arc("plugin", "docs", "slow-runs")
        #expect(page.status == 0 && page.output.contains("## Settings"))
        _ = try world.write("plugins/slow-runs/test.lua", "it('fails', function() expect(1):equals(2) end)")
        let failed = try await world.arc("plugin", "test")
        #expect(failed.status == 1 && failed.output.contains("expected 2, got 1"), "\(failed)")
        _ = try world.write(
            "plugins/slow-runs/init.lua", "return { metrics = {{ name = 'slow_runs', compute = 3 }} }")
        let wrong = try await world.arc("plugin", "check", "slow-runs", "--format", "json")
        #expect(
            wrong.status == 1 && wrong.output.contains("metrics[1].compute must be a function, got 3"),
            "\(wrong)")
    }

    @Test("a new metric can be compared and gated; a new report is tested with a grant for the command")
    func newParts() async throws {
        let world = try await World.make("shell_plugin_parts", results: true)
        #expect(try await world.arc("plugin", "new", "slow-runs", "--kind", "metric").status == 0)
        let compared = try await world.arc("compare", "baseline", "candidate", "--metric", "slow_runs")
        #expect(compared.status == 0 && compared.output.contains("slow runs is"), "\(compared)")
        let policy = try world.write("policy.yaml", "gates: [{ metric: slow_runs, tolerance: 0.05 }]")
        let gate = try await world.arc("gate", "candidate", "--baseline", "baseline", "--policy", policy)
        #expect(gate.status == 0 && gate.output.contains("✓ slow_runs"), "\(gate)")
        let made = try await world.arc("plugin", "new", "quality", "--kind", "report")
        #expect(made.notes.hasSuffix("arc plugin test plugins/quality --grant quality\n"), "\(made)")
    }

    @Test("a plugin that comes with arc needs no grant, by name and by folder, whatever else has its name")
    func bundledByFolder() async throws {
        let world = try await World.make("shell_plugin_bundled")
        for name in ["flaky", Program.package + "/plugins/flaky"] {
            let test = try await world.arc("plugin", "test", name, "--url", world.database.url)
            #expect(test.status == 0 && test.output.contains("0 failed"), "\(test)")
        }
        try world.plugin("flaky", Self.asks, Self.counts)
        let check = try await world.arc("plugin", "check", Program.package + "/plugins/flaky")
        #expect(check.status == 0 && check.output.contains("flaky 1.0.0: report flaky"), "\(check)")
        let own = try await world.arc("plugin", "check", "plugins/flaky")
        #expect(
            own.output.contains("warn  metric rows: ") && own.output.contains("without a grant"), "\(own)")
    }

    @Test("a grant is asked for, kept, asked for again after a change, and taken back")
    func grant() async throws {
        let world = try await World.make("shell_plugin_grant", results: true)
        try world.plugin("reads", Self.asks, Self.counts)
        let refused = try await world.arc("show", "baseline")
        #expect(refused.status == 1 && refused.output.contains("Pass rate"), "\(refused)")
        #expect(
            refused.notes.contains("plugin reads, metric rows, simulation baseline:")
                && refused.notes.contains("`arc plugin grant reads`"), "\(refused.notes)")
        let no = try await world.arc("plugin", "grant", "reads", input: "n\n")
        #expect(
            no.status == 1 && no.notes.contains("db.read: read arc's tables")
                && no.notes.contains("nothing was granted"))
        let nobody = try await world.arc("plugin", "grant", "reads")
        #expect(nobody.status == 1 && nobody.notes.contains("--yes grants without asking"))
        let yes = try await world.arc("plugin", "grant", "reads", input: "y\n")
        #expect(yes.status == 0 && yes.notes.contains("granted to reads 1.0.0: db.read"), "\(yes)")
        let shown = try await world.arc("show", "baseline", "--format", "csv")
        #expect(shown.status == 0 && shown.output.contains("rows,1"), "\(shown)")
        try world.plugin("reads", Self.asks, "-- changed\n" + Self.counts)
        let changed = try await world.arc("show", "baseline")
        #expect(
            changed.status == 1 && changed.notes.contains("it has changed since it had one: init.lua changed")
        )
        #expect(try await world.arc("show", "baseline", "--grant", "reads").status == 0)
        #expect(try await world.arc("show", "baseline", "--grant", "reads=db.read").status == 0)
        #expect(try await world.arc("show", "baseline", "--grant", "reads=env").status == 1)
        #expect(try await world.arc("plugin", "grant", "reads", "--yes").status == 0)
        #expect(try await world.arc("plugin", "list", "--format", "csv").output.contains(",granted\n"))
        #expect(try await world.arc("plugin", "grant", "reads", "--revoke").status == 0)
        #expect(try await world.arc("plugin", "grant", "reads", "--revoke").status == 1)
        #expect(try await world.arc("plugin", "list", "--format", "csv").output.contains(",not granted\n"))
    }

    @Test("what is wrong with --grant and --set is told before anything runs")
    func options() async throws {
        let world = try await World.reading()
        for (arguments, message) in [
            (["--grant", "nothing"], "there is no such plugin"),
            (["--grant", "standard=fly"], "there is no capability fly"),
            (["--set", "standard"], "--set is written PLUGIN.NAME=VALUE"),
            (["--set", "nothing.a=1"], "there is no such plugin"),
        ] {
            let result = try await Program.run(
                ["-e", "print(1)"] + arguments, environment: world.environment, folder: world.home.path)
            #expect(result.status == 64 && result.output == "" && result.notes.contains(message), "\(result)")
        }
    }

    @Test("a report comes out without what a failing plugin lacks, names it, and ends with 1")
    func report() async throws {
        let world = try await World.make("shell_plugin_report", results: true)
        try world.plugin(
            "bad", #""provides": {"metrics": ["nan"]}"#,
            "return { metrics = {{ name = 'nan', compute = function() return 0/0 end }} }")
        _ = try world.write("plugins/broken/plugin.json", #"{"name": "broken"}"#)
        let result = try await world.arc("report", "summary", "baseline")
        #expect(result.status == 1 && result.output.contains("Pass rate"), "\(result)")
        #expect(
            result.notes.contains(
                "plugin bad, metric nan, simulation baseline must return a finite number, a table or nil, got nan"
            ))
        #expect(result.notes.contains("plugins/broken/plugin.json:1: version must be a string, got nothing"))
        let json = try await world.arc("show", "baseline", "--format", "json")
        #expect(
            json.status == 1 && json.output.contains("\"missing\": [")
                && json.output.contains("\"part\": \"metric nan\""))
    }

    @Test("the doctor loads plugins, asks for their health, and shows which are hidden")
    func doctor() async throws {
        let world = try await World.make("shell_plugin_doctor")
        try world.plugin(
            "well", #""provides": {}, "capabilities": ["db.read"]"#,
            "return { health = function() return true, #arc.query('select 1') .. ' row' end }")
        try world.plugin(
            "ill", #""provides": {}"#, "return { health = function() return false, 'no coffee' end }")
        try world.plugin("summary", #""provides": {}"#, "return {}")
        #expect(try await world.arc("plugin", "grant", "well", "--yes").status == 0)
        let result = try await world.arc("doctor")
        #expect(result.status == 1, "\(result)")
        #expect(result.output.contains("1.0.0, loads; 1 row; granted"))
        #expect(result.output.contains("plugin ill, health: no coffee"))
        #expect(
            result.output.contains("summary in \(Program.package)/plugins/summary isn't used: the one in"))
    }
}
