local function report(outcomes, name)
  return plugin.report("summary", fixture.simulation(outcomes, { name = name }))
end

describe("summary", function()
  it("stays as it was looked at", function()
    golden("nightly", report("fixtures/nightly.jsonl", "nightly"))
  end)

  it("says how the runs ended, by status and by category", function()
    local document = report("fixtures/nightly.jsonl", "nightly")
    expect(document.text):contains("They ended in 6 success, 2 error, 1 timeout.")
    expect(document.records.failures):equals {
      { error_category = "tool_error", runs = 2, scenarios = 1 },
      { error_category = "timeout", runs = 1, scenarios = 1 },
    }
  end)

  it("names the weakest scenarios first", function()
    local document = report("fixtures/nightly.jsonl", "nightly")
    expect(document.records.weakest_scenarios[1].scenario_id):equals("refund")
  end)

  it("has no table of failures where every run ended by itself", function()
    local document = report({{ scenario_id = "a", reliability_score = 0 }}, "one")
    expect(document.text):contains("Every run ended by itself.")
    expect(document.records.failures):is_nil()
    expect(document.metrics.pass_rate.value):near(0)
    expect(document.metrics.pass_rate.n):equals(1)
  end)

  it("knows nothing of no runs, and says so", function()
    local document = report({}, "empty")
    expect(document.text):contains("No run is recorded yet.")
    expect(document.metrics.pass_rate.value):is_null()
  end)
end)
