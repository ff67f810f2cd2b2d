import ArcKit
import Postgres
import TestServer
import Testing

/// Mostly of the native tier, which any server has.
@Suite("Partitions by day")
struct PartitionTests {
    static func partitions(_ pool: Pool) async throws -> [String] {
        try await pool.query(
            """
            select inhrelid::regclass::text from pg_inherits where inhparent = 'outcomes'::regclass order by 1
            """
        ).lines
    }

    @Test("days late, early and far apart get their partitions as they come")
    func onDemand() async throws {
        try await withNativeDatabase { pool in
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            let times = [
                "2024-02-29 23:59:59.999999+00", "2024-03-01 00:00:00+00", "1970-01-01 00:00:00+00",
                "2199-12-31 12:00:00+00", "1999-12-31 23:00:00-05",
            ]
            try await store.record(
                times.enumerated().map { .success("s", trial: $0.offset + 1).at($0.element) }, in: simulation)
            let rows = try await pool.query(
                "select tableoid::regclass::text, execution_time from outcomes order by 2")
            #expect(
                rows.lines == [
                    "outcomes_p19700101|1970-01-01 00:00:00+00", "outcomes_p20000101|2000-01-01 04:00:00+00",
                    "outcomes_p20240229|2024-02-29 23:59:59.999999+00",
                    "outcomes_p20240301|2024-03-01 00:00:00+00", "outcomes_p21991231|2199-12-31 12:00:00+00",
                ])
        }
    }

    @Test("a day's partition is bounded in UTC, whatever the session's time zone")
    func bounds() async throws {
        try await withNativeDatabase { pool in
            let bounds = try await pool.withConnection { connection in
                try await connection.query("set time zone 'America/New_York'")
                try await connection.query("select arc_ensure_partitions('{2024-03-10}')")
                try await connection.query("set time zone 'UTC'")
                return try await connection.query(
                    "select pg_get_expr(relpartbound, oid) from pg_class where relname = 'outcomes_p20240310'"
                )
            }
            #expect(
                bounds.lines == [
                    "FOR VALUES FROM ('2024-03-10 00:00:00+00') TO ('2024-03-11 00:00:00+00')"
                ])
        }
    }

    @Test("a day is expired once its every moment is old")
    func expired() async throws {
        try await withNativeDatabase { pool in
            let expired = try await pool.withConnection { connection in
                try await connection.query(
                    """
                    select arc_ensure_partitions(
                      array(select (now() at time zone 'UTC')::date - n from generate_series(0, 9) n))
                    """)
                // One that ends in this very moment is old; one that ends a microsecond later isn't.
                return try await connection.transaction { connection in
                    let end = "((now() at time zone 'UTC')::date - 5)::timestamp at time zone 'UTC'"
                    let early = try await connection.query(
                        """
                        select count(*) from arc_expired_partitions(now() - \(end) + interval '1 microsecond')
                        """)
                    let exact = try await connection.query(
                        """
                        select day - (now() at time zone 'UTC')::date from arc_expired_partitions(now() - \(end)) day
                        """)
                    return early.lines + exact.lines
                }
            }
            #expect(expired == ["3", "-9", "-8", "-7", "-6"])
        }
    }

    @Test("recording goes on after a partition that this process knows was dropped")
    func recordingAfterDrop() async throws {
        try await withNativeDatabase { pool in
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            func outcome(_ trial: Int) -> Outcome {
                .success("s", trial: trial).at("2020-01-01 12:00:00+00")
            }
            try await store.record([outcome(1)], in: simulation)
            try await pool.query("select arc_drop_partition('2020-01-01')")
            #expect(try await Self.partitions(pool) == [])
            try await store.record([outcome(2)], in: simulation)
            #expect(try await pool.query("select trial from outcomes").lines == ["2"])
        }
    }

    @Test("recording in a transaction goes on after such a drop too")
    func transactionAfterDrop() async throws {
        try await withNativeDatabase { pool in
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            let outcomes = (1...2).map { Outcome.success("s", trial: $0).at("2020-01-01 12:00:00+00") }
            try await store.record([outcomes[0]], in: simulation)
            try await pool.query("select arc_drop_partition('2020-01-01')")
            try await store.transaction { _ = try await $0.record([outcomes[1]], in: simulation) }
            #expect(try await pool.query("select trial from outcomes").lines == ["2"])
        }
    }

    @Test("a transaction that is taken back leaves its new day's partition, and recording goes on")
    func rolledBack() async throws {
        try await withNativeDatabase { pool in
            let store = Store(pool)
            let simulation = try await store.newSimulation()
            let outcome = Outcome.success("s").at("2020-01-01 12:00:00+00")
            await #expect(throws: CancellationError.self) {
                try await store.transaction { session in
                    _ = try await session.record([outcome], in: simulation)
                    throw CancellationError()
                }
            }
            #expect(try await pool.query("select count(*) from outcomes").lines == ["0"])
            try await store.record([outcome], in: simulation)
            #expect(try await Self.partitions(pool) == ["outcomes_p20200101"])
        }
    }

    @Test(
        "a transaction that goes on for long holds up nobody who needs another new day",
        arguments: try await ServerUnderTest.tiers())
    func longTransaction(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let long = try await store.newSimulation()
            let other = try await store.newSimulation()
            try await store.transaction { session in
                _ = try await session.record([.success("a").at("2020-01-01 12:00:00+00")], in: long)
                // Another task's work, which would wait for this transaction's end without end.
                for day in 2...9 {
                    try await Task.detached {
                        let outcome = Outcome.success("b", trial: day).at("2020-01-0\(day) 12:00:00+00")
                        try await store.record([outcome], in: other)
                    }.value
                    // A day that others made meanwhile, and one that is new.
                    for time in ["2020-01-0\(day) 13:00:00+00", "2020-02-0\(day) 12:00:00+00"] {
                        let trial = time.contains("-02-") ? day : day + 10
                        _ = try await session.record([.success("c", trial: trial).at(time)], in: long)
                    }
                }
            }
            #expect(try await store.count("select count(distinct tableoid) from outcomes") == 17)
            #expect(try await store.count("select count(*) from outcomes") == 25)
        }
    }

    @Test(
        "days far in the past and future, around changes of the clock and at midnight are found again",
        arguments: try await ServerUnderTest.tiers())
    func farDays(tier: StorageTier) async throws {
        let times = [
            "0001-01-01 00:00:00+00", "1582-10-10 12:00:00+00", "1969-12-31 23:59:59.999999+00",
            "2024-03-10 06:59:59.999999+00", "2024-03-10 07:00:00+00", "2024-10-27 00:59:59.999999+00",
            "2024-10-27 01:00:00+00", "2024-12-31 23:59:59.999999+00", "2025-01-01 00:00:00+00",
            "2999-12-31 23:59:59+00", "9999-12-31 23:59:59.999999+00",
        ]
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            let outcomes = times.enumerated().map {
                Outcome.success("s", trial: $0.offset + 1).at($0.element)
            }
            try await store.record(Array(outcomes.shuffled()), in: simulation)
            let stored = try await store.pool.query(
                "select trial, execution_time from outcomes order by execution_time")
            #expect(stored.lines == times.enumerated().map { "\($0.offset + 1)|\($0.element)" })
            // One part of the table a day.
            #expect(
                try await store.count(
                    """
                    select max(days) from (
                      select count(distinct (execution_time at time zone 'UTC')::date) as days
                      from outcomes group by tableoid) parts
                    """) == 1)
        }
    }

    @Test(
        "twenty sessions that need the same new days make each once",
        arguments: try await ServerUnderTest.tiers())
    func concurrent(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    let days = (1...9).map { "2024-01-0\($0)" }
                    let order = number.isMultiple(of: 2) ? days : days.reversed()
                    group.addTask {
                        try await store.pool.query(
                            "select arc_ensure_partitions($1::date[]) as made",
                            [.array(ArrayValue(order.map(Value.text)))]
                        ).single().get("made", as: Int.self)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(made == 9)
            #expect(try await store.count("select count(*) from outcomes") == 0)
        }
    }
}
