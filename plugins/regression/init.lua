-- A candidate against its baseline: what a pull request is judged by.

---@type arc.Plugin
local plugin = {}

local shown_scenarios = 20
local shown_runs = 5
local shown_steps = 40
local shown_characters = 300

local function label(simulation)
  return simulation.name or simulation.id:sub(1, 13)
end

local function words(name)
  return (name:gsub("_", " "))
end

local function passes(passed, of)
  return of == 0 and "–" or ("%d/%d"):format(passed, of)
end

-- What the metrics of both sides are, and how sure it is that they differ.
local function add_metrics(doc, comparison)
  doc:heading("Metrics")
  -- Each metric has a unit of its own, tags have that of the one in question.
  local function columns(first, unit, units)
    local function number(name, text) return { name = name, label = text, unit = unit, units = units } end
    local function change(name) return { name = name, unit = unit, units = units, difference = true } end
    return {
      first, { name = "matched", label = "scenarios" }, number("a", "baseline"), number("b", "candidate"),
      change("difference"), change("low"), change("high"),
      { name = "corrected_p", label = "p (corrected)", unit = "p", decimals = 4 },
    }
  end
  doc:table(comparison.by_metric, { name = "by_metric", title = "By metric", columns = columns("metric", nil, "unit"),
    note = "The difference is candidate − baseline, low and high are the ends of its 95 % interval; "
      .. "p is corrected after Benjamini and Hochberg." })
  if #comparison.by_tag == 0 then return end
  local by_tag = comparison.by_tag:sort("difference", "tag")
  doc:table(by_tag, { name = "by_tag", title = ("By tag: %s"):format(words(comparison.metric)),
    columns = columns("tag", comparison.unit), note = "p is corrected after Holm." })
  local known = by_tag:filter(function(row) return row.low ~= nil end)
  if #known > 0 then
    doc:chart {
      kind = "bar", name = "tags", title = ("Change of the %s by tag"):format(words(comparison.metric)),
      unit = comparison.unit, difference = true,
      labels = known.tag, values = known.difference, low = known.low, high = known.high,
    }
  end
end

-- The first of these that says something.
local function known(...)
  for place = 1, select("#", ...) do
    local value = select(place, ...)
    if value ~= nil and value ~= arc.null and value ~= "" then return value end
  end
end

local function text_of(value)
  return type(value) == "table" and arc.json.encode(value, { sort_keys = true }) or tostring(value)
end

