import ArcKit
import LuaBridge
import Testing

@testable import ArcHost

@Suite("Categorizing failures again")
struct RecategorizeTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func write(_ categorize: String, priority: Int = 50) throws {
        try folder.plugin(
            "p", provides: #"{"categorizers": ["c"]}"#,
            "return { categorizers = {{ name = 'c', priority = \(priority), categorize = \(categorize) }} }")
    }

    private static let record = """
        arc.create_configuration("c", "model: small")
        local sim = arc.start_simulation { config_version_id = "c", simulation_name = "s", scenarios = { "a" } }
        arc.record_outcomes_batch {
          { simulation_id = sim, scenario_id = "a", trial = 1, status = "error", error_message = "HTTP 429: slow down" },
          { simulation_id = sim, scenario_id = "a", trial = 2, status = "error", error_message = "HTTP 429: slow down",
            error_category = "mine" },
          { simulation_id = sim, scenario_id = "a", trial = 3, status = "error", error_message = "strange",
            trajectory = { { tool = "search" } } },
          { simulation_id = sim, scenario_id = "a", trial = 4, status = "timeout" },
          { simulation_id = sim, scenario_id = "a", trial = 5, status = "success", reliability_score = 1 },
          { simulation_id = sim, scenario_id = "a", trial = 6, status = "error", error_message = "HTTP 429: again" },
        }
        """

    private static let categories =
        "local all = {} for row in arc.query('select error_category as c, categorized_by as b from outcomes order by trial'):rows() do all[#all + 1] = (row.c or '-') .. ' ' .. (row.b or '-') end return table.concat(all, ', ')"

    /// A host with the plugin that came after the outcomes were recorded.
    private func later<Result>(
        _ test: TestHost, isolation: isolated (any Actor)? = #isolation,
        _ body: (Host, Machine) async throws -> Result
    ) async throws -> Result {
        let host = Host(
            pluginFolders: folder.plugins + [TestHost.bundled], output: { _ in }, openStore: { test.store })
        let machine = try host.makeScriptMachine()
        let result = try await body(host, machine)
        await host.close()
        return result
    }

    @Test("it is kept who gave a category: a categorizer, or whoever recorded the outcome")
    func origin() async throws {
        try await TestHost.with("recategorize_origin") { test in
            let found = try await test.run(Self.record + Self.categories)
            #expect(
                found == [
                    "tool_error standard/standard, mine -, - -, timeout standard/standard, - -, tool_error standard/standard"
                ], "\(found)")
        }
    }

    @Test(
        "a dry run says what would change, with counts and an example, and changes nothing; then it changes")
    func changes() async throws {
        try write("function(f) if f.message:find('429', 1, true) then return 'rate_limit' end end")
        try await TestHost.with("recategorize") { test in
            let before = try await test.run(Self.record + Self.categories)
            try await later(test) { _, machine in
                let dry = try await machine.run(
                    """
                    local found = arc.recategorize { simulation = "s", dry_run = true }
                    local change = found.changes[1]
                    return found.failures, found.changed, found.given, found.uncertain, #found.changes, change.from, change.to,
                      change.failures, change.message, change.categorizer, change.scenario_id, change.trial
                    """, name: "=test")
                #expect(
                    dry == [
                        .integer(5), .integer(2), .integer(1), .integer(0), .integer(1), "tool_error",
                        "rate_limit",
                        .integer(2), "HTTP 429: slow down", "p/c", "a", .integer(1),
                    ], "\(dry)")
                #expect(try await machine.run(Self.categories, name: "=test") == before)
                let summary = try await machine.run(
                    "return arc.recategorize({ time_range = '1h' }).summary", name: "=test")
                #expect(
                    summary == [
                        "Changed the category of 2 of 5 failures. 1 keep the category that somebody gave them."
                    ], "\(summary)")
                let after = try await machine.run(Self.categories, name: "=test")
                #expect(
                    after == ["rate_limit p/c, mine -, - -, timeout standard/standard, - -, rate_limit p/c"],
                    "\(after)")
                let again = try await machine.run("return arc.recategorize().changed", name: "=test")
                #expect(again == [.integer(0)])
            }
        }
    }

    @Test("with all, what people gave is replaced where a categorizer knows better, and kept where none does")
    func all() async throws {
        try write("function(f) if f.message:find('429', 1, true) then return 'rate_limit' end end")
        try await TestHost.with("recategorize_all") { test in
            _ = try await test.run(
                Self.record
                    + "arc.record_outcome { simulation_id = sim, scenario_id = 'a', trial = 7, status = 'error', error_category = 'mine', error_message = 'strange' }"
            )
            try await later(test) { _, machine in
                let found = try await machine.run(
                    "local r = arc.recategorize { all = true } return r.changed, r.given", name: "=test")
                #expect(found == [.integer(3), .integer(1)], "\(found)")
                let after = try await machine.run(Self.categories, name: "=test")
                #expect(
                    after == [
                        "rate_limit p/c, rate_limit p/c, - -, timeout standard/standard, - -, rate_limit p/c, mine -"
                    ], "\(after)")
            }
        }
    }

    @Test("a category that no categorizer gives any more goes")
    func gone() async throws {
        try write("function(f) if f.message == 'strange' then return 'strange' end end")
        try await TestHost.with("recategorize_gone", plugins: folder.plugins) { test in
            _ = try await test.run(Self.record)
            try write("function() end")
            try await later(test) { _, machine in
                let found = try await machine.run(
                    "local c = arc.recategorize().changes[1] return c.from, c.to, c.failures, c.categorizer",
                    name: "=test")
                #expect(found == ["strange", .nil, .integer(1), .nil], "\(found)")
            }
        }
    }

    @Test("a trajectory is read where a categorizer looks at it, and what it says counts")
    func trajectories() async throws {
        try write(
            "function(f) if f.message == 'strange' then return f.trajectory[1].tool .. '_tool' end end")
        try await TestHost.with("recategorize_trajectory") { test in
            _ = try await test.run(Self.record)
            try await later(test) { host, machine in
                let found = try await machine.run(
                    "local c = arc.recategorize().changes[1] return c.from, c.to, c.failures", name: "=test")
                #expect(found == [.nil, "search_tool", .integer(1)], "\(found)")
                #expect(host.plugins.failures.isEmpty, "\(host.plugins.failures)")
            }
            try write(
                "function(f) local ok = pcall(function() return f.trajectory.x end) if f.trajectory then return 'has_one' end end"
            )
            try await later(test) { _, machine in
                let found = try await machine.run(
                    "local c = arc.recategorize():fields().changes:filter { to = 'has_one' } return #c, c[1].failures",
                    name: "=test")
                #expect(found == [.integer(1), .integer(1)], "\(found)")
            }
        }
    }

    @Test(
        "what a categorizer fails at stays as it is; it is named once, and the rest goes on",
        arguments: [
            ("error('no')", "no"), ("return 'Not One'", "must return a category"),
            ("return 0/0", "must return a category"),
            ("while true do end", "took longer than 0.5 s"),
        ])
    func failing(_ body: String, _ message: String) async throws {
        try folder.plugin(
            "p", provides: #"{"categorizers": ["c"]}"#, rest: #", "limits": {"seconds": 0.5}"#,
            "return { categorizers = {{ name = 'c', priority = 50, categorize = function(f) if f.status == 'error' then \(body) end end }} }"
        )
        try await TestHost.with("recategorize_failing") { test in
            _ = try await test.run(
                Self.record
                    + "arc.execute(\"update outcomes set error_category = 'tool_error' where trial = 4\")")
            try await later(test) { host, machine in
                let found = try await machine.run(
                    "local r = arc.recategorize() return r.changed, r.uncertain, r.given", name: "=test")
                let isStopped = body.hasPrefix("while")
                #expect(found[0] == .integer(isStopped ? 0 : 1) && found[2] == .integer(1), "\(found)")
                #expect(found[1] == .integer(isStopped ? 4 : 3), "\(found)")
                #expect(host.plugins.failures.count == 1, "\(host.plugins.failures)")
                let told = host.plugins.failures[0].message
                #expect(told.hasPrefix("plugin p, categorizer c") && told.contains(message), "\(told)")
            }
        }
    }

    @Test("many failures are gone through in batches, each once")
    func batches() async throws {
        try write("function(f) return f.message end")
        try await TestHost.with("recategorize_batches") { test in
            _ = try await test.run(
                """
                arc.create_configuration("c", "model: small")
                local sim = arc.start_simulation { config_version_id = "c", simulation_name = "s", scenarios = { "a" } }
                local batch = {}
                for i = 1, 2500 do
                  batch[i] = { simulation_id = sim, scenario_id = "a", trial = i, error_message = i % 3 == 0 and "one" or "two",
                    status = i % 2 == 0 and "error" or "timeout", execution_time = "2026-01-01T00:00:00Z" }
                end
                arc.record_outcomes_batch(batch)
                """)
            try await later(test) { _, machine in
                let found = try await machine.run(
                    """
                    local r = arc.recategorize()
                    local n = 0
                    for change in r.changes:rows() do n = n + change.failures end
                    local left = arc.query("select count(*) as n from outcomes where error_category is distinct from error_message")[1].n
                    return r.failures, r.changed, n, left
                    """, name: "=test")
                #expect(found == [.integer(2500), .integer(2500), .integer(2500), .integer(0)], "\(found)")
            }
        }
    }

    @Test("of equal priority arc's own rules come last")
    func last() async throws {
        try folder.plugin(
            "zeta", provides: #"{"categorizers": ["c"]}"#,
            "return { categorizers = {{ name = 'c', categorize = function(f) if f.message:find('tool') then return 'zeta' end end }} }"
        )
        let test = try TestHost.alone(plugins: folder.plugins)
        var outcome = Outcome(scenario: Scenario(id: "s"), trial: 1, status: .error)
        outcome.errorMessage = "tool failed"
        let found = try await test.host.plugins.categorized([outcome], on: test.host)
        #expect(found[0].errorCategory == "zeta" && found[0].categorizedBy == "zeta/c")
    }
}
