import ArcKit
import FoundationEssentials
import LuaBridge
import Testing

@testable import ArcHost

@Suite("A plugin's life: settings, setup, health, the end, and being loaded anew")
struct PluginLifecycleTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let config = #"""
        , "config": {
          "threshold": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5, "summary": "from where"},
          "mode": {"type": "string", "choices": ["strict", "lax"], "default": "lax"},
          "tags": {"type": "list"}, "runs": {"type": "integer"}, "on": {"type": "boolean"}
        }
        """#

    /// The plugin `p`, whose metric returns what that expression of `config` is.
    private func write(_ expression: String, rest: String = config, more: String = "") throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: rest,
            """
            local config
            return {
              setup = function(c) config = c end, \(more)
              metrics = {{ name = "m", compute = function() return \(expression) end }},
            }
            """)
    }

    private func host(_ given: [String] = [], yaml: String? = nil) throws -> PluginHost {
        let file = try yaml.map { try ConfigurationDocument(yaml: $0).parsed } ?? .null
        return PluginHost(
            folders: folder.plugins, grants: Grants(),
            settings: PluginSettings(
                file: { file["plugins"] ?? .null }, path: "config.yaml",
                given: given.compactMap(PluginSettings.Given.init)))
    }

    private func value(_ plugins: PluginHost) async throws -> Double? {
        try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host).first?.value
    }

    @Test("setup gets the defaults, what the configuration file says, and what was given for the command")
    func settings() async throws {
        try write("config.threshold")
        #expect(try await value(try host()) == 0.5)
        let yaml = "plugins:\n  p:\n    threshold: 0.75\n  other:\n    x: 1\n"
        #expect(try await value(try host(yaml: yaml)) == 0.75)
        #expect(try await value(try host(["p.threshold=0.9", "q.threshold=2"], yaml: yaml)) == 0.9)
        try write(
            "config.mode == 'strict' and #config.tags == 2 and config.tags[2] == 'b' and config.on and config.runs"
        )
        #expect(try await value(try host(["p.mode=strict", "p.tags=a,b", "p.on=true", "p.runs=7"])) == 7)
        try write("config.runs == nil and config.tags == nil and 1")
        #expect(try await value(try host()) == 1)
    }

    private static let wrong: [(String?, String?, String)] = [
        ("p.threshold=2", nil, "--set p.threshold=2: threshold must be between 0 and 1, got 2.0"),
        ("p.threshold=x", nil, "--set p.threshold=x: threshold must be between 0 and 1, got \"x\""),
        (
            "p.treshold=1", nil,
            "--set p.treshold=1: plugin p has no setting \"treshold\"\nDid you mean \"threshold\"?"
        ),
        ("p.mode=other", nil, "--set p.mode=other: mode must be \"strict\" or \"lax\", got \"other\""),
        ("p.on=yes", nil, "--set p.on=yes: on must be a boolean, got \"yes\""),
        ("p.runs=1.5", nil, "--set p.runs=1.5: runs must be a whole number, got \"1.5\""),
        (
            nil, "plugins: {p: {runs: many}}",
            "config.yaml: plugins.p: runs must be a whole number, got \"many\""
        ),
        (nil, "plugins: {p: 3}", "config.yaml: plugins.p must be a mapping of settings, not a number"),
        (nil, "plugins: {p: {x: 1}}", "config.yaml: plugins.p: plugin p has no setting \"x\""),
    ]

    @Test("a setting that is wrong says where it stands, and the plugin isn't used", arguments: wrong)
    func wrongSettings(_ given: String?, _ yaml: String?, _ message: String) async throws {
        try write("1")
        let plugins = try host(given.map { [$0] } ?? [], yaml: yaml)
        await #expect { try await value(plugins) } throws: { "\($0)".hasPrefix(message) }
    }

    @Test("a setting that must be given is asked for")
    func required() async throws {
        try write(
            "config.key == 'x' and 1",
            rest: #", "config": {"key": {"type": "string", "required": true, "summary": "the key"}}"#)
        await #expect { try await value(try host()) } throws: {
            "\($0)".hasPrefix("plugin p needs a value for key: the key\nSet it with --set p.key=…")
        }
        #expect(try await value(try host(["p.key=x"])) == 1)
    }

    @Test("a setup that fails keeps its plugin from being used, and no other")
    func setupFails() async throws {
        try write("1")
        try folder.plugin(
            "q", provides: #"{"metrics": ["n"]}"#,
            "return { setup = function() error('no key') end, metrics = {{ name = 'n', compute = function() return 2 end }} }"
        )
        let results = try await host().metrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        #expect(results.values.map(\.name) == ["m"])
        #expect(results.failures.map(\.plugin) == ["q"] && results.failures.first?.part == nil)
        #expect(results.failures.first?.message.hasPrefix("plugin q, setup: ") == true)
        #expect(results.failures.first?.message.contains("no key") == true)
    }

    @Test(
        "health says that all is well, or what isn't",
        arguments: [
            ("return true", "healthy", nil), ("return", "healthy", nil), ("return true, 'warm'", "warm", nil),
            ("return false, 'cold'", nil, "plugin p, health: cold"),
            ("return false", nil, "plugin p, health: it isn't well, and doesn't say why"),
            (
                "return 3", nil,
                "plugin p, health must return true, or false and a text that says why not, got 3"
            ),
            ("error('broken')", nil, "broken"),
        ] as [(String, String?, String?)])
    func health(_ body: String, _ well: String?, _ problem: String?) async throws {
        try write("1", more: "health = function() \(body) end,")
        let test = try TestHost.alone()
        let plugins = try host()
        let manifest = try plugins.catalogue.plugin("p")
        do {
            #expect(try await plugins.health(of: manifest, on: test.host) == well)
            #expect(problem == nil)
        } catch { #expect(problem.map { "\(error)".contains($0) } == true, "\(error)") }
    }

    @Test("deactivate is called once at the end; one that hangs is ended, and told")
    func deactivate() async throws {
        try write("1", more: "deactivate = function() print('bye') end,")
        let test = try TestHost.alone(plugins: folder.plugins)
        _ = try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
        await test.host.close()
        await test.host.close()
        #expect(test.output.text == "bye\n")

        try write("1", more: "deactivate = function() error('late') end,")
        let other = try TestHost.alone(plugins: folder.plugins)
        _ = try await other.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: other.host)
        await other.host.close()
        #expect(other.host.plugins.failures.first?.message.contains("plugin p, deactivate:") == true)
        #expect(other.host.plugins.failures.first?.message.contains("late") == true)
    }

    // MARK: - Reload

    @Test("a plugin that is loaded anew answers with its new code, and the old one is put away")
    func reload() async throws {
        try write("1", more: "deactivate = function() print('old is gone') end,")
        let test = try TestHost.alone(plugins: folder.plugins)
        let plugins = test.host.plugins
        #expect(try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host).first?.value == 1)
        try write("2")
        let (changes, problems) = try await plugins.reload("p", on: test.host)
        #expect(changes.map(\.sentence) == ["p 1.0.0: reloaded"] && problems.isEmpty)
        #expect(try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host).first?.value == 2)
        await test.output.until("old is gone")
        await test.host.close()
    }

    @Test(
        "where the new files don't work, the old plugin stays, and it is told why",
        arguments: [
            ("return {", "doesn't load"), ("return {}", "its metrics aren't those of plugin.json"),
            (
                "return { setup = function() error('not yet') end, metrics = {{ name = 'm', compute = print }} }",
                "not yet"
            ),
        ])
    func kept(_ code: String, _ message: String) async throws {
        try write("1")
        let test = try TestHost.alone(plugins: folder.plugins)
        let plugins = test.host.plugins
        _ = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
        try folder.write("p/init.lua", code)
        let sentence = try await plugins.reload(on: test.host).changes.first { $0.plugin == "p" }?.sentence
        #expect(
            sentence?.contains(message) == true && sentence?.hasSuffix("1.0.0, stays.") == true,
            "\(sentence ?? "")")
        #expect(try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host).first?.value == 1)
        await test.host.close()
    }

    @Test(
        "a broken manifest keeps the plugin too; one that is gone is let go; a new one is found; a stranger is an error"
    )
    func others() async throws {
        try write("1")
        let test = try TestHost.alone(plugins: folder.plugins)
        let plugins = test.host.plugins
        _ = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
        try folder.write("p/plugin.json", "{")
        let broken = try await plugins.reload(on: test.host)
        #expect(broken.changes.first { $0.plugin == "p" }?.sentence.contains("is not valid JSON") == true)
        let results = try await plugins.metrics(of: Frame.twoOutcomes, on: test.host)
        #expect(results.values.first?.value == 1 && results.failures.map(\.plugin) == ["p"])
        try FileManager.default.removeItem(atPath: folder.path + "/p")
        try folder.plugin(
            "fresh", provides: #"{"metrics": ["f"]}"#,
            "return { metrics = {{ name = 'f', compute = function() return 3 end }} }")
        let after = try await plugins.reload(on: test.host).changes.map(\.sentence)
        #expect(after.contains("p 1.0.0: gone") && after.contains { $0.hasPrefix("fresh 1.0.0: read anew") })
        #expect(try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host).first?.value == 3)
        await #expect { try await plugins.reload("frsh", on: test.host) } throws: {
            "\($0)".hasPrefix("there is no plugin \"frsh\"\nDid you mean \"fresh\"?")
        }
        await test.host.close()
    }

    @Test("a call that runs finishes on the old machine while new ones go to the new")
    func running() async throws {
        try write(
            "1", more: "health = function() print('waiting') arc.sleep(0.2) return true, 'the old one' end,")
        let test = try TestHost.alone(plugins: folder.plugins)
        let plugins = test.host.plugins
        let manifest = try plugins.catalogue.plugin("p")
        let old = Task { try await plugins.health(of: manifest, on: test.host) }
        await test.output.until("waiting")
        try write("2", more: "health = function() return true, 'the new one' end,")
        _ = try await plugins.reload("p", on: test.host)
        #expect(try await plugins.health(of: manifest, on: test.host) == "the new one")
        #expect(try await old.value == "the old one")
        await test.host.close()
    }

    @Test("a plugin that would lose its grant by its new files isn't taken")
    func loss() async throws {
        let file = folder.path + "/grants.json"
        try write("1", rest: #", "capabilities": ["env"]"#)
        var grants = GrantFile()
        grants.grant(try PluginManifest(folder: folder.path + "/p", origin: .user), ["env"])
        try folder.write("grants.json", grants.text)
        let test = try TestHost.alone()
        let plugins = PluginHost(folders: folder.plugins, grants: Grants(file: file))
        _ = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
        try write("2", rest: #", "capabilities": ["env"]"#)
        let sentence = try await plugins.reload("p", on: test.host).changes.first?.sentence
        #expect(
            sentence?.contains("it has changed since it was granted something (init.lua changed)") == true)
        #expect(try await plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host).first?.value == 1)
        await plugins.close()
    }

    // MARK: - Failures

    @Test("each part that fails is named with its simulation, and the others come out")
    func failures() async throws {
        try folder.plugin(
            "bad", provides: #"{"metrics": ["nan", "crossed", "misspelt", "loops", "eats", "asks", "good"]}"#,
            rest: #", "limits": {"seconds": 0.2, "memory_mb": 16}"#,
            """
            return { metrics = {
              { name = "nan", compute = function() return 0/0 end },
              { name = "crossed", compute = function() return { value = 1, low = 2, high = 1 } end },
              { name = "misspelt", compute = function() return { vaule = 1 } end },
              { name = "loops", compute = function() while true do end end },
              { name = "eats", compute = function() local t = {} while true do t[#t + 1] = ("x"):rep(999) .. #t end end },
              { name = "asks", compute = function() return #arc.query("select 1") end },
              { name = "good", compute = function() return 42 end },
            } }
            """)
        try folder.write("broken/plugin.json", #"{"name": "broken"}"#)
        let test = try TestHost.alone(plugins: folder.plugins)
        let results = try await test.host.plugins.metrics(
            of: Frame.twoOutcomes, simulation: "nightly", on: test.host)
        #expect(results.values.first { $0.name == "good" }?.value == 42)
        #expect(results.values.contains { $0.name == "pass_rate" })
        let expected = [
            "metric nan, simulation nightly must return a finite number, a table or nil, got nan",
            "metric crossed, simulation nightly: low must not be above high, got 2.0 and 1.0",
            "metric misspelt, simulation nightly: its result has no field \"vaule\"",
            "metric loops, simulation nightly: ended, since it took longer than 0.2 s",
            "metric eats, simulation nightly: it used up its memory, 16",
            "metric asks, simulation nightly:",
        ]
        #expect(results.failures.map(\.plugin) == ["broken"] + Array(repeating: "bad", count: 6))
        #expect(
            results.failures[0].message.hasPrefix(
                "\(folder.path)/broken/plugin.json:1: version must be a string"))
        let bad = results.failures.dropFirst()
        #expect(
            bad.map(\.part)
                == ["nan", "crossed", "misspelt", "loops", "eats", "asks"].map { "metric \($0)" })
        for (failure, text) in zip(bad, expected) {
            #expect(failure.message.hasPrefix("plugin bad, \(text)"), "\(failure)")
        }
        #expect(results.failures[6].advice?.contains("--grant bad") == true)
        #expect(test.host.plugins.failures == results.failures)
        #expect(test.host.plugins.catalogue.problems.count == 1)

        let again = try await test.host.plugins.metrics(of: Frame.twoOutcomes, on: test.host)
        #expect(
            again.failures[4].message == "plugin bad, metric loops: stopped, since it took too long before")
        await test.host.close()
    }

    @Test("a categorizer that fails is passed over: the results are recorded, and it is told")
    func categorizers() async throws {
        try folder.plugin(
            "bad", provides: #"{"categorizers": ["c"]}"#,
            "return { categorizers = {{ name = 'c', priority = 99, categorize = function(f) return f.nothing.here end }} }"
        )
        let test = try TestHost.alone(plugins: folder.plugins)
        var outcome = Outcome(scenario: Scenario(id: "s"), trial: 1, status: .error)
        outcome.errorMessage = "tool failed"
        let found = try await test.host.plugins.categorized([outcome, outcome], on: test.host)
        #expect(found.map(\.errorCategory) == ["tool_error", "tool_error"])
        #expect(test.host.plugins.failures.map(\.part) == ["categorizer c"])
        await test.host.close()
    }
}
