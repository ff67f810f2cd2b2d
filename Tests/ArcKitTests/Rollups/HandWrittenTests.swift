import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

/// Statements of people's own, in sessions of their own settings.
@Suite("Hand-written SQL")
struct HandWrittenTests {
    private static let insert = """
        insert into outcomes (outcome_id, simulation_id, scenario_id, execution_time, status, reliability_score,
          execution_time_ms, tokens_used, cost_usd)
        values (gen_random_uuid(), $1, 'hand', $2::text::timestamptz, 'success', 0.5, $3, $4, $5)
        """

    private static func insert(
        _ simulation: String, at time: String = "2024-02-29 12:00:00+00", ms: Int64? = nil,
        tokens: Int64? = nil,
        cost: Double? = nil, _ pool: Pool
    ) async throws {
        try await pool.query(
            insert,
            [
                .text(simulation), .text(time), .optional(ms.map(Int.init)), .optional(tokens.map(Int.init)),
                .optional(cost),
            ])
    }

    /// Where the native tier takes a row of any time.
    private static func takeAnyTime(_ store: Store, _ tier: StorageTier) async throws {
        try await store.pool.query("select arc_ensure_partitions('{2024-02-29}')")
        if tier == .native {
            try await store.pool.query("create table outcomes_rest partition of outcomes default")
        }
    }

