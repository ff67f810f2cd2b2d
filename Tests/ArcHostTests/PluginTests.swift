import ArcKit
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("Plugins, each in a machine of its own")
struct PluginTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// What the metrics of the plugin `p`, whose only metric has that body, come to.
    private func metric(
        _ body: String, rest: String = "", prelude: String = "", grants: Set<String> = []
    ) async throws -> Document.Metric {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: rest,
            """
            \(prelude)
            return { metrics = {{ name = "m", label = "M", unit = "ratio", compute = function(outcomes)
            \(body)
            end }} }
            """)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants(grants))
        return try #require(
            try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host).first)
    }

    /// The text of the error with which that metric fails.
    private func failure(_ body: String, rest: String = "", prelude: String = "") async -> String {
        do { return "no error, but \(try await metric(body, rest: rest, prelude: prelude))" } catch {
            return "\(error)"
        }
    }

    // MARK: - Metrics

    @Test("a metric may return a number, a table or nil")
    func metrics() async throws {
        let number = try await metric("return outcomes:mean('reliability_score')")
        #expect(number.value == 0.75 && number.n == 2 && number.errors == 1 && number.label == "M")
        let table = try await metric(
            "return { value = 0.5, n = 1, low = 0.1, high = 0.9, se = 0.2, errors = 0, method = 'mine' }")
        #expect(table.value == 0.5 && table.n == 1 && table.low == 0.1 && table.high == 0.9)
        #expect(table.errors == 0 && table.standardError == 0.2 && table.method == "mine")
        let none = try await metric("return nil")
        #expect(none.value == nil && none.n == 0)
    }

    private static let misfits: [(String, String)] = [
        ("return 0/0", "must return a finite number, a table or nil, got nan"),
        ("return 1/0", "must return a finite number, a table or nil, got inf"),
        ("return 'high'", "must return a finite number, a table or nil, got \"high\""),
        ("return true", "must return a finite number, a table or nil, got true"),
        ("return outcomes", "must return a finite number, a table or nil, got a Frame"),
        ("return { vaule = 1 }", "its result has no field \"vaule\"\nDid you mean \"value\"?"),
        ("return { value = 0/0 }", "value must be a finite number, got nan"),
        ("return { value = 'x' }", "value must be a number, got \"x\""),
        ("return { value = 1, n = -1 }", "n must be a whole number, 0 or more, got -1"),
        ("return { 1 }", "its result must be a table (MetricResult), got a table"),
        ("error('on purpose')", "on purpose"), ("return outcomes:mean('scor')", "no column \"scor\""),
        ("local x = nil; return x.y", "attempt to index a nil value"),
    ]

    @Test(
        "a result that is none names the plugin and the metric",
        arguments: misfits)
    func wrongResults(_ body: String, _ message: String) async {
        let text = await failure(body)
        #expect(text.hasPrefix("plugin p, metric m"), "\(text)")
        #expect(text.contains(message), "\(text)")
    }

    // MARK: - The sandbox

    @Test(
        "what reaches beyond the plugin isn't there",
        arguments: [
            "io", "debug", "package", "dofile", "loadfile", "os.execute", "os.exit", "os.remove",
            "os.rename", "os.getenv", "os.tmpname", "os.setlocale", "string.dump", "_G.io", "_ENV.debug",
        ])
    func absent(_ name: String) async throws {
        #expect(try await metric("return \(name) == nil and 1 or 0").value == 1)
    }

    @Test(
        "nor can it be got at",
        arguments: [
            "load('return 1', 'x', 'b')()", "load(string.char(27) .. 'Lua')()", "arc.query = print",
            "arc.stats.mean = print", "setmetatable(arc, {}).x = 1",
            "getmetatable('').__index = nil", "setmetatable({}, { __gc = print })",
        ])
    func blocked(_ source: String) async {
        let text = await failure("\(source)\nreturn 1")
        #expect(text.hasPrefix("plugin p, metric m"), "\(source): \(text)")
    }

    @Test("a plugin's globals are its own")
    func globals() async throws {
        try folder.plugin(
            "one", provides: #"{"metrics": ["a"]}"#,
            "x = 1; tostring = nil return { metrics = {{ name = 'a', compute = function() return x end }} }")
        try folder.plugin(
            "two", provides: #"{"metrics": ["b"]}"#,
            "return { metrics = {{ name = 'b', compute = function() return x == nil and tostring and 1 or 0 end }} }"
        )
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        let metrics = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        #expect(metrics.map(\.value) == [1, 1])
    }

    @Test(
        "a plugin that loops is ended by Ctrl-C, and pcall can't keep it alive",
        arguments: [
            "print('looping') while true do end",
            "print('looping') while true do pcall(function() while true do end end) end",
            "local co = coroutine.wrap(function() print('looping') while true do end end) co()",
        ])
    func loops(_ body: String) async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#,
            "return { metrics = {{ name = 'm', compute = function() \(body) end }} }")
        let test = try TestHost.alone(plugins: folder.plugins)
        let work = Task { try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host) }
        await test.output.until("looping")
        work.cancel()
        do {
            _ = try await work.value
            Issue.record("it went on")
        } catch let error as LuaError {
            // What was interrupted is no fault of the plugin's.
            #expect(error.code == .cancelled)
        }
    }

    @Test("a plugin's call that takes longer than plugin.json allows is ended; loading it is a call too")
    func timeLimit() async throws {
        let limits = #", "limits": {"seconds": 0.02}"#
        let looping = await failure("while true do end", rest: limits)
        #expect(
            looping.hasPrefix(
                "plugin p, metric m: ended, since it took longer than 0.02 s\nplugin.json may allow more"),
            "\(looping)")
        let loading = await failure("return 1", rest: limits, prelude: "while true do end")
        #expect(
            loading.contains("plugin p doesn't load: ended, since it took longer than 0.02 s"), "\(loading)")
        let computing = await failure(
            """
            local values = {}
            for i = 1, 20000 do values[i] = math.sin(i) end
            return arc.stats.permutation(values, { resamples = 100000 }).p
            """, rest: #", "limits": {"seconds": 0.1}"#)
        #expect(
            computing.contains("plugin p, metric m: ended, since it took longer than 0.1 s"), "\(computing)")
    }

    @Test("what a plugin prints is limited in all")
    func outputLimit() async throws {
        let text = await failure(
            "for _ = 1, 200 do print(('x'):rep(10000)) end", rest: #", "limits": {"output_mb": 1}"#)
        #expect(text.contains("print: more than 1048576 bytes were printed"), "\(text)")
    }

    @Test(
        "a plugin that eats memory is stopped at its limit, and says so",
        arguments: [
            "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
            "local s = 'x' while true do s = s .. s end", "return #('x'):rep(1 << 30)",
            "local t = {} while true do t[#t + 1] = outcomes:head(2) end",
        ])
    func memory(_ body: String) async {
        let text = await failure(body, rest: #", "limits": {"memory_mb": 8}"#)
        #expect(text.hasPrefix("plugin p, metric m"), "\(text)")
        #expect(text.contains("memory"), "\(text)")
    }

    // MARK: - Loading

    private static let unloadable: [(String, String)] = [
        ("return {", "plugin p doesn't load"), ("error('no')", "plugin p doesn't load"),
        ("while", "plugin p doesn't load"),
        ("", "plugin p: the table that it returns must be a table (Plugin), got nothing"),
        ("return 3", "the table that it returns must be a table (Plugin), got 3"),
        ("return {}", "its metrics aren't those of plugin.json; it lacks m"),
        ("return { metrics = {{ name = 'n', compute = print }} }", "it lacks m; plugin.json doesn't name n"),
        ("return { metrics = {{ name = 'm' }} }", "metrics[1].compute must be a function, got nothing"),
        (
            "return { metrics = {{ name = 'm', compute = 3 }} }",
            "metrics[1].compute must be a function, got 3"
        ),
        (
            "return { metrics = {{ name = 'm', compute = print, uint = 'x' }} }",
            "metrics[1] has no field \"uint\""
        ),
        ("return { metric = {} }", "has no field \"metric\""),
    ]

    @Test(
        "an init.lua that isn't a plugin names the plugin and what is wrong",
        arguments: unloadable)
    func doesNotLoad(_ code: String, _ message: String) async throws {
        try folder.plugin("p", provides: #"{"metrics": ["m"]}"#, code)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        do {
            let metrics = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
            Issue.record("no error, but \(metrics)")
        } catch let error as HostError {
            #expect(error.code == .plugin)
            #expect(error.description.contains(message), "\(error)")
        }
    }

    @Test("an entry that isn't there is named")
    func noEntry() async throws {
        try folder.write(
            "p/plugin.json",
            #"{"name": "p", "version": "1", "provides": {"metrics": ["m"]}, "entry": "main.lua"}"#)
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        await #expect {
            try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        } throws: { "\($0)" == "plugin p: \(folder.path)/p/main.lua cannot be read" }
    }
}
