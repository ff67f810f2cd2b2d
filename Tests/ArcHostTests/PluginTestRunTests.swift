import ArcKit
import FoundationEssentials
import LuaBridge
import Testing

@testable import ArcHost

@Suite("The tests of plugins")
struct PluginTestRunTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let code = """
        return {
          metrics = {{ name = "m", compute = function(o) return { value = o:mean("reliability_score"), n = #o } end },
            { name = "nan", compute = function() return 0/0 end }},
          categorizers = {{ name = "c", categorize = function(f) return f.message:match("^(%l+):") end }},
          importers = {{ name = "i", options = { by = "x" }, detect = function(h) return h == "yes" end,
            read = function(source)
              for r, place in source:records() do
                coroutine.yield { scenario_id = r.id .. (source.options.by or ""), status = "success", place = place }
              end
            end }},
        }
        """

    private func report(
        _ tests: String, rest: String = "", _ options: PluginTestOptions = PluginTestOptions()
    ) async throws -> PluginTestReport {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m", "nan"], "categorizers": ["c"], "importers": ["i"]}"#,
            rest: rest,
            Self.code)
        try folder.write("p/test.lua", tests)
        let test = try TestHost.alone(plugins: folder.plugins)
        let report = try await test.host.test(try test.host.plugins.catalogue.plugin("p"), options)
        await test.host.close()
        return report
    }

    /// Why the only test, which has that body, fails; nil where it passes.
    private func failure(_ body: String, rest: String = "") async throws -> String? {
        try await report("it('t', function() \(body) end)", rest: rest).results.first?.failure
    }

    @Test("tests have names by what they stand in, and what comes before each runs before each")
    func structure() async throws {
        let report = try await report(
            """
            local log = {}
            before_each(function() log = { "outer" } end)
            it("top", function() expect(log):equals { "outer" } end)
            describe("a", function()
              before_each(function() log[#log + 1] = "inner" end)
              describe("b", function()
                it("deep", function() expect(log):equals { "outer", "inner" } end)
              end)
              it("fails", function() expect(#log):equals(7) end)
            end)
            """)
        #expect(report.results.map(\.name) == ["top", "a › b › deep", "a › fails"])
        #expect(report.results.map(\.failure) == [nil, nil, "expected 7, got 2"])
        #expect(report.failures == 1 && report.results[2].place?.hasSuffix("p/test.lua:9") == true)
    }

    @Test(
        "what is expected and isn't fails with both",
        arguments: [
            ("expect(1):equals(1)", nil), ("expect({ a = { 1 } }):equals { a = { 1 } }", nil),
            ("expect({ a = { 1 } }):equals { a = { 2 } }", "expected { a = { 2 } }, got { a = { 1 } }"),
            ("expect({}):is({})", "expected the same value as"), ("expect(0.1 + 0.2):near(0.3)", nil),
            ("expect(1):near(2, 0.5)", "expected 2 ± 0.5, got 1"), ("expect(nil):is_nil()", nil),
            ("expect(false):is_nil()", "expected nil, got false"), ("expect(arc.null):is_null()", nil),
            ("expect('abc'):contains('b')", nil), ("expect({ 1, { 2 } }):contains { 2 }", nil),
            ("expect('abc'):matches('^a.c$')", nil),
            ("expect('abc'):matches('x')", "expected a text like \"x\", got \"abc\""),
            ("expect({ 1, 2 }):has_length(3)", "expected something of length 3"),
            ("expect(1).never:equals(2)", nil),
            ("expect(1).never:equals(1)", "expected anything but 1, got 1"),
            ("expect(nil).never:is_nil()", "anything but nil"),
            ("expect(function() error('boom') end):fails('boom')", nil),
            ("expect(function() end):fails('boom')", "expected an error with \"boom\", got none"),
            ("expect(function() error('x') end):fails('boom')", "expected an error with \"boom\", got"),
            ("expect(function() error('x') end).never:fails()", "expected no error, got"),
            ("expect(1):equls(1)", "there is no such expectation; there are contains, equals,"),
            ("local x = nil; return x.y", "attempt to index a nil value"),
        ] as [(String, String?)])
    func expectations(_ body: String, _ message: String?) async throws {
        let found = try await failure(body)
        #expect((found == nil) == (message == nil), "\(found ?? "passed")")
        if let message { #expect(found?.contains(message) == true, "\(found ?? "passed")") }
    }

    @Test("the plugin's parts run in its own machine, with the checks of everywhere")
    func subject() async throws {
        for body in [
            "expect(plugin.metric('m', fixture.outcomes {{ scenario_id = 'a', reliability_score = 0.5 }}).value):near(0.5)",
            "expect(function() plugin.metric('nan', fixture.outcomes {}) end):fails('must return a finite number')",
            "expect(plugin.categorize('c', 'tool: broken')):equals('tool')",
            "expect(plugin.categorize('c', { message = 'TOOL', status = 'timeout' })):is_nil()",
            "expect(plugin.detect('i', 'yes')):is_true() expect(plugin.detect('i', 'no')):is_false()",
            """
            local outcomes = plugin.import('i', '{"id": "a"}\\n{"id": "b"}', { by = '!' })
            expect(outcomes):has_length(2) expect(outcomes[2].scenario.id):equals('b!')
            """,
            "expect(function() plugin.metric('x', fixture.outcomes {}) end):fails('the plugin has no metric')",
            "expect(io):is_nil() expect(os.execute):is_nil() expect(require('arc')):is(arc)",
            "expect(function() arc.query('select 1') end):fails('needs db.read, without a grant')",
        ] {
            let found = try await failure(body)
            #expect(found == nil, "\(body): \(found ?? "")")
        }
    }

    @Test("fixtures are files of the plugin's folder, or tables; their columns are those of outcomes")
    func fixtures() async throws {
        try folder.write(
            "p/fixtures/o.jsonl",
            """
            {"scenario_id": "b", "reliability_score": 0.9, "execution_time_ms": 10}
            {"scenario_id": "a", "status": "error", "error_message": "x"}
            {"scenario_id": "a", "reliability_score": 0.2}
            """)
        try folder.write("secret.txt", "s3cret")
        for body in [
            """
            local f = fixture.outcomes("fixtures/o.jsonl")
            expect(#f):equals(3)
            expect(f.scenario_id:to_list()):equals { "a", "a", "b" }
            expect(f.trial:to_list()):equals { 1, 2, 1 }
            expect(f.passed:to_list()):equals { false, false, true }
            expect(f[1].cost_usd):is_nil()
            expect(f:columns()):contains("outcome_id")
            """,
            "expect(#fixture.outcomes {}):equals(0) expect(fixture.outcomes({}):mean('cost_usd')):is_nil()",
            "expect(fixture.records('fixtures/o.jsonl')[2].error_message):equals('x')",
            "expect(fixture.frame {{ a = 1 }, { a = 2 }}.a:to_list()):equals { 1, 2 }",
            "expect(fixture.text('fixtures/o.jsonl')):contains('reliability_score')",
            "expect(function() fixture.text('../secret.txt') end):fails(\"leads out of the plugin's folder\")",
            "expect(function() fixture.outcomes {{ scenario_id = 'a', scroe = 1 }} end):fails('has no field \"scroe\"')",
            "expect(function() fixture.outcomes {{ scenario_id = 'a', status = 'bad' }} end):fails('status must be')",
            "expect(function() fixture.outcomes({}, { threshold = 1 }) end):fails('has no field \"threshold\"')",
            """
            local options = { pass_threshold = 0.95 }
            local outcomes = fixture.outcomes({{ scenario_id = "a", reliability_score = 0.9 }}, options)
            expect(outcomes[1].passed):is_false()
            """,
        ] {
            let found = try await failure(body)
            #expect(found == nil, "\(body): \(found ?? "")")
        }
    }

    @Test("a test that loops or eats memory is ended and named, and the others run")
    func limits() async throws {
        let report = try await report(
            """
            it("loops", function() while true do end end)
            it("eats", function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end)
            it("is fine", function() expect(1):equals(1) end)
            """, rest: #", "limits": {"seconds": 0.2, "memory_mb": 16}"#)
        #expect(report.results.map { $0.failure != nil } == [true, true, false])
        #expect(report.results[0].failure?.contains("longer than 0.2 s") == true)
        #expect(report.results[1].failure?.contains("memory") == true)
    }

    @Test("a document is compared with the one that was looked at, and written where that is asked for")
    func golden() async throws {
        let tests = "it('t', function() golden('doc', { title = 'Nightly', n = 1 }) end)"
        let missing = try await report(tests).results.first?.failure
        #expect(
            missing?.contains("golden: there is no \(folder.path)/p/golden/doc.json yet") == true,
            "\(missing ?? "")")
        var update = PluginTestOptions()
        update.updates = true
        let written = try await report(tests, update)
        #expect(written.failures == 0 && written.written == ["\(folder.path)/p/golden/doc.json"])
        #expect(try await report(tests).failures == 0)
        #expect(try await report(tests, update).written == [])
        let other = try await report(tests.replacing("n = 1", with: "n = 2")).results.first?.failure
        #expect(other?.contains("line 2 was `\"n\": 1,`, and is `\"n\": 2,`") == true, "\(other ?? "")")
        let name = try await failure("golden('../x', {})")
        #expect(name?.contains("golden: name must be letters, digits, - and _") == true)
    }

    @Test("a report's golden document stays, though the ids of fixtures differ from run to run")
    func goldenReport() async throws {
        try folder.plugin(
            "r", provides: #"{"reports": ["r"]}"#,
            "return { reports = {{ name = 'r', render = function(ctx, doc) doc:text('about ' .. ctx.simulation.id) end }} }"
        )
        try folder.write(
            "r/test.lua",
            """
            it("stays", function()
              local sim = fixture.simulation({{ scenario_id = "a", reliability_score = 1 }}, { name = "nightly" })
              golden("r", plugin.report("r", sim))
            end)
            """)
        try await TestHost.with("golden", plugins: folder.plugins) { test in
            let manifest = try test.host.plugins.catalogue.plugin("r")
            var update = PluginTestOptions()
            update.updates = true
            #expect(try await test.host.test(manifest, update).written.count == 1)
            let data = FileManager.default.contents(atPath: folder.path + "/r/golden/r.json") ?? Data()
            #expect(String(decoding: data, as: UTF8.self).contains("about <nightly>"))
            let again = try await test.host.test(manifest)
            #expect(again.failures == 0, "\(again.text)")
        }
    }

    @Test(
        "a report's tables are records and its paragraphs a text; it has the baseline and the policy that it is given"
    )
    func documents() async throws {
        try folder.plugin(
            "r", provides: #"{"reports": ["r"]}"#,
            """
            return { reports = {{ name = "r", render = function(ctx, doc)
              doc:heading("Sides")
              doc:text(("%s against %s"):format(ctx.candidate.name, ctx.baseline and ctx.baseline.name or "nothing"))
              doc:table({{ a = 1, b = "x" }, { a = 2 }}, { name = "rows", columns = { "a", "b" } })
              doc:details("more", function(inner) inner:text(ctx.policy and "by a policy" or "by none") end)
            end }} }
            """)
        try folder.write(
            "r/test.lua",
            """
            local function sim(name, options)
              options = options or {}
              options.name = name
              return fixture.simulation({{ scenario_id = "a", reliability_score = 1 }}, options)
            end
            it("has the text and the records", function()
              local document = plugin.report("r", sim("one"))
              expect(document.text):equals("Sides\\none against nothing\\nmore\\nby none")
              expect(document.records.rows):equals {{ a = 1, b = "x" }, { a = 2 }}
            end)
            it("has a baseline and a policy", function()
              local document = plugin.report("r", sim("one"), { baseline = sim("two"), policy = { critical = { tag = "x" } } })
              expect(document.text):equals("Sides\\none against two\\nmore\\nby a policy")
              expect(document.simulations[1].role):equals("baseline")
            end)
            it("refuses what isn't asked for", function()
              local one = sim("one")
              expect(function() plugin.report("r", one, { base = one }) end):fails('has no field "base"')
              expect(function() plugin.report("r", one, { baseline = 1 }) end):fails("baseline must be")
              expect(function() plugin.report("r", one, { policy = { gates = 1 } }) end):fails("policy.gates must be")
              expect(function() sim("one", { configuration = 1 }) end):fails("configuration must be a string")
            end)
            it("may be of a configuration of its own, and of no runs", function()
              local empty = fixture.simulation({}, { name = "empty", configuration = "mine" })
              local status = plugin.report("r", empty)
              expect(status.text):contains("empty against nothing")
            end)
            """)
        try await TestHost.with("documents", plugins: folder.plugins) { test in
            let report = try await test.host.test(try test.host.plugins.catalogue.plugin("r"))
            #expect(report.results.count == 4 && report.failures == 0, "\(report.text)")
            let names = try await test.run(
                "return arc.query([[select string_agg(name, ' ' order by name) as n from configurations]])[1].n"
            )
            #expect(names == ["fixture mine"])
        }
    }

    @Test("a file of tests that can't be loaded, or isn't there, is an error; only those asked for run")
    func loading() async throws {
        await #expect { try await report("it('t'") } throws: {
            "\($0)".hasPrefix("the tests of plugin p don't load: ")
        }
        await #expect { try await report("describe('a', 3)") } throws: {
            "\($0)".contains("describe: it takes a name and a function")
        }
        var some = PluginTestOptions()
        some.filter = "two"
        let tests = "it('one', function() end) it('two', function() end)"
        #expect(try await report(tests, some).results.map(\.name) == ["two"])
        try FileManager.default.removeItem(atPath: folder.path + "/p/test.lua")
        let test = try TestHost.alone(plugins: folder.plugins)
        await #expect { try await test.host.test(try test.host.plugins.catalogue.plugin("p")) } throws: {
            "\($0)".hasPrefix("plugin p has no tests: ")
        }
    }

    @Test("TAP and JUnit say the same, whatever is in names and messages")
    func formats() async throws {
        let report = try await report(
            """
            it("fine # not skipped", function() end)
            it("<b> & \\"q\\" \\1", function() error("]]> & <x>\\0") end)
            """)
        let tap = PluginTestReport.tap([report])
        #expect(
            tap.hasPrefix(
                "TAP version 14\n1..2\nok 1 - p: fine \\# not skipped\nnot ok 2 - p: <b> & \"q\" ␁\n  ---\n"))
        let junit = PluginTestReport.junit([report])
        #expect(junit.contains("<testsuite name=\"p\" tests=\"2\" failures=\"1\" errors=\"0\">"))
        #expect(junit.contains("name=\"&lt;b&gt; &amp; &quot;q&quot; \""))
        #expect(junit.contains("]]&gt; &amp; &lt;x&gt;</failure>"))
        #expect(junit.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
        #expect(report.text.hasSuffix("p: 1 passed, 1 failed\n"))
    }
}

