import LuaBridge
import Postgres
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Values of frames that have an order of their own")
struct FrameValueTests {
    private static let setUp = """
        F, D, N, T, null = arc.frame, arc.duration, arc.decimal, arc.time, arc.null
        function same(column, ...)
          local wanted = { ... }
          assert(#column == #wanted, #column)
          for i, value in ipairs(wanted) do
            assert(column[i] == value, ("%d: %s, not %s"):format(i, tostring(column[i]), tostring(value)))
          end
        end
        d = F { a = { D "1d", D "25h", D "23h", null, D "24h" }, n = { 1, 2, 3, 4, 5 } }
        """

    private static func host() async throws -> TestHost {
        let test = try TestHost.alone()
        try await test.run(setUp)
        return test
    }

    private static let facts: [String] = [
        // Intervals
        "same(d:sort('a').n, 3, 1, 5, 2, 4) same(d:sort('-a').n, 2, 1, 5, 3, 4)",
        "assert(d:min('a') == D '23h' and d:max('a') == D '25h')",
        "assert(#d:filter { a = { min = D '24h' } } == 3 and #d:filter { a = { below = '1d' } } == 1)",
        "assert(#d:filter { a = D '24h' } == 2 and #d:filter { a = { except = D '1d' } } == 3)",
        "assert(#d:filter { a = { D '1d', D '2d', D '3d', D '4d', D '5d', D '6d' } } == 2)",
        "assert(#d:group_by('a') == 4 and #d:unique('a') == 4 and d:count_distinct('a') == 3)",
        "assert(#d:join(F { a = { D '24h' }, x = { 1 } }, 'a') == 2)",
        "same(F { a = { D '1mo', D '29d', D '31d' }, n = { 1, 2, 3 } }:sort('a').n, 2, 1, 3)",
        "same(F { a = { D '-1h', D '-1d', D '0s' }, n = { 1, 2, 3 } }:sort('a').n, 2, 1, 3)",
        // Decimals
        "local s = F { a = { N '0.1', N '0.2', null } }:sum('a') assert(type(s) ~= 'number' and tostring(s) == '0.3')",
        "assert(tostring(F { a = { N '12345678901234567890.01', N '0.02', 1 } }.a:sum()) == '12345678901234567891.03')",
        "local g = F { k = { 1, 1, 2 }, a = { N '0.1', N '0.2', null } }:group_by('k'):agg { s = { 'sum', 'a' } } assert(tostring(g[1].s) == '0.3' and g[2].s == nil)",
        "assert(F { a = { N '0.5', 0.25 } }:sum('a') == 0.75 and F { a = { N '1', N '2' } }:mean('a') == 1.5)",
        // Moments and days
        "local f = F { t = { T.parse '2026-01-01T00:00:00Z', T.parse '2025-12-31T23:59:59Z' } } assert(#f:filter { t = { min = T.parse '2026-01-01' } } == 1 and #f:filter { t = T.parse '2026-01-01' } == 1)",
        // Columns of one value, and of none
        "local f = F { a = { 1, 2 } }:with_column('x', null) same(f.x, null, null) assert(F { a = { 1 } }:with_column('x', 'y')[1].x == 'y')",
        "for name, shown in pairs { integer = 'integer', number = 'real', text = 'text', boolean = 'boolean', time = 'timestamp with time zone', date = 'date', uuid = 'uuid', json = 'json' } do local t = { a = name } assert(F({}, { columns = { 'a' }, types = t }).a.type == shown) assert(F({ { b = 1 } }, { columns = { 'a', 'b' }, types = t }).a.type == shown) assert(F({ a = { null } }, { types = t }).a.type == shown) assert(F({}, { types = t }).a.type == shown) end",
        "local t = { score = 'number', scores = 'integer', note = 'text' } for _, data in ipairs { { { score = 1 } }, { score = { 1 } } } do local f = F(data, { types = t }) same(f:columns(), 'note', 'score', 'scores') assert(#f == 1 and f[1].score == 1.0 and f[1].note == nil and f.note.type == 'text') end",
        // Counts of cells without rows
        "local f = F { r = { 'x', 'y' }, c = { 'a', 'b' }, v = { 1, 2 } } for _, kind in ipairs { 'count', 'count_distinct', 'nulls' } do local p = f:pivot { rows = 'r', columns = 'c', values = 'v', agg = kind } assert(p[1].b == 0 and p[2].a == 0 and p[1].a == (kind == 'nulls' and 0 or 1)) end assert(f:pivot { rows = 'r', columns = 'c', values = 'v', agg = 'sum' }[1].b == nil)",
        // A direction for all of several columns
        "local f = F { m = { 1, 2, 2 }, s = { 1, 2, 3 } } same(f:sort('m', 's', 'desc').s, 3, 2, 1) same(f:sort('m', '-s', 'desc').s, 2, 3, 1)",
    ]

