import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

/// The sums as texts to the last digit, in an order of their own.
private func lines(_ totals: [RunTotals]) -> [String] {
    totals.map { t in
        let counts = [
            t.runs, t.errors, t.passes, t.judged, t.scored, t.costed, t.costedPasses, t.counted, t.timed,
        ]
        // A decimal is shown with as many places as its terms had; here it is what it comes to that counts.
        let sums = [t.score, t.cost, t.tokens, t.timeMs].map { $0.map { "\($0.doubleValue)" } ?? "–" }
        return "\(t.version) \(t.scenario) \(counts) \(sums) \(t.times.sorted())"
    }.sorted()
}

@Suite("Sums of runs by version and scenario")
struct RunTotalsTests {
    private static let midnight = Timestamp("2024-03-01 00:00:00+00", hasZone: true)!

    /// A moment of six days, sometimes of a midnight.
    private static func moment(_ random: inout SeededGenerator) -> Timestamp {
        let day = Int64(random.index(below: 6)) * WholeDays.microseconds
        let within = random.index(below: 4) == 0 ? 0 : Int64(random.unit() * Double(WholeDays.microseconds))
        return Timestamp(microseconds: midnight.microseconds + day + within)
    }

    /// A run of which anything may be unknown.
    private static func outcome(_ trial: Int, _ random: inout SeededGenerator) -> Outcome {
        let statuses: [OutcomeStatus] = [.success, .success, .success, .error, .timeout, .cancelled]
        var outcome = Outcome(
            scenario: Scenario(id: "s\(random.index(below: 4))"), trial: trial,
            status: statuses[random.index(below: statuses.count)])
        func known(_ random: inout SeededGenerator) -> Bool { random.index(below: 4) > 0 }
        if outcome.status == .success, known(&random) {
            outcome.reliabilityScore = [random.unit(), 0.7, 0.1, 1][random.index(below: 4)]
        }
        if known(&random) { outcome.costUSD = [random.unit() / 100, 0.000_003][random.index(below: 2)] }
        if known(&random) { outcome.tokensUsed = Int64(random.index(below: 5000)) }
        if known(&random) { outcome.executionTimeMs = Int64(random.index(below: 1_000_000)) }
        outcome.executionTime = moment(&random)
        return outcome
    }

    /// Scopes of every kind, with ends within days and at midnights.
    private static func scopes(
        _ simulation: SimulationReference, _ random: inout SeededGenerator
    ) -> [OutcomeScope] {
        func later(_ hours: Double) -> Timestamp {
            Timestamp(microseconds: midnight.microseconds + Int64(hours * 3_600_000_000))
        }
        let moments = [moment(&random), moment(&random)].sorted()
        return [
            .all, OutcomeScope(simulation: simulation), OutcomeScope(configuration: "agent"),
            OutcomeScope(tags: ["odd"]),
            OutcomeScope(simulation: simulation, since: moments[0], tags: ["odd"]),
            OutcomeScope(since: moments[0], before: moments[1]), OutcomeScope(before: moments[1]),
            OutcomeScope(configuration: "other", before: moments[0]), OutcomeScope(since: later(30)),
            OutcomeScope(since: later(24), before: later(72)),
            OutcomeScope(since: later(25), before: later(47)),
            OutcomeScope(since: later(23), before: later(73)),
            OutcomeScope(since: later(24), before: later(24)),
            OutcomeScope(withinSeconds: 3600), OutcomeScope(withinSeconds: 20_000 * 86_400),
            OutcomeScope(since: .negativeInfinity(), before: .infinity()), OutcomeScope(since: .infinity()),
        ]
    }

