-- What of the library is easier said in Lua.
local host = ...
local arc = _G.arc

-- C reads and writes JSON itself; what it doesn't know goes on to the functions of the bindings.
arc.json.decode = host.json.decode(arc.json.decode)
arc.json.encode = host.json.encode(arc.json.encode)

-- Tables of arc's own and of JSON are printed with what is in them; those that hold themselves as Lua prints tables.
local text_of = host.text
host.mark_text(function(value)
  local ok, shown = pcall(text_of, value)
  return ok and shown or ("table: %p"):format(value)
end)

-- A statistic of a function of the rows is one of the list of its values.
local mean = arc.stats.mean
function arc.stats.mean(frame, column, options)
  if type(column) == "function" then column = frame:map(column) end
  return mean(frame, column, options)
end

-- The environment, as a table that can be read.
local env_of = host.env
local env = setmetatable({}, {
  __name = "env", __metatable = "env",
  __index = function(_, name) return env_of(name) end,
  __call = function(_, name, default)
    if name == nil then error("arc.env: name must be a string, got nothing", 2) end
    local value = env_of(name)
    if value == nil then return default end
    return value
  end,
  __newindex = function(_, name)
    error(("arc.env.%s can't be set: it shows what arc was started with"):format(tostring(name)), 2)
  end,
  __pairs = function() return next, env_of(), nil end,
})
arc.env = env

-- A misspelt function says so by its name, instead of calling nil somewhere later; so does one of a module.
local function guard(module, path)
  setmetatable(module, {
    __index = function(_, name) error(host.unknown(path, tostring(name)), 2) end,
  })
  for name, part in pairs(module) do
    if type(part) == "table" and not getmetatable(part) then guard(part, path .. "." .. name) end
  end
end
guard(arc, "arc")

-- for record, place in source:records() do … end
function host.types.Source:records()
  return function() return self:next_record() end
end

-- Swift checks the arguments, and gives what the function writes into.
local details = host.types.Document.details
function host.types.Document:details(summary, fill)
  local part = details(self, summary, fill)
  fill(part)
end

local function path_of(value, at, path, seen)
  for key, item in pairs(at) do
    if type(key) == "string" then
      local here = path == "" and key or path .. "." .. key
      if item == value then return here end
      if type(item) == "table" and item ~= env and not seen[item] then
        seen[item] = true
        local found = path_of(value, item, here, seen)
        if found then return found end
      end
    end
  end
end

-- The name by which help knows a value.
local function name_of(topic)
  if topic == _G.help then return "help" end
  if topic == _G.arc then return "arc" end
  local found = path_of(topic, arc, "arc", {})
  if found then return found end
  -- The types of tasks are tables of Lua's.
  for _, types in ipairs { host.types, host.task_types } do
    for type_name, methods in pairs(types) do
      for method, fn in pairs(methods) do
        if fn == topic then return type_name .. ":" .. method end
      end
    end
  end
  local meta = getmetatable(topic)
  -- The handles of tasks are tables of Lua's: "scope" is a Scope.
  return type(meta) == "string" and meta:sub(1, 1):upper() .. meta:sub(2) or nil
end

function _G.help(...)
  local topic = ...
  local name = topic
  if select("#", ...) == 0 then
    name = ""
  elseif topic == nil then
    error('help: what was given is nil; a name goes in quotes, as in help "arc.map", and help() lists what there is', 2)
  elseif type(topic) == "table" or type(topic) == "function" then
    name = name_of(topic)
  end
  local text = name and host.help(name)
  if not text then
    local near = type(topic) == "string" and host.help_suggestion(topic)
    error(("help: arc has no function %s; %shelp() lists what there is"):format(
      type(topic) == "string" and '"' .. topic .. '"' or "like this one",
      near and ("did you mean %s? "):format(near) or ""), 2)
  end
  print(text)
end
