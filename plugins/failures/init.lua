-- What failed in a simulation, and how often.

---@type arc.Plugin
local plugin = {}

local function percent(share)
  return share and ("%.1f %%"):format(100 * share) or "unknown"
end

local function add_categories(doc, found)
  doc:heading("Categories")
  doc:table(found.by_category, {
    name = "by_category", title = "By category",
    columns = {
      "category", "failures", { name = "share", unit = "ratio" }, "scenarios", { name = "rate", unit = "ratio" },
      { name = "rate_low", label = "low", unit = "ratio" }, { name = "rate_high", label = "high", unit = "ratio" },
    },
    note = "The rate is the share of all runs that failed so, with its 95 % interval.",
  })
  doc:chart {
    kind = "bar", name = "categories", title = "Failures by category", labels = found.by_category.category,
    values = found.by_category.failures,
  }
end

local function add_clusters(doc, found)
  doc:heading("Messages")
  doc:text("Messages that say the same but for numbers, names and paths count as one.")
  doc:table(found.clusters:head(20), {
    name = "clusters", title = "Clusters of messages",
    columns = { "failures", "scenarios", "category", { name = "template", label = "message" } },
  })
  for cluster in found.clusters:head(5):rows() do
    doc:details(("%d × %s"):format(cluster.failures, cluster.template or "no message"), function(inner)
      inner:text(cluster.example or "No message was recorded.")
    end)
  end
end

local function add_scenarios(doc, found)
  doc:heading("Scenarios")
  doc:table(found.by_scenario:head(20), {
    name = "by_scenario", title = "The scenarios that failed most",
    columns = {
      { name = "scenario_id", label = "scenario" }, "failures", "runs", { name = "rate", unit = "ratio" },
      { name = "rate_low", label = "low", unit = "ratio" }, { name = "rate_high", label = "high", unit = "ratio" },
      "category",
    },
  })
end

plugin.reports = {{
  name = "failures",
  summary = "what failed: categories, messages, scenarios, tools",
  render = function(ctx, doc)
    local found = arc.failures { simulation = ctx.simulation, by_tool = true }
    doc:title(("Failures of %s"):format(ctx.simulation.name or ctx.simulation.id))
    doc:text(("%d of %d runs ended in an error or a timeout: %s (95 %% interval %s … %s).")
      :format(found.failures, found.runs, percent(found.rate), percent(found.low), percent(found.high)))
    doc:text("A wrong answer isn't a failure here: it is a low score.")
    if found.failures == 0 then return end
    add_categories(doc, found)
    add_clusters(doc, found)
    add_scenarios(doc, found)
    if found.by_tool and #found.by_tool > 0 then
      doc:heading("Tools")
      doc:table(found.by_tool, {
        name = "by_tool", title = "Tools at which runs failed",
        columns = { "tool", "failures", { name = "share", unit = "ratio" }, "scenarios" },
        note = "Without a tool: the run failed outside of any call.",
      })
    end
    doc:heading("Examples")
    doc:table(arc.recent_failures { simulation = ctx.simulation, limit = 10 }, {
      name = "examples", title = "The latest failures",
      columns = {
        { name = "scenario_id", label = "scenario" }, "trial", { name = "execution_time", label = "began" }, "status",
        { name = "error_category", label = "category" }, { name = "error_message", label = "message" },
      },
    })
  end,
}}

return plugin
