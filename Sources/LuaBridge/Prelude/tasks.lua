-- Concurrency for scripts, on the groups of tasks that C keeps. Items and results never leave Lua.
local host = ...
local group, spawn, join, cancel = host.group, host.spawn, host.join, host.cancel
local pass = host.pass
local pack, unpack, pcall, error, type, pairs = table.pack, table.unpack, pcall, error, type, pairs
local tasks, prefix = {}, host.task_path .. "."
host.tasks = tasks

local function fail(name, message) error(prefix .. name .. ": " .. message, 3) end

-- The whole number that a value is, as other functions of the host's take one: 4 and 4.0.
local function whole(value) return type(value) == "number" and math.tointeger(value) or nil end

local function is_callable(value)
  if type(value) == "function" then return true end
  local meta = getmetatable(value)
  return type(meta) == "table" and meta.__call ~= nil
end

local function check_options(options)
  for key in pairs(options) do
    if key ~= "concurrency" and key ~= "on_error" and key ~= "progress" then
      return "unknown option '" .. tostring(key) .. "'; there are concurrency, on_error and progress"
    end
  end
  local concurrency, on_error, progress = options.concurrency, options.on_error, options.progress
  if concurrency ~= nil and (whole(concurrency) or 0) < 1 then
    return "concurrency must be a whole number from 1, got " .. tostring(concurrency)
  end
  if on_error ~= nil and on_error ~= "cancel" and on_error ~= "collect" then
    return "on_error must be 'cancel' or 'collect', got " .. tostring(on_error)
  end
  if progress ~= nil and type(progress) ~= "boolean" and type(progress) ~= "string" and not is_callable(progress) then
    return "progress must be true, a label or a function, got a " .. type(progress)
  end
end

-- What is told about each item that is done; nil for nothing.
local function reporter(progress, count)
  if not progress then return nil end
  if is_callable(progress) then return progress end
  local label = type(progress) == "string" and progress or "items"
  host.show_progress(label, 0, count)
  return function(done, total) host.show_progress(label, done, total) end
end

function tasks.map(items, fn, options)
  if type(items) ~= "table" and type(items) ~= "userdata" then
    fail("map", "items must be a list or a frame, got a " .. type(items))
  end
  if not is_callable(fn) then fail("map", "fn must be a function, got a " .. type(fn)) end
  if options == nil then options = {} end
  if type(options) ~= "table" then fail("map", "options must be a table, got a " .. type(options)) end
  local problem = check_options(options)
  if problem then fail("map", problem) end
  local count, next_index, done = #items, 0, 0
  if count == 0 and type(items) == "table" and next(items) ~= nil and getmetatable(items) == nil then
    fail("map", ("items must be a list, got a table of names, such as %s; for these there is %sgather"):format(
      tostring(next(items)), prefix))
  end
  local collects, report = options.on_error == "collect", reporter(options.progress, count)
  local results, errors = {}, {}
  local function worker()
    while next_index < count do
      next_index = next_index + 1
      local index = next_index
      if collects then
        local ok, result = pcall(fn, items[index], index)
        if ok then results[index] = result else errors[index] = result end
      else
        results[index] = fn(items[index], index)
      end
      done = done + 1
      if report then report(done, count) end
    end
  end
  if count > 0 then
    local members = group(prefix .. "map")
    for _ = 1, math.min(options.concurrency or 16, count) do spawn(members, worker) end
    join(members)
  end
  if collects then return results, errors end
  return results
end

function tasks.gather(functions)
  if type(functions) ~= "table" then fail("gather", "functions must be a table, got a " .. type(functions)) end
  for key, fn in pairs(functions) do
    if not is_callable(fn) then fail("gather", ("functions[%s] must be a function, got a %s"):format(key, type(fn))) end
  end
  local results, members = {}, group(prefix .. "gather")
  for key, fn in pairs(functions) do
    spawn(members, function() results[key] = fn() end)
  end
  join(members)
  return results
end

function tasks.timeout(seconds, fn, ...)
  if not is_callable(fn) then fail("timeout", "fn must be a function, got a " .. type(fn)) end
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < 1e9) then
    local got = type(seconds) == "number" and tostring(seconds) or type(seconds)
    fail("timeout", "seconds must be a number from 0 to 1e9, got " .. got)
  end
  local results
  local members = group(prefix .. "timeout")
  host.start_timer(members, seconds)
  host.timed(members)
  spawn(members, function(...) results = pack(fn(...)) end, ...)
  if join(members) then host.raise_timeout(seconds) end
  return unpack(results, 1, results.n)
end

function tasks.sleep(seconds)
  if seconds == 0 then return pass(prefix .. "sleep") end
  host.may_wait(prefix .. "sleep")
  host.sleep(seconds)
end

-- Scopes: tasks that a function starts one by one, and that end before it does.
local current, park, wake = host.current, host.park, host.wake
local states = setmetatable({}, { __mode = "k" })
local Scope, Task, Channel = {}, {}, {}
host.task_types = { Scope = Scope, Task = Task, Channel = Channel }

local function handle(methods, name, state)
  local value = setmetatable({}, methods)
  methods.__index, methods.__name, methods.__metatable = methods, name, name
  states[value] = state
  return value
end

local function state_of(value, method, what)
  local state = states[value]
  if not state then error(("%s: call it with a colon on a %s"):format(method, what), 3) end
  return state
