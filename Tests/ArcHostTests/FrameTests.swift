import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("Frames")
struct FrameTests {
    /// A machine with the frame `f`: six runs with NULLs in each column.
    private func test() async throws -> TestHost {
        let test = try TestHost.alone()
        let frame = Frame(
            columns: [
                Column(name: "scenario", ["b", "a", "b", "a", "c", .null]),
                Column(name: "score", [0.5, 1.0, .null, 0.25, 0.75, 0.5]),
                Column(name: "tokens", [10, 20, 30, .null, 50, 10]),
                Column(name: "passed", [false, true, .null, false, true, false]),
                Column(name: "nothing", [.null, .null, .null, .null, .null, .null]),
            ], count: 6)
        try await test.machine.setGlobal("f", .object(frame))
        try await test.run(
            """
            function same(list, ...)
              local want = table.pack(...)
              assert(#list == want.n, ("%d values, not %d"):format(#list, want.n))
              for i = 1, want.n do assert(list[i] == want[i], ("%d: %s"):format(i, tostring(list[i]))) end
            end
            null = arc.null
            prices = arc.frame { scenario = { 'a', 'b', 'b', 'z', null }, usd = { 1, 2, 3, 4, 5 } }
            """)
        return test
    }

    private static let facts: [String] = [
        // Index and length
        "assert(#f == 6 and f[1].scenario == 'b' and f[6].scenario == nil and f[7] == nil and f[0] == nil and f[-1] == nil)",
        "same(f.tokens, 10, 20, 30, null, 50, 10)",
        "same(f:column('passed'), false, true, null, false, true, false)",
        "same(f:columns(), 'scenario', 'score', 'tokens', 'passed', 'nothing')",
        "assert(f[2]:fields().score == 1.0 and f[3]:fields().score == nil)",
        // Rows
        "local n, tokens = 0, 0 for row in f:rows() do n = n + 1 tokens = tokens + (row.tokens or 0) end assert(n == 6 and tokens == 120)",
        // filter, map, take
        "local g = f:filter(function(r) return r.passed end) same(g.tokens, 20, 50) assert(#f == 6)",
        "same(f:filter(function(_, i) return i % 2 == 0 end).tokens, 20, null, 10)",
        "assert(#f:filter(function() return false end) == 0)",
        "same(f:map(function(r, i) return r.tokens and r.tokens * i end), 10, 40, 90, null, 250, 60)",
        "same(f:take({ 3, 1, 3, 99, 0 }).tokens, 30, 10, 30)",
        // head and tail
        "same(f:head(2).tokens, 10, 20) same(f:tail(2).tokens, 50, 10)",
        "assert(#f:head() == 6 and #f:head(0) == 0 and #f:head(99) == 6 and #f:tail(99) == 6)",
        // slice counts from the end as string.sub does
        "same(f:slice(2, 3).tokens, 20, 30) same(f:slice(-2).tokens, 50, 10) same(f:slice(2, -4).tokens, 20, 30)",
        "assert(#f:slice(3, 2) == 0 and #f:slice(7) == 0 and #f:slice(-99) == 6 and #f:slice(0, 99) == 6)",
        // sample: seeded, without repetition, in order
        "local a, b = f:sample(3, 7), f:sample(3, 7) assert(#a == 3 and a:to_csv() == b:to_csv())",
        "assert(#f:sample(99) == 6 and #f:sample(0) == 0 and f:sample(6):to_csv() == f:to_csv())",
        "local seen = {} for seed = 1, 40 do for v in f:sample(1, seed).tokens:values() do seen[v] = true end end assert(seen[30] and seen[50] and seen[null])",
        // unique and value_counts
        "same(f:unique('tokens').tokens, 10, 20, 30, null, 50) assert(#f:unique() == 6 and #f:unique('scenario', 'passed') == 6)",
        "same(f.tokens:unique(), 10, 20, 30, null, 50)",
        "local c = f:value_counts('scenario') same(c.scenario, 'b', 'a', 'c', null) same(c:column('count'), 2, 2, 1, 1)",
        // select
        "same(f:select('tokens', 'score'):columns(), 'tokens', 'score') same(f:select { 'tokens' }:columns(), 'tokens')",
        "same(f:drop('tokens', 'score'):columns(), 'scenario', 'passed', 'nothing') assert(#f:drop() == 6)",
        "local g = f:rename { tokens = 'used', score = 'tokens' } same(g:columns(), 'scenario', 'tokens', 'used', 'passed', 'nothing') assert(g[1].used == 10 and g[1].tokens == 0.5)",
        // with_column: a function, a list, a column, one value
        "local g = f:with_column('double', function(r, i) return r.tokens and r.tokens * 2 + i end) same(g.double, 21, 42, 63, null, 105, 26) assert(#g:columns() == 6)",
        "same(f:with_column('tokens', { 1, 2, 3, 4, 5, null }).tokens, 1, 2, 3, 4, 5, null) same(f.tokens, 10, 20, 30, null, 50, 10)",
        "local g = f:with_column('copy', f.score) assert(g[1].copy == 0.5 and g.copy.name == 'copy') same(f:with_column('x', 'y').x, 'y', 'y', 'y', 'y', 'y', 'y')",
        "local g = f:with_column('object', { a = 1 }) assert(g[6].object.a == 1)",
        // concat
        "local g = f:select('tokens'):concat(f:select('tokens', 'score'):head(1)) assert(#g == 7) same(g.tokens, 10, 20, 30, null, 50, 10, 10) same(g.score, null, null, null, null, null, null, 0.5)",
        "local g = arc.frame { n = { 1 } }:concat(arc.frame { n = { 0.5 } }, arc.frame { n = { 'x' } }) same(g.n, 1.0, 0.5, 'x') assert(#arc.frame({}):concat() == 0)",
        "local g = arc.frame { n = { 9007199254740993 } }:concat(arc.frame { n = { 0.5 } }) assert(g[1].n == 9007199254740993)",
        // filter by conditions
        "same(f:filter { scenario = 'a' }.tokens, 20, null) same(f:filter { tokens = { 10, 50 } }.tokens, 10, 50, 10)",
        "same(f:filter { tokens = { min = 20, max = 30 } }.tokens, 20, 30) same(f:filter { tokens = { above = 20, below = 51 } }.tokens, 30, 50)",
        "same(f:filter { tokens = null }.scenario, 'a') same(f:filter { tokens = { null, 50 } }.scenario, 'a', 'c') same(f:filter { scenario = { except = 'b' } }.tokens, 20, null, 50, 10)",
        "same(f:filter { scenario = { except = { 'b', null } } }.tokens, 20, null, 50) same(f:filter { passed = true, score = { max = 0.8 } }.tokens, 50)",
        "assert(#f:filter { nothing = 1 } == 0 and #f:filter {} == 6 and #f:filter { nothing = null } == 6 and #f:filter { tokens = {} } == 0)",
        "assert(#f:filter { tokens = { 1, 2, 3, 4, 5, 6, 10 } } == 2 and #f:filter { tokens = 10.0 } == 2 and #f:filter { tokens = 10.5 } == 0)",
        // columns
        "local c = f.tokens assert(c == f.tokens and c[1] == 10 and c[4] == null and c[7] == nil and c[0] == nil and #c == 6 and c.name == 'tokens' and c.type == 'integer')",
        "assert(table.concat({ table.unpack(f.tokens, 1, 3) }, ' ') == '10 20 30') local n = 0 for i, v in ipairs(f.tokens) do n = n + i end assert(n == 21)",
        "local n = 0 for v in f.score:values() do if v ~= null then n = n + v end end assert(n == 3) same(f.tokens:to_list(), 10, 20, 30, null, 50, 10)",
        "assert(f.score:mean() == 0.6 and f.tokens:sum() == 120 and f.tokens:count() == 5 and f.tokens:nulls() == 1 and f.scenario:max() == 'c' and f.passed:count_distinct() == 2)",
        // conversion both ways
        "local g = arc.frame(f:to_records(), { columns = f:columns() }) assert(g:to_csv() == f:to_csv() and g.tokens.type == 'integer')",
        "local g = arc.frame(f:to_columns(), { columns = f:columns() }) assert(g:to_csv() == f:to_csv())",
        "local g = arc.frame { f[2], f[1], { extra = 1 } } same(g.tokens, 20, 10, null) same(g.extra, null, null, 1)",
        "local g = arc.json.decode(f:to_json()) assert(#g == 6 and g[1].tokens == 10 and g[4].tokens == null)",
        "local g = arc.frame({ { t = '2026-01-02T03:04:05Z', n = '7', d = 1, u = '0190163d-8694-739b-aea5-966c26f8ad91' } }, { types = { t = 'time', n = 'integer', d = 'decimal', u = 'uuid' } }) assert(g.t.type == 'timestamp with time zone' and g[1].n == 7 and tostring(g[1].d) == '1' and g.u.type == 'uuid')",
        "assert(#arc.frame {} == 0 and #arc.frame({}, { columns = { 'a' } }):columns() == 1 and arc.json.encode(arc.frame { a = { 1, null } }.a) == '[1,null]')",
        // pivot and unpivot
        "local p = f:head(2):pivot { rows = 'scenario', columns = 'passed', values = 'score' } same(p:columns(), 'scenario', 'f', 't') same(p.f, 0.5, null) same(p.t, null, 1.0)",
        "local p = f:pivot { rows = 'scenario', columns = 'passed', values = 'tokens', agg = 'sum' } same(p:columns(), 'scenario', 'f', 't', 'null') same(p.f, 10, null, null, 10) same(p.null, 30, null, null, null)",
        "local u = f:head(2):unpivot { columns = { 'score', 'tokens' } } assert(#u == 4) same(u:columns(), 'scenario', 'passed', 'nothing', 'name', 'value') same(u.name, 'score', 'tokens', 'score', 'tokens') same(u.value, 0.5, 10.0, 1.0, 20.0)",
        "local u = f:head(1):unpivot { keep = { 'scenario' }, name = 'k', value = 'v' } same(u.k, 'score', 'tokens', 'passed', 'nothing')",
        // sort: NULL last either way, stable, several keys
        "same(f:sort('tokens').tokens, 10, 10, 20, 30, 50, null)",
        "same(f:sort('tokens', 'desc').tokens, 50, 30, 20, 10, 10, null)",
        "same(f:sort('tokens').scenario, 'b', null, 'a', 'b', 'c', 'a')",
        "same(f:sort({ { 'tokens', 'desc' } }).scenario, 'c', 'b', 'a', 'b', null, 'a')",
        "local g = f:sort({ 'scenario', { 'score', 'desc' } }) same(g.scenario, 'a', 'a', 'b', 'b', 'c', null) same(g.score, 1.0, 0.25, 0.5, null, 0.75, 0.5)",
        "same(f:sort('nothing').tokens, 10, 20, 30, null, 50, 10)",
        "same(f:sort('scenario', '-score').score, 1.0, 0.25, 0.5, null, 0.75, 0.5) same(f:sort('-tokens').tokens, 50, 30, 20, 10, 10, null) same(f:sort('tokens', { desc = true }).tokens, 50, 30, 20, 10, 10, null)",
        "same(f:sort({ 'scenario', '-score' }).score, 1.0, 0.25, 0.5, null, 0.75, 0.5) same(f:sort { { 'tokens', desc = true } }.tokens, 50, 30, 20, 10, 10, null)",
        // A frame's own figures; NULL has no part
        "assert(f:mean('score') == 0.6 and f:sum('tokens') == 120 and math.type(f:sum('tokens')) == 'integer')",
        "assert(f:min('tokens') == 10 and f:max('tokens') == 50 and f:median('tokens') == 20)",
        "assert(f:min('scenario') == 'a' and f:max('scenario') == 'c' and f:distinct('scenario') == 3)",
        "assert(f:quantile('tokens', 0.25) == 10 and f:quantile('tokens', 0.95) == 46 and f:quantile('nothing', 0.5) == nil) same(f:quantile('tokens', { 0, 0.5, 1 }), 10, 20, 50)",
        "assert(f:quantile(function(r) return r.tokens end, 0.5) == 20 and math.abs(f:stddev('tokens') - 16.7332005306815) < 1e-12 and f:head(1):stddev('tokens') == nil)",
        "assert(f:count() == 6 and f:count('tokens') == 5 and f:nulls('tokens') == 1 and f:count_distinct('tokens') == 4 and f:count(function(r) return r.tokens end) == 5)",
        "local nan = 0 / 0 local g = arc.frame { x = { 1, nan, 3, null } } assert(g:mean('x') ~= g:mean('x') and g:median('x') ~= g:median('x') and g:min('x') == 1 and g:max('x') ~= g:max('x') and g:count_distinct('x') == 3)",
        "local g = arc.frame { x = { nan, 2, 0 / 0, null, math.huge } }:sort('x').x assert(g[1] == 2 and g[2] == math.huge and g[3] ~= g[3] and g[4] == null)",
        "local g = arc.frame { x = { -math.huge, 1, math.huge } } assert(g:median('x') == 1 and g:max('x') == math.huge and g:sum('x') ~= g:sum('x') and g:quantile('x', 0.75) == math.huge)",
        "assert(f:sum('passed') == 2 and f:mean('passed') == 0.4 and f:distinct('passed') == 2)",
        "assert(f:mean('nothing') == nil and f:sum('nothing') == nil and f:median('nothing') == nil)",
        "assert(f:min('nothing') == nil and f:distinct('nothing') == 0)",
        "assert(f:mean(function(r) return r.tokens end) == 24 and f:sum(function(r) return r.passed end) == 2)",
        "assert(f:mean(function() return nil end) == nil and f:mean(function() return arc.null end) == nil)",
        // group_by and agg
        "local g = f:group_by('scenario') assert(#g == 4)",
        "local g = f:group_by('scenario'):agg { n = 'count', known = { 'count', 'score' }, average = { 'mean', 'score' }, total = { 'sum', 'tokens' } } same(g.scenario, 'b', 'a', 'c', null) same(g.n, 2, 2, 1, 1) same(g.known, 1, 2, 1, 1) same(g.average, 0.5, 0.625, 0.75, 0.5) same(g.total, 40, 20, 50, 10)",
        "local g = f:group_by('scenario', 'passed'):agg { n = 'count' } assert(#g == 6) same(g:columns(), 'scenario', 'passed', 'n')",
        "local g = f:group_by('nothing'):agg { m = { 'median', 'tokens' }, d = { 'distinct', 'tokens' } } assert(#g == 1 and g[1].m == 20 and g[1].d == 4)",
        "local g = f:group_by('scenario'):agg { lo = { 'min', 'tokens' }, hi = { 'max', 'tokens' }, first = { 'first', 'score' }, last = { 'last', 'tokens' }, all = { 'collect', 'tokens' }, q = { 'quantile', 'tokens', 0.75 }, sd = { 'stddev', 'tokens' }, missing = { 'nulls', 'tokens' } } same(g.lo, 10, 20, 50, 10) same(g.hi, 30, 20, 50, 10) same(g.last, 30, 20, 50, 10) assert(g[1].q == 25 and g[1].all[2] == 30 and g[2].all[2] == null and g[2].missing == 1 and g[2].sd == nil)",
        "local g = f:group_by('scenario'):agg { z = function(part) return part:sum('tokens') end, a = 'count' } same(g:columns(), 'scenario', 'a', 'z') same(g.z, 40, 20, 50, 10)",
        "local g = f:group_by():agg { n = 'count', total = { 'sum', 'tokens' } } assert(#g == 1 and g[1].n == 6 and g[1].total == 120) assert(f:head(0):group_by():agg { n = 'count' }[1].n == 0 and #f:head(0):group_by('scenario') == 0)",
        "local names = '' for key, part in f:group_by('scenario'):each() do names = names .. (key.scenario or '-') .. #part end assert(names == 'b2a2c1-1')",
        "local g = f:group_by('scenario') same(g:keys().scenario, 'b', 'a', 'c', null) same(g:part(2).tokens, 20, null)",
        // join
        "local j = f:join(prices, 'scenario') same(j.scenario, 'b', 'b', 'a', 'b', 'b', 'a') same(j.usd, 2, 3, 1, 2, 3, 1) same(j:columns(), 'scenario', 'score', 'tokens', 'passed', 'nothing', 'usd')",
        "local j = f:join(prices, 'scenario', { how = 'left' }) same(j.scenario, 'b', 'b', 'a', 'b', 'b', 'a', 'c', null) same(j.usd, 2, 3, 1, 2, 3, 1, null, null)",
        "local j = f:join(prices, 'scenario', { how = 'right' }) same(j.scenario, 'a', 'a', 'b', 'b', 'b', 'b', 'z', null) same(j.tokens, 20, null, 10, 30, 10, 30, null, null)",
        "local j = f:join(prices, 'scenario', { how = 'full' }) assert(#j == 10) same(j:tail(2).scenario, 'z', null) same(j:tail(4).usd, null, null, 4, 5)",
        "same(f:join(prices, 'scenario', { how = 'semi' }).tokens, 10, 20, 30, null) same(f:join(prices, 'scenario', { how = 'anti' }).tokens, 50, 10)",
        "local other = arc.frame { name = { 'a' }, score = { 9 } } local j = f:join(other, { scenario = 'name' }) same(j:columns(), 'scenario', 'score', 'tokens', 'passed', 'nothing', 'score_right') same(j.score_right, 9, 9) same(f:join(other, { scenario = 'name' }, { suffix = { '_old', '_new' } }):columns(), 'scenario', 'score_old', 'tokens', 'passed', 'nothing', 'score_new')",
        "local j = arc.frame { k = { 1, 2, 2 }, m = { 'x', 'y', 'x' } }:join(arc.frame { k = { 2.0, 1.0 }, m = { 'x', 'y' }, v = { 7, 8 } }, { 'k', 'm' }) assert(#j == 1 and j[1].v == 7)",
        // describe
        "local d = f:describe() same(d:column('column'), 'scenario', 'score', 'tokens', 'passed', 'nothing') same(d.type, 'text', 'real', 'integer', 'boolean', 'NULL') same(d.values, 5, 5, 5, 5, 0) same(d:column('nulls'), 1, 1, 1, 1, 6) assert(d[3].mean == 24 and d[3].median == 20) assert(d[3].min == 10 and d[3].max == 50 and d[3].p25 == 10 and d[3].p75 == 30 and d[1].mean == nil) assert(math.abs(d[3].sd - 16.7332005306815) < 1e-12 and d[5].sd == nil)",
        // tostring
        "local text = tostring(f) assert(text:find('scenario') and text:find('0.75') and text:find('∅') and text:sub(-1) ~= '\\n')",
        "assert(tostring(f[1]):find('scenario') and not tostring(f[1]):find('\\n$'))",
    ]

