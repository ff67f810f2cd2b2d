-- Writes examples/results/baseline.jsonl and candidate.jsonl: two evaluations of one invented support agent, 40
-- scenarios × 3 trials each. Run it from the project's root with plain Lua:
--
--   lua5.4 scripts/make-example-results.lua [DIRECTORY]
--
-- The output is the same on every machine: the random numbers are integers, and no figure passes through a
-- function of the C library whose last digit differs between platforms.
--
-- What is built in: the candidate answers faster and cheaper. It saves the check of the policy and the second try
-- after a failed call, and that costs it the tasks about refunds and those of several steps.

local here = arg[0]:match("^(.*)/") or "."
local rows = dofile(here .. "/example-scenarios.lua")
local make_tools = dofile(here .. "/example-tools.lua")
local directory = arg[1] or "examples/results"

-- Random numbers (SplitMix64: Steele, Lea & Flood, 2014)

local Random = {}
Random.__index = Random

local function random_from(name)
  local state = 0x51ab7e
  for i = 1, #name do state = (state ~ name:byte(i)) * 0x100000001b3 end
  return setmetatable({ state = state }, Random)
end

function Random:bits()
  self.state = self.state + 0x9e3779b97f4a7c15
  local z = self.state
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

function Random:unit() return (self:bits() >> 11) / (1 << 53) end

function Random:between(low, high) return low + (self:bits() >> 11) % (high - low + 1) end

function Random:chance(p) return self:unit() < p end

