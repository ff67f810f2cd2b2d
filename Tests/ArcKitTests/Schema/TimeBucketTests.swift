import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

@Suite("time_bucket")
struct TimeBucketTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let width: String
        let time: String
        let bucket: String
        var testDescription: String { "\(width) of \(time)" }

        init(_ width: String, _ time: String, _ bucket: String) {
            (self.width, self.time, self.bucket) = (width, time, bucket)
        }
    }

    /// What TimescaleDB 2.22 gives.
    static let cases = [
        Case("15 minutes", "2024-02-29 12:34:56.789", "2024-02-29 12:30:00"),
        Case("1 hour", "2024-02-29 12:34:56.789", "2024-02-29 12:00:00"),
        Case("90 minutes", "1969-07-20 20:17:40", "1969-07-20 19:30:00"),
        Case("7 seconds", "1970-01-01 00:00:00", "1969-12-31 23:59:56"),
        Case("1 hour", "1999-12-31 23:59:59.999999", "1999-12-31 23:00:00"),
        Case("1 day", "1999-12-31 23:59:59.999999", "1999-12-31 00:00:00"),
        Case("1 day", "2024-02-29 00:00:00", "2024-02-29 00:00:00"),
        Case("3 days", "2000-01-02 23:59:59", "1999-12-31 00:00:00"),
        Case("3 days", "1999-11-15 05:00:00", "1999-11-13 00:00:00"),
        Case("36 hours", "2262-04-11 23:47:16", "2262-04-10 12:00:00"),
        // Weeks begin on Monday.
        Case("1 week", "2024-02-29 12:34:56", "2024-02-26 00:00:00"),
        Case("1 week", "2000-01-03 00:00:00", "2000-01-03 00:00:00"),
        Case("1 week", "2000-01-02 23:59:59", "1999-12-27 00:00:00"),
        Case("1 week", "1969-07-20 20:17:40", "1969-07-14 00:00:00"),
        Case("2 weeks", "2000-01-02 23:59:59", "1999-12-20 00:00:00"),
        // Months begin on the first, quarters and years with January.
        Case("1 month", "2024-02-29 12:34:56", "2024-02-01 00:00:00"),
        Case("1 month", "1999-12-31 23:59:59.999999", "1999-12-01 00:00:00"),
        Case("1 month", "2000-01-01 00:00:00", "2000-01-01 00:00:00"),
        Case("3 months", "2024-02-29 12:34:56", "2024-01-01 00:00:00"),
        Case("3 months", "1999-11-15 05:00:00", "1999-10-01 00:00:00"),
        Case("5 months", "2024-02-29 12:34:56", "2023-10-01 00:00:00"),
        Case("5 months", "1969-07-20 20:17:40", "1969-03-01 00:00:00"),
        Case("1 year", "2024-02-29 12:34:56", "2024-01-01 00:00:00"),
        Case("1 year", "1999-11-15 05:00:00", "1999-01-01 00:00:00"),
        Case("7 years", "1999-12-31 23:59:59.999999", "1993-01-01 00:00:00"),
        Case("7 years", "2262-04-11 23:47:16", "2259-01-01 00:00:00"),
    ]

    static let badWidths = ["1 month 1 day", "1 month 1 hour", "0 seconds", "-1 day", "-1 month"]
    static let zones = ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"]

    /// The cases whose result differs in that session's time zone, as "case: result".
    static func differences(_ connection: Connection, zone: String) async throws -> [String] {
        try await connection.query("select set_config('TimeZone', $1, false)", [.text(zone)])
        var wrong: [String] = []
        for expected in cases {
            let bucket = try await connection.query(
                """
                select to_char(time_bucket($1::interval, ($2 || '+00')::timestamptz) at time zone 'UTC',
                  'YYYY-MM-DD HH24:MI:SS')
                """, [.text(expected.width), .text(expected.time)]
            ).lines
            if bucket != [expected.bucket] { wrong.append("\(expected.testDescription): \(bucket)") }
        }
        return wrong
    }

    @Test(
        "hours, days, weeks, months, quarters and years are as expected in every time zone", arguments: zones)
    func fixed(zone: String) async throws {
        try await withStore { store in
            let wrong = try await store.pool.withConnection { try await Self.differences($0, zone: zone) }
            #expect(wrong == [])
        }
    }

    @Test("arc's own function gives the same", arguments: zones)
    func native(zone: String) async throws {
        try await withNativeDatabase { pool in
            let wrong = try await pool.withConnection { try await Self.differences($0, zone: zone) }
            #expect(wrong == [])
        }
    }

    @Test("months mixed with days, and widths that aren't positive, are refused", arguments: badWidths)
    func refused(width: String) async throws {
        let sql = "select time_bucket('\(width)', timestamptz '2024-01-15')"
        try await withStore { store in
            #expect(await sqlState { try await store.pool.query(sql) } != nil)
        }
        try await withNativeDatabase { pool in
            #expect(await sqlState { try await pool.query(sql) } != nil)
        }
    }

    @Test(
        "arc's own function and TimescaleDB's agree on random widths and times",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func against() async throws {
        let native = StorageFeatures(tier: .native, hasVector: false)
        let sql = try #require(Migration.all.first { $0.name == "time_bucket" }?.sql(for: native))
        var random = SeededGenerator(seed: 7)
        var widths: [Value] = []
        var times: [Value] = []
        for _ in 0..<2000 {
            let units = ["second", "minute", "hour", "day", "week", "month", "year"]
            widths.append(
                .text("\(Int.random(in: 1...40, using: &random)) \(units.randomElement(using: &random)!)"))
            // From 1900 to 2200.
            let time = Timestamp(
                microseconds: .random(in: -3_155_760_000_000_000...6_311_520_000_000_000, using: &random))
            times.append(.text(time.description))
        }
        try await withStore { [widths, times] store in
            try await store.pool.withConnection { connection in
                try await connection.script("create schema plain; set search_path = plain, public;")
                try await connection.script(sql)
                let differing = try await connection.query(
                    """
                    select w, t, plain.time_bucket(w, t), public.time_bucket(w, t)
                    from unnest($1::interval[], $2::timestamptz[]) as u(w, t)
                    where plain.time_bucket(w, t) is distinct from public.time_bucket(w, t)
                    """, [.array(ArrayValue(widths)), .array(ArrayValue(times))])
                #expect(differing.lines == [])
            }
        }
    }
}
