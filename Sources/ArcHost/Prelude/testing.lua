-- What a test.lua has beside everything that its plugin has: describe, it, before_each and expect. The functions
-- of `plugin`, `fixture` and `golden` are Swift's.
local host = ...
local null = host.null
local concat, sort, unpack, rawget = table.concat, table.sort, table.unpack, rawget
local names, hooks = {}, { {} }

local function must(holds, message)
  if not holds then error(message, 3) end
end

function _G.describe(name, body)
  must(type(name) == "string" and type(body) == "function", "describe: it takes a name and a function")
  names[#names + 1], hooks[#hooks + 1] = name, {}
  body()
  names[#names], hooks[#hooks] = nil, nil
end

function _G.before_each(body)
  must(type(body) == "function", "before_each: it takes a function")
  local level = hooks[#hooks]
  level[#level + 1] = body
end

function _G.it(name, body)
  must(type(name) == "string" and type(body) == "function", "it: it takes a name and a function")
  local levels, path = { unpack(hooks) }, { unpack(names) }
  path[#path + 1] = name
  host.add_test(path, function()
    for _, level in ipairs(levels) do
      for _, hook in ipairs(level) do hook() end
    end
    body()
  end)
end

-- Values in messages.
local show
local function show_table(value, depth)
  if depth > 4 then return "{…}" end
  local parts, keys = {}, {}
  for i = 1, #value do parts[i] = show(value[i], depth + 1) end
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then keys[#keys + 1] = key end
  end
  sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do parts[#parts + 1] = tostring(key) .. " = " .. show(value[key], depth + 1) end
  if #parts > 30 then parts = { unpack(parts, 1, 30) } parts[31] = "…" end
  return "{ " .. concat(parts, ", ") .. " }"
end

function show(value, depth)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) == "table" and getmetatable(value) == nil then return show_table(value, depth or 1) end
  return tostring(value)
end

local function same(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function holds(list, item)
  if type(list) == "string" then return list:find(item, 1, true) ~= nil end
  for _, value in ipairs(list) do
    if same(value, item) then return true end
  end
  return false
end

-- Each says whether it holds, and what was expected.
local matchers = {
  equals = function(value, other) return same(value, other), show(other) end,
  is = function(value, other) return rawequal(value, other), "the same value as " .. show(other) end,
  near = function(value, other, tolerance)
    tolerance = tolerance or 1e-9
    return type(value) == "number" and math.abs(value - other) <= tolerance, ("%s ± %s"):format(other, tolerance)
  end,
  is_nil = function(value) return value == nil, "nil" end,
  is_null = function(value) return value == null, "arc.null" end,
  is_true = function(value) return value == true, "true" end,
  is_false = function(value) return value == false, "false" end,
  is_a = function(value, kind) return type(value) == kind, "a " .. kind end,
  contains = function(value, item)
    return (type(value) == "string" or type(value) == "table") and holds(value, item), "something with " .. show(item)
  end,
  matches = function(value, pattern)
    return type(value) == "string" and value:find(pattern) ~= nil, "a text like " .. show(pattern)
  end,
  has_length = function(value, length) return #value == length, "something of length " .. length end,
}

local Expectation = {}

function Expectation.__index(self, name)
  -- A value that is nil is none of the fields.
  local value = rawget(self, "value")
  if name == "never" then return setmetatable({ value = value, negated = not self.negated }, Expectation) end
  if name == "fails" then return Expectation.fails end
  local test = matchers[name]
  if not test then
    local known = { "fails", "never" }
    for key in pairs(matchers) do known[#known + 1] = key end
    sort(known)
    error(("expect(…):%s: there is no such expectation; there are %s"):format(name, concat(known, ", ")), 2)
  end
  return function(_, ...)
    local fits, expected = test(value, ...)
    if fits == self.negated then
      error(("expected %s%s, got %s"):format(self.negated and "anything but " or "", expected, show(value)), 2)
    end
    return self
  end
end

-- expect(function() … end):fails("a part of the message")
function Expectation.fails(self, part)
  local fine, problem = pcall(rawget(self, "value"))
  problem = tostring(problem)
  if self.negated then
    if not fine then error("expected no error, got " .. problem, 2) end
  elseif fine then
    error("expected an error" .. (part and " with " .. show(part) or "") .. ", got none", 2)
  elseif part and not problem:find(part, 1, true) then
    error(("expected an error with %s, got %s"):format(show(part), problem), 2)
  end
  return self
end

function _G.expect(value) return setmetatable({ value = value, negated = false }, Expectation) end
