import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Times and durations")
struct TimeTests {
    private func holds(_ source: String) async throws {
        let test = try TestHost.alone()
        _ = try await test.run(source)
    }

    private static let facts: [String] = [
        // Fields
        "local t = arc.time.parse('2024-02-29T12:30:45.000123Z') assert(t.year == 2024 and t.month == 2 and t.day == 29 and t.hour == 12 and t.minute == 30 and t.second == 45 and t.microsecond == 123 and t.weekday == 4 and t.yearday == 60)",
        "local t = arc.time.parse('infinity') assert(t.year == nil and t.unix == nil and not t.is_finite and tostring(t) == 'infinity' and t > arc.time.now())",
        "assert(tostring(arc.time.parse('-infinity')) == '-infinity')",
        // Texts
        "assert(tostring(arc.time.parse('20240229T123000Z')) == '2024-02-29 12:30:00+00')",
        "assert(tostring(arc.time.parse('2024-02-29 12:30')) == '2024-02-29 12:30:00')",
        "assert(tostring(arc.time.parse('2024-02-29t12:30:00.1234567-08:00')) == '2024-02-29 20:30:00.123457+00')",
        "assert(tostring(arc.time.parse('2024-02-29 24:00:00Z')) == '2024-03-01 00:00:00+00')",
        "assert(tostring(arc.time.parse('2016-12-31T23:59:60Z')) == '2017-01-01 00:00:00+00')",
        "assert(tostring(arc.time.parse('0044-03-15 BC')) == '0044-03-15 BC')",
        "assert(tostring(arc.time.parse('0044-03-15 10:00:00+00 BC')) == '0044-03-15 10:00:00+00 BC')",
        "assert(tostring(arc.time.parse('2024-07-01 12:00 America/New_York')) == '2024-07-01 16:00:00+00')",
        "assert(arc.time.parse(1709209845.5).iso == '2024-02-29T12:30:45.5Z')",
        "assert(arc.time.parse(arc.decimal('1709209845.000001')).microsecond == 1)",
        "local t = arc.time.now() assert(arc.time.parse(tostring(t)) == t and arc.time.parse(t.iso) == t and arc.time.parse(t:to_epoch()) == t)",
        // Arithmetic
        "local t = arc.time.parse('2024-01-31') assert(tostring(t + arc.duration '1mo') == '2024-02-29' and tostring(t - '1mo') == '2023-12-31')",
        "local t = arc.time.parse('2024-01-31T10:00:00Z') assert(tostring(t + 0.000001) == '2024-01-31 10:00:00.000001+00' and tostring('1h' + t) == '2024-01-31 11:00:00+00')",
        "local a, b = arc.time.parse('2024-03-01'), arc.time.parse('2024-02-01') assert((a - b).days == 29 and (a - b).seconds == 29 * 86400)",
        "local inf = arc.time.parse('infinity') assert(inf + '1h' == inf)",
        "assert(not pcall(function() return arc.time.parse('infinity') - arc.time.now() end))",
        "assert(not pcall(function() return arc.time.now() + {} end))",
        "assert(not pcall(function() return arc.time.now() < 3 end))",
        "assert(not pcall(function() return arc.time.now() + arc.duration '400000y' end))",
        // Zones: an hour that is skipped, one that comes twice, as PostgreSQL has it
        "assert(tostring(arc.time.parse('2024-03-31 02:30', 'Europe/Berlin')) == '2024-03-31 01:30:00+00')",
        "assert(tostring(arc.time.parse('2024-10-27 02:30', 'Europe/Berlin')) == '2024-10-27 01:30:00+00')",
        "local t = arc.time.parse('2024-07-01T00:30:00Z') assert(tostring(t:truncate('day', 'America/New_York')) == '2024-06-30 04:00:00+00' and tostring(t:truncate('month')) == '2024-07-01 00:00:00+00')",
        "local t = arc.time.parse('2024-03-31T01:59:59Z') assert(tostring(t:truncate('hour', 'Asia/Kolkata')) == '2024-03-31 01:30:00+00' and t:truncate('year').yearday == 1 and t:truncate('millisecond') == t)",
        "assert(arc.time.parse('2050-07-01T12:00:00Z'):fields('Europe/Berlin').offset == 7200)",
        "assert(arc.time.parse('2024-07-01T12:00:00Z'):format('%F %T %z', 'Asia/Kolkata') == '2024-07-01 17:30:00 +0530')",
        // Durations
        "assert(tostring(arc.duration '90m') == '1h30m' and tostring(arc.duration(0)) == '0s' and tostring(arc.duration '-250ms') == '-0.25s' and tostring(arc.duration '1y2mo3d') == '1y2mo3d')",
        "assert(arc.duration '1.5h' == arc.duration '90m' and arc.duration '1d' == arc.duration '24h' and arc.duration '2w'.days == 14)",
        "assert(arc.duration '1 day 02:00:00'.seconds == 26 * 3600 and tostring(arc.duration '1 mon -1 days') == '1 mon -1 days')",
        "local d = arc.duration '10s' assert(d / 4 == arc.duration '2.5s' and d / arc.duration '4s' == 2.5 and d * 0.5 == arc.duration(5) and 2 * d == arc.duration(20) and -d < d and d + 5 == arc.duration(15) and d - '1s' == arc.duration(9))",
        "assert(arc.duration '59s' < '1m' and arc.duration '1mo' > '29d' and arc.duration '1mo' == arc.duration '30d' and arc.duration '1s' <= 1)",
        "local ok, e = pcall(function() return arc.duration '1mo'.seconds end) assert(not ok and e.message:find('months differ'))",
        // Where seconds are taken, durations are
        "arc.sleep(arc.duration '1ms') arc.sleep '1ms'",
        "local ok, e = pcall(arc.timeout, arc.duration '10ms', function() while true do end end) assert(not ok and e.code == 'timeout')",
    ]

