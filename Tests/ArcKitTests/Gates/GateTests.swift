import ArcKit
import Testing

@Suite("Gates")
struct GateTests {
    typealias Tests = ComparisonTests

    /// What the gates say of B against A.
    static func gates(
        _ a: [Outcome], _ b: [Outcome], _ policy: GatePolicy = GatePolicy()
    ) async throws -> [GateResult] {
        try await withStore { store in
            let (first, second) = (try await store.newSimulation(), try await store.newSimulation())
            try await store.record(a, in: first)
            try await store.record(b, in: second)
            return try await store.read { try await $0.gates(policy, baseline: first, candidate: second) }
        }
    }

    /// 100 scenarios whose runs pass where `passes` says so.
    static func runs(_ count: Int = 100, passing passes: (Int) -> Bool) -> [Outcome] {
        (0..<count).map { .success("s\($0)", score: passes($0) ? 1 : 0) }
    }

    static func verdicts(_ gates: [GateResult]) -> [String: GateResult.Verdict] {
        Dictionary(uniqueKeysWithValues: gates.map { ($0.name, $0.verdict) })
    }

    @Test("a drop fails, the other way round passes, and of few scenarios nobody can tell")
    func rule() async throws {
        let (good, bad) = (Self.runs { $0 % 10 > 0 }, Self.runs { $0 % 10 > 2 })
        #expect(
            Self.verdicts(try await Self.gates(good, bad)) == ["scenarios": .pass, "pass_rate": .fail])
        #expect(
            Self.verdicts(try await Self.gates(bad, good)) == ["scenarios": .pass, "pass_rate": .pass])
        let few = try await Self.gates(Self.runs(3) { _ in true }, Self.runs(3) { $0 > 0 })
        #expect(Self.verdicts(few) == ["scenarios": .pass, "pass_rate": .tooLittleEvidence])
        #expect(few[1].isUncertain)
    }

    @Test("an agent that fails with errors instead of bad scores doesn't get through")
    func errors() async throws {
        let good = Self.runs { _ in true }
        let crashing = (0..<100).map {
            $0 % 5 > 0 ? Outcome.success("s\($0)", score: 1) : Tests.failed("s\($0)")
        }
        #expect(Self.verdicts(try await Self.gates(good, crashing))["pass_rate"] == .fail)
    }

    @Test("a scenario that the candidate didn't run has failed, unless the policy puts up with it")
    func missing() async throws {
        let (all, some) = (Self.runs { _ in true }, Self.runs(98) { _ in true })
        let gates = try await Self.gates(all, some)
        #expect(Self.verdicts(gates) == ["scenarios": .fail, "pass_rate": .pass])
        guard case .scenarios(98, let missing) = gates[0].finding else {
            Issue.record("\(gates[0])")
            return
        }
        #expect(missing == ["s98", "s99"])
        var policy = GatePolicy()
        policy.missingScenarios = .pass
        #expect(Self.verdicts(try await Self.gates(all, some, policy))["scenarios"] == .pass)
        #expect(Self.verdicts(try await Self.gates(some, all))["scenarios"] == .pass)
        let nothing = try await Self.gates(all, [])
        #expect(Self.verdicts(nothing) == ["scenarios": .fail, "pass_rate": .tooLittleEvidence])
    }

    @Test("a critical scenario that is lost fails, whatever the rest gained; it doesn't fail the other gates")
    func critical() async throws {
        let (a, b) = (Self.runs { $0 == 7 || $0 > 50 }, Self.runs { $0 != 7 })
        var policy = GatePolicy()
        policy.critical = ["s7", "s8"]
        let gates = try await Self.gates(a, b, policy)
        #expect(
            Self.verdicts(gates) == ["scenarios": .pass, "critical scenarios": .fail, "pass_rate": .pass])
        guard case .critical(2, ["s7"]) = gates[1].finding else {
            Issue.record("\(gates[1])")
            return
        }
        policy.critical = ["nobody"]
        await #expect(throws: EvaluationError.self) { try await Self.gates(a, b, policy) }
    }

    @Test(
        "too few scenarios are too little evidence for passing, not for failing; the policy says what follows"
    )
    func evidence() async throws {
        let (good, bad) = (Self.runs { _ in true }, Self.runs { $0 % 2 > 0 })
        var policy = GatePolicy()
        policy.rules[0].minimumScenarios = 101
        #expect(Self.verdicts(try await Self.gates(good, bad, policy))["pass_rate"] == .fail)
        let uncertain = try await Self.gates(good, good, policy)
        #expect(uncertain.last?.verdict == .tooLittleEvidence)
        policy.tooLittleEvidence = .fail
        #expect(Self.verdicts(try await Self.gates(good, good, policy))["pass_rate"] == .fail)
        policy.rules[0].tooLittleEvidence = .pass
        let passed = try await Self.gates(good, good, policy)
        #expect(passed.last?.verdict == .pass && passed.last?.isUncertain == true)
    }

    @Test(
        "a candidate whose worst runs say nothing doesn't pass",
        arguments: ["no score", "cancelled", "not recorded"])
    func silence(_ how: String) async throws {
        func runs(_ isBad: (Int) -> Bool) -> [Outcome] {
            (0..<100).flatMap { scenario in
                (1...2).compactMap { trial -> Outcome? in
                    var run = Outcome.success("s\(scenario)", trial: trial, score: 1)
                    // Of the others nothing is known but that they aren't bad.
                    guard trial == 2, isBad(scenario) else { return run }
                    if how == "not recorded" { return nil }
                    run.reliabilityScore = nil
                    if how == "cancelled" { run.status = .cancelled }
                    return run
                }
            }
        }
        func said(_ a: [Outcome], _ b: [Outcome], _ rule: GateRule) async throws -> GateResult? {
            var policy = GatePolicy()
            policy.rules = [rule]
            let asked = policy
            return try await withStore { store in
                let sides = (
                    try await store.newSimulation(trials: 2), try await store.newSimulation(trials: 2)
                )
                try await store.record(a, in: sides.0)
                try await store.record(b, in: sides.1)
                return try await store.read {
                    try await $0.gates(asked, baseline: sides.0, candidate: sides.1)
                }.last
            }
        }
        let whole = runs { _ in false }
        var bound = GateRule(metric: "pass_rate")
        bound.bound = .atLeast(0.95)
        for rule in [GateRule(metric: "pass_rate"), GateRule(metric: "score"), bound] {
            let many = try await said(whole, runs { $0 % 4 == 0 }, rule)
            #expect(many?.verdict == .tooLittleEvidence, "\(rule.name)")
            // As much is missing on both sides, or so little that it could hide nothing.
            let few = try await said(whole, runs { $0 % 50 == 0 }, rule)
            #expect(few?.verdict == .pass, "\(rule.name)")
        }
        let same = try await said(
            runs { $0 % 4 == 0 }, runs { $0 % 4 == 0 }, GateRule(metric: "pass_rate"))
        #expect(same?.verdict == .pass)
        guard
            case .change(let comparison) = try await said(
                whole, runs { $0 % 4 == 0 }, .init(metric: "score"))?.finding
        else {
            Issue.record("no comparison")
            return
        }
        #expect(comparison.verdict.lostShare == 0.125 && comparison.verdict.hidden == 0.125)
    }

    @Test("a candidate isn't held against itself")
    func itself() async throws {
        let runs = Self.runs { _ in true }
        let error = await #expect(throws: EvaluationError.self) {
            try await withStore { store in
                let simulation = try await store.newSimulation()
                try await store.record(runs, in: simulation)
                _ = try await store.read {
                    try await $0.gates(GatePolicy(), baseline: simulation, candidate: simulation)
                }
            }
        }
        #expect(error?.message.contains("can't differ from itself") == true)
    }

    @Test(
        "a rule that could never fail, or that turns arc's own metric around, is refused",
        arguments: [
            ("tolerance: 5", "could never fail: pass_rate is between 0 and 1"),
            ("tolerance: 100 %", "could never fail"), ("at_least: 0", "could never fail"),
            ("at_most: 90", "could never fail"),
            ("more_is_better: false", "of pass_rate more is better, and the rule says the contrary"),
        ])
    func vain(_ field: String, _ message: String) async throws {
        let runs = Self.runs { $0 % 10 > 0 }
        let policy = try GatePolicy(
            yaml: "gates: [{ metric: pass_rate, name: floor, \(field) }]", name: "p.yaml")
        let error = await #expect(throws: EvaluationError.self) {
            try await Self.gates(runs, runs, policy)
        }
        #expect(error?.message.hasPrefix("p.yaml: gate \"floor\"") == true)
        #expect(error?.message.contains(message) == true)
        let fine = try GatePolicy(
            yaml: "gates: [{ metric: pass_rate, tolerance: 0.99 }, { metric: score, at_least: 0.1 }]",
            name: "p.yaml")
        _ = try await Self.gates(runs, runs, fine)
    }

    @Test("a critical scenario that always passed, and of which no run says anything any more, is lost")
    func silentCritical() async throws {
        let good = Self.runs { _ in true }
        var bad = good
        bad[7].reliabilityScore = nil
        var policy = GatePolicy()
        policy.critical = ["s7"]
        #expect(
            Self.verdicts(try await Self.gates(good, bad, policy))["critical scenarios"] == .fail)
        #expect(
            Self.verdicts(try await Self.gates(bad, good, policy))["critical scenarios"] == .pass)
    }

    @Test("a bound is held against the candidate's interval, with no baseline at all")
    func bounds() async throws {
        let runs = Self.runs { $0 % 10 > 0 }
        func said(_ bound: GateRule.Bound) async throws -> GateResult.Verdict? {
            var bounded = GatePolicy()
            bounded.rules[0].bound = bound
            let policy = bounded
            return try await withStore { store in
                let simulation = try await store.newSimulation()
                try await store.record(runs, in: simulation)
                let gates = try await store.read {
                    try await $0.gates(policy, baseline: nil, candidate: simulation)
                }
                #expect(gates.count == 1)
                return gates.first?.verdict
            }
        }
        let bounds: [(GateRule.Bound, GateResult.Verdict)] = [
            (.atLeast(0.5), .pass), (.atLeast(0.99), .fail), (.atLeast(0.9), .tooLittleEvidence),
            (.atMost(0.5), .fail), (.atMost(0.99), .pass),
        ]
        for (bound, verdict) in bounds { #expect(try await said(bound) == verdict) }
        await #expect(throws: EvaluationError.self) {
            try await withStore { store in
                let simulation = try await store.newSimulation()
                _ = try await store.read {
                    try await $0.gates(GatePolicy(), baseline: nil, candidate: simulation)
                }
            }
        }
    }

    @Test("a relative tolerance is a share of the baseline's mean")
    func relative() async throws {
        func cost(_ factor: Double) -> [Outcome] {
            (0..<40).map { scenario in
                var outcome = Outcome.success("s\(scenario)")
                outcome.costUSD = factor * (1 + 0.01 * Double(scenario % 3))
                return outcome
            }
        }
        var policy = GatePolicy()
        policy.rules = [GateRule(metric: "cost_usd")]
        policy.rules[0].tolerance = .relative(0.1)
        #expect(Self.verdicts(try await Self.gates(cost(1), cost(1.08), policy))["cost_usd"] == .pass)
        #expect(Self.verdicts(try await Self.gates(cost(1), cost(1.12), policy))["cost_usd"] == .fail)
    }
}

