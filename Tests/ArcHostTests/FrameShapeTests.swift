import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("Frames of unusual shapes")
struct FrameShapeTests {
    private static let everything = """
        local f = ...
        local names = f:columns()
        local first = names[1]
        assert(#f:head() == #f and #f:tail() == #f and #f:slice(1) == #f and #f:sample(5) <= #f)
        assert(#f:sort(first) == #f and #f:unique() <= #f and #f:value_counts(first) <= #f)
        assert(f:count(first) + f:nulls(first) == #f and f:count_distinct(first) <= #f)
        assert(#f:group_by(first):agg { n = "count", first = { "first", first }, all = { "collect", first } } <= #f)
        assert(#f:filter { [first] = arc.null } == f:nulls(first))
        assert(#f:join(f, first) >= 0 and #f:join(f, first, { how = "left" }) >= #f)
        assert(#f:concat(f) == 2 * #f and #f:describe() == #names and #f:to_records() == #f)
        assert(#f:unpivot { keep = { first } } == #f * (#names - 1))
        assert(#f:with_column("x", function(_, i) return i end):columns() == #names + 1)
        assert(#f:select(names):columns() == #names and #f:drop(first):columns() == #names - 1)
        assert(f:to_csv() and f:to_json() and tostring(f) and tostring(f[first]))
        for row in f:rows() do assert(tostring(row) and row:fields()) end
        """

    private func check(_ frame: Frame) async throws {
        let test = try TestHost.alone()
        _ = try await test.machine.run(Self.everything, name: "=test", arguments: [.object(frame)])
    }

    @Test("no rows, and one row, of each kind", arguments: [0, 1, 2])
    func fewRows(_ count: Int) async throws {
        let values: [Value] = [
            .int(1), .double(0.5), .bool(true), .text("x"), .timestamp(Timestamp(microseconds: 5)),
            .date(CalendarDate(days: 3)), .uuid(UniqueID(high: 1, low: 2)), .numeric(Numeric(7)),
            .json("{\"a\":1}"),
            .array(ArrayValue([1, .null])), .bytes([0, 255]), .vector([1, 2]), .interval(Interval(days: 2)),
            .null,
        ]
        for value in values {
            let one = Column(name: "a", Array(repeating: value, count: count))
            try await check(Frame(columns: [one, one.named("b")], count: count))
        }
    }

    @Test("200 columns: each is found, and printed")
    func wide() async throws {
        let columns = (0..<200).map { place in
            Column(name: "column \(place)", [.int(Int64(place)), .null])
        }
        let frame = Frame(columns: columns, count: 2)
        try await check(frame)
        for place in 0..<200 { #expect(try frame.place("column \(place)") == place) }
        #expect(throws: HostError.self) { try frame.place("column 200") }
    }

    @Test("columns of one name all have a name of their own")
    func duplicates() async throws {
        let frame = Frame(columns: ["a", "a", "a_2", "a"].map { Column(name: $0, [1]) }, count: 1)
        #expect(frame.names == ["a", "a_3", "a_2", "a_4"])
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        let found = try await machine.run(
            "local f = arc.query('select 1 as a, 2 as a') return f[1].a, f[1].a_2", name: "=test")
        #expect(found == [1, 2])
    }

    @Test("what a query returns keeps its types, and its values to the last digit")
    func types() async throws {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        _ = try await machine.run(
            """
            local f = arc.query([[select 9223372036854775807::int8 as big, 12345678901234567890.0123456789::numeric(38,10) as exact,
              null::float8 as none, '2026-01-02 03:04:05.000006+00'::timestamptz as at, array[1, null, 3] as list,
              '{"b": [], "a": {}}'::jsonb as doc, '0190163d-8694-739b-aea5-966c26f8ad91'::uuid as id, 0.1::float4 as small
              union all select 1, 2, 0.5, null, '{}', '[]', null, null]])
            assert(f[1].big == math.maxinteger and tostring(f[1].exact) == '12345678901234567890.0123456789')
            assert(f[1].none == nil and f.none[1] == arc.null and f:mean('none') == 0.5 and f.small[1] == 0.1)
            assert(f[1].list[2] == arc.null and #f[2].list == 0 and f.id.type == 'uuid' and f.at.type == 'timestamp with time zone')
            assert(#f:filter { at = '2026-01-02T03:04:05.000006Z' } == 1 and #f:filter { at = { above = f[1].at } } == 0)
            assert(#f:filter { id = '0190163d-8694-739b-aea5-966c26f8ad91' } == 1 and #f:filter { big = math.maxinteger } == 1)
            assert(tostring(f:max('exact')) == '12345678901234567890.0123456789' and #f:filter { exact = { max = 2 } } == 1)
            assert(f:sort('-exact')[2].big == 1 and f:sort('big')[1].big == 1)
            """, name: "=test")
    }
}
