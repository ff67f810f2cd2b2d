-- The metrics that every evaluation has, and the six categories of failure.

---@type arc.Plugin
local plugin = {}

-- Means are over the runs whose value is known; their intervals are clustered by scenario, the unit of analysis.
local function mean_of(column, options)
  return function(outcomes) return arc.stats.mean(outcomes, column, options) end
end

plugin.metrics = {
  {
    name = "reliability", label = "Reliability", unit = "score",
    summary = "how well the agent did: the mean score",
    compute = mean_of("reliability_score", { bounds = { 0, 1 } }),
  },
  {
    name = "pass_rate", label = "Pass rate", unit = "ratio",
    summary = "the share of runs that reached the simulation's pass threshold",
    compute = mean_of("passed"),
  },
  {
    name = "error_rate", label = "Error rate", unit = "ratio", more_is_better = false,
    summary = "the share of runs in which the agent didn't run to its end",
    compute = function(outcomes)
      return arc.stats.mean(outcomes, function(o)
        -- A run that somebody cancelled says nothing.
        if o.status ~= "cancelled" then return o.status ~= "success" end
      end)
    end,
  },
}

-- pass^k: a scenario passes k times out of k. pass@k: it passes at least once in k.
for _, family in ipairs {
  { prefix = "pass_hat_", label = "pass^%d", estimate = arc.stats.pass_hat_k,
    summary = "the probability that a scenario passes %d times out of %d" },
  { prefix = "pass_at_", label = "pass@%d", estimate = arc.stats.pass_at_k,
    summary = "the probability that a scenario passes at least once in %d of %d" },
} do
  for k = 1, 4 do
    table.insert(plugin.metrics, {
      name = family.prefix .. k, label = family.label:format(k), unit = "ratio",
      summary = family.summary:format(k, k),
      compute = function(outcomes) return family.estimate(outcomes, k) end,
    })
  end
end

for _, metric in ipairs {
  {
    name = "latency_ms", label = "Latency", unit = "ms", more_is_better = false, min = 0,
    summary = "the mean time of a run, each scenario counting once",
    compute = mean_of("execution_time_ms"),
  },
  {
    name = "latency_p95_ms", label = "Latency, 95th percentile", unit = "ms", more_is_better = false, min = 0,
    summary = "the time that 95 % of the runs stay within",
    compute = function(outcomes) return arc.stats.quantile_interval(outcomes, "execution_time_ms", 0.95) end,
  },
  {
    name = "tokens", label = "Tokens a run", unit = "tokens", more_is_better = false, min = 0,
    summary = "the mean number of tokens of a run, each scenario counting once",
    compute = mean_of("tokens_used"),
  },
  {
    name = "cost_usd", label = "Cost a run", unit = "usd", more_is_better = false, min = 0,
    summary = "the mean cost of a run, each scenario counting once",
    compute = mean_of("cost_usd"),
  },
  {
    name = "total_cost_usd", label = "Total cost", unit = "usd", more_is_better = false, min = 0,
    summary = "the cost of the runs whose cost is known",
    compute = function(outcomes)
      return { value = outcomes:sum("cost_usd"), n = outcomes:aggregate("count", "cost_usd"), method = "sum" }
    end,
  },
} do
  table.insert(plugin.metrics, metric)
end

-- What a failure's text gives away. The first rule that fits wins, so the special comes before the general: a tool
-- that times out is a tool's failure, and only then a timeout.
local rules = {
  { "sandbox_error", { "sandbox", "container", "modal", "out of memory", "oomkilled" } },
  { "tool_error", { "tool", "function call", "api call", "429", "rate limit" } },
  { "validation_error", { "validation", "schema", "invalid output", "did not match", "assertion" } },
  { "timeout", { "timed out", "timeout", "deadline", "time limit" } },
  { "model_error", { "model", "completion", "context length", "token limit", "refus", "content filter", "parse" } },
  { "system_error", { "connection", "network", "database", "disk", "dns", "internal error", "500", "503" } },
}

-- A status such as 429 stands alone: the 429 of order A-84290 is none.
local function has(text, sign)
  if sign:find("^%d+$") then return text:find("%f[%w]" .. sign .. "%f[%W]") ~= nil end
  return text:find(sign, 1, true) ~= nil
end

local function category_of(text)
  for _, rule in ipairs(rules) do
    for _, sign in ipairs(rule[2]) do
      if has(text, sign) then return rule[1] end
    end
  end
end

plugin.categorizers = {{
  name = "standard",
  priority = 0,
  summary = "words in the failure's code and message that give it away",
  categorize = function(failure)
    if failure.status == "timeout" then return "timeout" end
    return category_of(((failure.code or "") .. " " .. (failure.message or "")):lower())
  end,
}}

return plugin
