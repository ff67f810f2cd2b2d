-- What scripts/kill-test runs in arc: one part of it is killed, the others look at what is left.
--   begin                          makes a simulation and prints its id
--   record SIMULATION ROUND LEDGER records from many tasks, and writes to the ledger the id of what it was told is kept
--   compare SIMULATION LEDGER      prints the ledger against the database; raises an error where they differ
local command, simulation, third, fourth = ...

local function begin()
  arc.create_configuration("kill-test", "model: none\n")
  local sim = arc.start_simulation { config_version_id = "kill-test", scenarios = { "first" } }
  return sim.id
end

local function record(round, path)
  local ledger = assert(io.open(path, "a"))
  -- Each line is one write of its own: it is there, or it isn't.
  ledger:setvbuf("no")
  local runs = {}
  for i = 1, 20000 do runs[i] = i end
  arc.map(runs, function(i)
    local told, id = pcall(arc.record_outcome, {
      simulation_id = simulation, scenario_id = ("round %s run %d"):format(round, i), status = "success",
      reliability_score = i % 100 / 100, trajectory = { { role = "assistant", content = ("x"):rep(500) } },
    })
    if told then ledger:write(id .. "\n") end
  end, { concurrency = 64 })
end

local function compare(path)
  local found, rows, doubled = {}, 0, 0
  local all = arc.query("select outcome_id::text as id from outcomes where simulation_id = $1", simulation)
  for row in all:rows() do
    rows = rows + 1
    if found[row.id] then doubled = doubled + 1 end
    found[row.id] = true
  end
  local told, lost = 0, {}
  for id in io.lines(path) do
    told = told + 1
    if not found[id] then lost[#lost + 1] = id end
  end
  local runs = arc.query([[
    select count(distinct (scenario_id, trial)) as runs,
      (select completed_runs from simulations where simulation_id = $1) as counted
    from outcomes where simulation_id = $1]], simulation)[1]
  local said = ("told %d, found %d, doubled %d, lost %d, runs %d, counted %d"):format(
    told, rows, doubled, #lost, runs.runs, runs.counted)
  if doubled + #lost > 0 or runs.runs ~= rows or runs.counted ~= rows then
    error(said .. "\n" .. table.concat(lost, "\n", 1, math.min(#lost, 20)), 0)
  end
  return said
end

if command == "begin" then return begin() end
if command == "record" then return record(third, fourth) end
return compare(third)