@Suite("Simulations' tags")
struct SimulationTagTests {
    @Test("tag:NAME is the newest completed simulation of those that have it")
    func newest() async throws {
        try await withStore { store in
            let simulations = [
                try await store.newSimulation(), try await store.newSimulation(),
                try await store.newSimulation(),
            ]
            try await store.session { session in
                for simulation in simulations { try await session.tag(simulation, "main") }
                // Twice is once.
                try await session.tag(simulations[0], "main")
            }
            let early = await #expect(throws: EvaluationError.self) {
                try await store.read { try await $0.findSimulation("tag:main") }
            }
            #expect(early?.message == "no simulation with the tag \"main\" is completed")
            try await store.session { session in
                for simulation in simulations.prefix(2) {
                    try await session.startSimulation(simulation)
                    try await session.completeSimulation(simulation)
                }
            }
            let found = try await store.read { try await $0.findSimulation("tag:main") }
            #expect(found.id == simulations[1].id)
            try await store.session { try await $0.untag(simulations[1], "main") }
            #expect(try await store.read { try await $0.findSimulation("tag:main") }.id == simulations[0].id)
            #expect(try await store.read { try await $0.simulationTags() }.count == 2)
        }
    }

    @Test("what isn't one, and what isn't there, is said")
    func wrong() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            for tag in ["", "a b", "é", "-x", String(repeating: "x", count: 101), "a\u{0}"] {
                let error = await #expect(throws: EvaluationError.self) {
                    try await store.session { try await $0.tag(simulation, tag) }
                }
                #expect(error?.message.contains("a tag must be letters, digits and ._/-") == true)
            }
            await #expect(throws: EvaluationError.self) {
                try await store.session { try await $0.untag(simulation, "main") }
            }
            let unknown = await #expect(throws: EvaluationError.self) {
                try await store.read { try await $0.findSimulation("tag:man") }
            }
            #expect(
                unknown?.code == .notFound && unknown?.advice == "Give one a tag: `arc tag SIMULATION man`.")
        }
    }
}
