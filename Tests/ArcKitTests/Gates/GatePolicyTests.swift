import ArcKit
import Testing

@Suite("A policy of gates")
struct GatePolicyTests {
    private static func policy(_ yaml: String) throws -> GatePolicy {
        try GatePolicy(yaml: yaml, name: "arc.gates.yaml")
    }

    @Test("is read whole, from YAML as from JSON")
    func whole() throws {
        let policy = try Self.policy(
            """
            baseline: tag:main
            confidence: 0.9
            critical: { scenarios: [refund, "exchange"], tag: must_pass }
            missing_scenarios: pass
            too_little_evidence: fail
            gates:
              - metric: pass_rate
                tolerance: 0.02
                minimum_scenarios: 30
              - { metric: cost_usd, name: cost, tolerance: 10 %, confidence: 0.99, too_little_evidence: pass }
              - { metric: lag, more_is_better: false, at_most: 12 }
              - { metric: score, at_least: 0.6 }
            """)
        #expect(policy.baseline == "tag:main" && policy.source == "arc.gates.yaml")
        #expect(policy.critical == ["refund", "exchange"] && policy.criticalTag == "must_pass")
        #expect(policy.missingScenarios == .pass && policy.tooLittleEvidence == .fail)
        #expect(policy.rules.map(\.name) == ["pass_rate", "cost", "lag", "score"])
        #expect(policy.rules.map(\.confidence) == [0.9, 0.99, 0.9, 0.9])
        #expect(policy.rules.map(\.tolerance) == [.absolute(0.02), .relative(0.1), nil, nil])
        #expect(policy.rules.map(\.bound) == [nil, nil, .atMost(12), .atLeast(0.6)])
        #expect(policy.rules.map(\.minimumScenarios) == [30, nil, nil, nil])
        #expect(policy.rules[1].tooLittleEvidence == .pass && policy.rules[2].moreIsBetter == false)
        #expect(policy.comparesWithBaseline)
        let json = try Self.policy(
            #"{"gates": [{"metric": "score", "at_least": 0.5}], "critical": {"tag": null}}"#)
        #expect(json.rules.count == 1 && !json.comparesWithBaseline && json.criticalTag == nil)
    }

    @Test("without gates asks that the pass rate doesn't drop, and what is missing has failed")
    func unsaid() throws {
        for policy in [GatePolicy(), try Self.policy("baseline: main")] {
            #expect(policy.rules.map(\.metric) == ["pass_rate"] && policy.missingScenarios == .fail)
            #expect(policy.criticalTag == "critical" && policy.tooLittleEvidence == nil)
        }
    }

    @Test(
        "what is wrong in it is named with its place, and with what was expected",
        arguments: [
            (
                "gates: []",
                "arc.gates.yaml: gates must be a list of gates, such as `- metric: pass_rate`, got []"
            ),
            ("gate: []", "arc.gates.yaml has no field \"gate\""),
            ("gates: [{ tolerance: 1 }]", "arc.gates.yaml: gates[1] has no metric"),
            (
                "gates: [{ metric: score }, { metric: cost_usd, tolerance: -1 }]",
                "arc.gates.yaml: gates[2].tolerance must be 0 or more in the metric's unit, such as 0.02, or a share of the baseline's mean, such as 10 %, got -1"
            ),
            ("gates: [{ metric: score, tolerance: ten }]", "gates[1].tolerance must be 0 or more"),
            (
                "gates: [{ metric: score, confidence: 95 }]",
                "gates[1].confidence must be between 0 and 1, such as 0.95, got 95"
            ),
            ("gates: [{ metric: score, tolerence: 0 }]", "gates[1] has no field \"tolerence\""),
            ("gates: [{ metric: score, at_least: 1, at_most: 2 }]", "gates[1] has both at_least and at_most"),
            (
                "gates: [{ metric: score, at_least: 1, tolerance: 0 }]",
                "a tolerance has no meaning for a bound"
            ),
            ("gates: [{ metric: score }, { metric: score }]", "two gates are named \"score\""),
            ("gates: [{ metric: score, name: scenarios }]", "two gates are named \"scenarios\""),
            (
                "gates: [{ metric: score, minimum_scenarios: 0 }]",
                "gates[1].minimum_scenarios must be a number of scenarios"
            ),
            ("too_little_evidence: maybe", "too_little_evidence must be pass or fail, got \"maybe\""),
            ("critical: [a]", "arc.gates.yaml: critical must be a mapping of scenarios, tag, got an array"),
            ("critical: { scenarios: a }", "arc.gates.yaml: critical.scenarios must be a list of texts"),
            ("gates: [", "arc.gates.yaml"),
        ])
    func wrong(_ yaml: String, _ message: String) {
        do {
            _ = try Self.policy(yaml)
            Issue.record("it was taken")
        } catch let error as EvaluationError {
            #expect(error.code == .invalid && error.message.contains(message), "\(error)")
        } catch {
            Issue.record(error)
        }
    }

    @Test(
        "a tolerance is a number in the metric's unit, or a share of the baseline's mean",
        arguments: [
            ("0.02", Tolerance.absolute(0.02)), ("10 %", .relative(0.1)), ("7.5%", .relative(0.075)),
            (".5", .absolute(0.5)), ("1e-3", .absolute(0.001)), ("-1", nil), ("", nil), ("%", nil),
            ("1 €", nil),
            ("inf", nil), ("nan", nil),
        ] as [(String, Tolerance?)])
    func tolerances(_ text: String, _ tolerance: Tolerance?) {
        #expect(Tolerance(text) == tolerance)
    }
}
