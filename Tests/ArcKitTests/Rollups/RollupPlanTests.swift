import Foundation
import Postgres
import TestServer
import Testing

@testable import ArcKit

/// What answers touch. The queries within functions have no plan that EXPLAIN shows; but whatever a statement plans or
/// runs it locks, until its transaction ends.
@Suite("What roll-ups read")
struct RollupPlanTests {
    /// Sixty days of runs, three each.
    private static func withDays(
        on tier: StorageTier, _ body: @Sendable (Store, SimulationReference) async throws -> Void
    ) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            let start = try #require(Timestamp("2024-01-01 12:00:00+00", hasZone: true))
            for month in 0..<2 {
                let outcomes = (0..<90).map { n in
                    var outcome = Outcome.success(
                        "s\(n % 3)", trial: month * 90 + n + 1, score: Double(n) / 90)
                    outcome.executionTime = Timestamp(
                        microseconds: start.microseconds + Int64(month * 30 + n / 3) * 86_400_000_000)
                    outcome.executionTimeMs = Int64(n)
                    return outcome
                }
                try await store.record(outcomes, in: simulation)
            }
            try await body(store, simulation)
        }
    }

    /// The questions that roll-ups answer.
    static let questions:
        [(name: String, ask: @Sendable (Session, SimulationReference) async throws -> Void)] = [
            ("status", { _ = try await $0.status(of: $1) }),
            ("list", { session, _ in _ = try await session.simulations(limit: 10) }),
            ("performance", { _ = try await $0.performance(of: $1, bucket: "1 day") }),
            ("trend", { session, _ in _ = try await session.trend(question()) }),
            ("trend by hour", { session, _ in _ = try await session.trend(question(bucket: "1 hour")) }),
            ("trend of a scenario", { session, _ in _ = try await session.trend(question(scenario: "s1")) }),
            (
                "daily_simulation_stats",
                { session, _ in
                    try await session.connection.query("select * from daily_simulation_stats")
                }
            ),
        ]

    private static func question(bucket: String = "1 day", scenario: String? = nil) -> TrendQuestion {
        var question = TrendQuestion()
        question.days = nil
        question.bucket = bucket
        question.scenario = scenario
        return question
    }

    /// The partitions or chunks of outcomes that a question has locked, and `outcomes` itself.
    private static func touched(
        _ store: Store, _ ask: @escaping @Sendable (Session) async throws -> Void
    ) async throws -> Set<String> {
        try await store.transaction { session in
            try await ask(session)
            let locked = try await session.connection.query(
                """
                select distinct c.relname from pg_locks l join pg_class c on c.oid = l.relation
                where l.pid = pg_backend_pid() and (
                  c.oid = 'outcomes'::regclass
                  or c.oid in (select inhrelid from pg_inherits where inhparent = 'outcomes'::regclass))
                """)
            return Set(locked.lines)
        }
    }

    @Test(
        "no answer touches the outcomes where nothing has changed, and writes nothing to the disk",
        arguments: try await ServerUnderTest.tiers())
    func untouched(tier: StorageTier) async throws {
        try await Self.withDays(on: tier) { store, simulation in
            try await store.refreshAll()
            for question in Self.questions {
                // The first time a session asks, and with plans that it has.
                for _ in 0..<2 {
                    let touched = try await Self.touched(store) { try await question.ask($0, simulation) }
                    #expect(touched == [], "\(question.name)")
                }
            }
        }
    }

    @Test(
        "an answer reads the partitions of the hours that have changed, and no others",
        arguments: try await ServerUnderTest.tiers())
    func touchesChanged(tier: StorageTier) async throws {
        try await Self.withDays(on: tier) { store, simulation in
            try await store.refreshAll()
            try await store.record([.success("late", score: 1).at("2024-02-10 12:30:00+00")], in: simulation)
            for question in Self.questions {
                let touched = try await Self.touched(store) { try await question.ask($0, simulation) }
                let parts = touched.subtracting(["outcomes"])
                #expect(parts.count == 1, "\(question.name): \(touched)")
                if tier == .native { #expect(parts == ["outcomes_p20240210"]) }
            }
        }
    }

    /// Every node of a plan, from the top.
    private static func nodes(_ plan: [String: Any]) -> [[String: Any]] {
        [plan] + ((plan["Plans"] as? [[String: Any]]) ?? []).flatMap(nodes)
    }

    private static func explain(_ sql: String, _ pool: Pool) async throws -> [[String: Any]] {
        let row = try await pool.query("explain (analyze, buffers, format json) " + sql).single()
        let text = row[0].description
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        return nodes(try #require(json?.first?["Plan"] as? [String: Any]))
    }

    @Test(
        "stored rows are found by indexes' bounds, and nothing is sorted on the disk",
        arguments: try await ServerUnderTest.tiers())
    func plans(tier: StorageTier) async throws {
        try await Self.withDays(on: tier) { store, simulation in
            try await store.refreshAll()
            for sql in [
                "select * from arc_totals(array['\(simulation.id)'::uuid])",
                "select bucket, sum(runs) from arc_rollup('1 hour', null, '2024-02-20') group by 1 order by 1",
                "select bucket, sum(n) from arc_rollup_clusters('24 hours', null, '2024-01-01', '{score}') group by 1 order by 1",
                "select * from daily_simulation_stats",
            ] {
                let nodes = try await Self.explain(sql, store.pool)
                #expect(!nodes.isEmpty)
                for node in nodes {
                    #expect(node["Sort Space Type"] as? String != "Disk", "\(sql)")
                    #expect(node["Temp Written Blocks"] as? Int ?? 0 == 0, "\(sql)")
                    let relation = node["Relation Name"] as? String ?? ""
                    #expect(!relation.hasPrefix("outcomes"), "\(sql)")
                }
            }
        }
    }
}
