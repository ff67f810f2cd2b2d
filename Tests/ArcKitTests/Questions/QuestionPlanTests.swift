import Foundation
import Postgres
import TestServer
import Testing

@testable import ArcKit

/// The steps of a plan that the server explains.
private struct Plan {
    var steps: [[String: Any]] = []
    /// The pages that it read, cached or not.
    var pages = 0

    init(_ question: Question, on store: Store, options: String = "format json") async throws {
        let row = try await store.pool.withConnection { connection in
            try await connection.query("explain (\(options)) \(question.sql)", question.parameters)
        }.single()
        let text = try row.get("QUERY PLAN", as: String.self)
        let plans = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        let top = try #require(plans.first?["Plan"] as? [String: Any])
        pages = (top["Shared Hit Blocks"] as? Int ?? 0) + (top["Shared Read Blocks"] as? Int ?? 0)
        collect(top)
    }

    private mutating func collect(_ step: [String: Any]) {
        steps.append(step)
        for child in step["Plans"] as? [[String: Any]] ?? [] { collect(child) }
    }

    /// The parts of `outcomes` that are read from end to end.
    var scannedParts: Set<String> {
        Set(
            steps.filter { $0["Node Type"] as? String == "Seq Scan" }.compactMap {
                $0["Relation Name"] as? String
            }
            .filter { $0.hasPrefix("outcomes_p") || $0.hasPrefix("_hyper") })
    }

    /// The parts of `outcomes` that are read at all.
    var parts: Set<String> {
        Set(
            steps.compactMap { $0["Relation Name"] as? String }
                .filter { $0.hasPrefix("outcomes_p") || $0.hasPrefix("_hyper") })
    }

    var indexes: Set<String> { Set(steps.compactMap { $0["Index Name"] as? String }) }
}

@Suite("What questions read")
struct QuestionPlanTests {
    /// Ten days of three thousand runs each, of twenty simulations; one in fifty failed, and one took too long.
    static func fill(_ store: Store, trajectory: String = "null") async throws -> SimulationReference {
        var simulations: [SimulationReference] = []
        for number in 0..<20 {
            simulations.append(try await store.simulation("agent", "model: \(number)"))
        }
        try await store.pool.query(
            "select arc_ensure_partitions(array(select date '2024-03-01' + n from generate_series(0, 9) n))")
        try await store.pool.query(
            "insert into scenarios (scenario_id, name) select 's' || n, n from generate_series(0, 49) n")
        try await store.pool.query(
            """
            insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status,
              reliability_score, execution_time_ms, cost_usd, error_message, trajectory)
            select gen_random_uuid(), ($1::uuid[])[1 + n % 20], 's' || (n / 20) % 50, 1 + n / 1000,
              timestamptz '2024-03-01 00:00:00+00' + n * interval '28.8 seconds',
              case n % 50 when 3 then 'error' when 4 then 'timeout' else 'success' end, n % 100 / 100.0, n, 0.01,
              case when n % 50 in (3, 4) then 'order ' || n || ' not found' end, \(trajectory)
            from generate_series(0, 29999) n
            """, [.texts(simulations.map(\.id))])
        try await store.pool.query("vacuum analyze outcomes")
        try await store.pool.query("analyze simulations")
        return simulations[7]
    }

    /// Every question whose answer doesn't need trajectories.
    static func questions(_ source: ScopedSource) -> [(name: String, question: Question)] {
        [
            ("failures: runs", Session.runCounts(source)), ("failures: failed", Session.failed(source)),
            ("flaky", Session.verdicts(source)), ("leaderboard", RunTotals.question(source)),
            ("cost", RunTotals.question(source, withTimes: true)), ("coverage", Session.coverage(source)),
            ("recent failures", Session.recentFailures(source, limit: 20)),
        ]
    }

