import LuaBridge
import Testing

@testable import ArcHost

@Suite("Questions from scripts")
struct AnalysisTests {
    @Test("every question takes the same scope, and refuses what is none with the field's name")
    func scopes() async throws {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        for name in ["failures", "recent_failures", "flaky", "leaderboard", "tool_usage", "cost", "coverage"]
        {
            _ = try await machine.run(
                """
                local ask = arc.\(name)
                ask()
                ask { simulation = "latest", time_range = "36500d", tags = { "orders" }, before = arc.time.now() }
                ask { simulation = arc.simulation("latest"), since = "2020-01-01", before = "2100-01-01T00:00:00Z" }
                """, name: "=test")
            for (options, message) in [
                ("{ simulaton = 'latest' }", "arc.\(name): options has no field \"simulaton\""),
                ("{ since = true }", "arc.\(name): since must be "),
                ("{ since = 'yesterdy' }", "arc.\(name): "),
                ("{ time_range = 'x' }", "arc.\(name): time_range must be "),
                ("{ time_range = 1e300 }", "arc.\(name): time_range must be at most 365,000 days"),
                ("{ simulation = 'x\\0' }", "a simulation: the name or id holds a NUL character"),
                ("{ configuration = 'x\\0' }", "a configuration: the name or id holds a NUL character"),
                ("{ tags = 'orders' }", "arc.\(name): tags must be a list"),
                ("{ configuration = 'nobody' }", "there is no configuration named \"nobody\""),
                ("{ tags = { 'orders', 'ordrs' } }", "no scenario has the tag \"ordrs\""),
                (
                    "{ simulation = 'basline' }",
                    "there is no simulation with the name, id or id prefix \"basline\""
                ),
            ] {
                let told = await test.failure("arc.\(name)(\(options))")?.message ?? ""
                #expect(told.contains(message), "\(options): \(told)")
            }
        }
    }

    @Test("the example results have the tools, failures and costs that their files tell")
    func figures() async throws {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        _ = try await machine.run(
            """
            local sim = arc.simulation("latest")
            local outcomes = sim:get_scenario_outcomes({ trajectory = true })
            local calls, errors, cost, failed = 0, 0, 0, 0
            for run in outcomes:rows() do
              cost = cost + (run.cost_usd or 0)
              if run.status == "error" or run.status == "timeout" then failed = failed + 1 end
              for _, step in ipairs(run.trajectory or {}) do
                if step.tool then
                  calls = calls + 1
                  if step.error then errors = errors + 1 end
                end
              end
            end
            local usage = arc.tool_usage { simulation = sim }
            assert(usage.tools:sum("calls") == calls and calls > 100, "calls")
            assert(usage.tools:sum("errors") == errors and errors > 0, "errors")
            local total = arc.cost({ simulation = sim }).total
            assert(math.abs(total.cost_usd - cost) < 1e-9 and total.runs == #outcomes, "cost")
            local failures = arc.failures { simulation = sim, by_tool = true }
            assert(failures.failures == failed and failed > 0, "failures")
            assert(failures.by_tool:sum("failures") == failed and failures.clusters:sum("failures") == failed)
            assert(#arc.recent_failures { simulation = sim, limit = 10000 } == failed)
            local board = arc.leaderboard { by = "pass_rate" }
            assert(#board.standings == 2 and #board.comparisons == 1 and board.rule:find("Holm", 1, true))
            assert(arc.coverage({ simulation = sim }).total.runs == #outcomes)
            """, name: "=test")
    }

    @Test("a name that nothing has is an error that tells the nearest one, in every question")
    func nearest() async throws {
        let test = try await TestHost.reading()
        for (call, near) in [
            ("arc.flaky { tags = { 'refnds' } }", "refunds"),
            ("arc.trend { tags = { 'refnds' } }", "refunds"),
            ("arc.search('x', { simulation = 'latest', tags = { 'refnds' } })", "refunds"),
            ("arc.similar_scenarios('double_charge', { tags = { 'refnds' } })", "refunds"),
            ("arc.cluster_scenarios { k = 2, tags = { 'refnds' } }", "refunds"),
            ("arc.trend { scenario_id = 'doublecharge' }", "double_charge"),
            ("arc.search('x', { simulation = 'latest', scenario_id = 'doublecharge' })", "double_charge"),
            ("arc.get_scenario_outcomes('latest', { scenario_id = 'doublecharge' })", "double_charge"),
            ("arc.similar_scenarios('doublecharge')", "double_charge"),
            ("arc.compare('baseline', 'candidate', { critical = { 'doublecharge' } })", "double_charge"),
            ("arc.compare('baseline', 'candidate', { critical_tag = 'refnds' })", "refunds"),
            ("arc.compare('baseline', 'candidate', { metric = 'pass_rat' })", "pass_rate"),
            ("arc.compare('basline', 'candidate')", "baseline"), ("arc.simulation 'latst'", "latest"),
            ("arc.get_simulation_performance('candidat')", "candidate"),
        ] {
            let error = await test.failure(call)
            #expect(error?.advice == "Did you mean \"\(near)\"?", "\(call): \(String(describing: error))")
        }
        for call in ["flaky", "trend"] {
            let configuration = try await test.run("return arc.get_simulation_status('latest').configuration")
            let name = configuration.first?.stringValue ?? ""
            let error = await test.failure("arc.\(call) { configuration = '\(name)x' }")
            #expect(error?.advice == "Did you mean \"\(name)\"?", "\(String(describing: error))")
        }
    }

