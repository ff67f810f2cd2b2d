-- Scenarios that nobody can rely on: they pass at one time and fail at another.

---@type arc.Plugin
local plugin = {}

plugin.reports = {{
  name = "flaky",
  summary = "scenarios that pass at one time and fail at another",
  render = function(ctx, doc)
    local ranking = arc.flaky { simulation = ctx.simulation }
    doc:title(("Flaky scenarios of %s"):format(ctx.simulation.name or ctx.simulation.id))
    local mixed = ranking.scenarios:filter(function(row) return row.passes > 0 and row.passes < row.trials end)
    doc:text(("%d of %d scenarios with several trials passed at one time and failed at another.")
      :format(#mixed, #ranking.scenarios))
    if ranking.single > 0 then
      doc:text(("%d more have one trial, which can't disagree with itself: run them again to know.")
        :format(ranking.single))
    end
    if #mixed == 0 then return end
    doc:heading("The surest to be flaky")
    doc:table(mixed:head(30), {
      name = "flaky", title = "By how much two trials disagree",
      columns = {
        { name = "scenario_id", label = "scenario" }, "passes", "trials", "errors",
        { name = "pass_rate", label = "pass rate", unit = "ratio" },
        { name = "disagreement", unit = "ratio" }, { name = "low", unit = "ratio" }, { name = "high", unit = "ratio" },
      },
      note = "The disagreement is the probability that two trials of the scenario differ, with its 95 % interval.",
    })
    local shown = mixed:head(15)
    doc:chart {
      kind = "bar", name = "disagreement", title = "Disagreement of two trials", unit = "ratio",
      labels = shown.scenario_id, values = shown.disagreement, low = shown.low, high = shown.high,
    }
  end,
}}

return plugin
