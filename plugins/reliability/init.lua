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

local function level(value, unit)
  if not value then return "unknown" end
  if unit == "ratio" then return ("%.1f %%"):format(100 * value) end
  return unit == "ms" and ("%.0f ms"):format(value) or ("%.4g"):format(value)
end

local function share(probability)
  return probability >= 0.995 and "more than 99 %" or ("%.0f %%"):format(100 * probability)
end

local function add_changes(doc, trend, figure)
  for change in trend.changes:rows() do
    doc:text(("%s changed its level about %s: from %s to %s, with a probability of %s.")
      :format(figure.title, day(change.bucket), level(change.before, figure.unit), level(change.after, figure.unit),
        change.probability and share(change.probability) or "unknown size"))
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
  for bucket in trend.buckets:rows() do x[#x + 1] = bucket.bucket end
  for change in trend.changes:rows() do marks[#marks + 1] = { x = change.bucket, label = "level changed" } end
  doc:chart {
    kind = "line", name = figure.metric, title = figure.title .. " by day", unit = figure.unit, x = x,
    y = trend.buckets.value, low = trend.buckets.low, high = trend.buckets.high, marks = marks,
    note = "The band, or the line through a day that stands alone, is the 95 % interval.",
  }
  if #known == 1 then doc:text("It is known of one day: there is no trend yet.") end
  add_changes(doc, trend, figure)
  doc:details("The figures of each day", function(inner)
    local days = trend.buckets:with_column("day", function(bucket) return day(bucket.bucket) end)
    inner:table(days, {
      name = figure.metric .. "_by_day", title = figure.title .. " by day",
      columns = {
        "day", "runs", "errors", { name = "value", unit = figure.unit }, { name = "low", unit = figure.unit },
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