    private static func check(
        _ store: Store, _ scopes: [OutcomeScope], _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for scope in scopes {
            try await store.ask { session in
                let question = RunTotals.question(try await session.source(scope), withTimes: true)
                let expected = try await session.rows(of: question) { try RunTotals(&$0) }
                let found = try await session.runTotals(scope, withTimes: true)
                #expect(lines(found) == lines(expected), "\(what), \(scope)", sourceLocation: sourceLocation)
                let lean = try await session.runTotals(scope)
                #expect(lean.allSatisfy(\.times.isEmpty) && lean.count == found.count, "\(what), \(scope)")
            }
        }
    }

    @Test(
        "sums from roll-ups are those of the outcomes, whatever came late, was cancelled or has changed",
        arguments: try await ServerUnderTest.tiers(), 1...2)
    func agree(tier: StorageTier, seed: Int) async throws {
        try await withStore(on: tier) { store in
            var random = SeededGenerator(seed: UInt64(seed))
            let scenarios = (0..<4).map { Scenario(id: "s\($0)", tags: $0 % 2 == 1 ? ["odd"] : ["even"]) }
            let simulations = [
                try await store.simulation("agent", "model: one", scenarios: scenarios),
                try await store.simulation("agent", "model: one"),
                try await store.simulation("agent", "model: two"),
                try await store.simulation("other", "model: three"),
            ]
            try await Self.check(store, Self.scopes(simulations[0], &random), "nothing")
            for step in 0..<5 {
                for simulation in simulations where step == 0 || random.index(below: 2) == 0 {
                    let outcomes = (0..<60).map { Self.outcome(step * 60 + $0 + 1, &random) }
                    try await store.record(outcomes, in: simulation)
                }
                try await Self.check(store, Self.scopes(simulations[step % 4], &random), "recorded \(step)")
                if step != 2 {
                    try await store.refreshAll()
                    try await Self.check(
                        store, Self.scopes(simulations[step % 4], &random), "refreshed \(step)")
                }
                let changes = [
                    "update simulations set pass_threshold = 0.3 where simulation_id = '\(simulations[0].id)'",
                    "update outcomes set status = 'cancelled' where scenario_id = 's1' and trial % 3 = 0",
                    "delete from outcomes where execution_time between '2024-03-02 10:00+00' and '2024-03-03 04:00+00'",
                    "delete from simulations where simulation_id = '\(simulations[1].id)'",
                    "update outcomes set execution_time_ms = null where execution_time >= '2024-03-05 00:00+00'",
                ]
                try await store.pool.query(changes[step])
                if step == 3 { break }
                try await Self.check(store, Self.scopes(simulations[step % 4], &random), changes[step])
            }
            try await Self.check(store, Self.scopes(simulations[0], &random), "deleted")
            try await store.refreshAll()
            try await Self.check(store, Self.scopes(simulations[0], &random), "deleted, refreshed")
        }
    }

    @Test("the whole days of a span are those that lie within it, before 2000 too")
    func wholeDays() throws {
        func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text, hasZone: true)) }
        let within = WholeDays(
            since: try moment("1999-12-30 00:00:00.000001+00"),
            before: try moment("2000-01-02 23:59:59.999999+00"))
        #expect(within?.first == (try moment("1999-12-31 00:00:00+00")))
        #expect(within?.end == (try moment("2000-01-02 00:00:00+00")))
        let exact = WholeDays(
            since: try moment("1999-12-30 00:00:00+00"), before: try moment("1999-12-31 00:00:00+00"))
        #expect(exact?.first == (try moment("1999-12-30 00:00:00+00")))
        #expect(exact?.end == (try moment("1999-12-31 00:00:00+00")))
        #expect(
            WholeDays(
                since: try moment("1999-12-30 00:00:01+00"), before: try moment("1999-12-31 23:00:00+00"))
                == nil)
        let all = WholeDays(since: nil, before: .infinity())
        #expect(all != nil && all?.first == nil && all?.end == nil)
        #expect(WholeDays(since: .infinity(), before: nil) == nil)
        #expect(WholeDays(since: nil, before: .negativeInfinity()) == nil)
    }
}
