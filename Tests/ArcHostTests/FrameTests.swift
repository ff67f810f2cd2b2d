import LuaBridge
import Postgres
import SeededRandom
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
        "assert(#f:head() == 6 and #f:head(0) == 0 and #f:head(99) == 6 and #f:tail(99) == 6 and #f:head(-1) == 0)",
        // select
        "same(f:select('tokens', 'score'):columns(), 'tokens', 'score')",
        // sort: NULL last either way, stable, several keys
        "same(f:sort('tokens').tokens, 10, 10, 20, 30, 50, null)",
        "same(f:sort('tokens', 'desc').tokens, 50, 30, 20, 10, 10, null)",
        "same(f:sort('tokens').scenario, 'b', null, 'a', 'b', 'c', 'a')",
        "same(f:sort({ { 'tokens', 'desc' } }).scenario, 'c', 'b', 'a', 'b', null, 'a')",
        "local g = f:sort({ 'scenario', { 'score', 'desc' } }) same(g.scenario, 'a', 'a', 'b', 'b', 'c', null) same(g.score, 1.0, 0.25, 0.5, null, 0.75, 0.5)",
        "same(f:sort('nothing').tokens, 10, 20, 30, null, 50, 10)",
        // A frame's own figures; NULL has no part
        "assert(f:mean('score') == 0.6 and f:sum('tokens') == 120 and math.type(f:sum('tokens')) == 'integer')",
        "assert(f:min('tokens') == 10 and f:max('tokens') == 50 and f:median('tokens') == 20)",
        "assert(f:min('scenario') == 'a' and f:max('scenario') == 'c' and f:distinct('scenario') == 3)",
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
        // describe
        "local d = f:describe() same(d:column('column'), 'scenario', 'score', 'tokens', 'passed', 'nothing') same(d.values, 5, 5, 5, 5, 0) same(d.nulls, 1, 1, 1, 1, 6) assert(d[3].mean == 24 and d[3].median == 20) assert(d[3].min == 10 and d[3].max == 50 and d[3].p25 == 10 and d[3].p75 == 30 and d[1].mean == nil) assert(math.abs(d[3].sd - 16.7332005306815) < 1e-12 and d[5].sd == nil)",
        // tostring
        "local text = tostring(f) assert(text:find('scenario') and text:find('0.75') and text:find('∅') and text:sub(-1) ~= '\\n')",
        "assert(tostring(f[1]):find('scenario') and not tostring(f[1]):find('\\n$'))",
    ]

    @Test(
        "what scripts do with frames",
        arguments: facts)
    func behaviour(_ source: String) async throws { try await test().run(source) }

    private static let misspelt: [(String, String, String?)] = [
        ("f:filter(3)", "frame:filter: it takes a function, got number", nil),
        ("f:map('x')", "frame:map: it takes a function, got string", nil),
        ("return f.scor", "this frame has no column \"scor\"", "Did you mean \"score\"?"),
        ("f:sort('scor')", "this frame has no column \"scor\"", "Did you mean \"score\"?"),
        ("f:select('score', 'tokns')", "this frame has no column \"tokns\"", "Did you mean \"tokens\"?"),
        ("f:group_by('scenaro')", "this frame has no column \"scenaro\"", "Did you mean \"scenario\"?"),
        ("f:mean('scor')", "this frame has no column \"scor\"", "Did you mean \"score\"?"),
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
        ("f:sort('score', 'down')", "must be \"asc\" or \"desc\", got \"down\""),
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
    func sums() {
        func sum(_ values: [Value]) -> Value {
            Aggregate(kind: .sum, column: Column(name: "n", values)).value(of: Array(values.indices))
        }
        #expect(sum([.int(1 << 53), 1, .null]) == .int((1 << 53) + 1))
        #expect(sum([.int(.max), 1]) == .double(Double(Int64.max) + 1))
        #expect(sum([.int(.max), .double(0.5)]) == .double(Double(Int64.max) + 0.5))
        #expect(sum([.null]) == .null && sum([]) == .null)
        #expect(sum(["text"]) == .null)
    }
}

@Suite("Frames against a plain model")
struct FramePropertyTests {
    /// Rows of a random frame: each column of one type, with NULLs and many equal values.
    private static func rows(_ dice: inout SeededGenerator) -> [[Value]] {
        (0..<Int.random(in: 0...60, using: &dice)).map { _ in
            func orNull(_ value: Value) -> Value { Int.random(in: 0..<5, using: &dice) == 0 ? .null : value }
            return [
                orNull(.text(["a", "b", "B", "", "ä"].randomElement(using: &dice) ?? "")),
                orNull(.int(Int64.random(in: -3...3, using: &dice))),
                orNull(.double(Double(Int.random(in: -4...4, using: &dice)) / 4)),
                orNull(.bool(Bool.random(using: &dice))),
                orNull(.timestamp(Timestamp(microseconds: Int64.random(in: 0...3, using: &dice)))),
            ]
        }
    }

