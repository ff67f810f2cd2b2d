-- Twelve scenarios of one run each. Of the seven refunds, which all passed, the candidate fails six; the five orders
-- are as they were.
local function baseline() return fixture.simulation("fixtures/baseline.jsonl", { name = "baseline" }) end
local function candidate() return fixture.simulation("fixtures/candidate.jsonl", { name = "candidate" }) end

local function report(ours, theirs, policy)
  return plugin.report("regression", ours, { baseline = theirs, policy = policy })
end

local function simulation(scores, name)
  local outcomes = {}
  for scenario, score in pairs(scores) do
    outcomes[#outcomes + 1] = { scenario_id = scenario, reliability_score = score }
  end
  return fixture.simulation(outcomes, { name = name })
end

local function gate(document, name)
  for _, found in ipairs(document.gates) do
    if found.name == name then return found end
  end
end

local function case(document, scenario)
  for _, found in ipairs(document.cases) do
    if found.scenario == scenario then return found end
  end
end

describe("regression", function()
  it("stays as it was looked at", function()
    golden("regressed", report(candidate(), baseline()))
  end)

  it("fails its gate where more got worse than chance and the tolerance allow", function()
    local document = report(candidate(), baseline())
    expect(document.verdict):equals("fail")
    local found = gate(document, "pass_rate")
    expect(found.verdict):equals("fail")
    expect(found.value):near(-6 / 12)
    expect(found.bound < -0.05):is_true()
    expect(found.n):equals(12)
  end)

  it("passes with the sides swapped", function()
    expect(report(baseline(), candidate()).verdict):equals("pass")
  end)

  it("can't tell of three scenarios, whichever way they went", function()
    local ours, theirs = simulation({ a = 1, b = 0, c = 1 }, "ours"), simulation({ a = 1, b = 1, c = 0 }, "theirs")
    expect(report(ours, theirs).verdict):equals("too_little_evidence")
    expect(report(theirs, ours).verdict):equals("too_little_evidence")
  end)

  it("goes by the policy that it is given", function()
    local ours, theirs = simulation({ a = 0, b = 1, c = 1 }, "ours"), simulation({ a = 1, b = 1, c = 1 }, "theirs")
    expect(report(ours, theirs, { too_little_evidence = "fail" }).verdict):equals("fail")
    local critical = report(ours, theirs, { critical = { scenarios = { "a" } } })
    expect(gate(critical, "critical scenarios").verdict):equals("fail")
  end)

  it("fails where the candidate left out what the baseline ran, and skips its case", function()
    local document = report(simulation({ a = 1, b = 1 }, "ours"), simulation({ a = 1, b = 1, c = 1 }, "theirs"))
    expect(gate(document, "scenarios").verdict):equals("fail")
    expect(case(document, "c").outcome):equals("skipped")
  end)

  it("has a case for each scenario that says what became of it", function()
    local document = report(candidate(), baseline())
    expect(document.cases):has_length(12)
    expect(case(document, "refunds-1").outcome):equals("failed")
    expect(case(document, "refunds-1").message):equals("passed 0/1, and 1/1 before")
    -- It failed before, too: that isn't what the candidate did.
    expect(case(document, "orders-3").outcome):equals("passed")
  end)

  it("shows what a run of a scenario that got worse did, step by step", function()
    local document = report(candidate(), baseline())
    expect(document.text):contains("refunds-1, trial 1: score 0.10")
    expect(document.records.steps):equals {
      { number = 1, who = "user", what = "Refund order 7." }, { number = 2, who = "assistant", what = "I can't." },
    }
  end)

  it("shows of several runs the first that didn't pass, and cuts long texts", function()
    local function runs(name, second)
      local function run(score, text)
        return { scenario_id = "a", reliability_score = score, trajectory = { { role = "user", content = text } } }
      end
      return fixture.simulation({ run(1, "short"), run(second, ("ä"):rep(400)) }, { name = name })
    end
    local document = report(runs("ours", 0), runs("theirs", 1))
    expect(document.text):contains("a, trial 2: score 0.00")
    expect(document.records.steps[1].what):equals(("ä"):rep(300) .. "…")
  end)

  it("tells a scenario that can't be run any more from one that was wrong before, too", function()
    local theirs = simulation({ a = 0, b = 0 }, "theirs")
    local ours = fixture.simulation({
      { scenario_id = "a", status = "error", error_message = "tool failed" },
      { scenario_id = "b", reliability_score = 0 },
    }, { name = "ours" })
    local document = report(ours, theirs, { too_little_evidence = "fail" })
    expect(case(document, "a").outcome):equals("error")
    expect(case(document, "b").outcome):equals("passed")
  end)

  it("fails no case where the gates put up with what got worse, and says what became of it", function()
    local ours, theirs = simulation({ a = 0, b = 1, c = 1 }, "ours"), simulation({ a = 1, b = 1, c = 1 }, "theirs")
    local found = case(report(ours, theirs, { too_little_evidence = "pass" }), "a")
    expect({ found.outcome, found.message }):equals { "passed", "passed 0/1, and 1/1 before" }
  end)

  it("compares by tag, the worst first", function()
    local tags = report(candidate(), baseline()).records.by_tag
    expect({ tags[1].tag, tags[1].matched }):equals { "refunds", 7 }
    expect(tags[1].difference):near(-6 / 7)
  end)

  it("says what it lacks where it has no baseline, and where nobody ran", function()
    expect(function() plugin.report("regression", baseline()) end):fails("it compares with a baseline")
    local document = report(simulation({}, "ours"), simulation({}, "theirs"))
    expect(document.verdict):equals("too_little_evidence")
  end)
end)
