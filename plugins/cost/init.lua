-- What runs cost: tokens, money, time.

---@type arc.Plugin
local plugin = {}

local money = {
  "runs", "passes", { name = "cost_usd", label = "cost", unit = "usd" },
  { name = "mean_cost_usd", label = "cost a run", unit = "usd" },
  { name = "cost_per_pass_usd", label = "cost a pass", unit = "usd" },
  { name = "p50_ms", label = "latency, median", unit = "ms" },
  { name = "p95_ms", label = "latency, 95th", unit = "ms" },
}

local function columns(...)
  local all = { ... }
  for _, column in ipairs(money) do all[#all + 1] = column end
  return all
end

local function add_total(doc, total)
  doc:heading("In all")
  local priced = total.runs - total.cost_unknown
  doc:metric { name = "cost", label = "Cost", unit = "usd", value = total.cost_usd, n = priced }
  doc:metric {
    name = "cost_per_run", label = "Cost of a run", unit = "usd", value = total.mean_cost_usd,
    low = total.mean_cost_low, high = total.mean_cost_high, n = priced,
  }
  doc:metric {
    name = "cost_per_pass", label = "Cost of a pass", unit = "usd", value = total.cost_per_pass_usd,
    low = total.cost_per_pass_low, high = total.cost_per_pass_high, n = priced,
    note = "the cost of all runs by the number of those that passed",
  }
  doc:metric {
    name = "tokens", label = "Tokens", unit = "tokens", value = total.tokens_used,
    n = total.runs - total.tokens_unknown,
  }
  for _, latency in ipairs {
    { "p50_ms", "Latency, median" }, { "p95_ms", "Latency, 95th percentile" }, { "p99_ms", "Latency, 99th percentile" },
  } do
    doc:metric {
      name = latency[1], label = latency[2], unit = "ms", value = total[latency[1]],
      n = total.runs - total.latency_unknown,
    }
  end
  if total.cost_unknown > 0 then
    doc:text(("Of %d of %d runs the cost isn't known: they have no part in it."):format(total.cost_unknown, total.runs))
  end
end

plugin.reports = {{
  name = "cost",
  summary = "tokens, money and latency",
  render = function(ctx, doc)
    local cost = arc.cost { simulation = ctx.simulation }
    doc:title(("Cost of %s"):format(ctx.simulation.name or ctx.simulation.id))
    if not cost.total or cost.total.runs == 0 then
      doc:text("No run is recorded yet.")
      return
    end
    add_total(doc, cost.total)
    doc:heading("Scenarios")
    local dearest = cost.by_scenario:filter(function(row) return row.cost_usd ~= nil end):sort("-cost_usd")
    doc:table(dearest:head(20), {
      name = "by_scenario", title = "The dearest scenarios",
      columns = columns({ name = "scenario_id", label = "scenario" }),
    })
    if #dearest > 0 then
      doc:chart { kind = "histogram", name = "cost_of_scenarios", title = "How many scenarios cost how much a run",
        unit = "usd",
        values = dearest.mean_cost_usd }
    end
    local outcomes = arc.get_scenario_outcomes(ctx.simulation, { columns = { "execution_time_ms" } })
    if outcomes:count("execution_time_ms") > 0 then
      doc:chart {
        kind = "histogram", name = "latency", title = "How many runs took how long", unit = "ms",
        values = outcomes.execution_time_ms,
      }
    end
    doc:heading("Configurations")
    local status = arc.get_simulation_status(ctx.simulation)
    doc:table(arc.cost { configuration = status.configuration }.by_configuration, {
      name = "by_configuration", title = "Versions of the configuration, over all of their simulations",
      columns = columns("configuration", "version"),
    })
  end,
}}

return plugin
