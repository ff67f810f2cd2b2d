extension PluginScaffold {
    static func manifest(_ kind: Kind) -> String {
        let config = """

              "config": {
                "slow_ms": {
                  "type": "integer", "minimum": 1, "default": 10000,
                  "summary": "from how many milliseconds a run is slow"
                }
              },
            """
        let capabilities = kind == .report ? "\"db.read\"" : ""
        return """
            {
              "name": "{{name}}",
              "version": "0.1.0",
              "arc": "^\(PluginAPI.version)",
              "description": "What it is for, in a line",
              "provides": { "\(kind.rawValue)s": ["{{part}}"] },\(kind == .metric ? config : "")
              "capabilities": [\(capabilities)]
            }
            """
    }

    static func texts(_ kind: Kind) -> (code: String, test: String) {
        switch kind {
        case .metric: (metric, metricTest)
        case .categorizer: (categorizer, categorizerTest)
        case .report: (report, reportTest)
        case .importer: (importer, importerTest)
        }
    }

    private static let metric = """
        -- A metric per outcome gets an outcome, and returns a number, true or false, or nil where nobody can tell.
        -- arc makes the mean, in which each scenario counts once, and its interval; simulations can be compared by it.

        ---@type arc.Plugin
        local plugin = {}

        local slow_ms

        function plugin.setup(config) slow_ms = config.slow_ms end

        plugin.metrics = {{
          name = "{{part}}", per = "outcome", label = "Slow runs",
          unit = "ratio", min = 0, max = 1, more_is_better = false,
          summary = "the share of slow runs among those whose time is known",
          compute = function(outcome)
            if outcome.execution_time_ms then return outcome.execution_time_ms >= slow_ms end
          end,
        }}

        return plugin
        """

    private static let metricTest = """
        describe("{{part}}", function()
          it("is the share of slow runs among those whose time is known", function()
            local metric = plugin.metric("{{part}}", fixture.outcomes {
              { scenario_id = "a", execution_time_ms = 20000 },
              { scenario_id = "b", execution_time_ms = 100 },
              { scenario_id = "c" },
            })
            expect(metric.value):near(0.5)
            expect(metric.n):equals(2)
          end)

          it("isn't known where no time is", function()
            expect(plugin.metric("{{part}}", fixture.outcomes {{ scenario_id = "a" }}).value):is_nil()
          end)
        end)
        """

    private static let categorizer = """
        -- Categorizers get a failure (status, message, code, scenario_id, trajectory) and return its category, or nil where it
        -- isn't theirs. The highest priority is asked first; arc's own rules come last.

        ---@type arc.Plugin
        local plugin = {}

        plugin.categorizers = {{
          name = "{{part}}", priority = 50,
          summary = "requests that were refused because there were too many",
          categorize = function(failure)
            if failure.message:find("429", 1, true) then return "rate_limit" end
          end,
        }}

        return plugin
        """

    private static let categorizerTest = """
        describe("{{part}}", function()
          it("knows requests that were refused", function()
            expect(plugin.categorize("{{part}}", "HTTP 429: slow down")):equals("rate_limit")
          end)

          it("leaves the rest to others", function()
            expect(plugin.categorize("{{part}}", "disk is full")):is_nil()
          end)
        end)
        """

    private static let report = """
        -- Reports write a document; every format is made from it. A gate that fails ends `arc report` with exit code 3.

        ---@type arc.Plugin
        local plugin = {}

        plugin.reports = {{
          name = "{{part}}", summary = "the pass rate, and a gate on it",
          render = function(ctx, doc)
            local outcomes = arc.get_scenario_outcomes(ctx.simulation)
            local passed = arc.stats.mean(outcomes, "passed")
            doc:title("Quality of " .. (ctx.simulation.name or ctx.simulation.id))
            doc:heading("Figures")
            doc:metric {
              name = "pass_rate", label = "Pass rate", unit = "ratio",
              value = passed.value, n = passed.n, low = passed.low, high = passed.high, method = passed.method,
            }
            doc:heading("Gates")
            doc:gate {
              name = "pass rate", pass = (passed.low or 0) >= 0.5,
              reason = ("the lower end of the interval is %.2f; 0.50 is wanted"):format(passed.low or 0),
            }
          end,
        }}

        return plugin
        """

    private static let reportTest = """
        -- fixture.simulation needs a database: `arc plugin test` starts one that is thrown away.
        describe("{{part}}", function()
          it("stays as it was looked at", function()
            local outcomes = {}
            for i = 1, 20 do outcomes[i] = { scenario_id = "s" .. i, reliability_score = i > 2 and 0.9 or 0.1 } end
            local document = plugin.report("{{part}}", fixture.simulation(outcomes, { name = "twenty" }))
            expect(document.title):equals("Quality of twenty")
            expect(document.metrics.pass_rate.value):near(0.9)
            expect(document.gates[1].pass):is_true()
          end)

          it("fails its gate where little passes", function()
            local sim = fixture.simulation({
              { scenario_id = "a", reliability_score = 0.1 }, { scenario_id = "b", reliability_score = 0.9 },
            }, { name = "two" })
            expect(plugin.report("{{part}}", sim).gates[1].pass):is_false()
          end)
        end)
        """

    private static let importer = """
        -- Importers yield the outcomes of a file, one at a time.

        ---@type arc.Plugin
        local plugin = {}

        plugin.importers = {{
          name = "{{part}}",
          summary = "JSON Lines with task, ok and ms",
          options = { suite = "what to put before the names of scenarios" },
          detect = function(head) return head:find('"task"', 1, true) ~= nil and head:find('"ok"', 1, true) ~= nil end,
          read = function(source)
            local suite = source.options.suite
            for record, place in source:records() do
              coroutine.yield {
                scenario_id = (suite and suite .. "/" or "") .. record.task,
                status = "success",
                reliability_score = record.ok and 1 or 0,
                execution_time_ms = record.ms,
                place = place,
              }
            end
          end,
        }}

        return plugin
        """

    private static let importerTest = """
        describe("{{part}}", function()
          local text = '{"task": "a", "ok": true, "ms": 120}\\n{"task": "b", "ok": false}\\n'

          it("knows its files", function()
            expect(plugin.detect("{{part}}", text)):is_true()
            expect(plugin.detect("{{part}}", "scenario,score\\n")):is_false()
          end)

          it("reads a record as an outcome", function()
            local outcomes = plugin.import("{{part}}", text, { suite = "shop" })
            expect(outcomes):has_length(2)
            expect(outcomes[1].scenario.id):equals("shop/a")
            expect(outcomes[1].execution_time_ms):equals(120)
            expect(outcomes[2].reliability_score):equals(0.0)
          end)
        end)
        """
}
