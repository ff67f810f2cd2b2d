import LuaBridge
import Testing

@testable import ArcHost

/// What scripts see of the statistics. The figures themselves are ArcKit's, and tested there.
@Suite("Statistics for scripts")
struct StatisticsBindingTests {
    @Test("two frames are paired by scenario, and what only one side ran is counted")
    func paired() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            local function side(scores)
              local rows = {}
              for scenario, list in pairs(scores) do
                for _, score in ipairs(list) do rows[#rows + 1] = { scenario_id = scenario, score = score } end
              end
              return arc.frame(rows)
            end
            local a = side { x = { 1, 1 }, y = { 1, 0 }, z = { 1 }, w = { 0 } }
            local b = side { x = { 0, 1 }, y = { 0, 0 }, z = { 0 }, v = { 1 } }
            local d = arc.stats.paired(a, b, "score")
            assert(d.n == 3 and d.only_a == 1 and d.only_b == 1)
            assert(math.abs(d.value + 2 / 3) < 1e-12 and d.low < d.value and d.high > d.value)
            assert(d.permutation.exact and d.permutation.p == 0.25 and d.permutation.seed == nil)
            assert(d.effect_size < 0 and d.smallest_detectable_effect > 0 and d.p < 0.1 and d.unpaired_se > 0)
            assert(d.regression.verdict == "not_found", "three scenarios can't say it by their signs")
            assert(arc.stats.paired(a, side { q = { 1 } }, "score").value == nil)
            local many = { {}, {} }
            for i = 1, 12 do many[1]["s" .. i], many[2]["s" .. i] = { 1 }, { i % 3 * 0.1 } end
            local worse = arc.stats.paired(side(many[1]), side(many[2]), "score", { tolerance = 0.1 })
            assert(worse.regression.verdict == "regressed" and worse.regression.upper_bound < 0)
            """)
    }

    @Test("a bootstrap says its seed, gives the same for the same seed, and draws whole scenarios")
    func bootstrap() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            local rows = {}
            for i = 1, 60 do
              rows[i] = { scenario_id = "s" .. i % 20, score = (i * 7919 % 100) / 100, passed = i % 3 == 0 }
            end
            local f = arc.frame(rows)
            local one = arc.stats.bootstrap(f, "score", { resamples = 400, seed = 3 })
            local other = arc.stats.bootstrap(f, f.score, { resamples = 400, seed = 3 })
            assert(one.low == other.low and one.high == other.high and one.method:find("seed 3", 1, true))
            assert(arc.stats.bootstrap(f, "score", { resamples = 400, seed = 4 }).low ~= one.low)
            local t = arc.stats.bootstrap(f, "score", { method = "studentised", resamples = 400 })
            assert(t.low < t.value and t.value < t.high)
            -- 20 scenarios are few for a bootstrap, and it says so.
            assert(one.note:find("fewer than 100 scenarios", 1, true) and t.note == one.note)
            local median = arc.stats.quantile_interval(f, "score", 0.5)
            assert(median.low <= median.value and median.value <= median.high)
            assert(arc.stats.intraclass(f, "score") < 1)
            """)
    }

    @Test("flakiness: the surest first, in the type of the scenarios' column")
    func flakiness() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            local rows = {}
            local function add(scenario, verdicts)
              for c in verdicts:gmatch(".") do rows[#rows + 1] = { scenario_id = scenario, passed = c == "p" } end
            end
            add(7, "pppppp") add(8, "pfpfpf") add(9, "pf") add(10, "p")
            local ranking = arc.stats.flakiness(arc.frame(rows))
            assert(#ranking == 4 and ranking[1].scenario_id == 8 and ranking[4].scenario_id == 10)
            assert(ranking[1].disagreement == 0.5 and ranking[1].passes == 3 and ranking[1].trials == 6)
            assert(ranking[3].disagreement == 0 and ranking[3].low == 0 and ranking[4].disagreement == nil)
            """)
    }

    @Test("p-values keep their places, and unknown ones stay unknown")
    func corrections() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            local holm = arc.stats.holm { 0.01, 0.04, 0.03, 0.005 }
            for i, p in ipairs { 0.03, 0.06, 0.06, 0.02 } do assert(math.abs(holm[i] - p) < 1e-12) end
            local bh = arc.stats.benjamini_hochberg { 0.01, arc.null, 0.04, 0.03, 0.005 }
            assert(bh[2] == arc.null and math.abs(bh[1] - 0.02) < 1e-12 and #bh == 5)
            """)
    }

    @Test("series: steps and changes are counted from 1, gaps are allowed")
    func series() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            local chart = arc.stats.ewma({ 1, arc.null, 1.1, 5, 5, 5 }, { center = 1, deviation = 0.2 })
            assert(#chart == 6 and chart[2].value == nil and chart[2].average == 1 and not chart[3].outside)
            assert(chart[4].outside and chart[4].jump and not chart[3].jump and chart[6].high > 1 and chart[6].low < 1)
            local changes = arc.stats.change_points({ 1, 1.1, 0.9, 1, 5, 5.1, 4.9 }, { level = 1, deviation = 0.1 })
            assert(changes[1].index == 5 and changes[1].detected_at == 5 and changes[1].rise)
            assert(math.abs(changes[1].before - 1) < 1e-12 and math.abs(changes[1].after - 5) < 1e-12)
            local errors = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }
            local found = arc.stats.change_points({ 1, 1.1, 0.9, 1, 5, 5.1, 4.9 }, { method = "bayesian", errors = errors })
            assert(#found == 1 and found[1].index == 5 and found[1].probability > 0.99)
            local flat, note = arc.stats.change_points { 1, 1, 1, 0, 0 }
            assert(#flat == 0 and note:find("the 3 values before value 4 are all equal", 1, true))
            assert(note:find('method = "bayesian"', 1, true))
            assert(select(2, arc.stats.change_points { 1, 2, 1, 2 }) == nil)
            assert(select(2, arc.stats.change_points({ 1, 1 }, { method = "bayesian" })):find("all equal", 1, true))
            assert(#arc.stats.change_points { 1, 1, 1 } == 0 and #arc.stats.change_points({}, { method = "bayesian" }) == 0)
            """)
    }

    private static let refusals: [(String, String)] = [
        (
            "arc.stats.proportion(3, 2)",
            "arc.stats.proportion: successes must be at most n, which is 2, got 3"
        ),
        (
            "arc.stats.proportion(1, 2, { prior = { 1 } })",
            "arc.stats.proportion: prior must be two numbers, such as {1, 1}, got a table"
        ),
        (
            "arc.stats.permutation { 1, 'x' }",
            "arc.stats.permutation: differences[2] must be a number, got \"x\""
        ),
        ("arc.stats.holm { 0.1, 2 }", "arc.stats.holm: p_values[2] must be between 0 and 1, got 2.0"),
        (
            "arc.stats.benjamini_hochberg { arc.null, -0.5 }",
            "arc.stats.benjamini_hochberg: p_values[2] must be between 0 and 1, got -0.5"
        ),
        ("arc.stats.sample_size { effect = 1 }", "arc.stats.sample_size needs effect and deviation, or h"),
        (
            "arc.stats.change_points({ 1, 2 }, { level = 1 })",
            "arc.stats.change_points: level and deviation are given together or not at all"
        ),
        (
            "arc.stats.ewma({ 1, 2 }, { errors = { 1 } })",
            "arc.stats.ewma: errors must be as many as values, 2, got 1"
        ),
        ("arc.stats.ewma { 1, 1 / 0 }", "arc.stats.ewma: values must be finite numbers"),
        (
            "local many = {} for i = 1, 5001 do many[i] = i end arc.stats.change_points(many, { method = 'bayesian' })",
            "arc.stats.change_points: bayesian takes at most 5,000 values, got 5001"
        ),
        ("arc.stats.holm { 0.1, 0 / 0 }", "arc.stats.holm: p_values[2] must be between 0 and 1, got nan"),
        (
            "arc.stats.sample_size { effect = 1, deviation = 1, h = 1 }",
            "arc.stats.sample_size takes effect and deviation, or h, not both"
        ),
        ("arc.stats.ewma({ 1, 2 }, { lambda = 0 })", "arc.stats.ewma: lambda must be above 0, got 0"),
        (
            "arc.stats.change_points({ 1, 2 }, { limit = 0 })",
            "arc.stats.change_points: limit must be above 0, got 0"
        ),
        (
            "arc.stats.change_points({ 1, 2 }, { method = 'bayesian', rate = 1 })",
            "arc.stats.change_points: rate must be below 1, got 1"
        ),
        (
            "arc.stats.mean(runs, 'score', { bounds = { 0, 0.5 } })",
            "arc.stats.mean: 0.75 is outside of bounds, 0.0 to 0.5"
        ),
        (
            "arc.stats.mean(runs, function(o) return o.answer end)",
            "arc.stats.mean: the function of a row must give a number or a boolean, got \"yes\""
        ),
        ("arc.stats.mean(runs, 'answer')", "arc.stats.mean: column \"answer\" is text"),
        (
            "arc.stats.bootstrap(runs, arc.frame({ { score = 1 } }).score)",
            "arc.stats.bootstrap: the column has 1 rows, and the frame 2"
        ),
        (
            "arc.stats.pass_hat_k(runs, 1, { passed = 'score' })",
            "arc.stats.pass_hat_k: column \"score\" must say whether a run passed, got 0.75"
        ),
        (
            "arc.stats.flakiness(runs, { passed = 'answer' })",
            "arc.stats.flakiness: column \"answer\" is text"
        ),
    ]

    private static let runs = """
        local runs = arc.frame { { scenario_id = "a", score = 0.75, answer = "yes" }, { scenario_id = "b", score = 0 } }

        """

    @Test("what a function can't take is an error that says so", arguments: refusals)
    func refusal(source: String, message: String) async throws {
        let error = try #require(await (try TestHost.alone()).failure(Self.runs + source))
        let code = (error.underlying as? HostError)?.code
        #expect(code == .argument || code == .column, "\(error)")
        #expect(error.message == message)
    }

    @Test("what isn't defined is nil for a script, too")
    func unknown() async throws {
        let test = try TestHost.alone()
        _ = try await test.run(
            """
            assert(arc.stats.proportion(0, 0).value == nil and arc.stats.proportion(0, 0).note == "no trials")
            local spoilt = arc.stats.quantile(arc.frame { { x = 1 }, { x = 0 / 0 } }, "x", 0.5)
            assert(spoilt.value == nil and spoilt.note == "not all values are finite numbers")
            local function unknown(reason, value, why)
              assert(value == nil and why == reason, tostring(why))
            end
            local toomuch = "the figures are too large or too small to compute with"
            unknown(toomuch, arc.stats.sample_size { h = 1e-300 })
            unknown(toomuch, arc.stats.sample_size { effect = 1e-200, deviation = 1 })
            unknown(toomuch, arc.stats.smallest_detectable_effect { se = 1e308, df = 1 })
            unknown("no differences", arc.stats.permutation {})
            unknown("1 of 2 differences are not finite numbers", arc.stats.permutation { 1, 0 / 0 })
            unknown("one difference: no deviation", arc.stats.cohen_dz { 1 })
            local once = arc.frame { { scenario_id = "a", x = 1 }, { scenario_id = "b", x = 0 } }
            unknown("no scenario has a second trial", arc.stats.intraclass(once, "x"))
            unknown("the effect is 0: no number of scenarios finds what isn't there",
              arc.stats.sample_size { effect = 0, deviation = 1 })
            unknown("the effect is 0: no number of scenarios finds what isn't there", arc.stats.sample_size { h = 0 })
            unknown("the standard error must be above 0", arc.stats.smallest_detectable_effect { se = 0, df = 3 })
            unknown("there must be more than 0 degrees of freedom: at least two pairs",
              arc.stats.power { effect = 1, se = 1, df = 0 })
            unknown("the deviation must be above 0", arc.stats.plan { deviation = 0, intraclass = 0.5, scenarios = 3 })
            local plan = arc.stats.plan { deviation = 1, intraclass = 1, scenarios = 3 }
            assert(plan.se == nil and plan.note == "runs and scenarios don't vary: no standard error")
            assert(arc.stats.plan { deviation = 1, intraclass = 0.5, scenarios = 3 }.note == nil)
            assert(select("#", arc.stats.power { effect = 1, se = 1, df = 3 }) == 1)
            local none = arc.stats.quantile(once:filter(function() return false end), "x", 0.5)
            assert(none.value == nil and none.n == 0 and none.note == "no values")
            local d = arc.stats.proportion_difference({ passes = 0, n = 0 }, { passes = 1, n = 2 })
            assert(d.value == nil and d.note == "A: no trials")
            """)
    }
}
