-- How the figures of a configuration developed, and where their level changed.

---@type arc.Plugin
local plugin = {}

local figures = {
  { metric = "pass_rate", title = "Pass rate", unit = "ratio" },
  { metric = "score", title = "Reliability", unit = "score" },
  { metric = "error_rate", title = "Errors and timeouts", unit = "ratio" },
  { metric = "latency_ms", title = "Latency", unit = "ms" },
}

local function day(time)
  return tostring(time):sub(1, 10)
end

local function level(value)
  return value and ("%.4g"):format(value) or "unknown"
end

local function add_changes(doc, trend, figure)
  for change in trend.changes:rows() do
    doc:text(("%s changed its level about %s: from %s to %s, with a probability of %.0f %%.")
      :format(figure.title, day(change.bucket), level(change.before), level(change.after),
        100 * (change.probability or 0)))
  end
end

local function add_figure(doc, trend, figure)
  doc:heading(figure.title)
  local known = trend.buckets:filter(function(bucket) return bucket.value ~= nil end)
  if #known == 0 then
    doc:text("It isn't known of any run.")
    return
  end
  local x, marks = {}, {}
  for bucket in trend.buckets:rows() do x[#x + 1] = day(bucket.bucket) end
  for change in trend.changes:rows() do marks[#marks + 1] = { x = day(change.bucket), label = "level changed" } end
  doc:chart {
    kind = "line", name = figure.metric, title = figure.title .. " by day", unit = figure.unit, x = x,
    y = trend.buckets.value, low = trend.buckets.low, high = trend.buckets.high, marks = marks,
    note = "The band is the 95 % interval of each day.",
  }
  add_changes(doc, trend, figure)
  doc:details("The figures of each day", function(inner)
    inner:table(trend.buckets, {
      name = figure.metric .. "_by_day", title = figure.title .. " by day",
      columns = {
        "bucket", "runs", "errors", { name = "value", unit = figure.unit }, { name = "low", unit = figure.unit },
        { name = "high", unit = figure.unit }, { name = "average", label = "moving average", unit = figure.unit },
        "moved",
      },
    })
  end)
end

plugin.reports = {{
  name = "reliability",
  summary = "how a configuration developed over ninety days",
  render = function(ctx, doc)
    local status = arc.get_simulation_status(ctx.simulation)
    doc:title(("Reliability of %s"):format(status.configuration))
    doc:text("Each day's mean of the runs of all versions of the configuration, with intervals clustered by scenario.")
    for _, figure in ipairs(figures) do
      local trend = arc.trend { metric = figure.metric, configuration = status.configuration, time_range = "90d" }
      if #trend.buckets == 0 then
        -- Imported results may be older.
        trend = arc.trend { metric = figure.metric, configuration = status.configuration, days = 3650 }
      end
      add_figure(doc, trend, figure)
    end
  end,
}}

return plugin