    @Test("a scope of a simulation scans no part of the outcomes from end to end, and sorts nothing on disk")
    func simulation() async throws {
        for tier in try await ServerUnderTest.tiers() {
            try await withStore(on: tier) { store in
                let simulation = try await Self.fill(store)
                let source = try await store.ask { try await $0.source(OutcomeScope(simulation: simulation)) }
                for (name, question) in Self.questions(source) + [("tools", Session.toolUsage(source))] {
                    let plan = try await Plan(question, on: store, options: "analyze, format json")
                    #expect(plan.scannedParts.isEmpty, "\(tier), \(name): \(plan.scannedParts)")
                    #expect(!plan.steps.contains { $0["Sort Space Type"] as? String == "Disk" }, "\(name)")
                    #expect(!plan.steps.contains { ($0["Disk Usage"] as? Int ?? 0) > 0 }, "\(name)")
                }
            }
        }
    }

    @Test("a time range reads the days that it is about and no others")
    func timeRange() async throws {
        for tier in try await ServerUnderTest.tiers() {
            try await withStore(on: tier) { store in
                _ = try await Self.fill(store)
                let scope = OutcomeScope(
                    since: Timestamp("2024-03-03 00:00:00+00"), before: Timestamp("2024-03-05 00:00:00+00"))
                let source = try await store.ask { try await $0.source(scope) }
                for (name, question) in Self.questions(source) + [("tools", Session.toolUsage(source))] {
                    let plan = try await Plan(question, on: store)
                    #expect(plan.parts.count == 2, "\(tier), \(name): \(plan.parts)")
                }
            }
        }
    }

    @Test("the latest failures are found by the index of statuses, in the last day alone")
    func recent() async throws {
        for tier in try await ServerUnderTest.tiers() {
            try await withStore(on: tier) { store in
                _ = try await Self.fill(store)
                let question = Session.recentFailures(ScopedSource(), limit: 20)
                let plan = try await Plan(question, on: store, options: "analyze, buffers, format json")
                let used = plan.steps.filter { ($0["Actual Loops"] as? Int ?? 0) > 0 }
                let read = used.compactMap { $0["Index Name"] as? String }
                    .filter { $0.contains("outcomes") || $0.contains("status") }
                #expect(read.contains { $0.contains("status") }, "\(tier): \(read)")
                let parts = Set(
                    used.compactMap { $0["Relation Name"] as? String }
                        .filter { $0.hasPrefix("outcomes_p") || $0.hasPrefix("_hyper") })
                #expect(parts.count == 1, "\(tier): \(parts)")
                #expect(plan.pages < 200, "\(tier): \(plan.pages)")
            }
        }
    }

    @Test("no question but that about tools reads a trajectory")
    func trajectories() async throws {
        // 20 KB that don't compress, in a table of their own: three pages or more of each of the simulation's 1,500 runs.
        let large = """
            case when n % 20 = 7 then (
              select jsonb_build_array(jsonb_build_object('tool', 'find', 'text', string_agg(md5(n || '.' || k), '')))
              from generate_series(1, 625) k) end
            """
        let lean = try await Self.pages(trajectory: "'[{\"tool\": \"find\"}]'")
        let heavy = try await Self.pages(trajectory: large)
        for (name, pages) in heavy where name != "tools" {
            let without = lean[name] ?? 0
            // Another plan may read some pages more, but not one for each run.
            #expect(pages < without + 1500, "\(name): \(pages), \(without) without")
        }
        let (read, without) = (heavy["tools"] ?? 0, lean["tools"] ?? 0)
        #expect(read > without + 4500, "\(read), \(without) without")
    }

    private static func pages(trajectory: String) async throws -> [String: Int] {
        try await withStore { store in
            let simulation = try await fill(store, trajectory: trajectory)
            let source = try await store.ask { try await $0.source(OutcomeScope(simulation: simulation)) }
            var pages: [String: Int] = [:]
            for (name, question) in questions(source) + [("tools", Session.toolUsage(source))] {
                pages[name] = try await Plan(question, on: store, options: "analyze, buffers, format json")
                    .pages
            }
            return pages
        }
    }
}
