-- require, on a host that finds the modules' texts by their names.
local host = ...
local find_module, current, park, wake = host.find_module, host.current, host.park, host.wake
local globals, concat = _G, table.concat

-- What modules returned; and of those that are being loaded, which task does it, what it came from, and who waits.
local loaded, loading = {}, {}
local Ending = {
  __close = function(entry)
    loading[entry.name] = nil
    for _, task in next, entry.waiters do wake(task) end
  end,
}

-- Part of the host's own library, which isn't loaded.
local function find_shared(name)
  if name ~= host.shared and name:sub(1, #host.shared + 1) ~= host.shared .. "." then return nil end
  local value = globals
  for part in name:gmatch("[^.]+") do
    if type(value) ~= "table" then return nil end
    value = value[part]
  end
  return value
end

-- The names from a module to the one that required it, where the task is loading it already.
local function cycle(name, task)
  local names, entry = { name }, loading[name]
  for _, other in next, loading do
    if other.task == task and other.depth > entry.depth then names[other.depth - entry.depth + 1] = other.name end
  end
  names[#names + 1] = name
  return concat(names, " -> ")
end

local function depth_of(task)
  local depth = 0
  for _, entry in next, loading do if entry.task == task then depth = depth + 1 end end
  return depth
end

function globals.require(name)
  if type(name) ~= "string" then
    error("require: name must be a string, got " .. (name == nil and "nil" or "a " .. type(name)), 2)
  end
  local task = current()
  while loading[name] do
    if loading[name].task == task then
      error("require: module '" .. name .. "' requires itself: " .. cycle(name, task), 2)
    end
    local waiters = loading[name].waiters
    waiters[#waiters + 1] = task
    park("require")
  end
  if loaded[name] ~= nil then return loaded[name] end
  local shared = find_shared(name)
  if shared ~= nil then return shared end
  local text, chunk = find_module(name)
  local body, problem = load(text, chunk, "t")
  if not body then error(problem, 0) end
  local entry <close> = setmetatable({ name = name, task = task, depth = depth_of(task), waiters = {} }, Ending)
  loading[name] = entry
  local value = body(name, chunk:sub(2))
  if value == nil then value = true end
  loaded[name] = value
  return value, chunk:sub(2)
end
