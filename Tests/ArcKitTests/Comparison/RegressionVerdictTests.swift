import ArcKit
import Testing

@Suite("When a candidate regressed")
struct RegressionVerdictTests {
    typealias Tests = ComparisonTests

    /// 100 scenarios; B's score is off by `shift`, and by up to `noise` either way.
    static func compare(
        shift: Double, noise: Double = 0.1, _ change: (inout ComparisonOptions) -> Void = { _ in }
    ) async throws -> Comparison {
        var options = ComparisonOptions()
        change(&options)
        let a = (0..<100).flatMap { Tests.runs("s\($0)", 0.5) }
        let b = (0..<100).flatMap { Tests.runs("s\($0)", 0.5 + shift + noise * Double($0 % 5 - 2) / 2) }
        return try await Tests.compare(a, b, options)
    }

    @Test("a drop beyond the tolerance whose one-sided interval excludes 0")
    func regressed() async throws {
        let c = try await Self.compare(shift: -0.1)
        #expect(c.verdict.answer == .regressed && (c.verdict.atLeast ?? 0) > 0)
        #expect(abs((c.verdict.worsening ?? 0) - 0.1) < 1e-9 && c.verdict.tolerance == 0.05)
    }

    @Test("a drop within the tolerance isn't one, where a larger one would have been seen")
    func tolerated() async throws {
        let c = try await Self.compare(shift: -0.04)
        #expect(c.verdict.answer == .noRegression)
        #expect((c.verdict.detectable ?? 1) < 0.05 && (c.verdict.atLeast ?? 0) > 0)
    }

    @Test("where the smallest detectable effect is larger than the tolerance there is too little evidence")
    func uncertain() async throws {
        let c = try await Self.compare(shift: 0, noise: 0.5)
        #expect(c.verdict.answer == .tooLittleEvidence && (c.verdict.detectable ?? 0) > 0.05)
        let patient = try await Self.compare(shift: 0, noise: 0.5) { $0.tolerance = .absolute(0.2) }
        #expect(patient.verdict.answer == .noRegression)
    }

    @Test("an improvement that is sure is no regression, however small an effect could have been seen")
    func improved() async throws {
        let c = try await Self.compare(shift: 0.2, noise: 0.3)
        #expect((c.verdict.detectable ?? 0) > 0.05 && c.verdict.answer == .noRegression)
    }

    @Test("more latency is worse, and of a recorded number whoever asks says what is")
    func directions() async throws {
        func run(_ scenario: Int, _ latency: Int64) -> Outcome {
            var outcome = Outcome.success("s\(scenario)")
            outcome.executionTimeMs = latency
            outcome.metrics = .members(("lag", .integer(latency)))
            return outcome
        }
        let a = (0..<30).map { run($0, 1000) }
        let b = (0..<30).map { run($0, 1200 + Int64($0 % 3)) }
        var options = ComparisonOptions()
        options.metric = "latency_ms"
        let slower = try await Tests.compare(a, b, options)
        #expect(slower.verdict.answer == .regressed && slower.verdict.tolerance == 50)
        #expect(slower.byScenario.first?.difference == 202)
        options.metric = "lag"
        #expect(try await Tests.compare(a, b, options).verdict.answer == .noRegression)
        options.moreIsBetter = false
        #expect(try await Tests.compare(a, b, options).verdict.answer == .regressed)
    }

    @Test("a critical scenario that went from always passing to never is enough")
    func critical() async throws {
        try await withStore { store in
            let (a, b) = (try await store.newSimulation(), try await store.newSimulation())
            let same = (0..<80).flatMap { Tests.runs("s\($0)", 1) }
            try await store.record(same + Tests.runs("pay", 1, 1), in: a)
            try await store.record(same + Tests.runs("pay", 0, 0), in: b)
            func compare(_ options: ComparisonOptions = ComparisonOptions()) async throws -> Comparison {
                try await store.read { try await $0.compare(a, with: b, options) }
            }
            #expect(try await compare().verdict.answer == .noRegression)
            var named = ComparisonOptions()
            named.critical = ["pay"]
            #expect(try await compare(named).verdict.lostCritical == ["pay"])
            try await store.session { try await $0.upsert([Scenario(id: "pay", tags: ["critical"])]) }
            let tagged = try await compare()
            #expect(tagged.verdict.answer == .regressed && tagged.verdict.lostCritical == ["pay"])
            #expect(tagged.byScenario.first?.isCritical == true)
            named.critical = ["Pay"]
            let scenario = await refusal(.notFound) { [named] in _ = try await compare(named) }
            #expect(scenario.contains("critical scenario \"Pay\""))
            var other = ComparisonOptions()
            other.criticalTag = "vital"
            let tag = await refusal(.notFound) { [other] in _ = try await compare(other) }
            #expect(tag.contains("critical tag \"vital\""))
        }
    }
}