    @Test(
        "what scripts do with frames",
        arguments: facts)
    func behaviour(_ source: String) async throws { try await test().run(source) }

    private static let misspelt: [(String, String, String?)] = [
        ("f:filter(3)", "Frame:filter: keep must be a table or a function, got 3", nil),
        (
            "f:filter { 'a' }",
            "Frame:filter: keep must be a function, or conditions by columns' names, got a table",
            "Write frame:filter{status = \"error\"}."
        ),
        (
            "f:filter { tokens = { mn = 3 } }",
            "Frame:filter: there is no condition \"mn\" for column \"tokens\"", "Did you mean \"min\"?"
        ),
        (
            "f:filter { scenario = 3 }",
            "Frame:filter: column \"scenario\" is text, which can't be compared with 3", nil
        ),
        (
            "f:filter { scenari = 3 }", "Frame:filter: this frame has no column \"scenari\"",
            "Did you mean \"scenario\"?"
        ),
        ("f:map(3)", "Frame:map: fn must be a string or a function, got 3", nil),
        (
            "f:mean('scenario')", "Frame:mean: column \"scenario\" is text",
            "It takes a column of numbers or booleans."
        ),
        (
            "f.scenario:median()", "Column:median: column \"scenario\" is text",
            "It takes a column of numbers or booleans."
        ),
        (
            "f.rows()", "Frame:rows must be called on a Frame, got nothing",
            "Call it with a colon: value:rows(…)."
        ),
        ("f:rows(1)", "Frame:rows takes 0 arguments, got 1", "It is Frame:rows()."),
        (
            "f.tokens.values(3)", "Column:values must be called on a Column, got 3",
            "Call it with a colon: value:values(…)."
        ),
        (
            "f:group_by('tokens').each()", "Groups:each must be called on a Groups, got nothing",
            "Call it with a colon: value:each(…)."
        ),
        ("f.head(3)", "Frame:head must be called on a Frame, got 3", "Call it with a colon: value:head(…)."),
        ("return f[1].scor", "this row has no column or method \"scor\"", "Did you mean \"score\"?"),
        ("f:join(f, 'scor')", "Frame:join: this frame has no column \"scor\"", "Did you mean \"score\"?"),
        (
            "f:join(arc.frame { tokens = { 'x' } }, 'tokens')",
            "Frame:join: column \"tokens\" is integer, and \"tokens\" of the other frame is text",
            "Columns can be compared that have the same type."
        ),
        (
            "f:pivot { rows = 'tokens', columns = 'nothing', values = 'score' }",
            "Frame:pivot: there are several values for tokens = 10, nothing = ∅",
            "Say what becomes of them: agg = \"mean\", \"sum\", \"max\", \"first\", …"
        ),
        (
            "f:with_column('x', { 1, 2 })",
            "Frame:with_column: column \"x\" has 2 values, and the frame 6 rows",
            "In a list, NULL is arc.null; nil would end it."
        ),
        (
            "f:rename { tokens = 'score' }", "Frame:rename: two columns would be called \"score\"",
            "Drop one of them first."
        ),
        (
            "arc.frame { a = { 1 }, b = { 1, 2 } }", "arc.frame: column \"b\" has 2 values, the others 1",
            "In a list, NULL is arc.null; nil would end it."
        ),
        (
            "arc.frame({ { a = 'x' } }, { types = { a = 'integer' } })",
            "arc.frame: column \"a\", row 1 must be integer, got \"x\"", nil
        ),
        (
            "arc.frame({ { a = 'x' } }, { types = { a = 'integr' } })",
            "arc.frame: there is no type \"integr\" for column \"a\"", "Did you mean \"integer\"?"
        ),
        (
            "arc.frame { 1, 2 }", "arc.frame: row 1 must be a table of fields, got 1",
            "Write {{a = 1, b = 2}, …}, or columns: {a = {1, …}, b = {2, …}}."
        ),
        (
            "f:quantile('tokens', 1.5)",
            "Frame:quantile: q must be between 0 and 1 or a list, each element between 0 and 1, got 1.5", nil
        ),
        ("f:fliter {}", "this frame has no column or method \"fliter\"", "Did you mean \"filter\"?"),
        ("f.score:meen()", "a Column has no field \"meen\"", "Did you mean \"mean\"?"),
        ("return f.scor", "this frame has no column or method \"scor\"", "Did you mean \"score\"?"),
        ("f:sort('scor')", "Frame:sort: this frame has no column \"scor\"", "Did you mean \"score\"?"),
        (
            "f:select('score', 'tokns')", "Frame:select: this frame has no column \"tokns\"",
            "Did you mean \"tokens\"?"
        ),
        (
            "f:group_by('scenaro')", "Frame:group_by: this frame has no column \"scenaro\"",
            "Did you mean \"scenario\"?"
        ),
        ("f:mean('scor')", "Frame:mean: this frame has no column \"scor\"", "Did you mean \"score\"?"),
    ]

