import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Upgrading a database that is in use")
struct UpgradeTests {
    private static let olderVersions = Migration.all.map(\.number).dropLast()

    /// A database that an older arc deployed.
    private static func withVersion(
        _ version: Int, on tier: StorageTier, _ body: @Sendable (Pool) async throws -> Void
    ) async throws {
        try await withDatabase { pool in
            if tier == .native { try await settleNative(pool) }
            let older = SchemaDeployer(migrations: Migration.all.filter { $0.number <= version })
            let report = try await pool.withConnection { try await older.deploy(on: $0) }
            #expect(report.features.tier == tier && report.version == version)
            try await pool.query(seed(version))
            try await body(pool)
        }
    }

    private static let simulation = SimulationReference(
        id: "00000000-0000-7000-8000-000000000003", name: "night", state: .running, namesakes: 1)

    /// What each schema can hold: a simulation that runs, with one scenario of which two trials are recorded.
    private static func seed(_ version: Int) -> String {
        let runs =
            version < 9
            ? """
            insert into simulations_scenarios (simulation_id, scenario_id, status, recorded_trials, started_at)
            values ('\(simulation.id)', 'a', 'running', '{1,2}', now())
            """
            : """
            , sets as (
              insert into simulation_sets (simulation_id, scenario_id, ordinal) values ('\(simulation.id)', 'a', 0)
            )
            insert into simulation_runs (simulation_id, trial, recorded)
            values ('\(simulation.id)', 1, '10000000'), ('\(simulation.id)', 2, '10000000')
            """
        return """
            with c as (
              insert into configurations (config_id, name) values ('00000000-0000-7000-8000-000000000001', 'agent')
            ), v as (
              insert into config_versions (version_id, config_id, version_number, raw_yaml, parsed_config, config_hash)
              values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 1, 'a: 1',
                '{"a": 1}', repeat('0', 64))
            ), s as (
              insert into scenarios (scenario_id, name, tags) values ('a', 'A', '{x,y}')
            ), r as (
              insert into simulations (simulation_id, config_version_id, simulation_name, status, trials, total_scenarios,
                completed_runs)
              values ('\(simulation.id)', '00000000-0000-7000-8000-000000000002', 'night', 'running', 3, 1, 2)
            )
            \(runs)
            """
    }

    /// How an arc of any version since the second recorded: the day ahead, then a transaction that locks the
    /// simulation. The days are two to three months back: not so old that version 6 drops them by itself.
    private static func recordAsBefore(trial: Int, scenario: String = "a", _ pool: Pool) async throws {
        let day = "((now() at time zone 'UTC')::date - 60 - \(trial % 28))"
        try await pool.withConnection { connection in
            try await connection.query("select arc_ensure_partitions(array[\(day)])")
            try await connection.transaction { connection in
                try await connection.query(
                    "select status, trials from simulations where simulation_id = $1 for no key update",
                    [.text(simulation.id)])
                try await connection.query(
                    """
                    insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status,
                      reliability_score)
                    values ($1, $2, $3, $4, \(day)::timestamp at time zone 'UTC', 'success', 0.5)
                    """,
                    [.text(Identifier.make()), .text(simulation.id), .text(scenario), .int(Int64(trial))])
            }
        }
    }

    @Test(
        "every earlier version with data in it comes up to this one, and everything works on",
        arguments: olderVersions, try await ServerUnderTest.tiers())
    func everyVersion(version: Int, tier: StorageTier) async throws {
        try await Self.withVersion(version, on: tier) { pool in
            if version >= 2 {
                try await Self.recordAsBefore(trial: 1, pool)
                try await Self.recordAsBefore(trial: 2, pool)
            }
            let report = try await SchemaDeployTests.deploy(pool)
            #expect(report.applied == Migration.all.map(\.number).filter { $0 > version })

            let store = Store(pool)
            let status = try await store.status(of: Self.simulation)
            #expect(status.completedRuns == 2 && status.totalRuns == 3)
            // A run that was there, which counts no more; one that is new; and a day that nobody has seen.
            let recorded = try await store.record(
                [
                    .success("a", trial: 2, score: 1).at("2024-03-01 12:00:00+00"),
                    .success("a", trial: 3, score: 1), .success("b", score: 1).at("1999-12-31 12:00:00+00"),
                ], in: Self.simulation)
            #expect(recorded.recorded == 2 && recorded.replaced == 1)
            let outcomes = try await pool.query(
                "select scenario_id, trial, reliability_score from outcomes order by 1, 2")
            #expect(outcomes.lines == (version >= 2 ? ["a|1|0.5"] : []) + ["a|2|1", "a|3|1", "b|1|1"])
            #expect(try await store.status(of: Self.simulation).completedRuns == 4)
            let indexes = try await store.count(
                "select count(*) from pg_indexes where schemaname = 'public' and tablename = 'outcomes'")
            #expect(indexes == 7)

            try await store.session { session in
                try await session.setRetention(days: 30)
                try await session.completeSimulation(Self.simulation)
            }
            #expect(try await pool.query("select scenario_id, trial from outcomes").lines == ["a|3"])
            try await pool.query("delete from simulations")
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }

    @Test(
        "the retention that version 6 set by itself goes, and one that somebody set stays",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() }, arguments: [nil, 90])
    func retentionOfBefore(days: Int?) async throws {
        try await Self.withVersion(6, on: .timescale) { pool in
            if let days {
                try await pool.query("select remove_retention_policy('outcomes')")
                try await pool.query("select add_retention_policy('outcomes', interval '\(days) days')")
            }
            _ = try await SchemaDeployTests.deploy(pool)
            #expect(try await Store(pool).session { try await $0.retentionDays() } == days)
            let policies = try await pool.query(
                "select 1 from timescaledb_information.jobs where proc_name = 'policy_retention'")
            #expect(policies.count == 0)
        }
    }

