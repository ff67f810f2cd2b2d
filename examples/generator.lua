-- Coroutines work around calls that wait: a generator pages through outcomes, fetching as it goes.

local function outcomes_of(reference, page_size)
  return coroutine.wrap(function()
    local sim = arc.simulation(reference)
    local after = { scenario = "", trial = 0 }
    while true do
      local page = arc.query([[
        select scenario_id, trial, reliability_score from outcomes
        where simulation_id = :sim.id and (scenario_id, trial) > (:after.scenario, :after.trial)
        order by scenario_id, trial limit :size
      ]], { sim = sim, after = after, size = page_size })
      for row in page:rows() do coroutine.yield(row) end
      if #page < page_size then return end
      after = { scenario = page[#page].scenario_id, trial = page[#page].trial }
    end
  end)
end

local count, best = 0, nil
for row in outcomes_of("latest", 50) do
  count = count + 1
  if row.reliability_score and (not best or row.reliability_score > best.reliability_score) then best = row end
end
print(("%d outcomes"):format(count))
if best then print(("the best score is %s, of %s"):format(best.reliability_score, best.scenario_id)) end