    @Test(
        "a mistake is named, with the way to write it",
        arguments: misspelt)
    func mistakes(_ source: String, _ message: String, _ advice: String?) async throws {
        let error = try #require(await test().failure(source))
        #expect(error.message == message)
        #expect(error.advice == advice)
    }

    private static let wrong: [(String, String)] = [
        ("f:sort('score', 'down')", "this frame has no column \"down\""),
        ("f:sort { { 'score', 'down' } }", "must be \"asc\" or \"desc\", got \"down\""),
        (
            "f:group_by('scenario'):agg { x = { 'quantile', 'score' } }",
            "x: quantile needs a share between 0 and 1"
        ),
        ("f:group_by('scenario'):agg { x = { 'sum', 'scenario' } }", "x: column \"scenario\" is text"),
        ("f:group_by('scenario'):agg { 'count' }", "aggregates must have names"),
        ("f:sort()", "a column's name must be a string, got nothing"),
        ("f:group_by('scenario'):agg { x = 'mean' }", "x: mean needs a column"),
        ("f:group_by('scenario'):agg { x = { 'average', 'score' } }", "x: there is no aggregate \"average\""),
        ("f:group_by('scenario'):agg { x = { 'mean', 'scor' } }", "this frame has no column \"scor\""),
    ]

    @Test(
        "a mistake in a direction or an aggregate says what there is",
        arguments: wrong)
    func directions(_ source: String, _ part: String) async throws {
        let error = try #require(await test().failure(source))
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("integers add up exactly as long as they fit, and to a float beyond")
    func sums() throws {
        func sum(_ values: [Value]) throws -> Value {
            try Aggregate(kind: .sum, column: Column(name: "n", values)).value(ofAll: values.count)
        }
        #expect(try sum([.int(1 << 53), 1, .null]) == .int((1 << 53) + 1))
        #expect(try sum([.int(.max), 1]) == .double(Double(Int64.max) + 1))
        #expect(try sum([.int(.max), .double(0.5)]) == .double(Double(Int64.max) + 0.5))
        #expect(try sum([.null]) == .null && sum([]) == .null)
        #expect(throws: HostError.self) { try sum(["text"]) }
    }
}
