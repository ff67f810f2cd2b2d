import ArcKit
import Foundation
import LuaBridge
import Testing

@testable import ArcHost

@Suite("arc.compare")
struct ComparisonBindingTests {
    /// What Tests/oracle/comparison.py computed of the example results.
    private static func oracle() throws -> [String: Any] {
        let file = TestHost.package + "/Tests/ArcKitTests/Fixtures/comparison.json"
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
        return try #require(value as? [String: Any])
    }

    private static func comparison(_ options: ComparisonOptions = ComparisonOptions()) async throws
        -> Comparison
    {
        let test = try await TestHost.reading()
        return try await test.store.read { session in
            try await session.compare(
                try await session.findSimulation("baseline"),
                with: try await session.findSimulation("candidate"),
                options)
        }
    }

    private static func isClose(_ one: Double?, _ other: Any?) -> Bool {
        guard let other = other as? Double else { return one == nil }
        guard let one else { return false }
        return abs(one - other) <= 1e-9 * max(1e-6, abs(other))
    }

    private static func expect(_ difference: PairedDifference, _ expected: Any?, _ name: String) throws {
        let expected = try #require(expected as? [String: Any], "\(name)")
        #expect(difference.matched == expected["matched"] as? Int, "\(name)")
        for (field, value) in [
            ("a", difference.a), ("b", difference.b), ("difference", difference.estimate.value),
            ("se", difference.estimate.standardError), ("low", difference.estimate.interval?.low),
            ("high", difference.estimate.interval?.high), ("p", difference.p),
            ("corrected_p", difference.correctedP), ("effect_size", difference.effectSize),
        ] { #expect(isClose(value, expected[field]), "\(name).\(field): \(String(describing: value))") }
    }

    @Test("the example results: every metric and tag as scipy has them, corrections included")
    func oracleFigures() async throws {
        let expected = try Self.oracle()
        let c = try await Self.comparison()
        let metrics = try #require(expected["by_metric"] as? [String: Any])
        #expect(Set(c.byMetric.map(\.metric.name)) == Set(metrics.keys))
        for row in c.byMetric { try Self.expect(row.difference, metrics[row.metric.name], row.metric.name) }
        let tags = try #require(expected["by_tag"] as? [String: Any])
        #expect(c.byTag.map(\.tag) == tags.keys.sorted())
        for row in c.byTag { try Self.expect(row.difference, tags[row.tag], row.tag) }
    }

    @Test("the example results: tests, effects, scenarios and the verdict")
    func oracleTests() async throws {
        let expected = try Self.oracle()
        let c = try await Self.comparison()
        #expect(Self.isClose(c.difference.unpairedStandardError, expected["unpaired_se"]))
        let smallest = try #require(expected["smallest_detectable_effect"] as? Double)
        #expect(abs((c.difference.smallestDetectableEffect ?? 0) - smallest) < 1e-6)
        let p = try #require(expected["permutation_p"] as? Double)
        #expect(abs((c.permutation?.p ?? 1) - p) < (c.permutation?.isExact == true ? 0.001 : 0.004))
        let fisher = try #require(expected["fisher"] as? [String: Any])
        let corrected = try #require(expected["corrected_fisher"] as? [String: Any])
        for row in c.byScenario {
            #expect(Self.isClose(row.p, fisher[row.scenario]), "\(row.scenario)")
            #expect(Self.isClose(row.correctedP, corrected[row.scenario]), "\(row.scenario)")
        }
        #expect(c.mcNemar == nil && c.verdict.answer == .regressed)
        #expect(c.byScenario.map { $0.difference ?? 9 } == c.byScenario.map { $0.difference ?? 9 }.sorted())
        #expect(
            c.summary.hasPrefix(
                "Regressed: score is 0.1021 lower (95 % interval -0.1779 … -0.0262, permutation p = 0.0098)"))
    }

    @Test("a report's use of it: frames, whether it regressed, and a sentence")
    func script() async throws {
        let test = try await TestHost.reading()
        let result = try await test.run(
            """
            local a, b = arc.simulation("baseline"), arc.simulation("candidate")
            local d = arc.compare(a, b)
            assert(d.regressed == true and d.verdict == "regressed" and d.too_little_evidence == false)
            assert(type(d.summary) == "string" and d.summary:find("score is 0.1021 lower", 1, true))
            assert(#d.by_scenario:head(20) == 20 and d.by_scenario[1].difference < d.by_scenario[2].difference)
            assert(d.by_tag:filter(function(t) return t.tag == "flights" end)[1].corrected_p < 0.05)
            assert(d.mcnemar == nil and d.permutation.p < 0.05 and d.permutation.seed == 1)
            assert(d.a.name == "baseline" and d.a.n == 120 and d.a.errors == 7)
            assert(d.a.interval.low < d.a.mean and d.a.mean < d.a.interval.high)
            assert(d.matched == 40 and d.unmatched.only_a == 0 and #d.unmatched_scenarios.only_b == 0)
            assert(#d.flips.lost == 0 and #d.flips.weakened > 0 and #d.by_metric > 9)
            local other = a:compare(b, { metric = "latency_ms", seed = 7, confidence = 0.9 })
            assert(other.metric == "latency_ms" and other.regressed == false and other.difference.value < 0)
            assert(other.permutation.seed == 7 and other.confidence == 0.9)
            return d.by_metric[1].metric
            """)
        #expect(result.first?.stringValue == "score")
    }

