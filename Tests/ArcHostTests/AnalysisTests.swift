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
                ("{ tags = 'orders' }", "arc.\(name): tags must be a list"),
                ("{ configuration = 'nobody' }", "there is no configuration named \"nobody\""),
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
            assert(#board.standings == 1 and #board.comparisons == 0 and board.rule:find("Holm", 1, true))
            assert(arc.coverage({ simulation = sim }).total.runs == #outcomes)
            """, name: "=test")
    }
}