    @Test("what is said of times and durations holds", arguments: facts)
    func fact(_ source: String) async throws { try await holds(source) }

    private static let refusals: [(String, String)] = [
        ("arc.time.parse('yesterday')", "arc.time.parse: there is no time in \"yesterday\""),
        ("arc.time.parse('2023-02-29')", "arc.time.parse: there is no time in \"2023-02-29\""),
        ("arc.time.parse('2023-02-28T25:00Z')", "arc.time.parse: there is no time in \"2023-02-28T25:00Z\""),
        (
            "arc.time.parse('2023-02-28 10:00 Nowhere/City')",
            "arc.time.parse: there is no time zone \"Nowhere/City\""
        ),
        (
            "arc.time.parse('2023-02-28 10:00', '../../etc/passwd')",
            "arc.time.parse: there is no time zone \"../../etc/passwd\""
        ),
        ("arc.time.now():fields('')", "Time:fields: there is no time zone \"\""),
        (
            "arc.time.parse(1e300)",
            "arc.time.parse: value must be seconds within the range of times, got 1e+300"
        ),
        (
            "arc.time.of{ year = 2023, month = 2, day = 30 }",
            "arc.time.of: day must be a day of that month, got 30"
        ),
        ("return arc.time.now().yeer", "a Time has no field \"yeer\""),
        ("arc.time.now():format('%q')", "Time:format: the pattern \"%q\" has %q, which there isn't"),
        ("arc.time.now():format('10 %')", "Time:format: the pattern \"10 %\" has a % without a letter"),
        ("arc.sleep('1mo')", "got \"1mo\", which has no length: months differ"),
        ("arc.duration('1 hours 5')", "arc.duration: value must be a text such as"),
        ("arc.duration('P')", "arc.duration: value must be a text such as"),
        ("arc.duration('PT')", "arc.duration: value must be a text such as"),
        ("arc.duration('P1H')", "arc.duration: value must be a text such as"),
        ("arc.time.now().year = 1", "attempt to index a Time value"),
        (
            "arc.duration('soon')",
            "arc.duration: value must be a text such as \"24h\", or seconds, got \"soon\""
        ),
        ("arc.sleep('-1s')", "arc.sleep: seconds must be seconds or a text such as \"24h\", got \"-1s\""),
        (
            "return arc.duration('1h') * arc.duration('1h')",
            "a duration can be multiplied by a number, got Duration and Duration"
        ),
        ("return arc.duration('1mo') / 2", "1mo can't be parted: months differ in length"),
        (
            "arc.get_scenario_outcomes('latest', { time_range = arc.duration '1mo' })",
            "arc.get_scenario_outcomes: time_range must be seconds"
        ),
    ]

    @Test("what isn't a time or a duration is refused, and how to write one is said", arguments: refusals)
    func refusal(_ source: String, _ message: String) async throws {
        let error = try #require(await (try TestHost.alone()).failure(source))
        #expect(error.message.contains(message), "\(error)")
    }

