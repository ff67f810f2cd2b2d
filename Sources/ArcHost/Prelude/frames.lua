-- The methods of frames that call a Lua function, on top of those in Swift, which take everything else and say what is
-- wrong with it. A function may wait: nothing here keeps a coroutine from being suspended.
local host = ...
local null, array, column = host.null, host.array, host.column
local sort, move = table.sort, table.move
local Frame, Column, Groups = host.types.Frame, host.types.Column, host.types.Groups

local function looping(check)
  return function(values, ...)
    check(values, ...)
    local i, n = 0, #values
    return function()
      i = i + 1
      if i <= n then return values[i] end
    end
  end
end

Frame.rows, Column.values = looping(Frame.rows), looping(Column.values)

local check_groups = Groups.each
function Groups:each(...)
  check_groups(self, ...)
  local i, keys = 0, self:keys()
  return function()
    i = i + 1
    if i <= #keys then return keys[i], self:part(i) end
  end
end

local filter, take = Frame.filter, Frame.take
function Frame:filter(keep)
  if type(keep) ~= "function" then return filter(self, keep) end
  local kept, n = {}, 0
  for i = 1, #self do
    if keep(self[i], i) then
      n = n + 1
      kept[n] = i
    end
  end
  return take(self, kept)
end

local map = Frame.map
local function mapped(self, fn)
  if type(fn) ~= "function" then return map(self, fn) end
  local values = {}
  for i = 1, #self do
    local value = fn(self[i], i)
    if value == nil then value = null end
    values[i] = value
  end
  return array(values)
end
Frame.map = mapped

local with_column = Frame.with_column
function Frame:with_column(name, values)
  if type(values) == "function" then values = mapped(self, values) end
  return with_column(self, name, values)
end

-- A statistic of a function of the rows is one of the column of its values.
for _, name in ipairs {
  "sum", "mean", "stddev", "min", "max", "median", "quantile", "count", "count_distinct", "distinct", "nulls",
} do
  local of_frame, of_column = Frame[name], Column[name]
  Frame[name] = function(self, which, ...)
    if type(which) ~= "function" then return of_frame(self, which, ...) end
    return of_column(column(mapped(self, which)), ...)
  end
end

local agg = Groups.agg
function Groups:agg(aggregates)
  if type(aggregates) ~= "table" then return agg(self, aggregates) end
  local plain, computed, names = {}, {}, {}
  for name, how in pairs(aggregates) do
    if type(how) == "function" and type(name) == "string" then computed[name] = how else plain[name] = how end
    names[#names + 1] = name
  end
  local frame = agg(self, plain)
  if next(computed) == nil then return frame end
  for name, fn in pairs(computed) do
    local values = {}
    for i = 1, #self do
      local value = fn(self:part(i))
      if value == nil then value = null end
      values[i] = value
    end
    frame = with_column(frame, name, array(values))
  end
  -- The groups' columns, then the made ones by name.
  sort(names)
  local all = self:keys():columns()
  return frame:select(move(names, 1, #names, #all + 1, all))
end
