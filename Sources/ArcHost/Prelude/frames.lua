-- The methods of frames that call a Lua function, on top of those in Swift.
local host = ...
local Frame = host.types.Frame

local function check(fn, method)
  if type(fn) ~= "function" then
    error(("frame:%s: it takes a function, got %s"):format(method, type(fn)), 3)
  end
end

function Frame:rows()
  local i = 0
  return function()
    i = i + 1
    return self[i]
  end
end

function Frame:filter(keep)
  check(keep, "filter")
  local kept = {}
  for i = 1, #self do
    if keep(self[i], i) then kept[#kept + 1] = i end
  end
  return self:take(kept)
end

function Frame:map(fn)
  check(fn, "map")
  local values = {}
  for i = 1, #self do
    local value = fn(self[i], i)
    if value == nil then value = host.null end
    values[i] = value
  end
  return host.array(values)
end

-- A number for each row: what the function returns, booleans as 0 and 1, nil left out.
local function numbers(frame, fn)
  local sum, n = 0, 0
  for i = 1, #frame do
    local value = fn(frame[i], i)
    if type(value) == "boolean" then value = value and 1 or 0 end
    if value ~= nil and value ~= host.null then
      sum, n = sum + value, n + 1
    end
  end
  return sum, n
end

function Frame:mean(column)
  if type(column) ~= "function" then return self:aggregate("mean", column) end
  local sum, n = numbers(self, column)
  if n > 0 then return sum / n end
end

function Frame:sum(column)
  if type(column) ~= "function" then return self:aggregate("sum", column) end
  local sum, n = numbers(self, column)
  if n > 0 then return sum end
end

for _, kind in ipairs { "min", "max", "median", "distinct" } do
  Frame[kind] = function(self, column) return self:aggregate(kind, column) end
end