end

local function end_task(state)
  for _, waiter in ipairs(state.waiters) do wake(waiter) end
  state.waiters = {}
end

-- What didn't end has no result any more.
local function lose_unfinished(state)
  for task in pairs(state.unfinished) do
    task.is_lost = true
    end_task(task)
  end
end

function tasks.scope(fn)
  if not is_callable(fn) then fail("scope", "fn must be a function, got a " .. type(fn)) end
  local results
  local state = { members = group(prefix .. "scope"), unfinished = {} }
  local scope = handle(Scope, "scope", state)
  state.body = spawn(state.members, function() results = pack(fn(scope)) end)
  local ok, problem = pcall(join, state.members)
  state.is_over = true
  lose_unfinished(state)
  if not ok then error(problem, 0) end
  if not results then return end
  return unpack(results, 1, results.n)
end

function Scope:spawn(fn, ...)
  local state = state_of(self, "spawn", "scope")
  if not is_callable(fn) then error("scope:spawn: fn must be a function, got a " .. type(fn), 2) end
  if state.is_over then error("scope:spawn: the scope is over", 2) end
  if state.is_cancelled then error("scope:spawn: the scope was cancelled", 2) end
  local task = { waiters = {} }
  state.unfinished[task] = true
  spawn(state.members, function(...)
    task.results = pack(fn(...))
    state.unfinished[task] = nil
    end_task(task)
  end, ...)
  return handle(Task, "task", task)
end

function Scope:cancel()
  local state = state_of(self, "cancel", "scope")
  if state.is_over or state.is_cancelled then return end
  state.is_cancelled = true
  cancel(state.members, state.body)
  lose_unfinished(state)
end

function Task:wait()
  local task = state_of(self, "wait", "task")
  while not task.results do
    if task.is_lost then error("the task was cancelled before it had a result", 2) end
    task.waiters[#task.waiters + 1] = current()
    park("task:wait")
  end
  return unpack(task.results, 1, task.results.n)
end

-- Channels: values from task to task, first come first served.
local function new_queue() return { first = 1, last = 0 } end

-- What stands where something was taken out of the middle.
local nothing = {}

-- Where it stands.
local function put(queue, value)
  queue.last = queue.last + 1
  queue[queue.last] = value
  return queue.last
end

local function take(queue)
  while queue.first <= queue.last do
    local value = queue[queue.first]
    queue[queue.first] = nil
    queue.first = queue.first + 1
    if value ~= nothing then return value end
  end
end

local function take_out(queue, place)
  if queue[place] then queue[place] = nothing end
  while queue.last >= queue.first and queue[queue.last] == nothing do
    queue[queue.last] = nil
    queue.last = queue.last - 1
  end
end

function tasks.channel(capacity)
  if capacity ~= nil and (whole(capacity) or -1) < 0 then
    fail("channel", "capacity must be a whole number from 0, got " .. tostring(capacity))
  end
  return handle(Channel, "channel", {
    capacity = capacity or 0, values = new_queue(), senders = new_queue(), receivers = new_queue(),
  })
end

-- The next one that still waits; what was cancelled meanwhile doesn't.
local function next_waiting(queue, value)
  local entry = take(queue)
  while entry do
    if value ~= nil then entry.value = value end
    entry.is_served = true
    if wake(entry.task) then return entry end
    entry = take(queue)
  end
end

-- Of a receiver that was cancelled after it had been served.
local function give_back(channel, value)
  if next_waiting(channel.receivers, value) then return end
  local values = channel.values
  values.first = values.first - 1
  values[values.first] = value
end

function Channel:send(value)
  local channel = state_of(self, "send", "channel")
  if value == nil then error("channel:send: nil can't be sent; it tells a receiver that the channel is closed", 2) end
  if channel.is_closed then error("channel:send: the channel is closed", 2) end
  if next_waiting(channel.receivers, value) then return end
  local values = channel.values
  if values.last - values.first + 1 < channel.capacity then return put(values, value) end
  local entry = { task = current(), value = value }
  local place = put(channel.senders, entry)
  while not entry.is_served do
    local ok, problem = pcall(park, "channel:send")
    if not ok then
      take_out(channel.senders, place)
      error(problem, 0)
    end
    if channel.is_closed and not entry.is_served then error("channel:send: the channel is closed", 2) end
  end
end

function Channel:receive()
  local channel = state_of(self, "receive", "channel")
  local value = take(channel.values)
  local sender = next_waiting(channel.senders)
  if value ~= nil then
    if sender then put(channel.values, sender.value) end
    return value
  end
  if sender then return sender.value end
  if channel.is_closed then return nil end
  local entry = { task = current() }
  local place = put(channel.receivers, entry)
  while not entry.is_served and not channel.is_closed do
    local ok, problem = pcall(park, "channel:receive")
    if not ok then
      take_out(channel.receivers, place)
      if entry.is_served then give_back(channel, entry.value) end
      error(problem, 0)
    end
  end
  return entry.value
end

function Channel:values()
  state_of(self, "values", "channel")
  return function() return self:receive() end
end

function Channel:close()
  local channel = state_of(self, "close", "channel")
  channel.is_closed = true
  for entry in function() return take(channel.receivers) end do wake(entry.task) end
  for entry in function() return take(channel.senders) end do wake(entry.task) end
end
