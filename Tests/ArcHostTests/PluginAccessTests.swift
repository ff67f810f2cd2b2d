import ArcKit
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("What plugins may do")
struct PluginAccessTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let queries = """
        return { metrics = {{ name = "m", compute = function()
          return arc.query("select 40 + 2 as n")[1].n
        end }} }
        """

    @Test("a user's plugin without a grant is refused what it asks for, and told how to get it")
    func noGrant() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read"]"#, Self.queries)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        await #expect {
            try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("plugin p, metric m:")
                && text.contains("plugin p called arc.query, which needs db.read, without a grant for it")
                && text.contains("--grant p")
        }
    }

    @Test("with the grant it may do what its manifest asks for, and no more")
    func grant() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read"]"#, Self.queries)
        try await TestHost.with("grant", plugins: folder.plugins, grants: ["p"]) { test in
            let metrics = try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
            #expect(metrics.first { $0.name == "m" }?.value == 42)
        }
    }

    @Test(
        "a plugin's SQL is a query, and nothing else",
        arguments: [
            "do $$ begin end $$", "/* c */ CALL f()", "copy scenarios to program 'cat'", "set role postgres",
            "declare c cursor with hold for select 1", "create table t (n int)", "reset role",
            "prepare p as select 1",
            "listen x", "load 'x'", "(copy scenarios to stdout)", "",
        ])
    func code(_ sql: String) async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read"]"#,
            "return { metrics = {{ name = 'm', compute = function() arc.query([[\(sql)]]) end }} }")
        try await TestHost.with("code", plugins: folder.plugins, grants: ["p"]) { test in
            await #expect {
                try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
            } throws: {
                "\($0)".contains("a plugin's SQL may be a query")
            }
        }
    }

    @Test("a grant for what the manifest doesn't ask for gives nothing")
    func grantWithoutAsking() async throws {
        try folder.plugin("p", provides: #"{"metrics": ["m"]}"#, Self.queries)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants(["p"]))
        await #expect {
            try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        } throws: { "\($0)".contains("which needs db.read") }
    }

    @Test(
        "the environment is for plugins that were granted it",
        arguments: ["arc.env.PATH", "arc.env('PATH')", "pairs(arc.env)"])
    func environment(_ look: String) async throws {
        let code = "return { metrics = {{ name = 'm', compute = function() return \(look) and 42 end }} }"
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["env"]"#, code)
        let host = try TestHost.alone().host
        let granted = PluginHost(folders: folder.plugins, grants: Grants(["p"]))
        let metrics = try await granted.soundMetrics(of: Frame.twoOutcomes, on: host)
        #expect(metrics.first { $0.name == "m" }?.value == 42)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        await #expect {
            try await plugins.soundMetrics(of: Frame.twoOutcomes, on: host)
        } throws: { "\($0)".contains("plugin p called arc.env, which needs env, without a grant for it") }
    }

    @Test("help works in a plugin that was granted nothing")
    func helpInPlugin() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#,
            "return { metrics = {{ name = 'm', compute = function() help(arc.json) help(arc.stats.mean) help(arc) return 1 end }} }"
        )
        let test = try TestHost.alone(plugins: folder.plugins)
        _ = try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
        #expect(test.output.text.contains("arc.json.decode(text, options?)"))
        #expect(test.output.text.contains("arc.stats.mean(frame, column, options?)\n"))
    }

    private static let writes: [(String, String)] = [
        ("arc.query(\"insert into scenarios (scenario_id) values ('x')\")", "may be a query"),
        (
            "arc.query('with gone as (delete from outcomes returning 1) select * from gone')",
            "read-only transaction"
        ),
        ("arc.query('create table t (n int)')", "may be a query"),
        ("arc.query('drop table outcomes')", "may be a query"),
        ("arc.query('set transaction read write')", "may be a query"),
        (
            "arc.query('do $$ begin set transaction read write; create table t (n int); end $$')",
            "may be a query"
        ),
        ("arc.query('commit; create table t (n int)')", "a transaction can't be controlled"),
        (
            "arc.query(\"select set_config('transaction_read_only', 'off', false)\")",
            "read-write mode must be set before"
        ),
        (
            "arc.query('set session characteristics as transaction read write')", "may be a query"
        ),
        ("arc.execute('create table t (n int)')", "which needs db.write"),
        ("arc.transaction(function() end)", "which needs db.write"),
        ("arc.create_configuration('x', 'a: 1')", "which needs db.write"),
    ]

    @Test(
        "a plugin that may only read can't write through a query",
        arguments: writes)
    func readOnly(_ body: String, _ message: String) async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read"]"#,
            "return { metrics = {{ name = 'm', compute = function() \(body) return 1 end }} }")
        try await TestHost.with(
            "read_only", plugins: folder.plugins, grants: ["p"], results: [TestHost.baseline]
        ) { test in
            do {
                _ = try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains(message), "\(error)")
            }
            let before = try await test.rowCounts()
            #expect(before["outcomes"] == 120 && before["scenarios"] == 40)
            let made = try await test.run("return arc.query(\"select to_regclass('t') is null as it\")[1].it")
            #expect(made == [true])
        }
    }

    @Test("a reading plugin that is called within a script's transaction leaves it able to write")
    func withinTransaction() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read"]"#, Self.queries)
        try await TestHost.with(
            "within", plugins: folder.plugins, grants: ["p"], results: [TestHost.baseline]
        ) { test in
            try await test.run(
                """
                arc.transaction(function()
                  arc.execute("create table t (n int)")
                  local found
                  for _, metric in ipairs(arc.metrics("baseline")) do
                    if metric.name == "m" then found = metric.value end
                  end
                  assert(found == 42)
                  arc.execute("insert into t values (1)")
                end)
                assert(arc.query("select count(*) as n from t")[1].n == 1)
                """)
        }
    }

    // MARK: - Reports

    @Test("a report that fails names its plugin; a gate says pass, fail or too little evidence")
    func reports() async throws {
        try folder.plugin(
            "p", provides: #"{"reports": ["good", "bad"]}"#,
            """
            return { reports = {
              { name = "good", render = function(ctx, doc)
                doc:title("Mine of " .. ctx.simulation.name)
                doc:gate { name = "one", pass = true }
                doc:gate { name = "two", pass = false, reason = "worse" }
                doc:gate { name = "three", too_little_evidence = true }
              end },
              { name = "bad", render = function(ctx, doc) doc:gate { name = "one" } end },
            } }
            """)
        try await TestHost.with("reports", plugins: folder.plugins, results: [TestHost.baseline]) { test in
            let simulation = try await test.store.session { try await $0.findSimulation("baseline") }
            let good = try await test.host.report("good", on: simulation)
            #expect(good.title == "Mine of baseline")
            #expect(good.gates.map(\.verdict) == [.pass, .fail, .tooLittleEvidence])
            await #expect { try await test.host.report("bad", on: simulation) } throws: {
                "\($0)".hasPrefix("plugin p, report bad: ")
                    && "\($0)".contains("Document:gate: it needs pass")
            }
            await #expect { try await test.host.report("nonsense", on: simulation) } throws: {
                "\($0)".hasPrefix("no plugin has a report \"nonsense\"\nThere are: bad, cost, ")
            }
        }
    }
}