    @Test("a bucket that is no width of time is refused with examples, in every question that takes one")
    func buckets() async throws {
        let test = try await TestHost.reading()
        for bucket in ["7 parsecs", "", "0 hours", "-1 day", "1 month 1 day", "1e9 years"] {
            for call in ["arc.trend { bucket", "arc.get_simulation_performance('latest', { bucket"] {
                let end = call.contains("(") ? "})" : "}"
                let error = await test.failure("\(call) = '\(bucket)' \(end)")
                #expect(
                    error?.message.contains("bucket must be a width of time") == true,
                    "\(String(describing: error))")
                #expect(
                    error?.message.contains("\"\(bucket)\"") == true
                        && error?.advice?.contains("\"1 hour\"") == true)
            }
        }
    }

    @Test("an answer is read by its fields' names, and a misspelt one is an error")
    func fields() async throws {
        let test = try await TestHost.reading()
        _ = try await test.run(
            """
            local d = arc.compare("baseline", "candidate")
            assert(d.matched == 40 and d.difference.value < 0 and #d.by_scenario == 40 and d.mcnemar == nil)
            local fields = d:fields()
            assert(fields.summary == d.summary and fields.mcnemar == nil and #fields.by_tag == #d.by_tag)
            assert(arc.json.decode(arc.json.encode(d)).mcnemar == arc.null)
            assert(arc.json.decode(arc.json.encode(arc.flaky())).single == arc.flaky().single)
            """)
        for (source, message, advice) in [
            (
                "return arc.compare('baseline', 'candidate').regresed",
                "a comparison has no field \"regresed\"", "Did you mean \"regressed\"?"
            ),
            ("return arc.trend().bukets", "a trend has no field \"bukets\"", "Did you mean \"buckets\"?"),
            (
                "for k in pairs(arc.flaky()) do end", "an answer can't be looped over so",
                "Write for name, value in pairs(answer:fields()) do … end."
            ),
            (
                "arc.flaky().single = 1", "an answer can't be changed",
                "answer:fields() is a table of its own."
            ),
        ] {
            let error = await test.failure(source)
            #expect(error?.message == message && error?.advice == advice, "\(String(describing: error))")
        }
    }

    @Test("an answer of several tables isn't put into one of CSV")
    func csv() async throws {
        let test = try await TestHost.reading()
        for (call, names) in [
            ("arc.flaky()", "ranking has scenarios"), ("arc.trend()", "trend has buckets, changes"),
            ("arc.cost()", "has total, by_configuration, by_scenario"),
        ] {
            let answer = try #require(try await test.run("return \(call)").first)
            let error = #expect(throws: HostError.self) {
                try Presentation.text(answer, .csv, TableOptions())
            }
            #expect(error?.message.contains(names) == true, "\(String(describing: error))")
            #expect(error?.advice?.contains("such as answer.") == true)
        }
        let status = try #require(try await test.run("return arc.get_simulation_status('latest')").first)
        #expect(try Presentation.text(status, .csv, TableOptions())?.contains("completed") == true)
        let ranking = try #require(try await test.run("return arc.flaky().scenarios").first)
        let text = try Presentation.text(ranking, .csv, TableOptions())
        #expect(text?.hasPrefix("configuration,version") == true)
    }

    @Test("every answer is printed with its figures, and with each of its frames under its name")
    func printed() async throws {
        let test = try await TestHost.reading()
        for (call, parts) in [
            ("arc.failures()", ["failures │ ", "\nby_category\n category", "\nclusters\n template"]),
            ("arc.flaky()", ["single   │ 0", "\nscenarios\n"]),
            ("arc.leaderboard()", ["by   │ score", "\nstandings\n", "\ncomparisons\n"]),
            ("arc.tool_usage()", ["without_trajectory │ 0", "\ntools\n tool"]),
            ("arc.cost()", ["total\n", "cost_per_pass_usd  │ ", "\nby_scenario\n"]),
            ("arc.coverage()", ["total\n", "\nmissing\n"]),
            ("arc.trend()", ["metric │ score", "note   │ no run", "\nbuckets\n"]),
            (
                "arc.get_simulation_performance('latest')",
                ["summary\n first_run ", "timeouts       │ ", "\nbuckets\n bucket"]
            ),
            (
                "arc.get_simulation_status('latest')",
                ["status                │ completed", "statuses.timeout "]
            ),
            ("arc.cluster_scenarios { k = 2, simulation = 'latest' }", ["method   │ ", "\nclusters\n"]),
            ("arc.compare('baseline', 'candidate')", ["A │ baseline", "Regressed: ", "By metric\n"]),
        ] {
            let text = try await test.run("return tostring(\(call))").first?.stringValue ?? ""
            for part in parts { #expect(text.contains(part), "\(part) in \(call):\n\(text)") }
            #expect(!text.hasSuffix("\n") && !text.contains("0x"))
        }
    }
}
