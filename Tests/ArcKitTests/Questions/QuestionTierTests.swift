import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

/// Rows as texts to the last digit, but for the ids of versions, which every database makes for itself.
private func lines<Row: AnswerRow>(_ rows: [Row]) -> [String] {
    let columns = Row.columns.filter { $0.name != "version_id" }
    return rows.map { row in columns.map { $0.value(row).description }.joined(separator: "|") }
}

/// The answers to every question, as texts to the last digit.
///
/// - Parameter isParallel: whether workers share the work, which then add up in an order of their own.
private func answers(
    _ store: Store, _ scope: OutcomeScope = .all, isParallel: Bool = false
) async throws -> [String] {
    try await store.ask { session in
        if isParallel {
            try await session.connection.query(
                """
                select set_config(name, '0', false) from unnest(array['parallel_setup_cost', 'parallel_tuple_cost',
                  'min_parallel_table_scan_size', 'min_parallel_index_scan_size']) name
                """)
        }
        let failures = try await session.failures(scope, byTool: true)
        let flaky = try await session.flaky(scope)
        let board = try await session.leaderboard(scope)
        let passes = try await session.leaderboard(scope, by: .passRate)
        let usage = try await session.toolUsage(scope)
        let costs = try await session.costs(scope)
        let coverage = try await session.coverage(scope)
        let parts: [[String]] = [
            ["\(failures.runs) \(failures.failures) \(failures.rate)"], lines(failures.byCategory),
            lines(failures.byScenario), lines(failures.clusters), lines(failures.byTool ?? []),
            lines(flaky.scenarios), ["\(flaky.single) \(flaky.unjudged)"], lines(board.standings),
            lines(board.comparisons), lines(passes.standings), lines(passes.comparisons), lines(usage.tools),
            lines(usage.expectations), ["\(usage.runs) \(usage.withoutTrajectory)"], lines([costs.total]),
            lines(costs.byConfiguration), lines(costs.byScenario), lines([coverage.total]),
            lines(coverage.byTag),
            lines(coverage.byDifficulty), lines(coverage.byTagAndDifficulty), lines(coverage.missing),
        ]
        return parts.flatMap { ["—"] + $0 }
    }
}

@Suite("Questions about outcomes, on every server")
struct QuestionTierTests {
    /// Runs of three versions on twelve scenarios over five days, with values that don't add up exactly.
    static func outcomes(_ seed: UInt64) -> [Outcome] {
        var random = SeededGenerator(seed: seed)
        var outcomes: [Outcome] = []
        for scenario in 0..<12 {
            for trial in 1...6 {
                let failed = Int.random(in: 0..<5, using: &random) == 0
                var outcome =
                    failed
                    ? Outcome.failure(
                        "s\(scenario)", trial: trial, category: "tool_error", "call \(trial * 17) failed")
                    : Outcome.success(
                        "s\(scenario)", trial: trial, score: Double.random(in: 0...1, using: &random))
                outcome.costUSD =
                    Bool.random(using: &random) ? Double.random(in: 0...0.1, using: &random) : nil
                outcome.executionTimeMs = Int64.random(in: 10...10_000, using: &random)
                outcome.trajectory = #"[{"tool": "t\#(trial % 3)", "duration_ms": \#(trial).1}]"#
                outcome.id = Identifier.make()
                outcomes.append(
                    outcome.at("2024-03-0\(1 + Int.random(in: 0..<5, using: &random)) 10:00:0\(trial)+00"))
            }
        }
        return outcomes
    }

    static let runs = (1...3).map { outcomes(UInt64($0)) }

    static func fill(_ store: Store, reversed: Bool) async throws {
        for (number, outcomes) in runs.enumerated() {
            let simulation = try await store.simulation("agent", "model: \(number)")
            try await store.record(reversed ? outcomes.reversed() : outcomes, in: simulation)
        }
    }

    @Test("answers are the same to the last digit, compressed or not, in whatever order rows are stored")
    func same() async throws {
        var expected: [String]?
        for tier in try await ServerUnderTest.tiers() {
            for reversed in [false, true] {
                let found = try await withStore(on: tier) { store in
                    try await Self.fill(store, reversed: reversed)
                    var found = [try await answers(store)]
                    if tier == .timescale {
                        try await store.pool.query("select compress_chunk(c) from show_chunks('outcomes') c")
                        found.append(try await answers(store))
                    }
                    found.append(try await answers(store, isParallel: true))
                    return found
                }
                for answer in found {
                    #expect(answer == expected ?? answer, "\(tier), reversed: \(reversed)")
                    expected = expected ?? answer
                }
            }
        }
        #expect((expected?.count ?? 0) > 120)
    }

    @Test(
        "a scope without outcomes, or with a single one, or where everything failed, has answers without figures made up"
    )
    func degenerate() async throws {
        try await withStore { store in
            let simulation = try await store.simulation("agent")
            let scope = OutcomeScope(simulation: simulation)
            let none = try await answers(store, scope)
            #expect(none.filter { $0 != "—" }.allSatisfy { $0.hasPrefix("0 0") || $0.hasPrefix("|") })
            #expect(!none.joined().contains("nan"))

            try await store.record([.success("only", score: 0.5)], in: simulation)
            let board = try await store.ask { try await $0.leaderboard(scope) }
            #expect(board.standings[0].value.interval == nil && board.standings[0].value.value == 0.5)
            #expect(try await store.ask { try await $0.flaky(scope) }.single == 1)
            let costs = try await store.ask { try await $0.costs(scope) }
            #expect(costs.total.costUSD == nil && costs.total.costUnknown == 1 && costs.total.p95 == nil)
            #expect(costs.total.meanCost.value == nil && costs.total.costPerPass.value == nil)
            let failures = try await store.ask { try await $0.failures(scope) }
            #expect(failures.rate.value == 0 && failures.rate.interval != nil && failures.byCategory.isEmpty)

            let broken = try await store.simulation("agent")
            try await store.record((1...3).map { .failure("f\($0)") }, in: broken)
            let all = OutcomeScope(simulation: broken)
            #expect(try await store.ask { try await $0.failures(all) }.rate.value == 1)
            let ranked = try await store.ask { try await $0.leaderboard(all, by: .passRate) }
            #expect(ranked.standings[0].value.value == 0 && ranked.standings[0].errors == 3)
            #expect(!(try await answers(store)).joined().contains("nan"))
        }
    }
}