    @Test(
        "what arc wouldn't record is refused of everybody, with the column, its range and the value",
        arguments: try await ServerUnderTest.tiers())
    func refused(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await Self.takeAnyTime(store, tier)
            func expect(_ says: String, _ change: @Sendable (Pool) async throws -> Void) async {
                let error = await #expect(throws: DatabaseError.self, "\(says)") {
                    try await change(store.pool)
                }
                #expect(
                    error?.sqlState == "22000" && error?.server?.hint?.contains("NULL") == true, "\(says)")
                #expect(error?.server?.message.hasSuffix(says) == true, "\(error?.server?.message ?? "")")
            }
            let id = simulation.id
            await expect("execution_time must be in the years 1 to 9999, got infinity") {
                try await Self.insert(id, at: "infinity", $0)
            }
            await expect("execution_time must be in the years 1 to 9999, got 10000-01-01 00:00:00+00") {
                try await Self.insert(id, at: "10000-01-01 00:00:00+00", $0)
            }
            // TimescaleDB refuses it before anybody sees it.
            if tier == .native {
                await expect("execution_time must be in the years 1 to 9999, got -infinity") {
                    try await Self.insert(id, at: "-infinity", $0)
                }
            }
            await expect("execution_time_ms must be between 0 and 1000000000000, got 1000000000001") {
                try await Self.insert(id, ms: 1_000_000_000_001, $0)
            }
            await expect("tokens_used must be between 0 and 1000000000000, got 4611686018427387904") {
                try await Self.insert(id, tokens: 1 << 62, $0)
            }
            await expect("cost_usd must be between 0 and 1000000000, got NaN") {
                try await Self.insert(id, cost: .nan, $0)
            }
            await expect("cost_usd must be between 0 and 1000000000, got Infinity") {
                try await Self.insert(id, cost: .infinity, $0)
            }
            // What lies at the limits is taken, and can't be changed into what doesn't.
            try await Self.insert(
                id, ms: Outcome.counts.upperBound, tokens: Outcome.counts.upperBound,
                cost: Outcome.costs.upperBound,
                store.pool)
            try await Self.insert(id, at: "0001-01-01 00:00:00+00", store.pool)
            await expect("cost_usd must be between 0 and 1000000000, got NaN") {
                try await $0.query("update outcomes set cost_usd = 'NaN' where scenario_id = 'hand'")
            }
            try await RollupTruth.check(store.pool, "noted")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "refreshed")
            let performance = try await store.session { try await $0.performance(of: simulation) }
            #expect(performance.summary.count == 1)
        }
    }

    @Test(
        "a run of no moment that an earlier version let in stays, counts in no roll-up and holds none up",
        arguments: try await ServerUnderTest.tiers())
    func infiniteOfBefore(tier: StorageTier) async throws {
        try await withDatabase { pool in
            if tier == .native { try await settleNative(pool) }
            let older = SchemaDeployer(migrations: Migration.all.filter { $0.number <= 11 })
            _ = try await pool.withConnection { try await older.deploy(on: $0) }
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            try await Self.takeAnyTime(store, tier)
            try await Self.insert(simulation.id, pool)
            for time in ["infinity"] + (tier == .native ? ["-infinity"] : []) {
                try await Self.insert(simulation.id, at: time, pool)
            }
            _ = try await SchemaDeployTests.deploy(pool)
            try await store.refreshAll()
            #expect(try await store.count("select sum(runs)::bigint from rollup_daily") == 1)
            #expect(
                try await store.count("select sum(runs)::bigint from arc_rollup('1 hour', null, '-infinity')")
                    == 1)
            try await pool.query("select arc_note_everything()")
            #expect(try await store.count("select count(*) from outcomes") == (tier == .native ? 3 : 2))
            try await store.refreshAll()
            #expect(try await store.count("select sum(runs)::bigint from rollup_daily") == 1)
        }
    }

    @Test(
        "a refresh within a transaction that may not see what was committed before it is refused, and says how to go on",
        arguments: try await ServerUnderTest.tiers(), ["repeatable read", "serializable"])
    func isolation(tier: StorageTier, level: String) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record(RollupTests.outcomes(), in: simulation)
            try await store.pool.withConnection { connection in
                try await connection.script("begin isolation level \(level)")
                try await connection.query("select count(*) from rollup_changes")
                let error = await #expect(throws: DatabaseError.self) {
                    try await connection.query("call arc_refresh_rollups(100, null)")
                }
                #expect(error?.server?.message.contains("of the level \(level)") == true)
                #expect(error?.server?.hint?.contains("call arc_refresh_alone(100, null)") == true)
                try await connection.script("rollback")
                // On its own it works whatever the session's level is.
                try await connection.script("set default_transaction_isolation = '\(level)'")
                let row = try await connection.query("call arc_refresh_alone(1, null)").single()
                #expect(try row.get("done", as: Int?.self) == 1)
                if tier == .timescale {
                    try await connection.query("call arc_refresh_by_policy(0, null)")
                } else {
                    try await connection.query("call arc_refresh_alone(100, null)")
                }
                #expect(try await connection.query("show transaction_isolation").lines == [level])
                try await connection.script("reset default_transaction_isolation")
            }
            #expect(try await store.session { try await $0.rollupState().waiting } == 0)
            try await RollupTruth.check(store.pool, "refreshed")
        }
    }

    @Test(
        "every latency that a bigint holds is within 1/128 of the middle of its bin, and bins follow each other"
    )
    func bins() async throws {
        var random = SeededGenerator(seed: 7)
        var latencies: Set<Int64> = [0, 1, .max]
        for power in 0..<63 {
            let two = Int64(1) << power
            latencies.formUnion([two - 1, two, two | Int64(random.next() % UInt64(two))])
        }
        let sorted = latencies.sorted()
        try await withStore { store in
            let rows = try await store.pool.query(
                """
                select arc_latency_bin(ms) as bin,
                  abs(arc_latency_of_bin(arc_latency_bin(ms)) - ms) <= ms / 128.0 as is_near
                from unnest($1::bigint[]) with ordinality as u(ms, place) order by place
                """, [.array(ArrayValue(sorted.map(Value.int)))])
            let bins = try rows.map { try $0.get("bin", as: Int.self) }
            #expect(bins.count == sorted.count && bins == bins.sorted())
            #expect(try rows.allSatisfy { try $0.get("is_near", as: Bool.self) })
        }
    }

    @Test("a day's partition that is truncated on its own is noticed, also one of before the upgrade")
    func truncatedPartition() async throws {
        try await withDatabase { pool in
            try await settleNative(pool)
            let older = SchemaDeployer(migrations: Migration.all.filter { $0.number <= 11 })
            _ = try await pool.withConnection { try await older.deploy(on: $0) }
            try await pool.query("select arc_ensure_partitions('{2024-02-28}')")
            _ = try await SchemaDeployTests.deploy(pool)
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            try await store.record(RollupTests.outcomes(), in: simulation)
            for day in ["20240228", "20240229"] {
                try await store.refreshAll()
                #expect(try await store.count("select count(*) from outcomes_p\(day)") > 0)
                try await pool.query("truncate outcomes_p\(day)")
                #expect(try await store.session { try await $0.rollupState().waiting } > 0)
                try await RollupTruth.check(pool, "truncated")
                try await store.refreshAll()
                try await RollupTruth.check(pool, "truncated, refreshed")
            }
            // All of it at once is one note a simulation.
            try await store.record(RollupTests.outcomes(), in: try await store.newSimulation())
            try await store.refreshAll()
            try await pool.query("truncate outcomes")
            #expect(
                try await store.count("select count(*) from rollup_changes where hour <> '-infinity'") == 0)
            try await store.refreshAll()
            try await RollupTruth.check(pool, "all truncated")
        }
    }

    @Test(
        "outcomes that were there before their simulation are judged by its threshold once it is",
        arguments: try await ServerUnderTest.tiers(), [true, false])
    func simulationAfterwards(tier: StorageTier, isRefreshed: Bool) async throws {
        try await withStore(on: tier) { store in
            let id = Identifier.make()
            try await Self.takeAnyTime(store, tier)
            try await Self.insert(id, store.pool)
            if isRefreshed { try await store.refreshAll() }
            try await RollupTruth.check(store.pool, "without a simulation")
            let other = try await store.newSimulation()
            try await store.pool.query(
                """
                insert into simulations (simulation_id, config_version_id, pass_threshold)
                select $1, config_version_id, 0.4 from simulations where simulation_id = $2
                """, [.text(id), .text(other.id)])
            // A simulation of which nothing is stored is no news.
            #expect(try await store.session { try await $0.rollupState().simulations } == 1)
            try await RollupTruth.check(store.pool, "with a simulation")
            try await store.refreshAll()
            try await RollupTruth.check(store.pool, "refreshed")
            #expect(try await store.count("select passes from rollup_daily") == 1)
        }
    }

    @Test(
        "partitions and answers don't depend on how a session writes times",
        arguments: try await ServerUnderTest.tiers(),
        [
            // IST is taken for Israel's time when it is read.
            ("German, DMY", "Asia/Kolkata", "sql_standard"), ("SQL, MDY", "Asia/Kathmandu", "iso_8601"),
            ("Postgres, DMY", "America/St_Johns", "postgres_verbose"),
        ])
    func settings(tier: StorageTier, settings: (dates: String, zone: String, intervals: String)) async throws
    {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            let own = try await Connection.connect(store.pool.options)
            try await own.script(
                """
                set datestyle = '\(settings.dates)'; set timezone = '\(settings.zone)';
                set intervalstyle = '\(settings.intervals)'
                """)
            try await own.query(
                "select arc_ensure_partitions('{2024-02-03, 2024-11-03, 0001-01-01, 9999-12-31}')")
            for time in ["2024-02-03 00:00:00+00", "2024-11-03 23:59:59.999999+00", "9999-12-31 23:59:59+00"]
            {
                try await own.query(
                    Self.insert, [.text(simulation.id), .text(time), .int(300), .int(4), .double(0.5)])
            }
            if tier == .native {
                let bounds = try await store.pool.query(
                    """
                    select pg_get_expr(relpartbound, oid) from pg_class
                    where relname ~ '^outcomes_p[0-9]{8}$' and relkind = 'r' order by relname
                    """)
                #expect(
                    bounds.lines == [
                        "FOR VALUES FROM ('0001-01-01 00:00:00+00') TO ('0001-01-02 00:00:00+00')",
                        "FOR VALUES FROM ('2024-02-03 00:00:00+00') TO ('2024-02-04 00:00:00+00')",
                        "FOR VALUES FROM ('2024-11-03 00:00:00+00') TO ('2024-11-04 00:00:00+00')",
                        "FOR VALUES FROM ('9999-12-31 00:00:00+00') TO ('10000-01-01 00:00:00+00')",
                    ])
            }
            for what in ["noted", "refreshed"] {
                for pair in RollupTruth.pairs {
                    let truth = try await own.query(pair.truth).lines
                    #expect(try await own.query(pair.answer).lines == truth, "\(pair.name) \(what)")
                }
                try await RollupTruth.check(store.pool, what)
                try await own.query("call arc_refresh_rollups(100, null)")
            }
            let expired = try await own.query(
                "select count(*) from arc_expired_partitions(now() - '2024-02-04 00:00:00+00'::timestamptz)")
            #expect(expired.lines == ["2"])
            try await own.query("select arc_drop_partition('2024-02-03')")
            #expect(try await store.count("select count(*) from outcomes") == 2)
            try await RollupTruth.check(store.pool, "dropped")
            await own.close()
        }
    }
}
