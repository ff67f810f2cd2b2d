local function result(changes)
  local usage = { total_tokens = 120, total_cost = 0.02 }
  local record = {
    scenario = { id = "refund" }, trial = 2, reliability_score = 0.9,
    trajectory = { status = "success", execution_time_seconds = 1.5, token_usage = usage },
  }
  for name, value in pairs(changes or {}) do record[name] = value end
  return arc.json.encode(record)
end

local function import(text, options) return plugin.import("modal", text, options) end

describe("modal", function()
  it("knows its files", function()
    expect(plugin.detect("modal", result())):is_true()
    expect(plugin.detect("modal", "scenario,score\n")):is_false()
  end)

  it("reads one object, an array, and one object a line", function()
    expect(import(result())):has_length(1)
    expect(import("[" .. result() .. ",\n" .. result { trial = 3 } .. "]")):has_length(2)
    expect(import(result() .. "\n" .. result { trial = 3 } .. "\n")):has_length(2)
  end)

  it("reads a result as an outcome", function()
    local outcome = import(result())[1]
    expect(outcome.scenario.id):equals("refund")
    expect(outcome.trial):equals(2)
    expect(outcome.status):equals("success")
    expect(outcome.reliability_score):near(0.9)
    expect(outcome.execution_time_ms):equals(1500)
    expect(outcome.tokens_used):equals(120)
    expect(outcome.cost_usd):near(0.02)
  end)

  it("takes a score with its dimensions, which become metrics", function()
    local outcome = import(result {
      reliability_score = { overall_score = 0.8, dimension_scores = { completeness = 0.5 } },
    })[1]
    expect(outcome.reliability_score):near(0.8)
    expect(outcome.metrics.completeness):near(0.5)
  end)

  it("doesn't know the time of a run that failed before its clock was read", function()
    local outcome = import(result { trajectory = { status = "error", execution_time_seconds = 0 } })[1]
    expect(outcome.execution_time_ms):is_nil()
    expect(outcome.cost_usd):is_nil()
  end)

  it("asks for the scale where scores are above 1, and goes by it", function()
    local text = result { reliability_score = 92 }
    expect(function() import(text) end):fails("record 1 (line 1): reliability_score must be between 0 and 1, got 92")
    expect(import(text, { scale = "0..100" })[1].reliability_score):near(0.92)
  end)

  it("numbers runs by another field where that is said", function()
    expect(import(result { attempt = 4 }, { trials_field = "attempt" })[1].trial):equals(4)
  end)

  it("names the line that is wrong", function()
    local wrong = result { trajectory = { status = "finished" } }
    expect(function() import(result() .. "\n" .. wrong) end)
      :fails("record 2 (line 2): trajectory.status must be")
    expect(function() import(result() .. "\n{") end):fails("record 2 (line 2)")
    expect(function() import("") end):fails("the file is empty")
  end)
end)
