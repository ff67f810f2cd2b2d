-- What of the library is easier said in Lua.
local host = ...
local arc = _G.arc

-- C reads and writes JSON itself; what it doesn't know goes on to the functions of the bindings.
arc.json.decode = host.json.decode(arc.json.decode)
arc.json.encode = host.json.encode(arc.json.encode)

-- A statistic of a function of the rows is one of the list of its values.
local mean = arc.stats.mean
function arc.stats.mean(frame, column, options)
  if type(column) == "function" then column = frame:map(column) end
  return mean(frame, column, options)
end

-- A misspelt function says so by its name, instead of calling nil somewhere later.
setmetatable(arc, {
  __index = function(_, name) error(host.unknown(tostring(name)), 2) end,
})

-- for record, place in source:records() do … end
function host.types.Source:records()
  return function() return self:next_record() end
end

local function path_of(value, at, path, seen)
  for key, item in pairs(at) do
    if type(key) == "string" then
      local here = path == "" and key or path .. "." .. key
      if item == value then return here end
      if type(item) == "table" and not seen[item] then
        seen[item] = true
        local found = path_of(value, item, here, seen)
        if found then return found end
      end
    end
  end
end

function _G.help(topic)
  local name = topic
  if topic == nil then
    name = ""
  elseif type(topic) ~= "string" then
    name = topic == _G.help and "help" or path_of(topic, arc, "arc", {})
  end
  local text = name and host.help(name)
  if not text then
    error(("help: arc has no function %s; help() lists what there is")
      :format(type(topic) == "string" and '"' .. topic .. '"' or "like this one"), 2)
  end
  print(text)
end
