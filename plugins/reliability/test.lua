-- A configuration of its own for each test: the report is about all of a configuration's simulations.
local function report(outcomes, name)
  return plugin.report("reliability", fixture.simulation(outcomes, { name = name, configuration = name }))
end

-- Runs of five scenarios on each of so many days until yesterday.
local function days(count, score)
  local list = {}
  for day = 1, count do
    for scenario = 1, 5 do
      list[#list + 1] = {
        scenario_id = "s" .. scenario, trial = day, reliability_score = score(day, scenario),
        execution_time = arc.time.now() - (count - day + 1) * 86400,
      }
    end
  end
  return list
end

describe("reliability", function()
  it("has a figure for each day, with its interval", function()
    local document = report(days(3, function(_, scenario) return scenario / 5 end), "three days")
    local rows = document.records.score_by_day
    expect(rows):has_length(3)
    for _, row in ipairs(rows) do
      expect(row.runs):equals(5)
      expect(row.value):near(0.6)
      expect(row.low < row.value and row.value < row.high):is_true()
    end
    expect(document.text).never:contains("changed its level")
  end)

  it("says where a level changed, and marks it", function()
    local document = report(days(20, function(day) return day <= 10 and 0.9 or 0.1 end), "a fall")
    expect(document.text):matches("Pass rate changed its level about [%d-]+: from 100.0 %% to 0.0 %%")
    expect(document.charts[1].marks):has_length(1)
  end)

  it("has no trend of one day", function()
    local document = report(days(1, function() return 0.5 end), "one day")
    expect(document.text):contains("It is known of one day: there is no trend yet.")
  end)

  it("goes further back where nothing was run in the last ninety days", function()
    local old = {{ scenario_id = "a", reliability_score = 1, execution_time = "2026-03-02T09:00:00Z" }}
    expect(report(old, "old").records.score_by_day[1].day):equals("2026-03-02")
  end)

  it("says what nobody measured", function()
    local document = report(days(2, function() return 1 end), "without times")
    expect(document.text):contains("Latency\nIt isn't known of any run.")
  end)

  it("counts errors and timeouts by themselves", function()
    local list = days(1, function() return 1 end)
    list[1].status, list[1].reliability_score = "error", nil
    local document = report(list, "an error")
    expect(document.records.error_rate_by_day[1].value):near(0.2)
    expect(document.records.error_rate_by_day[1].errors):equals(1)
  end)

  it("has nothing to show of no runs", function()
    local document = report({}, "nothing")
    expect(document.title):equals("Reliability of nothing")
    expect(document.tables):has_length(0)
  end)
end)