    @Test("what frames do with intervals, decimals, moments and columns without values", arguments: facts)
    func behaviour(_ source: String) async throws { try await Self.host().run(source) }

    private static let mistakes: [(String, String, String)] = [
        ("d.a = 5", "a frame can't be changed", "frame:with_column(name, values) makes another frame."),
        ("d[1] = {}", "a frame can't be changed", "frame:with_column(name, values) makes another frame."),
        (
            "d[1].n = 1", "a row can't be changed",
            "row:fields() is a table of its own; frame:with_column(name, function(row) … end) makes another frame."
        ),
        ("d.n[1] = 1", "a column can't be changed", "column:to_list() is a table of its own."),
        ("d:group_by('n').x = 1", "groups can't be changed", "groups:agg{…} makes a frame of them."),
        ("for r in d do end", "a frame can't be looped over so", "Write for row in frame:rows() do … end."),
        (
            "for r in pairs(d) do end", "a frame can't be looped over so",
            "Write for row in frame:rows() do … end."
        ),
        (
            "for k in pairs(d[1]) do end", "a row can't be looped over so",
            "Write for name, value in pairs(row:fields()) do … end."
        ),
        (
            "for v in d.n do end", "a column can't be looped over so",
            "Write for value in column:values() do … end."
        ),
        (
            "for k, g in d:group_by('n') do end", "groups can't be looped over so",
            "Write for key, group in groups:each() do … end."
        ),
        (
            "d:sel('a')", "this frame has no column or method \"sel\"",
            "Its columns: a, n. Its methods: help(\"Frame\")."
        ),
        ("d[1]:feilds()", "this row has no column or method \"feilds\"", "Did you mean \"fields\"?"),
        (
            "F({ { score = 1 } }, { types = { scor = 'integer' } })",
            "arc.frame: types has \"scor\", and there is no such column", "Did you mean \"score\"?"
        ),
        (
            "F({ score = { 1 } }, { columns = { 'score' }, types = { x = 'integer' } })",
            "arc.frame: types has \"x\", and there is no such column", "Name it in columns too."
        ),
    ]

    @Test("what frames can't do is said with the way that there is instead", arguments: mistakes)
    func refusals(_ source: String, _ message: String, _ advice: String) async throws {
        let error = try #require(await Self.host().failure(source))
        #expect(error.message == message)
        #expect(error.advice == advice)
    }

    @Test("intervals have the same form exactly where they are as long")
    func canonical() {
        var dice = SeededGenerator(seed: 11)
        let parts: [Int32] = [.min, -31, -30, -1, 0, 1, 29, 30, 31, .max]
        let times: [Int64] = [.min, -86_400_000_000, -1, 0, 1, 86_399_999_999, 86_400_000_000, .max]
        let intervals = (0..<300).map { _ in
            Interval(
                months: parts.randomElement(using: &dice) ?? 0, days: parts.randomElement(using: &dice) ?? 0,
                microseconds: times.randomElement(using: &dice) ?? 0)
        }
        for one in intervals {
            #expect(one.canonical.span == one.span, "\(one)")
            for other in intervals {
                #expect((one.canonical == other.canonical) == (one.span == other.span), "\(one), \(other)")
            }
        }
    }
}