    @Test(
        "ten deploys at once, while clients of the older version record, do what one does and fail nobody",
        arguments: try await ServerUnderTest.tiers())
    func whileRecording(tier: StorageTier) async throws {
        try await Self.withVersion(6, on: tier) { pool in
            let deployed = Tally()
            let trials = Tally(10)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var after = 0
                        // Some before, some meanwhile, some after.
                        while after < 3 {
                            if deployed.count > 0 { after += 1 }
                            let trial = trials.add()
                            try await Self.recordAsBefore(trial: trial, scenario: "w\(writer)", pool)
                        }
                    }
                }
                group.addTask {
                    let reports = try await withThrowingTaskGroup(of: SchemaDeployer.Report.self) { group in
                        for _ in 0..<10 { group.addTask { try await SchemaDeployTests.deploy(pool) } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    let news = Migration.all.map(\.number).filter { $0 > 6 }
                    #expect(reports.filter { $0.applied == news }.count == 1)
                    #expect(reports.filter { $0.applied.isEmpty }.count == 9)
                    deployed.add()
                }
                try await group.waitForAll()
            }
            let stored = try await pool.query("select count(*), count(distinct trial) from outcomes")
            let expected = trials.count - 10
            #expect(stored.lines == ["\(expected)|\(expected)"])
        }
    }

    /// A step that needs a table which everybody uses.
    private static let strong = [
        Migration(number: 1000, name: "strong") { _ in
            [
                Array(
                    "alter table simulations add column x integer; alter table outcomes add column x integer"
                        .utf8)
            ]
        }
    ]

    @Test(
        "a deploy that needs a table which somebody reads for long holds up nobody, and goes through once it can",
        arguments: try await ServerUnderTest.tiers())
    func behindReader(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a")], in: simulation)
            let (tries, tried) = AsyncStream<Void>.makeStream()
            let deployer = SchemaDeployer(
                migrations: Migration.all + Self.strong,
                patience: LockPatience(attempts: .max) { tried.yield() })
            let deploy = try await store.pool.withConnection { reader in
                try await reader.transaction { reader in
                    try await reader.query("select count(*) from outcomes")
                    let deploy = Task {
                        try await store.pool.withConnection { try await deployer.deploy(on: $0) }
                    }
                    var attempts = tries.makeAsyncIterator()
                    for trial in 2...6 {
                        await attempts.next()
                        try await store.record([.success("a", trial: trial)], in: simulation)
                    }
                    return deploy
                }
            }
            #expect(try await deploy.value.applied == [1000])
            #expect(try await store.status(of: simulation).completedRuns == 6)
        }
    }

    @Test(
        "a deploy that never gets its table changes nothing and names who has been in a transaction for longest"
    )
    func givesUp() async throws {
        try await withStore { store in
            let deployer = SchemaDeployer(
                migrations: Migration.all + Self.strong, patience: LockPatience(attempts: 2) {})
            let text = try await store.pool.withConnection { reader in
                try await reader.transaction { reader in
                    try await reader.query("set local application_name = 'a dump of the night'")
                    try await reader.query("select count(*) from outcomes")
                    return await refusal(.schema) {
                        _ = try await store.pool.withConnection { try await deployer.deploy(on: $0) }
                    }
                }
            }
            #expect(text.contains("a dump of the night"))
            #expect(text.contains("nothing was changed"))
            let left = try await store.pool.query(
                "select 1 from pg_attribute where attrelid = 'simulations'::regclass and attname = 'x'")
            #expect(left.count == 0)
        }
    }
}
