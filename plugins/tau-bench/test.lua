local text = [[
[
  { "task_id": 7, "trial": 0, "reward": 1.0,
    "info": { "task": { "instruction": "Cancel my flight.", "actions": [
      { "name": "get_booking" }, { "name": "cancel" }, { "name": "get_booking" } ] } },
    "traj": [ { "role": "user", "content": "Cancel my flight." } ] },
  { "task_id": 7, "trial": 1, "reward": 0.0, "info": {}, "traj": [] }
]
]]

local function import(source, options)
  options = options or {}
  options.name = options.name or "gpt-4o-airline.json"
  return plugin.import("tau-bench", source, options)
end

describe("tau-bench", function()
  it("knows its files", function()
    expect(plugin.detect("tau-bench", text)):is_true()
    expect(plugin.detect("tau-bench", '{"scenario": {"id": "a"}, "trajectory": {}}')):is_false()
  end)

  it("reads a task with what it asks for, and with the tools of its reference solution", function()
    local outcome = import(text)[1]
    expect(outcome.scenario.id):equals("airline/7")
    expect(outcome.scenario.task_prompt):equals("Cancel my flight.")
    expect(outcome.scenario.tags):equals { "tau-bench", "airline" }
    expect(outcome.scenario.expected_tools):equals { "get_booking", "cancel" }
    expect(outcome.trajectory[1].role):equals("user")
  end)

  it("takes the reward for the score, and counts trials from 1", function()
    local outcomes = import(text)
    expect(outcomes):has_length(2)
    expect({ outcomes[1].trial, outcomes[2].trial }):equals { 1, 2 }
    expect({ outcomes[1].reliability_score, outcomes[2].reliability_score }):equals { 1.0, 0.0 }
    expect(outcomes[2].status):equals("success")
  end)

  it("knows neither times nor tokens nor costs: the files don't hold them", function()
    local outcome = import(text)[1]
    expect(outcome.execution_time_ms):is_nil()
    expect(outcome.tokens_used):is_nil()
    expect(outcome.cost_usd):is_nil()
  end)

  it("takes the domain from the file's name, or from an option", function()
    expect(import(text, { name = "o1-retail.json" })[1].scenario.id):equals("retail/7")
    expect(import(text, { domain = "shop" })[1].scenario.id):equals("shop/7")
    expect(import(text, { name = "2024.json" })[1].scenario.id):equals("tau-bench/7")
  end)

  it("names the record and the line that are wrong, and what is", function()
    for record, message in pairs {
      ['{ "trial": 0, "reward": 1 }'] = "task_id must name the scenario, got nothing",
      ['{ "task_id": 1, "trial": -1, "reward": 1 }'] = "trial must be a whole number from 0, got -1",
      ['{ "task_id": 1, "trial": 0 }'] = "reward must be a number, got nothing",
      ['{ "task_id": 1, "trial": 0, "reward": 7 }'] = "reliability_score must be between 0 and 1, got 7",
      ["3"] = "a record must be an object, got number",
    } do
      local good = '{ "task_id": 1, "trial": 0, "reward": 1 }'
      expect(function() import("[" .. good .. ",\n" .. record .. "]") end):fails("record 2 (line 2): " .. message)
    end
  end)
end)
