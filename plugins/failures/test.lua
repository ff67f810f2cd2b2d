local function report(outcomes, name)
  return plugin.report("failures", fixture.simulation(outcomes, { name = name }))
end

-- Eight runs of four scenarios; half of them ended in an error or a timeout.
local outcomes = {
  { scenario_id = "a", status = "error", error_message = "tool get_order failed after 3 tries" },
  { scenario_id = "a", status = "error", error_message = "tool get_order failed after 5 tries" },
  { scenario_id = "b", status = "error", error_message = "tool get_order failed after 12 tries" },
  { scenario_id = "b", reliability_score = 0.9 },
  { scenario_id = "c", status = "timeout" },
  { scenario_id = "c", reliability_score = 0.2 },
  { scenario_id = "d", reliability_score = 1 },
  { scenario_id = "d", reliability_score = 1 },
}

describe("failures", function()
  it("counts failures by category, each with its share of all runs", function()
    local document = report(outcomes, "half")
    expect(document.text):contains("4 of 8 runs ended in an error or a timeout: 50.0 %")
    local tool, timeout = document.records.by_category[1], document.records.by_category[2]
    expect({ tool.category, tool.failures, tool.scenarios }):equals { "tool_error", 3, 2 }
    expect(tool.rate):near(3 / 8)
    expect(tool.rate_low < tool.rate and tool.rate < tool.rate_high):is_true()
    expect({ timeout.category, timeout.failures }):equals { "timeout", 1 }
  end)

  it("takes messages that differ in numbers for one", function()
    local clusters = report(outcomes, "half").records.clusters
    expect(clusters[1].failures):equals(3)
    expect(clusters[1].template):equals("tool get_order failed after <n> tries")
  end)

  it("ranks scenarios by how often they failed, and leaves out those that didn't", function()
    local scenarios = report(outcomes, "half").records.by_scenario
    expect(scenarios):has_length(3)
    expect({ scenarios[1].scenario_id, scenarios[1].failures, scenarios[1].runs }):equals { "a", 2, 2 }
  end)

  it("shows the latest failures with their messages", function()
    local examples = report(outcomes, "half").records.examples
    expect(examples):has_length(4)
  end)

  it("finds the tool at whose call a run failed in its trajectory", function()
    local steps = { { tool = "get_order", output = "order 7" }, { tool = "refund", error = "no such order" } }
    local failed = { scenario_id = "a", status = "error", error_message = "gave up", trajectory = steps }
    local tools = report({ failed, { scenario_id = "b", reliability_score = 1 } }, "tools").records.by_tool
    expect(tools):has_length(1)
    expect({ tools[1].tool, tools[1].failures }):equals { "refund", 1 }
  end)

  it("takes a wrong answer for a low score, not for a failure", function()
    local document = report({{ scenario_id = "a", reliability_score = 0.1 }}, "wrong")
    expect(document.text):contains("0 of 1 runs ended in an error or a timeout")
    expect(document.tables):has_length(0)
  end)

  it("says of no runs that nothing is known", function()
    expect(report({}, "empty").text):contains("0 of 0 runs ended in an error or a timeout: unknown")
  end)
end)
