-- Looks around in the newest simulation, or in the one that is named: arc run examples/explore.lua [SIMULATION]
local reference = ... or "latest"

local sim = arc.simulation(reference)
local status = sim:get_simulation_status()
print(("%s: %s, %d of %d runs"):format(status.name or sim.id, status.status, status.completed_runs, status.total_runs))

-- How well did it do? Every mean comes with its n and an interval over scenarios.
local outcomes = sim:get_scenario_outcomes()
local score = arc.stats.mean(outcomes, "reliability_score", { bounds = { 0, 1 } })
if score.low then
  print(("mean score %.3f, 95 %% interval %.3f to %.3f (n = %d)"):format(score.value, score.low, score.high, score.n))
end

-- Where did it fail, and where is it unsure of itself?
print("\nThe weakest scenarios:")
print(outcomes:group_by("scenario_id"):agg {
  runs = "count", passed = { "sum", "passed" }, score = { "mean", "reliability_score" },
}:sort("score"):head(5))

local failed = outcomes:filter(function(o) return o.status ~= "success" end)
if #failed > 0 then
  print("\nFailures by category:")
  print(failed:group_by("error_category"):agg { runs = "count" }:sort("runs", "desc"))
end

-- Heavy work belongs in SQL; a Lua value is bound as a parameter, never pasted in.
print("\nThe longest trajectories:")
print(arc.query([[
  select scenario_id, trial, jsonb_array_length(trajectory) as steps
  from outcomes where simulation_id = :sim.id and jsonb_typeof(trajectory) = 'array'
  order by steps desc, scenario_id, trial limit 5
]], { sim = sim }))