function Random:pick(list) return list[self:between(1, #list)] end

-- Near enough to a normal deviate: the sum of twelve uniform ones.
function Random:normal(mean, deviation)
  local sum = -6
  for _ = 1, 12 do sum = sum + self:unit() end
  return mean + deviation * sum
end

-- JSON with fields in the order in which they were written

local function object(...) return { fields = table.pack(...) } end

local function add(target, key, value)
  local fields = target.fields
  fields[fields.n + 1], fields[fields.n + 2], fields.n = key, value, fields.n + 2
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

local function json(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then return '"' .. value:gsub('["\\\n]', escapes) .. '"' end
  if kind == "float" then
    local text = ("%.6f"):format(value):gsub("0+$", "")
    return (text:gsub("%.$", ".0"))
  end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  if not value.fields then
    for i, item in ipairs(value) do parts[i] = json(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for i = 1, value.fields.n, 2 do
    parts[#parts + 1] = json(value.fields[i]) .. ":" .. json(value.fields[i + 1])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local tools = make_tools(object)

local function round(value, digits)
  local scale = 10 ^ digits
  return math.floor(value * scale + 0.5) / scale
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local function has(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

-- The scenarios

local products = {
  "two-person tent", "rain jacket", "down sleeping bag", "trail shoes", "gas stove", "45-litre backpack",
}
local cities = { "Northport", "Lindenau", "Porto Verde", "Eastmere", "Val Serena", "Brookhaven" }

local function scenarios()
  local list = {}
  for index, row in ipairs(rows) do
    local random = random_from("scenario " .. row[1])
    local facts = {
      order = ("A-%05d"):format(random:between(10000, 99999)),
      booking = ("BK%04d"):format(random:between(1000, 9999)),
      customer = ("C-%04d"):format(random:between(1000, 9999)), product = random:pick(products),
      amount = random:between(30, 480), city = random:pick(cities),
      date = ("2026-04-%02d"):format(random:between(2, 29)),
    }
    facts.allowed = row[1] ~= "refund_outside_window" and row[1] ~= "flight_change_basic"
    facts.order_status = row[4]:find("re[ft]u") and "delivered"
      or row[4]:find("shipping") and "in transit" or "in preparation"
    list[index] = {
      id = row[1], name = row[2], difficulty = row[3], tags = words(row[4]), tools = words(row[5]),
      prompt = row[6]:gsub("{(%w+)}", facts), facts = facts,
      skill = random:normal(({ easy = 0.95, medium = 0.88, hard = 0.79 })[row[3]], 0.03),
    }
  end
  return list
end

local tool_failures = {
  "502 Bad Gateway from the service behind the tool",
  "the connection to the service was reset",
  "429 Too Many Requests: retry after 20 s",
  "409 Conflict: the record was changed by another request",
  "the tool didn't answer within 10 s",
}

-- What ends a run outside its tools. rate: how often, in each evaluation
local breakdowns = {
  { status = "error", code = "rate_limit_exceeded", rate = 0.014,
    message = "429 Too Many Requests: the model's limit of 60 requests a minute is exceeded, retry after 20 s" },
  { status = "timeout", code = "timeout", rate = 0.014,
    message = "the run exceeded its limit of 120 seconds" },
  { status = "error", code = "validation_error", rate = 0.006,
    message = "the final answer failed validation: field \"resolution\" is missing" },
  { status = "error", code = "model_error", rate = 0.006,
    message = "the model returned malformed arguments for a tool: unexpected end of JSON at character 118" },
  { status = "error", code = "sandbox_error", rate = 0.005,
    message = "the sandbox was terminated: out of memory (512 MiB)" },
}

-- Runs

local agents = {
  baseline = { first = 9 * 3600, day = "2026-03-02", pace = 1.0, price = 1.0,
    retries = true, skips_policy = 0, fails = 0.04, weak_fails = 0.05 },
  candidate = { first = 10 * 3600, day = "2026-03-09", pace = 0.71, price = 0.62,
    retries = false, skips_policy = 0.6, fails = 0.025, weak_fails = 0.14 },
}

local function breakdown(random)
  local draw = random:unit()
  for _, kind in ipairs(breakdowns) do
    draw = draw - kind.rate
    if draw < 0 then return kind end
  end
end

-- Calls one tool, with a second try where the agent makes one. Returns whether it worked, and the failure.
local function call(run, name, fails)
  local random, input, output = run.random, tools[name](run.scenario.facts)
  for try = 1, run.agent.retries and 2 or 1 do
    run.calls = run.calls + 1
    local step = object("step", #run.steps + 1, "tool", name, "input", input)
    local failure = random:chance(fails) and random:pick(tool_failures)
    local spent = random:between(80, 1400)
    run.seconds = run.seconds + spent / 1000
    if failure then
      run.failed = run.failed + 1
      add(step, "error", failure)
    else
      add(step, "output", output)
    end
    add(step, "duration_ms", spent)
    run.steps[#run.steps + 1] = step
    if not failure then return true end
    if try == 2 or not run.agent.retries then return false, failure end
  end
end

local function say(run, role, content)
  run.steps[#run.steps + 1] = object("step", #run.steps + 1, "role", role, "content", content)
end

-- Plays the agent: fills run.steps, and says how far it got.
local function play(run)
  local scenario, random = run.scenario, run.random
  say(run, "user", scenario.prompt)
  local weak = has(scenario.tags, "refunds") or has(scenario.tags, "multi_step")
  local ending = breakdown(random)
  local stops_at = ending and random:between(1, #scenario.tools)
  for index, name in ipairs(scenario.tools) do
    if stops_at == index then return ending end
    if name == "check_policy" and random:chance(run.agent.skips_policy) then
      run.skipped = run.skipped + 1
    else
      local worked, failure = call(run, name, weak and run.agent.weak_fails or run.agent.fails)
      if not worked then
        if random:chance(0.3) then
          local message = "tool " .. name .. " failed: " .. failure
          return { status = "error", code = "tool_error", message = message }
        end
        run.gave_up = true
        say(run, "assistant", "I could not finish this: " .. failure
          .. ". I have noted your request, a colleague will follow up.")
        return
      end
    end
  end
  -- One draw for both agents: what is hard for one is hard for the other, and so pairing is worth it.
  local luck = random_from(("luck of %s %d"):format(scenario.id, run.trial))
  run.wrong = luck:chance((weak and run.skipped > 0) and 0.25 or (1 - scenario.skill) * 0.9)
  if run.wrong then
    say(run, "assistant", "Done. Everything about your request has been taken care of, as far as I can see.")
  else
    local subject = scenario.prompt:match("[AB][-K]%d+") or "your request about " .. scenario.facts.city
    say(run, "assistant", "Done: " .. subject .. " is settled, and you'll get a confirmation for it. Anything else?")
  end
end

local function clamp(value) return round(math.max(0, math.min(1, value)), 3) end

local function score(run)
  local random = run.random
  local tool_execution = clamp(1 - run.failed / math.max(1, run.calls) - 0.05 * run.skipped)
  local quality = clamp(
    random:normal(run.scenario.skill, 0.05) - (run.gave_up and 0.35 or 0) - (run.wrong and 0.4 or 0))
  local completeness = clamp(random:normal(0.96, 0.03)
    - (run.gave_up and 0.6 or 0) - (run.wrong and 0.55 or 0) - 0.04 * run.skipped)
  local overall = clamp(0.3 * tool_execution + 0.35 * quality + 0.35 * completeness)
  -- The older of two scorers wrote the bare number.
  if random:chance(0.1) then return overall end
  return object("overall_score", overall, "dimension_scores",
    object("tool_execution", tool_execution, "response_quality", quality, "completeness", completeness))
end

local function clock(day, seconds)
  local whole = math.floor(seconds)
  return ("%sT%02d:%02d:%02d.%03dZ"):format(
    day, whole // 3600, whole // 60 % 60, whole % 60, math.floor((seconds - whole) * 1000))
end

-- What was spent, by the length of the conversation. A run that was cut off didn't report it.
local function usage(run)
  local prompt = #run.steps * run.random:between(260, 420) + 640
  local completion = run.calls * run.random:between(35, 70) + run.random:between(60, 160)
  prompt = math.floor(prompt * (0.4 + 0.6 * run.agent.price))
  completion = math.floor(completion * run.agent.pace)
  local cost = (prompt * 2.5 + completion * 10) / 1e6 * (0.6 + 0.4 * run.agent.price)
  return object("prompt_tokens", prompt, "completion_tokens", completion, "total_tokens", prompt + completion,
    "total_cost", round(cost, 6))
end

local function record(scenario, trial, name, start)
  local agent = agents[name]
  local run = {
    scenario = scenario, trial = trial, agent = agent,
    random = random_from(name .. " " .. scenario.id .. " " .. trial),
    steps = {}, calls = 0, failed = 0, skipped = 0, seconds = 0,
  }
  local ending = play(run)
  local seconds = (run.seconds + 1.1 * #run.steps + run.random:normal(2.5, 0.4)) * agent.pace
  local trajectory = object(
    "status", ending and ending.status or "success", "start_time", clock(agent.day, start),
    "execution_time_seconds", ending and 0 or round(seconds, 3))
  if not (ending and ending.status == "timeout") then add(trajectory, "token_usage", usage(run)) end
  add(trajectory, "full_trajectory", run.steps)
  if ending then add(trajectory, "error", object("message", ending.message, "code", ending.code)) end
  return object(
    "scenario", object("id", scenario.id, "name", scenario.name, "task_prompt", scenario.prompt,
      "difficulty_level", scenario.difficulty, "tags", scenario.tags, "expected_tools", scenario.tools),
    "trial", trial, "trajectory", trajectory,
    "reliability_score", ending and object("overall_score", 0.0, "dimension_scores",
      object("tool_execution", 0.0, "response_quality", 0.0, "completeness", 0.0)) or score(run))
end

for name, agent in pairs(agents) do
  local file = assert(io.open(directory .. "/" .. name .. ".jsonl", "wb"))
  local random, start = random_from("clock of " .. name), agent.first
  for trial = 1, 3 do
    for _, scenario in ipairs(scenarios()) do
      start = start + random:unit() * 90
      file:write(json(record(scenario, trial, name, start)), "\n")
    end
  end
  file:close()
end
