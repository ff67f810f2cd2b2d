-- Concurrency for scripts, on one primitive that runs functions as tasks. Items and results never leave Lua.
local host = ...
local run_tasks, run_within = host.run_tasks, host.run_within
local pack, unpack, pcall, error, type = table.pack, table.unpack, pcall, error, type
local tasks = { sleep = host.sleep }
host.tasks = tasks

local function options_of(options)
  if options == nil then return 16, "cancel" end
  if type(options) ~= "table" then error("map: options must be a table, got " .. type(options), 3) end
  for key in pairs(options) do
    if key ~= "concurrency" and key ~= "on_error" then
      error("map: unknown option '" .. tostring(key) .. "'; there are concurrency and on_error", 3)
    end
  end
  local concurrency, on_error = options.concurrency or 16, options.on_error or "cancel"
  if math.type(concurrency) ~= "integer" or concurrency < 1 then
    error("map: concurrency must be an integer from 1, got " .. tostring(concurrency), 3)
  end
  if on_error ~= "cancel" and on_error ~= "collect" then
    error("map: on_error must be 'cancel' or 'collect', got " .. tostring(on_error), 3)
  end
  return concurrency, on_error
end

local function check_callable(name, value, level)
  local meta = getmetatable(value)
  if type(value) ~= "function" and not (type(meta) == "table" and meta.__call) then
    error(name .. " must be a function, got " .. type(value), level + 1)
  end
end

function tasks.map(items, fn, options)
  if items == nil then error("map: items must be a table or the like, got nil", 2) end
  check_callable("map: the second argument", fn, 2)
  local concurrency, on_error = options_of(options)
  local count, next_index = #items, 0
  local results, errors = {}, {}
  local function worker()
    while next_index < count do
      next_index = next_index + 1
      local index = next_index
      if on_error == "cancel" then
        results[index] = fn(items[index], index)
      else
        local ok, result = pcall(fn, items[index], index)
        if ok then results[index] = result else errors[index] = result end
      end
    end
  end
  local workers = {}
  for i = 1, math.min(concurrency, count) do workers[i] = worker end
  if count > 0 then run_tasks(workers) end
  if on_error == "collect" then return results, errors end
  return results
end

function tasks.gather(functions)
  if type(functions) ~= "table" then
    error("gather: a table of functions is needed, got " .. type(functions), 2)
  end
  local results, workers = {}, {}
  for index = 1, #functions do
    local fn = functions[index]
    check_callable("gather: item " .. index, fn, 2)
    workers[index] = function() results[index] = fn() end
  end
  if #workers > 0 then run_tasks(workers) end
  return results
end

function tasks.timeout(seconds, fn, ...)
  check_callable("timeout: the second argument", fn, 2)
  local arguments, results = pack(...), nil
  run_within(seconds, function()
    results = pack(fn(unpack(arguments, 1, arguments.n)))
  end)
  return unpack(results, 1, results.n)
end