@Suite("New plugins, and the check of plugins")
struct PluginScaffoldTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func check(_ name: String, on test: TestHost) async throws -> [PluginFinding] {
        try await PluginCheck(try test.host.plugins.catalogue.plugin(name), on: test.host).run()
    }

    @Test("a new plugin passes its own check and its own test", arguments: PluginScaffold.Kind.allCases)
    func scaffold(_ kind: PluginScaffold.Kind) async throws {
        for file in try PluginScaffold(name: "my-own", kind: kind).files {
            try folder.write("my-own/\(file.path)", file.text)
        }
        try await TestHost.with("scaffold", plugins: folder.plugins, grants: ["my-own"]) { test in
            #expect(test.host.plugins.catalogue.problems.isEmpty)
            let findings = try await check("my-own", on: test)
            #expect(findings.allSatisfy { $0.verdict == .ok }, "\(findings)")
            let report = try await test.host.test(try test.host.plugins.catalogue.plugin("my-own"))
            #expect(report.results.count >= 2 && report.failures == 0, "\(report.text)")
            let page = try await test.host.page(of: try test.host.plugins.catalogue.plugin("my-own"))
            #expect(
                page.hasPrefix(
                    "# my-own\n\nWhat it is for, in a line\n\nVersion 0.1.0; works with arc ^0.1.0.\n"))
        }
    }

    @Test("a name that no plugin can have is refused")
    func name() {
        #expect(throws: HostError.self) { try PluginScaffold(name: "My Own", kind: .metric) }
        #expect(throws: HostError.self) { try PluginScaffold(name: "../x", kind: .metric) }
    }

    @Test("the bundled plugins pass their check")
    func bundled() async throws {
        let test = try TestHost.alone()
        for manifest in test.host.plugins.catalogue.plugins {
            let findings = try await check(manifest.name, on: test)
            #expect(findings.allSatisfy { $0.verdict == .ok }, "\(findings.filter { $0.verdict != .ok })")
        }
        await test.host.close()
    }

    @Test("the bundled plugins pass their own tests, and say what they are")
    func bundledTests() async throws {
        try await TestHost.with("bundled_tests") { test in
            for manifest in test.host.plugins.catalogue.plugins {
                let report = try await test.host.test(manifest)
                #expect(!report.results.isEmpty && report.failures == 0, "\(report.text)")
                let page = FileManager.default.contents(atPath: manifest.folder + "/README.md") ?? Data()
                #expect(
                    String(decoding: page, as: UTF8.self).hasPrefix("# \(manifest.name)\n"),
                    "\(manifest.folder)")
            }
        }
    }

    @Test(
        "what isn't a function of the rows is found",
        arguments: [
            ("return math.random()", "it gives something else for the same rows"),
            ("calls = (calls or 0) + 1 return calls", "it gives something else for the same rows"),
            ("return #o > 0 and o[1].trial or 0", "come in another order"),
            (
                "local s = 0 for r in o:rows() do s = s * 2 + r.trial end return s / 1e9",
                "come in another order"
            ),
            ("return #o > 0 and 1 or 0/0", "must return a finite number"),
            ("return o.scroe", "no column or method \"scroe\""),
            ("return arc.querry and 1", "arc has no \"querry\""),
        ])
    func impure(_ body: String, _ message: String) async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#,
            "local calls\nreturn { metrics = {{ name = 'm', compute = function(o) \(body) end }} }")
        let test = try TestHost.alone(plugins: folder.plugins)
        let findings = try await check("p", on: test)
        #expect(findings.contains { $0.verdict == .fail && $0.finding.contains(message) }, "\(findings)")
        await test.host.close()
    }

    @Test(
        "sums whose last digit depends on the order are the same; what asks for a grant couldn't be checked")
    func tolerance() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m", "q"]}"#, rest: #", "capabilities": ["db.read"]"#,
            """
            return { metrics = {
              { name = "m", compute = function(o)
                local s = 0
                for r in o:rows() do s = s + (r.cost_usd or 0) end
                return s
              end },
              { name = "q", compute = function() return arc.query("select 1 as n")[1].n end },
            } }
            """)
        let test = try TestHost.alone(plugins: folder.plugins)
        let findings = try await check("p", on: test)
        #expect(findings.first { $0.subject == "metric m" }?.verdict == .ok, "\(findings)")
        #expect(findings.first { $0.subject == "metric q" }?.verdict == .warn, "\(findings)")
        await test.host.close()
    }

    @Test("names of arc's are looked up in code alone, with their lines")
    func names() {
        let text = """
            -- arc.nothing
            local s = "arc.nothing" .. 'arc.\\'nothing' .. [[arc.nothing]] --[==[ arc.nothing
            arc.nothing ]==]
            local q, r, t, n = arc.query, arc.stats.mean, arc.time.now(), arc.null
            local x = arc.stats.meen(other.arc.nothing, myarc.nothing) local env = arc.env.HOME
            arc.qurey("x")
            """
        let found = ArcNames.unknown(in: text)
        #expect(found.map(\.line) == [5, 6] && found.map(\.name) == ["stats.meen", "qurey"])
        #expect(found.map(\.suggestion) == ["arc.stats.mean", "arc.query"])
    }
}