    @Test("a p-value is a relation, one question is one, and pass^3 is called that")
    func words() async throws {
        #expect(ComparedFigures.sentence(p: 0.000_012) == "p < 0.0001")
        #expect(
            ComparedFigures.sentence(p: 0.0123) == "p = 0.012" && ComparedFigures.sentence(p: 1) == "p = 1")
        var options = ComparisonOptions()
        options.metric = "pass_hat_3"
        let text = try await Self.comparison(options).text(.table, TableOptions())
        #expect(text.contains("pass^3 is ") && !text.contains("pass hat") && !text.contains("p = <"))
        #expect(!text.contains(" 1 questions"))
    }

    @Test(
        "an effect that no scores can have isn't told as one that would be seen, and an interval is told by its ends"
    )
    func impossible() async throws {
        try await TestHost.with("compare_impossible") { test in
            let text = try await test.run(
                """
                arc.create_configuration("c", "model: x")
                local function side(...)
                  local sim = arc.start_simulation { config_version_id = "c", scenarios = { "a", "b" } }
                  for place, score in ipairs { ... } do
                    arc.record_outcome {
                      simulation_id = sim, scenario_id = ("ab"):sub(place, place), status = "success",
                      reliability_score = score,
                    }
                  end
                  return sim
                end
                local d = arc.compare(side(0.9, 0.2), side(0.1, 0.4))
                assert(d.smallest_detectable_effect > 1 and d.difference.low == -1 and d.difference.high == 1)
                return tostring(d)
                """
            ).first?.stringValue
            #expect(text?.contains("no effect that is possible would be detected (80 % power)") == true)
            #expect(text?.contains("-0.3000 (-1.0000 … +1.0000)") == true, "\(text ?? "")")
        }
    }

    @Test("a handle from before tells where a simulation stands now")
    func staleHandle() async throws {
        try await TestHost.with("compare_state") { test in
            let notes = try await test.run(
                """
                arc.create_configuration("c", "model: x")
                local sim = arc.start_simulation { config_version_id = "c", scenarios = { "a", "b" } }
                arc.record_outcome { simulation_id = sim, scenario_id = "a", status = "success", reliability_score = 1 }
                local running = table.concat(arc.compare(sim, sim).notes, "; ")
                sim:complete_simulation()
                return running, table.concat(arc.compare(sim, sim).notes, "; ")
                """)
            #expect(
                notes.first?.stringValue?.contains("A is running: 1 of 2 runs recorded") == true, "\(notes)")
            #expect(
                notes.last?.stringValue?.contains("B is completed: 1 of 2 runs recorded") == true, "\(notes)")
        }
    }

    @Test("what is wrong is named")
    func refusals() async throws {
        let test = try await TestHost.reading()
        for (call, message) in [
            ("arc.compare('baseline')", "b must be a simulation"),
            ("arc.compare('baseline', 'nobody')", "no simulation with the name"),
            ("arc.compare('baseline', 'candidate', {metric = 'speed'})", "there is no metric \"speed\""),
            ("arc.compare('baseline', 'candidate', {confidence = 1})", "confidence must be between 0 and 1"),
            ("arc.compare('baseline', 'candidate', {tolerence = 1})", "tolerence"),
        ] {
            let error = await test.failure(call)
            #expect(error?.message.contains(message) == true, "\(call): \(error?.message ?? "")")
        }
    }

    @Test("the JSON object is as its schema says, and every field of it is described")
    func schema() async throws {
        let schema = try JSONSchema("comparison.json")
        var options = ComparisonOptions()
        options.metric = "cost_usd"
        for comparison in [try await Self.comparison(), try await Self.comparison(options)] {
            #expect(schema.faults(of: try Self.parsed(comparison)) == [])
        }
    }

    @Test("so it is where nothing can be compared")
    func emptySchema() async throws {
        try await TestHost.with("compare_schema") { test in
            try await test.run("arc.create_configuration('c', 'model: x')")
            for name in ["a", "b", "c"] {
                try await test.run(
                    """
                    local sim = arc.start_simulation { config_version_id = "c", simulation_name = "\(name)" }
                    if "\(name)" == "a" then
                      arc.record_outcome { simulation_id = sim, scenario_id = "s", status = "success", reliability_score = 1 }
                    elseif "\(name)" == "b" then
                      arc.record_outcome { simulation_id = sim, scenario_id = "s", status = "error" }
                    end
                    """)
            }
            for (a, b) in [("a", "b"), ("a", "c"), ("c", "c"), ("a", "a")] {
                let comparison = try await test.store.read { session in
                    try await session.compare(
                        try await session.findSimulation(a), with: try await session.findSimulation(b))
                }
                let faults = try JSONSchema("comparison.json").faults(of: Self.parsed(comparison))
                #expect(faults == [], "\(a) \(b)")
                #expect(comparison.verdict.answer != .noRegression)
                _ = comparison.text(.table, TableOptions())
            }
        }
    }

    private static func parsed(_ comparison: Comparison) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(try comparison.printed(.json, TableOptions()).utf8))
    }
}
