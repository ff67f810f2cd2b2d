-- A candidate against its baseline: what a pull request is judged by.

---@type arc.Plugin
local plugin = {}

local shown_scenarios = 20
local shown_runs = 5

local function label(simulation)
  return simulation.name or simulation.id:sub(1, 13)
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
    return {
      first, { name = "matched", label = "scenarios" }, number("a", "baseline"), number("b", "candidate"),
      number("difference"), number("low"), number("high"),
      { name = "corrected_p", label = "p (corrected)", decimals = 4 },
    }
  end
  doc:table(comparison.by_metric, { name = "by_metric", title = "By metric", columns = columns("metric", nil, "unit"),
    note = "The interval is that of the difference, 95 %; p is corrected after Benjamini and Hochberg." })
  if #comparison.by_tag == 0 then return end
  doc:table(comparison.by_tag, { name = "by_tag", title = ("By tag: %s"):format(comparison.metric),
    columns = columns("tag", comparison.unit), note = "p is corrected after Holm." })
  local known = comparison.by_tag:filter(function(row) return row.low ~= nil end)
  if #known > 0 then
    doc:chart {
      kind = "bar", name = "tags", title = ("Change of the %s by tag"):format(comparison.metric:gsub("_", " ")),
      unit = comparison.unit, labels = known.tag, values = known.difference, low = known.low, high = known.high,
    }
  end
end

-- What a run did, step by step, as far as a reader wants to know.
local function add_trajectory(inner, run)
  local steps = run.trajectory
  if type(steps) == "table" and steps.full_trajectory then steps = steps.full_trajectory end
  if type(steps) ~= "table" or #steps == 0 then
    inner:text("Its steps weren't recorded.")
    return
  end
  local rows = {}
  for number = 1, math.min(#steps, 40) do
    local step = steps[number]
    local is_table = type(step) == "table"
    local what = is_table and (step.tool or step.role or step.type) or "step"
    local said = is_table and (step.error or step.content or step.output or step.result or step.input) or step
    if type(said) == "table" then said = arc.json.encode(said) end
    rows[#rows + 1] = { number = number, who = tostring(what or "step"), what = tostring(said or ""):sub(1, 300) }
  end
  inner:table(rows, {
    title = "Steps", name = "steps", columns = { { name = "number", label = "#" }, "who", "what" },
    note = #steps > 40 and ("The first 40 of %d steps."):format(#steps) or nil,
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
    name = "worst_scenarios", title = ("The scenarios whose %s fell most"):format(comparison.metric:gsub("_", " ")),
    columns = {
      { name = "scenario_id", label = "scenario", cases = true }, { name = "baseline", unit = comparison.unit },
      { name = "candidate", unit = comparison.unit }, { name = "difference", unit = comparison.unit }, "passed", "flip",
    },
  })
  add_runs(doc, ctx, worse)
end

-- A case for each scenario: what tools that read JUnit's files count.
local function add_cases(doc, comparison)
  doc:heading("Cases")
  for row in comparison.by_scenario:rows() do
    local case = { scenario = row.scenario_id, outcome = "passed" }
    if not row.b_runs or row.b_runs == 0 then
      case.outcome, case.message = "skipped", "the candidate didn't run it"
    elseif row.flip == "lost" or row.flip == "weakened" then
      case.outcome = "failed"
      case.message = ("passed %s, and %s before")
        :format(passes(row.b_passes, row.b_verdicts), passes(row.a_passes, row.a_verdicts))
    elseif row.b_errors == row.b_runs and row.a_errors ~= row.a_runs then
      case.outcome, case.message = "error", "every run ended in an error"
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
    doc:text(comparison.summary)
    doc:heading("Gates")
    for _, gate in ipairs(arc.gates(ctx.candidate, ctx.baseline, ctx.policy)) do doc:gate(gate) end
    add_metrics(doc, comparison)
    add_scenarios(doc, ctx, comparison)
    add_cases(doc, comparison)
    if #comparison.notes > 0 then
      doc:heading("Notes")
      for _, note in ipairs(comparison.notes) do doc:text(note) end
    end
  end,
}}

return plugin