-- The tools that a message of a chat calls, with what they are given.
local function calls(step)
  if type(step.tool_calls) ~= "table" then return nil end
  local texts = {}
  for _, call in ipairs(step.tool_calls) do
    local called = type(call) == "table" and known(call["function"], call)
    if type(called) == "table" and type(called.name) == "string" then
      texts[#texts + 1] = ("calls %s %s"):format(called.name, text_of(known(called.arguments, called.input) or ""))
    end
  end
  return table.concat(texts, "\n")
end

-- The beginning of a text; it ends between characters.
local function beginning(text)
  local stop = utf8.offset(text, shown_characters + 1)
  return stop and stop <= #text and text:sub(1, stop - 1) .. "…" or text
end

-- Who did something in a step, and what, as far as a reader wants to know.
local function step_row(number, step)
  local who, what = "step", step
  if type(step) == "table" then
    who = known(step.tool, step.name, step.role, step.type) or who
    what = known(step.error, step.content, calls(step), step.output, step.result, step.input)
  end
  return { number = number, who = text_of(who), what = beginning(text_of(known(what) or "")) }
end

local function add_trajectory(inner, run)
  local steps = run.trajectory
  if type(steps) == "table" and steps.full_trajectory then steps = steps.full_trajectory end
  if type(steps) ~= "table" or #steps == 0 then
    inner:text("Its steps weren't recorded.")
    return
  end
  local rows = {}
  for number = 1, math.min(#steps, shown_steps) do rows[number] = step_row(number, steps[number]) end
  inner:table(rows, {
    title = "Steps", name = "steps", columns = { { name = "number", label = "#" }, "who", "what" },
    note = #steps > shown_steps and ("The first %d of %d steps."):format(shown_steps, #steps) or nil,
  })
end

-- The runs of the scenarios that changed most for the worse.
local function add_runs(doc, ctx, scenarios)
  for row in scenarios:head(shown_runs):rows() do
    local runs = arc.get_scenario_outcomes(ctx.candidate, {
      scenario_id = row.scenario_id, trajectory = true, limit = 10,
    })
    for run in runs:sort("trial"):rows() do
      if not run.passed then
        local score = run.reliability_score and ("score %.2f"):format(run.reliability_score) or run.status
        doc:details(("%s, trial %d: %s"):format(run.scenario_id, run.trial, run.error_message or score), function(inner)
          add_trajectory(inner, run)
        end)
        break
      end
    end
  end
end

local function add_scenarios(doc, ctx, comparison)
  doc:heading("Scenarios")
  local worse = comparison.by_scenario:filter(function(row)
    return row.difference and row.difference < 0
  end)
  local better = #comparison.by_scenario:filter(function(row)
    return row.difference and row.difference ~= 0
  end) - #worse
  doc:text(("%d of %d scenarios got worse, %d better. %d went from always passing to never, %d the other way round.")
    :format(#worse, comparison.matched, better, #comparison.flips.lost, #comparison.flips.gained))
  if #worse == 0 then return end
  local rows = {}
  for row in worse:head(shown_scenarios):rows() do
    rows[#rows + 1] = {
      scenario_id = row.scenario_id, baseline = row.a, candidate = row.b, difference = row.difference,
      passed = passes(row.a_passes, row.a_verdicts) .. " → " .. passes(row.b_passes, row.b_verdicts),
      flip = row.flip, critical = row.critical and "critical" or nil,
    }
  end
  doc:table(rows, {
    name = "worst_scenarios", title = ("The scenarios whose %s fell most"):format(words(comparison.metric)),
    columns = {
      { name = "scenario_id", label = "scenario", cases = true },
      { name = "baseline", unit = comparison.unit }, { name = "candidate", unit = comparison.unit },
      { name = "difference", unit = comparison.unit, difference = true }, "passed", "flip",
    },
  })
  add_runs(doc, ctx, worse)
end

-- What the comparison says in a sentence, unless one of the gates says it anyway, and the gates.
local function add_gates(doc, gates, summary)
  local is_said = false
  for _, gate in ipairs(gates) do is_said = is_said or gate.reason == summary end
  if not is_said then doc:text(summary) end
  doc:heading("Gates")
  for _, gate in ipairs(gates) do doc:gate(gate) end
end

local function has_failed(gates)
  for _, gate in ipairs(gates) do
    if gate.verdict == "fail" then return true end
  end
  return false
end

-- A case for each scenario: what tools that read JUnit's files count. Such a tool fails a build for each that has
-- failed, so scenarios that got worse count as failed where a gate did, and not where the gates put up with them.
local function add_cases(doc, comparison, is_failed)
  doc:heading("Cases")
  for row in comparison.by_scenario:rows() do
    local case = { scenario = row.scenario_id, outcome = "passed" }
    if not row.b_runs or row.b_runs == 0 then
      case.outcome, case.message = "skipped", "the candidate didn't run it"
    elseif row.flip == "lost" or row.flip == "weakened" then
      case.outcome = is_failed and "failed" or "passed"
      case.message = ("passed %s, and %s before")
        :format(passes(row.b_passes, row.b_verdicts), passes(row.a_passes, row.a_verdicts))
    elseif row.b_errors == row.b_runs and row.a_errors ~= row.a_runs then
      case.outcome, case.message = is_failed and "error" or "passed", "every run ended in an error"
    end
    doc:case(case)
  end
end

plugin.reports = {{
  name = "regression",
  summary = "a candidate against its baseline, with gates",
  render = function(ctx, doc)
    if not ctx.baseline then
      error("it compares with a baseline: arc report regression --baseline NAME --candidate NAME", 0)
    end
    doc:title(("%s against %s"):format(label(ctx.candidate), label(ctx.baseline)))
    local comparison = arc.compare(ctx.baseline, ctx.candidate, { metric = "pass_rate" })
    local gates = arc.gates(ctx.candidate, ctx.baseline, ctx.policy)
    add_gates(doc, gates, comparison.summary)
    add_metrics(doc, comparison)
    add_scenarios(doc, ctx, comparison)
    add_cases(doc, comparison, has_failed(gates))
    if #comparison.notes > 0 then
      doc:heading("Notes")
      for _, note in ipairs(comparison.notes) do doc:text(note) end
    end
  end,
}}

return plugin