    @Test(
        "what PostgreSQL takes for an interval is that duration",
        arguments: [
            "1 hour", "2 hours", "10 min", "1 hour 30 minutes", "2 weeks", "PT1H30M", "P1Y2M3DT4H5M6.5S",
            "P2W",
            "-1 hour 30 minutes", "1 day -2 hours", "3 Days 04:05", "1 mon 2 weeks ago", "1.5 hours",
            "90 secs",
            "250 milliseconds", "5 microseconds", "1 year 2 months", "1 yr", "P-1DT2H", "1 day 02:00:00",
        ])
    func sameAsServer(_ text: String) async throws {
        let row = try await TestHost.reading().store.session { session in
            try await session.connection.query("select $1::text::interval as i", [.text(text)]).single()
        }
        #expect(DurationText.interval(text).map(Value.interval) == row["i"], "\(text)")
    }

    @Test("the clock is the host's")
    func clock() async throws {
        let moment = try #require(Timestamp("2026-03-02 10:30:00+00"))
        let host = Host(pluginFolders: [], output: { _ in }, now: { moment }) {
            throw HostError(.argument, "no database")
        }
        let shown = try await host.makeScriptMachine().run("return arc.time.now().iso", name: "=test")
        #expect(shown == ["2026-03-02T10:30:00Z"])
    }

    private static let zones = [
        "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
        "Africa/Casablanca",
        "Asia/Tehran", "Pacific/Apia", "Europe/Dublin", "UTC", "America/Nuuk", "Antarctica/Troll",
    ]

    @Test("clocks of the world show what the server says they show", arguments: zones)
    func clocks(_ name: String) async throws {
        var random = SeededGenerator(seed: UInt64(name.utf8.count))
        let zone = try Zone(name, function: "test")
        let seconds = (0..<800).map { _ in Int64.random(in: -3_000_000_000...4_500_000_000, using: &random) }
        let store = try await TestHost.reading().store
        let rows = try await store.read { session in
            try await session.connection.query(
                """
                select extract(epoch from (to_timestamp(s) at time zone $2))::int8 - s as there,
                  extract(epoch from (to_timestamp(s) at time zone 'UTC') at time zone $2)::int8 as back
                from unnest($1::int8[]) with ordinality as x(s, n) order by n
                """, [.array(ArrayValue(seconds.map(Value.int))), .text(name)])
        }
        for (index, second) in seconds.enumerated() {
            let row = rows[index]
            #expect(row["there"] == .int(Int64(zone.reading(at: second).offset)), "\(name) at \(second)")
            #expect(
                row["back"] == .int(second - Int64(zone.offset(atLocal: second))),
                "\(name) at local \(second)")
        }
    }

    @Test("a zone's file that is damaged is no zone, or another one, and never the end of arc")
    func damagedZones() throws {
        var random = SeededGenerator(seed: 3)
        let file = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/Berlin"))
        for _ in 0..<3000 {
            var bytes = Array(file)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            }
            guard let zone = ZoneFile(bytes) else { continue }
            for _ in 0..<5 {
                _ = zone.reading(
                    at: Int64.random(in: -10_000_000_000_000...10_000_000_000_000, using: &random))
            }
        }
        #expect(ZoneFile(Array(file))?.reading(at: 0).abbreviation == "CET")
    }

    @Test("sums of times and intervals are the server's")
    func sums() async throws {
        var random = SeededGenerator(seed: 9)
        let store = try await TestHost.reading().store
        for _ in 0..<400 {
            let start = Timestamp(
                microseconds: Int64.random(
                    in: -60_000_000_000_000_000...60_000_000_000_000_000, using: &random))
            let interval = Interval(
                months: Int32.random(in: -300...300, using: &random),
                days: Int32.random(in: -500...500, using: &random),
                microseconds: Int64.random(in: -9_000_000_000_000...9_000_000_000_000, using: &random))
            let row = try await store.read { session in
                try await session.connection.query(
                    "select $1::timestamptz + $2::interval as sum, $2::interval < interval '1 day' as less",
                    [.timestamp(start), .interval(interval)]
                ).single()
            }
            let sum = try #require(TimeObject(start).adding(interval))
            #expect(row["sum"] == .timestamp(sum.timestamp), "\(start) + \(interval)")
            #expect(row["less"] == .bool(interval.span < Interval(days: 1).span), "\(interval)")
            #expect(DurationText.interval(interval.shortText) == interval, "\(interval)")
        }
    }
}
