import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Roll-ups")
struct RollupTests {
    /// Runs of two days, with everything that may be unknown.
    static func outcomes() -> [Outcome] {
        var outcomes: [Outcome] = [
            Outcome.success("a", trial: 1, score: 0.1).at("2024-02-28 23:59:59.999999+00"),
            Outcome.success("a", trial: 2, score: 0.2).at("2024-02-29 00:00:00+00"),
            Outcome.success("b", trial: 1, score: 0.9).at("2024-02-29 00:59:00+00"),
            Outcome(scenario: Scenario(id: "b"), trial: 2, status: .timeout).at("2024-02-29 01:00:00+00"),
            Outcome(scenario: Scenario(id: "c"), trial: 1, status: .cancelled).at("2024-02-29 01:30:00+00"),
            Outcome.success("c", trial: 2).at("2024-02-29 12:00:00+00"),
        ]
        outcomes[0].costUSD = 0.1
        outcomes[1].costUSD = 0.2
        outcomes[2].executionTimeMs = 127
        outcomes[3].executionTimeMs = 300_000
        outcomes[4].tokensUsed = 7
        return outcomes
    }

    @Test(
        "they say what the outcomes say, before a refresh as after it",
        arguments: try await ServerUnderTest.tiers())
    func agree(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            try await RollupTruth.check(store.pool, "of nothing")
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            let other = try await store.newSimulation(threshold: 0.15)
            try await store.record(Self.outcomes(), in: other)
            #expect(try await store.session { try await $0.rollupState().simulations } == 2)
            try await RollupTruth.check(store.pool, "noted")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "stored")
            #expect(try await store.count("select count(*) from rollup_hourly") == 10)
            // A score of 0.1 and one of 0.2 are 0.3, and no 0.30000000000000004.
            let day = try await store.pool.query(
                "select avg_reliability, total_cost from daily_simulation_stats order by day")
            #expect(day.lines == ["0.1|0.2", "0.55|0.4"])
        }
    }

    @Test(
        "what comes late, again, or is changed or deleted by hand is right at once, and after a refresh",
        arguments: try await ServerUnderTest.tiers())
    func changes(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            try await store.refreshAll()
            func changed(_ what: String, _ body: () async throws -> Void) async throws {
                try await body()
                #expect(try await store.session { try await $0.rollupState().waiting } > 0, "\(what)")
                try await RollupTruth.check(store.pool, what)
                try await store.refreshAll()
                try await RollupTruth.check(store.pool, what + ", refreshed")
            }
            try await changed("late") {
                try await store.record(
                    [.success("late", score: 1).at("2024-02-28 12:00:00+00")], in: simulation)
            }
            try await changed("a run again, at another hour") {
                try await store.record(
                    [.success("a", trial: 2, score: 0.7).at("2024-03-05 10:00:00+00")], in: simulation)
            }
            try await changed("inserted by hand") {
                try await store.pool.query("select arc_ensure_partitions('{2024-02-29}')")
                try await store.pool.query(
                    """
                    insert into outcomes (outcome_id, simulation_id, scenario_id, execution_time, status)
                    values (gen_random_uuid(), $1, 'hand', '2024-02-29 13:00:00+00', 'error')
                    """, [.text(simulation.id)])
            }
            try await changed("changed by hand") {
                try await store.pool.query(
                    "update outcomes set reliability_score = 0.5 where scenario_id = 'b'")
            }
            try await changed("deleted by hand") {
                try await store.pool.query("delete from outcomes where scenario_id = 'a'")
            }
            try await changed("another threshold") {
                try await store.pool.query("update simulations set pass_threshold = 0.1")
            }
            try await changed("truncated") { try await store.pool.query("truncate outcomes") }
            #expect(try await store.count("select count(*) from rollup_hourly") == 0)
        }
    }

    @Test(
        "nothing is left of what was truncated, however many simulations it was",
        arguments: try await ServerUnderTest.tiers())
    func truncated(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            for _ in 1...25 { try await store.record(Self.outcomes(), in: try await store.newSimulation()) }
            try await store.refreshAll()
            try await store.pool.query("truncate outcomes")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "truncated")
            #expect(try await store.count("select count(*) from rollup_totals") == 0)
            #expect(try await store.count("select count(*) from rollup_clusters_daily") == 0)
            #expect(try await store.count("select count(*) from rollup_runs_daily") == 0)
        }
    }

    @Test("what doesn't bear on a figure needs no refresh", arguments: try await ServerUnderTest.tiers())
    func irrelevant(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            try await store.refreshAll()
            try await store.pool.query(
                "update outcomes set error_category = 'tool_error', metrics = '{\"a\": 1}'")
            try await store.pool.query(
                "update simulations set simulation_name = 'x', pass_threshold = pass_threshold")
            #expect(try await store.session { try await $0.rollupState().waiting } == 0)
        }
    }

    @Test(
        "what a transaction does by hand after recording is noticed, and a rollback leaves no trace",
        arguments: try await ServerUnderTest.tiers())
    func withinTransaction(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            try await store.refreshAll()
            try await store.transaction { session in
                _ = try await session.record(
                    [.success("d", score: 1).at("2024-02-29 05:00:00+00")], in: simulation)
                try await session.connection.query(
                    "update outcomes set reliability_score = 0 where scenario_id = 'a'")
            }
            try await RollupTruth.check(store.pool, "committed")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "committed, refreshed")
            struct Undone: Error {}
            await #expect(throws: Undone.self) {
                try await store.transaction { session in
                    _ = try await session.record([.success("e").at("2024-02-29 06:00:00+00")], in: simulation)
                    try await session.connection.query("delete from outcomes where scenario_id = 'b'")
                    throw Undone()
                }
            }
            #expect(try await store.session { try await $0.rollupState().waiting } == 0)
            try await RollupTruth.check(store.pool, "rolled back")
        }
    }

    @Test(
        "a simulation that is deleted takes its roll-ups along", arguments: try await ServerUnderTest.tiers())
    func deleted(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            let other = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: other)
            try await store.refreshAll()
            try await store.pool.query(
                "delete from simulations where simulation_id = $1", [.text(simulation.id)])
            try await RollupTruth.check(store.pool, "deleted")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "deleted, refreshed")
            for table in [
                "rollup_hourly", "rollup_daily", "rollup_scenarios_daily", "rollup_clusters_hourly",
                "rollup_totals", "rollup_runs_daily",
            ] {
                let left = try await store.pool.query("select distinct simulation_id from \(table)")
                #expect(left.lines == [other.id], "\(table)")
            }
        }
    }

    @Test("a day that is dropped takes its roll-ups along", arguments: try await ServerUnderTest.tiers())
    func retention(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes() + [.success("new", score: 1)], in: simulation)
            try await store.refreshAll()
            try await store.session { session in
                try await session.setRetention(days: 30)
                #expect(try await session.maintain().dropped == ["2024-02-28", "2024-02-29"])
            }
            try await RollupTruth.check(store.pool, "dropped")
            #expect(try await store.session { try await $0.rollupState().waiting } == 0)
            #expect(try await store.count("select sum(runs)::bigint from rollup_daily") == 1)
        }
    }

    @Test(
        "compressed chunks say the same, and what changes in them is noticed",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func compressed() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record(Self.outcomes(), in: simulation)
            let compress =
                "select count(compress_chunk(c, if_not_compressed => true)) from show_chunks('outcomes') c"
            try await store.pool.query(compress)
            try await RollupTruth.check(store.pool, "compressed")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "compressed, refreshed")
            for change in [
                "update outcomes set cost_usd = 0.3 where scenario_id = 'b'",
                "delete from outcomes where execution_time < '2024-02-29'",
                "delete from outcomes where simulation_id = '\(simulation.id)'",
            ] {
                try await store.pool.query(change)
                try await RollupTruth.check(store.pool, change)
                try await store.refreshAll()
                try await RollupTruth.check(store.pool, change + ", refreshed")
                try await store.record(
                    [.success("b", score: 0.25).at("2024-02-29 03:00:00+00")], in: simulation)
                try await RollupTruth.check(store.pool, "recorded after " + change)
                try await store.pool.query(compress)
            }
        }
    }

    @Test(
        "an earlier version's outcomes are rolled up after an upgrade",
        arguments: try await ServerUnderTest.tiers())
    func upgrade(tier: StorageTier) async throws {
        try await withDatabase { pool in
            if tier == .native { try await settleNative(pool) }
            let older = SchemaDeployer(migrations: Migration.all.filter { $0.number <= 9 })
            _ = try await pool.withConnection { try await older.deploy(on: $0) }
            try await pool.query("select arc_ensure_partitions('{2024-02-28, 2024-02-29}')")
            try await pool.query(
                """
                with c as (insert into configurations (config_id, name) values ('00000000-0000-7000-8000-000000000001', 'agent')),
                v as (
                  insert into config_versions (version_id, config_id, version_number, raw_yaml, parsed_config, config_hash)
                  values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 1, 'a: 1',
                    '{"a": 1}', repeat('0', 64))),
                s as (
                  insert into simulations (simulation_id, config_version_id, status)
                  values ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 'running'))
                insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status, reliability_score)
                select gen_random_uuid(), '00000000-0000-7000-8000-000000000003', 's' || n % 7, n,
                  timestamptz '2024-02-28 20:00:00+00' + n * interval '1 minute', 'success', n / 500.0
                from generate_series(1, 400) n
                """)
            // As in the guide, as far as PostgreSQL takes it.
            try await pool.query(
                "create materialized view daily_simulation_stats as select count(*) as total_scenarios from outcomes"
            )
            _ = try await SchemaDeployTests.deploy(pool)
            let store = Store(pool)
            #expect(try await store.count("select total_scenarios from daily_simulation_stats_before") == 400)
            #expect(try await store.session { try await $0.rollupState().waiting } == 1)
            try await RollupTruth.check(pool, "upgraded")
            try await store.refreshAll()
            try await RollupTruth.check(pool, "upgraded and refreshed")
            #expect(try await store.count("select sum(runs)::bigint from rollup_daily") == 400)
        }
    }
}
