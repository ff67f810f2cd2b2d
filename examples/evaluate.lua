-- An evaluation from start to end: runs an agent on every scenario, several times, many at once, and records each
-- outcome. The agent here is a stand-in with made-up answers; put a call of yours in its place.

local scenarios = {}
for i = 1, 50 do
  scenarios[i] = {
    id = ("arithmetic_%02d"):format(i),
    task_prompt = ("What is %d + %d?"):format(i, i * 7),
    tags = { "arithmetic" },
  }
end
local trials = 3

-- Answers right, or, on every seventh question, wrong the first time; gives up on every eleventh.
local function ask_agent(i, trial)
  arc.sleep(0.001)
  if i % 11 == 0 and trial == 1 then error("tool failed: calculator returned nothing", 0) end
  if i % 7 == 0 and trial == 1 then return i end
  return i + i * 7
end

arc.create_configuration("example-agent", "model: stand-in\ntemperature: 0\n")
local sim = arc.start_simulation {
  config_version_id = "example-agent", simulation_name = "example evaluation", scenarios = scenarios, trials = trials,
}

local runs = {}
for trial = 1, trials do
  for i = 1, #scenarios do runs[#runs + 1] = { i = i, trial = trial } end
end

arc.map(runs, function(run)
  local outcome = { simulation_id = sim, scenario_id = scenarios[run.i].id, trial = run.trial }
  local ok, answer = pcall(ask_agent, run.i, run.trial)
  if ok then
    outcome.status = "success"
    outcome.reliability_score = answer == run.i + run.i * 7 and 1 or 0
    outcome.trajectory = {
      { role = "user", content = scenarios[run.i].task_prompt },
      { role = "assistant", content = answer },
    }
  else
    outcome.status = "error"
    outcome.error_message = tostring(answer)
  end
  arc.record_outcome(outcome)
end, { concurrency = 32 })

sim:complete_simulation()
local status = sim:get_simulation_status()
local ended = status.statuses
print(("%d runs recorded: %d success, %d error"):format(status.completed_runs, ended.success, ended.error))
assert(status.completed_runs == #runs and status.status == "completed")

local outcomes = sim:get_scenario_outcomes()
local passed = arc.stats.mean(outcomes, "passed")
print(("pass rate %.1f %%, 95 %% interval %.1f to %.1f")
  :format(100 * passed.value, 100 * passed.low, 100 * passed.high))
