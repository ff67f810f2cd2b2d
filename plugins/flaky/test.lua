local function report(outcomes, name)
  return plugin.report("flaky", fixture.simulation(outcomes, { name = name }))
end

local function runs(list, scenario, scores)
  for _, score in ipairs(scores) do list[#list + 1] = { scenario_id = scenario, reliability_score = score } end
  return list
end

describe("flaky", function()
  it("finds the scenarios that pass at one time and fail at another, and no others", function()
    local list = runs(runs(runs({}, "steady", { 1, 1, 1 }), "hopeless", { 0, 0, 0 }), "mixed", { 1, 0, 1 })
    local document = report(list, "three")
    expect(document.text):contains("1 of 3 scenarios with several trials passed at one time and failed at another.")
    local rows = document.records.flaky
    expect(rows):has_length(1)
    expect({ rows[1].scenario_id, rows[1].passes, rows[1].trials }):equals { "mixed", 2, 3 }
    expect(rows[1].low < rows[1].disagreement and rows[1].disagreement <= rows[1].high):is_true()
  end)

  it("puts first what is surest to be flaky: many trials before few", function()
    local list = runs(runs({}, "few", { 1, 0 }), "many", { 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 })
    local rows = report(list, "two").records.flaky
    expect({ rows[1].scenario_id, rows[2].scenario_id }):equals { "many", "few" }
    expect(rows[1].low > rows[2].low):is_true()
  end)

  it("counts a run that ended in an error as one that didn't pass", function()
    local list = runs({}, "a", { 1, 1 })
    list[3] = { scenario_id = "a", status = "error", error_message = "tool failed" }
    local row = report(list, "errors").records.flaky[1]
    expect({ row.passes, row.trials, row.errors }):equals { 2, 3, 1 }
  end)

  it("can't tell of a scenario with one trial, and says so", function()
    local document = report(runs({}, "once", { 0 }), "once")
    expect(document.text):contains("0 of 0 scenarios with several trials")
    expect(document.text):contains("1 more have one trial")
    expect(document.tables):has_length(0)
  end)

  it("has nothing to show of no runs", function()
    expect(report({}, "empty").text):equals(
      "0 of 0 scenarios with several trials passed at one time and failed at another.")
  end)
end)
