-- Two scenarios: a was run three times, b twice, and once of those it ended in an error.
local function outcomes()
  return fixture.outcomes {
    { scenario_id = "a", reliability_score = 0.9, execution_time_ms = 100, tokens_used = 10, cost_usd = 0.01 },
    { scenario_id = "a", reliability_score = 0.8, execution_time_ms = 200, tokens_used = 20, cost_usd = 0.02 },
    { scenario_id = "a", reliability_score = 0.1, execution_time_ms = 300, tokens_used = 30, cost_usd = 0.03 },
    { scenario_id = "b", reliability_score = 1, execution_time_ms = 1000, tokens_used = 100, cost_usd = 0.1 },
    { scenario_id = "b", status = "error", error_message = "connection refused" },
  }
end

describe("standard metrics", function()
  it("are means in which each scenario counts once, over the runs whose value is known", function()
    for name, value in pairs {
      reliability = (0.6 + 1) / 2,
      pass_rate = (2 / 3 + 1 / 2) / 2,
      error_rate = (0 + 1 / 2) / 2,
      latency_ms = (200 + 1000) / 2,
      tokens = (20 + 100) / 2,
      cost_usd = (0.02 + 0.1) / 2,
    } do
      expect(plugin.metric(name, outcomes()).value):near(value)
    end
  end)

  it("count runs that failed against the pass rate, and leave out those that were cancelled", function()
    local metric = plugin.metric("pass_rate", outcomes())
    expect(metric.n):equals(5)
    expect(metric.errors):equals(1)
    local cancelled = fixture.outcomes {
      { scenario_id = "a", status = "timeout" }, { scenario_id = "b", status = "cancelled" },
      { scenario_id = "c", reliability_score = 0.2 },
    }
    expect(plugin.metric("error_rate", cancelled).value):near(1 / 2)
  end)

  it("have pass^k, the probability that k runs of k pass, and pass@k, that one of k does", function()
    -- Of a's three pairs of runs one passes twice, and each passes once.
    expect(plugin.metric("pass_hat_1", outcomes()).value):near((2 / 3 + 1 / 2) / 2)
    expect(plugin.metric("pass_hat_2", outcomes()).value):near((1 / 3 + 0) / 2)
    expect(plugin.metric("pass_at_1", outcomes()).value):near((2 / 3 + 1 / 2) / 2)
    expect(plugin.metric("pass_at_2", outcomes()).value):near(1)
  end)

  it("leave scenarios with fewer than k runs out of pass^k, and say nothing where none has as many", function()
    local three = plugin.metric("pass_at_3", outcomes())
    expect(three.value):near(1)
    expect(three.n):equals(3)
    local unknown = plugin.metric("pass_hat_4", outcomes())
    expect(unknown.value):is_nil()
    expect(unknown.note):is_a("string")
  end)

  it("have the time that 95 % of runs stay within, and the cost of all runs", function()
    local slowest = plugin.metric("latency_p95_ms", outcomes())
    expect(slowest.value > 300 and slowest.value <= 1000):is_true()
    expect(slowest.low):is_nil()
    expect(slowest.note):contains("too few")
    local total = plugin.metric("total_cost_usd", outcomes())
    expect(total.value):near(0.16)
    expect(total.n):equals(4)
  end)

  it("aren't known of no runs; nothing is 0 that nobody measured", function()
    for _, name in ipairs {
      "reliability", "pass_rate", "error_rate", "pass_hat_1", "pass_at_1", "latency_ms", "latency_p95_ms", "tokens",
      "cost_usd", "total_cost_usd",
    } do
      expect(plugin.metric(name, fixture.outcomes {}).value):is_nil()
    end
    expect(plugin.metric("cost_usd", fixture.outcomes {{ scenario_id = "a", reliability_score = 1 }}).value):is_nil()
  end)

  it("have an interval from two scenarios on, and say why there is none before", function()
    local two = plugin.metric("reliability", outcomes())
    expect(two.low <= two.value and two.value <= two.high):is_true()
    local one = plugin.metric("reliability", fixture.outcomes {{ scenario_id = "a", reliability_score = 0.5 }})
    expect(one.value):near(0.5)
    expect(one.low):is_nil()
    expect(one.note):is_a("string")
    expect(plugin.metric("latency_ms", outcomes()).low >= 0):is_true()
  end)
end)

describe("standard categories", function()
  local function category(failure) return plugin.categorize("standard", failure) end

  it("go by what the message gives away, in any case of letters", function()
    for message, expected in pairs {
      ["Sandbox terminated: OOMKilled"] = "sandbox_error",
      ["429 Too Many Requests"] = "tool_error",
      ["output did not match the schema"] = "validation_error",
      ["the run hit its deadline"] = "timeout",
      ["context length exceeded"] = "model_error",
      ["Connection reset by peer"] = "system_error",
    } do
      expect(category(message)):equals(expected)
    end
  end)

  it("put the special before the general: a tool that timed out failed as a tool", function()
    expect(category("tool get_order timed out")):equals("tool_error")
    expect(category("container lost its network")):equals("sandbox_error")
  end)

  it("go by the status where it says it, and by the code", function()
    expect(category { status = "timeout", message = "tool get_order" }):equals("timeout")
    expect(category { code = "RATE LIMIT", message = "" }):equals("tool_error")
  end)

  it("leave alone what gives nothing away", function()
    expect(category("something went wrong")):is_nil()
    expect(category("order A-84290 is at no. 5003")):is_nil()
    expect(category("")):is_nil()
  end)
end)
