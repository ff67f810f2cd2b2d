-- τ-bench's historical trajectories: an array of {task_id, trial, reward, info, traj}. The files know neither times,
-- nor tokens, nor the agent's cost, so none is recorded; the simulated user's cost isn't the agent's.

---@type arc.Plugin
local plugin = {}

local function expect(condition, place, what, got)
  if not condition then
    error(("%s: %s, got %s"):format(place, what, got == nil and "nothing" or tostring(got)), 0)
  end
end

-- The tools that the task's reference solution calls, each once, in order.
local function expected_tools(task)
  if not task.actions then return nil end
  local names, seen = {}, {}
  for _, action in ipairs(task.actions) do
    if action.name and not seen[action.name] then
      seen[action.name] = true
      names[#names + 1] = action.name
    end
  end
  return names
end

local function outcome(record, place, file)
  expect(type(record) == "table", place, "a record must be an object", type(record))
  local id, trial, reward = record.task_id, record.trial, record.reward
  expect(id ~= nil and id ~= arc.null, place, "task_id must name the scenario", id)
  expect(math.type(trial) == "integer" and trial >= 0, place, "trial must be a whole number from 0", trial)
  expect(type(reward) == "number", place, "reward must be a number", reward)
  local task = type(record.info) == "table" and record.info.task or {}
  return {
    scenario = {
      id = ("%s/%s"):format(file, id),
      name = ("%s task %s"):format(file, id),
      task_prompt = task.instruction,
      tags = { "tau-bench", file },
      expected_tools = expected_tools(task),
    },
    trial = trial + 1,
    status = "success",
    reliability_score = reward,
    trajectory = record.traj,
    place = place,
  }
end

-- gpt-4o-airline.json holds the domain airline; scenarios of two domains must not be taken for one another.
local function domain(source)
  return source.options.domain or source.name:match("([%a]+)$") or "tau-bench"
end

plugin.importers = {{
  name = "tau-bench",
  summary = "τ-bench's trajectory files",
  options = { domain = "the domain, where the file's name doesn't end with it" },
  detect = function(head)
    return head:find('"task_id"', 1, true) ~= nil and head:find('"reward"', 1, true) ~= nil
  end,
  read = function(source)
    local name = domain(source)
    for record, place in source:records() do
      coroutine.yield(outcome(record, place, name))
    end
  end,
}}

return plugin
