import Postgres

@testable import ArcKit

/// Ten days up to now with a thousand runs each, of twenty simulations at once, one in ten of them with a trajectory that is
/// kept apart from its row. The roll-ups are up to date.
struct AnalyticFixture: Sendable {
    let a: SimulationReference
    let b: SimulationReference
    let configuration: String

    /// The days that outcomes are of; the last of them may be today's beginning.
    static let days = 10

    static func make(_ store: Store) async throws -> AnalyticFixture {
        var simulations: [SimulationReference] = []
        for number in 0..<20 {
            simulations.append(
                try await store.session { session in
                    let version = try await session.createConfiguration(
                        name: "agent", document: try ConfigurationDocument(yaml: "model: \(number)"))
                    var plan = SimulationPlan(
                        configuration: version.versionID, scenarios: (0..<50).map(scenario), trials: 10)
                    plan.name = "nightly \(number)"
                    return try await session.findSimulation(try await session.createSimulation(plan))
                })
        }
        try await store.pool.query(
            """
            select arc_ensure_partitions(array(
              select ((now() - n * interval '1 day') at time zone 'UTC')::date from generate_series(0, $1) n))
            """, [.int(Int64(days))])
        try await store.pool.query(
            """
            insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status,
              reliability_score, execution_time_ms, tokens_used, cost_usd, error_category, error_message, trajectory)
            select gen_random_uuid(), ($1::uuid[])[1 + n % 20], 's' || (n / 20) % 50, 1 + n / 1000,
              now() - n * interval '86.4 seconds', (array['success', 'success', 'success', 'error', 'timeout'])[1 + n % 5],
              case when n % 5 < 3 then n % 100 / 100.0 end, n, n, 0.01, case when n % 5 = 3 then 'tool_error' end,
              case when n % 5 > 2 then 'order ' || n || ' not found' end,
              case when n / 20 % 10 = 3 then (
                select jsonb_build_array(jsonb_build_object('tool', 'find', 'output', string_agg(md5(n || '.' || k), '')))
                from generate_series(1, 200) k) end
            from generate_series(0, $2 * 1000 - 1) n
            """, [.texts(simulations.map(\.id)), .int(Int64(days))])
        try await store.session { session in _ = try await session.refreshRollups() }
        try await store.pool.query("vacuum analyze")
        return AnalyticFixture(a: simulations[6], b: simulations[7], configuration: "agent")
    }

    private static func scenario(_ number: Int) -> Scenario {
        Scenario(
            id: "s\(number)", name: nil, taskPrompt: "Find the order of customer \(number)",
            difficulty: "easy",
            tags: ["orders"], expectedTools: nil)
    }

    /// Compresses what TimescaleDB's policy would have compressed and more: all but the last three days.
    static func compress(_ store: Store) async throws {
        try await store.pool.query(
            "select count(compress_chunk(c)) from show_chunks('outcomes', older_than => interval '3 days') c")
        try await store.pool.query("vacuum analyze")
    }
}
