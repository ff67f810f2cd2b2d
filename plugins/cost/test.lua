-- A configuration of its own for each test: the report adds up all simulations of the configuration.
local function report(outcomes, name)
  return plugin.report("cost", fixture.simulation(outcomes, { name = name, configuration = "cost of " .. name }))
end

local outcomes = {
  { scenario_id = "cheap", reliability_score = 1, cost_usd = 0.01, tokens_used = 100, execution_time_ms = 100 },
  { scenario_id = "cheap", reliability_score = 1, cost_usd = 0.03, tokens_used = 300, execution_time_ms = 300 },
  { scenario_id = "dear", reliability_score = 0.2, cost_usd = 0.20, tokens_used = 2000, execution_time_ms = 500 },
  { scenario_id = "dear", status = "error", error_message = "tool failed" },
}

describe("cost", function()
  it("adds up what is known, and says of how many runs it is", function()
    local document = report(outcomes, "four")
    local metrics = document.metrics
    expect(metrics.cost.value):near(0.24)
    expect(metrics.cost.n):equals(3)
    expect(metrics.tokens.value):near(2400)
    expect(metrics.p50_ms.value):near(300)
    expect(document.text):contains("Of 1 of 4 runs the cost isn't known: they have no part in it.")
  end)

  it("tells what a pass costs: the cost of all runs by the number of those that passed", function()
    local pass = report(outcomes, "passes").metrics.cost_per_pass
    expect(pass.value):near(0.24 / 2)
  end)

  it("ranks scenarios by their cost", function()
    local rows = report(outcomes, "ranked").records.by_scenario
    expect({ rows[1].scenario_id, rows[2].scenario_id }):equals { "dear", "cheap" }
    expect(rows[1].cost_usd):near(0.20)
    expect({ rows[2].runs, rows[2].passes }):equals { 2, 2 }
  end)

  it("compares with the other simulations of the configuration, by version", function()
    local rows = report(outcomes, "versions").records.by_configuration
    expect(rows):has_length(1)
    expect({ rows[1].configuration, rows[1].version, rows[1].runs }):equals { "cost of versions", 1, 4 }
  end)

  it("knows of one run its cost, and no interval", function()
    local run = report({{ scenario_id = "a", reliability_score = 1, cost_usd = 0.5 }}, "one").metrics.cost_per_run
    expect(run.value):near(0.5)
    expect(run.low):is_null()
  end)

  it("has no figures where no cost, no tokens and no time are known", function()
    local document = report({{ scenario_id = "a", reliability_score = 1 }}, "unknown")
    expect(document.metrics.cost.value):is_null()
    expect(document.metrics.cost.n):equals(0)
    expect(document.charts):has_length(0)
  end)

  it("says so where no run is recorded", function()
    expect(report({}, "none").text):equals("No run is recorded yet.")
  end)
end)