    private static let names = ["text", "integer", "real", "flag", "time"]

    private static func frame(_ rows: [[Value]]) -> Frame {
        Frame(
            columns: names.indices.map { column in Column(name: names[column], rows.map { $0[column] }) },
            count: rows.count)
    }

    /// The order that the model sorts by: nil where two values are equal.
    private static func precedes(_ one: Value, _ other: Value) -> Bool? {
        switch (one, other) {
        case (.text(let a), .text(let b)): a == b ? nil : a < b
        case (.int(let a), .int(let b)): a == b ? nil : a < b
        case (.double(let a), .double(let b)): a == b ? nil : a < b
        case (.bool(let a), .bool(let b)): a == b ? nil : !a
        case (.timestamp(let a), .timestamp(let b)): a == b ? nil : a < b
        default: nil
        }
    }

    @Test("sort agrees with a stable insertion sort that knows NULL last", arguments: 0..<60 as Range<UInt64>)
    func sort(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let rows = Self.rows(&dice)
        let keys = Self.names.shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice))
            .map { (column: $0, descending: Bool.random(using: &dice)) }
        func before(_ one: [Value], _ other: [Value]) -> Bool {
            for key in keys {
                let index = Self.names.firstIndex(of: key.column) ?? 0
                let (left, right) = (one[index], other[index])
                if left == .null || right == .null {
                    if left == right { continue }
                    return right == .null
                }
                if let less = Self.precedes(left, right) { return less != key.descending }
            }
            return false
        }
        var model: [(Int, [Value])] = []
        for (number, row) in rows.enumerated() {
            let place = model.firstIndex { before(row, $0.1) } ?? model.endIndex
            model.insert((number, row), at: place)
        }
        let numbered = Frame(
            columns: Self.frame(rows).columns + [
                Column(name: "number", rows.indices.map { .int(Int64($0)) })
            ],
            count: rows.count)
        let sorted = try numbered.sorted(by: keys)
        #expect((0..<sorted.count).map { sorted.columns[5][$0] } == model.map { .int(Int64($0.0)) })
        for (column, values) in sorted.columns.dropLast().enumerated() {
            #expect((0..<sorted.count).map { values[$0] } == model.map { $0.1[column] })
        }
    }

    @Test("group_by and agg agree with dictionaries", arguments: 0..<60 as Range<UInt64>)
    func groups(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 1000)
        let rows = Self.rows(&dice)
        let keys = Array(Self.names.shuffled(using: &dice).prefix(Int.random(in: 1...2, using: &dice)))
        let places = keys.map { Self.names.firstIndex(of: $0) ?? 0 }
        var order: [[Value]] = []
        var model: [[Value]: [[Value]]] = [:]
        for row in rows {
            let key = places.map { row[$0] }
            if model[key] == nil { order.append(key) }
            model[key, default: []].append(row)
        }
        let frame = Self.frame(rows)
        let groups = try FrameGroups(frame, by: keys)
        let kinds = Aggregate.Kind.allCases
        let result = groups.aggregated(
            try kinds.map { ($0.rawValue, Aggregate(kind: $0, column: try frame.column("integer"))) }
                + [("rows", Aggregate(kind: .count, column: nil))])
        #expect(result.count == order.count)
        for (row, key) in order.enumerated() {
            #expect(result.columns.prefix(keys.count).map { $0[row] } == key)
            let members = model[key] ?? []
            let numbers = members.compactMap { if case .int(let n) = $0[1] { n } else { nil } }
            let ordered = numbers.sorted()
            let middle =
                ordered.isEmpty
                ? nil : Double(ordered[(ordered.count - 1) / 2] + ordered[ordered.count / 2]) / 2
            let expected: [String: Value] = [
                "rows": .int(Int64(members.count)), "count": .int(Int64(numbers.count)),
                "sum": numbers.isEmpty ? .null : .int(numbers.reduce(0, +)),
                "mean": numbers.isEmpty
                    ? .null : .double(Double(numbers.reduce(0, +)) / Double(numbers.count)),
                "min": numbers.min().map(Value.int) ?? .null, "max": numbers.max().map(Value.int) ?? .null,
                "distinct": .int(Int64(Set(numbers).count)), "median": middle.map(Value.double) ?? .null,
            ]
            for (name, value) in expected {
                #expect(try result.column(name)[row] == value, "\(name) of \(key)")
            }
        }
    }
}
