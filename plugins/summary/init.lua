-- One simulation at a glance.

---@type arc.Plugin
local plugin = {}

local function progress(status)
  local text = ("%d of %d runs: %d scenarios × %d trials, %s.")
    :format(status.completed_runs, status.total_runs, status.total_scenarios, status.trials, status.status)
  local ended = {}
  for _, name in ipairs { "success", "error", "timeout", "cancelled" } do
    local count = status.statuses[name]
    if count > 0 then ended[#ended + 1] = ("%d %s"):format(count, name) end
  end
  if #ended > 0 then text = text .. " They ended in " .. table.concat(ended, ", ") .. "." end
  return text
end

local function add_failures(doc, outcomes)
  local failed = outcomes:filter { status = { except = "success" } }
  doc:heading("Failures")
  if #failed == 0 then
    doc:text("Every run ended by itself. A wrong answer isn't a failure here: it is a low score.")
    return
  end
  doc:table(failed:group_by("error_category"):agg { runs = "count", scenarios = { "distinct", "scenario_id" } }
    :sort("runs", "desc"), {
      name = "failures", title = "Failures by category",
      columns = { { name = "error_category", label = "category" }, "runs", "scenarios" },
    })
end

local function add_scenarios(doc, outcomes)
  local by_scenario = outcomes:group_by("scenario_id"):agg {
    runs = "count", passed = { "sum", "passed" }, score = { "mean", "reliability_score" },
  }
  local mixed = by_scenario:filter(function(s) return s.passed and s.passed > 0 and s.passed < s.runs end)
  doc:heading("Scenarios")
  doc:text(("%d of %d scenarios neither always pass nor always fail."):format(#mixed, #by_scenario))
  doc:table(by_scenario:sort("score", "scenario_id"):head(10), {
    name = "weakest_scenarios", title = "The weakest scenarios",
    columns = {
      { name = "scenario_id", label = "scenario" }, "runs", "passed",
      { name = "score", label = "mean score", unit = "score" },
    },
  })
end

plugin.reports = {{
  name = "summary",
  summary = "one simulation at a glance",
  render = function(ctx, doc)
    local status = arc.get_simulation_status(ctx.simulation)
    doc:title(("Summary of %s"):format(status.name or status.simulation_id))
    doc:text(("Configuration %s, version %d. %s")
      :format(status.configuration, status.configuration_version, progress(status)))
    local outcomes = arc.get_scenario_outcomes(ctx.simulation, {
      columns = { "scenario_id", "status", "passed", "reliability_score", "error_category" },
    })
    doc:heading("Key figures")
    for _, metric in ipairs(arc.metrics(ctx.simulation)) do doc:metric(metric) end
    if #outcomes == 0 then
      doc:text("No run is recorded yet.")
      return
    end
    add_failures(doc, outcomes)
    add_scenarios(doc, outcomes)
  end,
}}

return plugin
