import ArcKit
import LuaBridge
import Testing

@testable import ArcHost

@Suite("Metrics of plugins, per outcome, per scenario and per simulation")
struct PluginMetricTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The plugin `p`, whose metric `m` is declared with these fields.
    private func write(_ fields: String, _ compute: String, rest: String = "") throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: rest,
            "return { metrics = {{ name = 'm', \(fields) compute = \(compute) }} }")
    }

    /// Four outcomes of two scenarios, each of which took 1, 3, 10 and 20 ms.
    private static let outcomes: [Outcome] = [("a", 1, 1), ("a", 2, 3), ("b", 1, 10), ("b", 2, 20)].map {
        var outcome = Outcome(scenario: Scenario(id: $0.0), trial: $0.1, status: .success)
        outcome.executionTimeMs = Int64($0.2)
        return outcome
    }

    private func metric(_ outcomes: [Outcome] = Self.outcomes) async throws -> Document.Metric {
        let test = try TestHost.alone(plugins: folder.plugins)
        let (plugin, part) = try await test.host.plugins.part("metrics", named: "m", on: test.host)
        return try await test.host.plugins.metric(
            part, of: plugin, for: Frame(outcomes, passThreshold: 0.7), "s")
    }

    private func failure(_ outcomes: [Outcome] = Self.outcomes) async -> String {
        do { return "no error, but \(try await metric(outcomes))" } catch { return "\(error)" }
    }

    // MARK: - Figures

    @Test(
        "of a metric per outcome arc makes the mean, in which each scenario counts once, with an interval clustered by them"
    )
    func perOutcome() async throws {
        try write("per = 'outcome', unit = 'ms', label = 'M',", "function(o) return o.execution_time_ms end")
        let found = try await metric()
        let expected = Mean.estimate([[1, 3], [10, 20]])
        #expect(found.value == 8.5 && found.n == 4 && found.errors == 0)
        #expect(found.low == expected.interval?.low && found.high == expected.interval?.high)
        #expect(found.method == expected.method && found.unit == "ms" && found.label == "M")
    }

    @Test("a metric per scenario gets the scenario's outcomes and its id, and is one value a scenario")
    func perScenario() async throws {
        try write(
            "per = 'scenario',",
            "function(outcomes, id) if id == 'a' then return outcomes:max('execution_time_ms') end return #outcomes end"
        )
        let found = try await metric()
        #expect(found.value == 2.5 && found.n == 2 && found.method == Mean.estimate([[3], [2]]).method)
    }

    @Test("the figures don't depend on the order of the rows")
    func order() async throws {
        try write("per = 'outcome',", "function(o) return o.execution_time_ms / 7 end")
        let found = try await metric()
        for seed in 1...5 {
            let order = SampleOutcomes.order(of: 4, seed: UInt64(seed)).map { Self.outcomes[Int($0)] }
            let other = try await metric(order)
            #expect(other.value == found.value && other.low == found.low && other.high == found.high)
        }
    }

    @Test("yes and no are a rate, whose interval stays within 0 and 1")
    func verdicts() async throws {
        try write("per = 'outcome',", "function(o) return o.execution_time_ms > 0 end")
        let found = try await metric()
        #expect(found.value == 1 && found.high == 1 && (found.low ?? 0) > 0)
    }

    @Test("an interval is cut to the bounds that are declared, one or both")
    func bounds() async throws {
        try write("per = 'outcome', min = 0,", "function(o) return o.execution_time_ms end")
        #expect(try await metric().low == 0)
        try write("per = 'outcome', min = 0, max = 100,", "function(o) return o.execution_time_ms end")
        let found = try await metric()
        #expect((found.low ?? -1) >= 0 && (found.high ?? 101) <= 100)
        // Of a whole simulation as well.
        try write("min = 0, max = 2,", "function() return { value = 1, low = -1, high = 3 } end")
        let whole = try await metric()
        #expect(whole.low == 0 && whole.high == 2)
        try write("min = 2,", "function() return 1 end")
        await #expect { try await metric() } throws: { "\($0)".contains("it says that its values are") }
    }

    @Test("what isn't known has no part, and of nothing known there is no value")
    func unknown() async throws {
        try write(
            "per = 'outcome',", "function(o) if o.scenario_id == 'b' then return o.execution_time_ms end end")
        let one = try await metric()
        #expect(one.value == 15 && one.n == 2 && one.low == nil && one.note != nil)
        try write("per = 'outcome',", "function() end")
        let none = try await metric()
        #expect(none.value == nil && none.n == 0)
        #expect(try await metric([]).value == nil)
    }

    // MARK: - Faults

    @Test(
        "what is no number names the plugin, the metric, the simulation and the outcome",
        arguments: [
            ("0/0", "NaN"), ("1/0", "inf"), ("'x'", "a string"), ("{}", "a table"), ("print", "a function"),
        ])
    func wrong(_ value: String, _ what: String) async throws {
        try write("per = 'outcome',", "function(o) if o.trial == 2 then return \(value) end return 1 end")
        let message = await failure()
        #expect(
            message.hasPrefix(
                "plugin p, metric m, simulation s must return a finite number, a boolean or nil, got \(what) for outcome 2"
            ), "\(message)")
    }

    @Test("a value beyond its own bounds is an error that names them")
    func beyond() async throws {
        try write("per = 'outcome', min = 0, max = 5,", "function(o) return o.execution_time_ms end")
        let message = await failure()
        #expect(
            message.hasPrefix(
                "plugin p, metric m, simulation s gave 10 for outcome 3: it says that its values are from 0 to 5"
            ), "\(message)")
    }

    @Test(
        "a metric that loops or eats memory is stopped and named, and the others come out",
        arguments: [
            ("while true do end", "took longer than 0.5 s"),
            ("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end", "it used up its memory"),
        ])
    func stopped(_ body: String, _ what: String) async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["bad", "good"]}"#,
            rest: #", "limits": {"seconds": 0.5, "memory_mb": 20}"#,
            """
            return { metrics = {
              { name = "bad", per = "scenario", compute = function() \(body) end },
              { name = "good", per = "scenario", compute = function(outcomes) return #outcomes end },
            } }
            """)
        let test = try TestHost.alone(plugins: folder.plugins)
        let found = try await test.host.plugins.metrics(
            of: Frame(Self.outcomes, passThreshold: 0.7), on: test.host)
        #expect(found.failures.count == 1 && found.failures[0].part == "metric bad")
        #expect(found.failures[0].message.contains(what), "\(found.failures)")
        #expect(found.values.first { $0.name == "good" }?.value == 2)
    }

    // MARK: - Recorded

    private static let record = """
        arc.create_configuration("c", "model: small")
        local sim = arc.start_simulation { config_version_id = "c", simulation_name = "s", scenarios = { "a", "b" } }
        """

    @Test(
        "what a metric says of an outcome is kept with it when it is recorded; what the outcome brings itself wins"
    )
    func recorded() async throws {
        try write(
            "per = 'outcome',", "function(o) return o.passed and #o.scenario_id + o.tokens_used or false end")
        try await TestHost.with("metric_recorded", plugins: folder.plugins) { test in
            let found = try await test.run(
                Self.record + """
                    arc.record_outcomes_batch {
                      { simulation_id = sim, scenario_id = "a", status = "success", reliability_score = 1, tokens_used = 41 },
                      { simulation_id = sim, scenario_id = "b", status = "success", reliability_score = 0,
                        tokens_used = 1, metrics = { m = 7, other = "x" } },
                      { simulation_id = sim, scenario_id = "a", trial = 2, status = "error" },
                    }
                    sim:record_scenario_outcome { scenario = { id = "b" }, trial = 2,
                      trajectory = { status = "success", token_usage = { total_tokens = 3 } }, reliability_score = 0.9 }
                    local kept = {}
                    for row in arc.query("select scenario_id || trial as run, metrics::text as m from outcomes order by 1"):rows() do
                      kept[#kept + 1] = row.run .. row.m
                    end
                    return table.concat(kept, " "), arc.metric("m", sim).n
                    """)
            #expect(
                found.first
                    == .string(#"a1{"m": 42} a2{"m": 0} b1{"m": 7, "other": "x"} b2{"m": 4}"#), "\(found)")
            #expect(found.last == .integer(4))
            // What is recorded isn't computed again, whatever the plugin says now.
            try self.write("per = 'outcome',", "function() error('asked') end")
            let again = Host(
                pluginFolders: folder.plugins, output: { _ in }, openStore: { test.store })
            let metric = try await again.metric(
                "m", of: try await test.store.read { try await $0.findSimulation("s") })
            #expect(metric.value == (21 + 5.5) / 2)
            await again.close()
        }
    }

    @Test(
        "a metric that fails when outcomes are recorded is told once, and costs no outcome and no other value"
    )
    func failing() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["bad", "good", "nan"]}"#,
            """
            return { metrics = {
              { name = "bad", per = "outcome", compute = function(o) if o.trial > 1 then error("no " .. o.trial) end return 1 end },
              { name = "good", per = "outcome", compute = function(o) return o.trial end },
              { name = "nan", per = "outcome", compute = function(o) return 0 / (o.trial - 1) end },
            } }
            """)
        try await TestHost.with("metric_failing", plugins: folder.plugins) { test in
            let found = try await test.run(
                Self.record + """
                    for trial = 1, 4 do
                      arc.record_outcome { simulation_id = sim, scenario_id = "a", trial = trial, status = "success" }
                    end
                    local kept = {}
                    for row in arc.query("select trial, metrics::text as m from outcomes order by trial"):rows() do
                      kept[#kept + 1] = row.m
                    end
                    return table.concat(kept, " ")
                    """)
            #expect(
                found.first
                    == .string(
                        #"{"bad": 1, "good": 1} {"nan": 0.0, "good": 2} {"nan": 0.0, "good": 3} {"nan": 0.0, "good": 4}"#
                    ),
                "\(found)")
            let failures = test.host.plugins.failures
            #expect(failures.map(\.part) == ["metric nan", "metric bad"], "\(failures)")
            #expect(failures.allSatisfy { $0.message.hasPrefix("plugin p, metric ") })
        }
    }

    @Test("an import keeps them too, and reads what it imports once")
    func imported() async throws {
        try write(
            "per = 'outcome', trajectory = true,",
            "function(o) return o.trajectory and #o.trajectory or nil end")
        try await TestHost.with("metric_imported", plugins: folder.plugins, results: [TestHost.baseline]) {
            test in
            let found = try await test.run(
                "local r = arc.query(\"select count(*) as n, min((metrics->>'m')::int) as low from outcomes where metrics ? 'm'\")[1] return r.n, r.low"
            )
            #expect((found.first?.integerValue ?? 0) > 100, "\(found)")
            #expect((found.last?.integerValue ?? 0) > 0)
        }
    }

    // MARK: - Comparisons, gates, one metric

    @Test(
        "a metric that wasn't recorded is computed for both sides of a comparison, with its unit and direction"
    )
    func compared() async throws {
        try folder.plugin(
            "p", provides: #"{"metrics": ["wrongness", "spread", "whole"]}"#,
            """
            return { metrics = {
              { name = "wrongness", per = "outcome", unit = "ratio", more_is_better = false, min = 0, max = 1,
                compute = function(o) if o.reliability_score then return 1 - o.reliability_score end end },
              { name = "spread", per = "scenario", unit = "ms", more_is_better = false,
                compute = function(outcomes) return outcomes:max("execution_time_ms") - outcomes:min("execution_time_ms") end },
              { name = "whole", compute = function(outcomes) return #outcomes end },
            } }
            """)
        let results = [TestHost.baseline, TestHost.candidate]
        // Here they weren't recorded: the plugin came later.
        try await TestHost.with("metric_compared", results: results) { test in
            let host = Host(pluginFolders: folder.plugins, output: { _ in }, openStore: { test.store })
            let machine = try host.makeScriptMachine()
            let found = try await machine.run(
                """
                local d = arc.compare("baseline", "candidate", { metric = "wrongness" })
                local s = arc.compare("baseline", "candidate", { metric = "score" })
                local w = arc.compare("baseline", "candidate", { metric = "spread" })
                local one = arc.metric("wrongness", "candidate")
                local gates = arc.gates("candidate", "baseline", { gates = { { metric = "wrongness", tolerance = 0.01 } } })
                return d.difference.value + s.difference.value, d.regressed, s.regressed, d.unit, d.metric,
                  w.unit, w.matched, w.b.mean, arc.metric("spread", "candidate").value, one.value == d.b.mean,
                  gates[#gates].verdict, gates[#gates].unit
                """, name: "=test")
            #expect((found[0].numberValue ?? 1).magnitude < 1e-12, "\(found)")
            #expect(found[1] == .boolean(true) && found[2] == .boolean(true), "\(found)")
            #expect(found[3] == "ratio" && found[4] == "wrongness" && found[5] == "ms", "\(found)")
            #expect(found[6] == .integer(40), "\(found)")
            #expect(found[7].numberValue != nil && found[7] == found[8], "\(found)")
            #expect(found[9] == .boolean(true) && found[10] == "fail" && found[11] == "ratio", "\(found)")
            await #expect {
                try await machine.run(
                    "arc.compare('baseline', 'candidate', { metric = 'whole' })", name: "=test")
            } throws: {
                "\($0)".contains("metric \"whole\" is computed for a simulation as a whole")
            }
            await #expect {
                try await machine.run(
                    "arc.compare('baseline', 'candidate', { metric = 'wrongnes' })", name: "=test")
            } throws: {
                "\($0)".contains("\"wrongnes\"") && "\($0)".contains("wrongness")
            }
            await #expect {
                try await machine.run("arc.metric('spred', 'candidate')", name: "=test")
            } throws: {
                "\($0)".contains("no plugin has a metric \"spred\"") && "\($0)".contains("\"spread\"")
            }
            await host.close()
        }
    }

    @Test("a metric that wants trajectories has them too where it is computed later")
    func trajectories() async throws {
        try write(
            "per = 'outcome', trajectory = true,",
            "function(o) return o.trajectory and #o.trajectory or nil end")
        try await TestHost.with("metric_trajectories", results: [TestHost.baseline]) { test in
            let host = Host(pluginFolders: folder.plugins, output: { _ in }, openStore: { test.store })
            let machine = try host.makeScriptMachine()
            let found = try await machine.run(
                """
                local steps = arc.get_scenario_outcomes("baseline", { trajectory = true, columns = { "scenario_id", "trajectory" } })
                local mean = arc.stats.mean(steps, function(o) return o.trajectory and #o.trajectory or nil end)
                local metric, whole = arc.metric("m", "baseline"), arc.metrics("baseline")
                return metric.value == mean.value and metric.n == mean.n and metric.low == mean.low, whole[1].value == mean.value, mean.n
                """, name: "=test")
            #expect(found[0] == .boolean(true) && found[1] == .boolean(true), "\(found)")
            #expect((found[2].integerValue ?? 0) > 100)
            await host.close()
        }
    }

    @Test("what was recorded of a declared metric is compared by the declaration")
    func declared() async throws {
        try write(
            "per = 'outcome', unit = 'ms', more_is_better = false,",
            "function(o) return o.execution_time_ms end")
        try await TestHost.with(
            "metric_declared", plugins: folder.plugins, results: [TestHost.baseline, TestHost.candidate]
        ) { test in
            let found = try await test.run(
                """
                local d = arc.compare("baseline", "candidate", { metric = "score" })
                local mine = d.by_metric:filter { metric = "m" }[1]
                local same = d.by_metric:filter { metric = "latency_ms" }[1]
                return mine.unit, mine.difference == same.difference, mine.low == same.low,
                  arc.metric("metrics.m", "baseline").value == arc.metric("m", "baseline").value
                """)
            #expect(found == ["ms", .boolean(true), .boolean(true), .boolean(true)], "\(found)")
        }
    }

    @Test("nothing is loaded and computed that wasn't asked for")
    func lazy() async throws {
        try folder.plugin(
            "loud", provides: #"{"metrics": ["other"]}"#,
            "print('loaded') return { metrics = {{ name = 'other', compute = function() print('computed') return 1 end }} }"
        )
        try await TestHost.with(
            "metric_lazy", plugins: [], results: [TestHost.baseline, TestHost.candidate]
        ) { test in
            let output = PrintedLines()
            let host = Host(
                pluginFolders: folder.plugins + [TestHost.bundled], output: { output.write($0) },
                openStore: { test.store })
            let machine = try host.makeScriptMachine()
            _ = try await machine.run(
                "arc.compare('baseline', 'candidate') arc.metric('pass_rate', 'baseline') arc.gates('candidate', 'baseline')",
                name: "=test")
            #expect(output.text == "")
            _ = try await machine.run("return arc.metric('other', 'baseline')", name: "=test")
            #expect(output.text == "loaded\ncomputed\n")
            await host.close()
        }
    }
}
