import ArcKit
import Postgres
import TestServer
import Testing

@Suite("How outcomes are stored")
struct StorageTests {
    @Test("the guide's indexes are there")
    func indexes() async throws {
        let expected = [
            "idx_outcomes_analytics (simulation_id, status, execution_time DESC)",
            "idx_outcomes_execution_time (execution_time DESC)",
            "idx_outcomes_modal_call (modal_call_id)",
            "idx_outcomes_run (simulation_id, scenario_id, trial)",
            "idx_outcomes_simulation_id (simulation_id, execution_time DESC)",
            "idx_outcomes_status (status, execution_time DESC)",
        ]
        try await withStore { store in
            let found = try await store.pool.query(
                """
                select indexname || ' ' || regexp_replace(indexdef, '^.* USING btree ', '') from pg_indexes
                where schemaname = 'public' and tablename = 'outcomes' and indexname like 'idx%' order by 1
                """)
            #expect(found.lines == expected)
        }
    }

    @Test("the indexes reach the day's part of the table that a row is in")
    func indexesOfParts() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"])
            try await store.record([.success("a").at("2024-02-29 12:00:00+00")], in: simulation)
            let indexes = try await store.count(
                """
                select count(distinct pg_get_indexdef(indexrelid)) from pg_index
                where indrelid = (select tableoid from outcomes limit 1)
                """)
            #expect(indexes == 7)
        }
    }

    @Test(
        "on TimescaleDB outcomes are a hypertable by day, compressed after 7 days and never dropped by itself",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func timescale() async throws {
        try await withStore { store in
            let dimensions = try await store.pool.query(
                """
                select column_name::text, time_interval from timescaledb_information.dimensions
                where hypertable_name = 'outcomes'
                """)
            #expect(dimensions.lines == ["execution_time|1 day"])
            let policies = try await store.pool.query(
                """
                select proc_name::text, coalesce(config ->> 'compress_after', config ->> 'drop_after')
                from timescaledb_information.jobs where hypertable_name = 'outcomes' order by 1
                """)
            #expect(policies.lines == ["policy_compression|7 days"])
        }
    }

    @Test(
        "on TimescaleDB a chunk can be compressed, read and written to as before",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func compressed() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a", "b"])
            let first = Outcome.success("a", score: 0.25).at("2024-02-29 12:00:00+00")
            try await store.record([first], in: simulation)
            try await store.pool.query("select compress_chunk(c) from show_chunks('outcomes') c")
            // A run that is new, one that replaces what is compressed, and one that is there already.
            try await store.record([.success("b", score: 0.5).at("2024-02-29 13:00:00+00")], in: simulation)
            let report = try await store.record(
                [.success("a", score: 0.75).at("2024-02-29 14:00:00+00")], in: simulation)
            #expect(report.replaced == 1)
            let id = try #require(report.outcomeIDs.first)
            try await store.pool.query("select compress_chunk(c) from show_chunks('outcomes') c")
            var again = Outcome.success("a", score: 0.75).at("2024-02-29 14:00:00+00")
            again.id = id
            #expect(try await store.record([again], in: simulation).unchanged == 1)
            let scores = try await store.pool.query(
                "select scenario_id, reliability_score from outcomes order by 1")
            #expect(scores.lines == ["a|0.75", "b|0.5"])
            #expect(try await store.status(of: simulation).completedRuns == 2)
        }
    }
}
