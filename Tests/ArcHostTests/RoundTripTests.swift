import LuaBridge
import Testing

@testable import ArcHost

/// Values on their way through Lua and a real PostgreSQL, and back.
@Suite("Round trips of values, byte for byte")
struct RoundTripTests {
    private func run(_ source: String) async throws -> [LuaValue] {
        let machine = try await TestHost.reading().host.makeScriptMachine()
        return try await machine.run(source, name: "=test")
    }

    /// A type, and literals of it.
    private static let literals: [(type: String, literals: [String])] = [
        ("int8", ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"]),
        ("int2", ["-32768"]), ("int4", ["2147483647"]), ("oid", ["4294967295"]),
        ("numeric(38,10)", ["1234567890123456789012345678.0123456789", "-0.0000000001", "0.0000000000"]),
        ("numeric", ["NaN", "Infinity", "-Infinity", "1e-100", "12.30", "12.3000", "9007199254740993"]),
        ("float8", ["0.1", "1e300", "-0", "5e-324", "Infinity"]), ("float4", ["0.1", "16777217"]),
        ("bool", ["t", "f"]), ("text", ["", "a'b\"c\\d", "\u{1}\u{7F}", "😀 é", "\\x41", "NULL"]),
        ("bytea", ["\\x", "\\x00", "\\x00ff00", "\\x5c5c", "\\x5c783431", "\\xc3a9", "\\x27"]),
        (
            "timestamptz",
            [
                "2026-03-02 10:30:00.123456+00", "infinity", "-infinity", "0044-03-15 10:00:00+00 BC",
                "294276-12-31 23:59:59.999999+00",
            ]
        ),
        ("timestamp", ["2026-03-02 10:30:00.000001", "infinity"]),
        ("date", ["2026-03-02", "infinity", "-infinity", "0044-03-15 BC", "5874897-12-31"]),
        ("time", ["12:30:00.000001", "24:00:00"]), ("timetz", ["12:30:00+05:30"]),
        (
            "interval",
            ["1 day", "24:00:00", "1 mon -2 days +03:04:05.678901", "-178000000 years", "00:00:00"]
        ),
        ("uuid", ["0190163d-8694-739b-aea5-966c26f8ad91"]),
        (
            "jsonb",
            [
                "[]", "{}", "{\"n\": 9007199254740993}", "[1, null, {\"a\": [], \"b\": {}}]",
                "1.5", "true",
            ]
        ),
        (
            "int4[]",
            ["{}", "{1,NULL,3}", "{NULL}", "{{1,2},{3,NULL}}", "{{{1},{2}},{{3},{4}}}", "[0:1]={1,2}"]
        ),
        ("int8[]", ["{9223372036854775807,9007199254740993}"]), ("numeric[]", ["{1.50,NaN,NULL,0.00}"]),
        ("text[]", ["{\"\",\"NULL\",NULL,\"a b\",\"q\\\"\\\\\",\"{x}\",\"a,b\"}", "{{a,b},{c,d}}"]),
        ("bytea[]", ["{\"\\\\x00ff\",NULL,\"\\\\x5c41\",\"\\\\x\"}"]), ("bool[]", ["{t,NULL,f}"]),
        ("float8[]", ["{1.5,Infinity,-0}"]), ("float4[]", ["{0.1,0.25}"]),
        ("timestamptz[]", ["{\"2000-01-01 00:00:00.000001+00\",infinity,NULL}"]),
        ("date[]", ["{2026-03-02,infinity}"]),
        ("interval[]", ["{\"1 day\",01:00:00}"]), ("uuid[]", ["{01234567-89ab-cdef-fedc-ba9876543210,NULL}"]),
        ("jsonb[]", ["{\"{\\\"a\\\": \\\"b,c\\\"}\",\"[1, 2]\",NULL}"]),
    ]

    @Test("what a query gave goes back as it came", arguments: literals.map(\.type))
    func identity(_ type: String) async throws {
        for literal in try #require(Self.literals.first { $0.type == type }).literals {
            let machine = try await TestHost.reading().host.makeScriptMachine()
            try await machine.setGlobal("literal", .string(literal))
            let same = try await machine.run(
                """
                local first = arc.query("select $1::text::\(type) as v, $1::text::\(type)::text as t", literal)[1]
                local second = arc.query("select $1::\(type) as v, $1::\(type)::text as t", first.v)[1]
                local named = arc.query("select :v::\(type)::text as t", { v = first.v })[1]
                return first.t, second.t, named.t, arc.query("select $1::\(type)::text as t", second.v)[1].t
                """, name: "=test")
            #expect(same.count == 4 && same.allSatisfy { $0 == same[0] }, "\(type) \(literal): \(same)")
            #expect(same[0].stringValue != nil, "\(type) \(literal)")
        }
    }

    private static let facts: [String] = [
        // NULL first, in the middle and last
        "local r = arc.query('select null::int as a, 1 as b, null::text as c, 2 as d, null::jsonb as e')[1] assert(r.a == nil and r.b == 1 and r.c == nil and r.d == 2 and r.e == nil)",
        "local a = arc.query('select array[null, 1, null, 2, null] as a')[1].a assert(#a == 5 and a[1] == arc.null and a[3] == arc.null and a[5] == arc.null and a[4] == 2)",
        "local f = arc.query('select n from (values (1, null), (2, 5), (3, null)) t(i, n) order by i') assert(#f == 3 and f[1].n == nil and f[2].n == 5 and f[3].n == nil)",
        "local n = arc.query('select cardinality($1::int[]) as n, array_position($1::int[], null) as p', { arc.null, 1, arc.null })[1] assert(n.n == 3 and n.p == 1)",
        // Empty arrays and objects
        "local r = arc.query('select $1::jsonb::text as j, $1::jsonb = \\'[]\\' as same', arc.json.decode('[]'))[1] assert(r.j == '[]' and r.same)",
        "assert(arc.query('select $1::jsonb::text as j', arc.json.decode('{}'))[1].j == '{}' and arc.query('select $1::jsonb::text as j', {})[1].j == '{}')",
        "assert(arc.query('select cardinality($1::int[]) as n', {})[1].n == 0 and arc.query('select cardinality($1::int[]) as n', arc.json.decode('[]'))[1].n == 0)",
        "assert(arc.query('select $1::jsonb::text as j', { {}, arc.json.decode('[]') })[1].j == '[{}, []]')",
        // A list goes as what its parameter is
        "assert(arc.query('select $1::jsonb::text as j', { 1, 'a\"\\\\', true, arc.null, 1.5 })[1].j == '[1, \"a\\\\\"\\\\\\\\\", true, null, 1.5]')",
        "assert(arc.query('select $1::jsonb::text as j', { { 1, 2 }, { 3, 4 } })[1].j == '[[1, 2], [3, 4]]')",
        "assert(arc.query('select $1::int[]::text as j', { { 1, 2 }, { 3, 4 } })[1].j == '{{1,2},{3,4}}')",
        "assert(arc.query('select $1::jsonb::text as j', { { 1, 2 }, { 3 } })[1].j == '[[1, 2], [3]]')",
        "assert(arc.query('select $1::jsonb[]::text as j', { { a = 1 }, { b = 2 } })[1].j == arc.query([[select array['{\"a\": 1}', '{\"b\": 2}']::jsonb[]::text as j]])[1].j)",
        "assert(arc.query('select $1::jsonb::text as j', { { t = arc.decimal '1.5' } })[1].j == '[{\"t\": 1.5}]')",
        "assert(arc.query('select $1::numeric[]::text as j', { arc.decimal '1.50', 2 })[1].j == '{1.50,2}')",
        "local deep = arc.query([[select '{{1,null},{3,4}}'::int[] as a]])[1].a assert(#deep == 2 and deep[1][2] == arc.null and deep[2][1] == 3)",
        // Bytes
        "local s = '\\0a\\\\b\\255' assert(arc.query('select $1::bytea as b', s)[1].b == s and arc.query('select $1::bytea as b', 'plain\\\\x41')[1].b == 'plain\\\\x41')",
        "local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end local s = table.concat(all) assert(arc.query('select $1::bytea as b, octet_length($1::bytea) as n', s)[1].b == s)",
        "local b = arc.query('select $1::bytea[] as b', { '\\0', 'a\\\\', '\\255' })[1].b assert(b[1] == '\\0' and b[2] == 'a\\\\' and b[3] == '\\255')",
        // arc's own types
        "local t = arc.time.parse '2026-03-02T10:30:00.123456+05:30' assert(arc.query('select $1::timestamptz as t', t)[1].t == t)",
        "local d = arc.query(\"select date '2026-03-02' as d\")[1].d assert(d.kind == 'date' and d.year == 2026 and tostring(d) == '2026-03-02')",
        "assert(arc.query('select $1::interval = interval \\'1 day 2 hours\\' as same', arc.duration '1d2h')[1].same)",
        "assert(arc.query('select $1::int8 as n', arc.decimal '5.00')[1].n == 5)",
        "local id = arc.uuid.new() assert(arc.query('select $1::uuid as id', id)[1].id == tostring(id))",
        "local e = {} for i = 1, 1536 do e[i] = i / 1536 end local r = arc.query('select $1::real[] as e', e)[1].e assert(#r == 1536 and arc.query('select $1::real[] = $2::real[] as same', e, r)[1].same)",
        "assert(arc.query('select $1::int8 as n', 2^53)[1].n == 9007199254740992)",
    ]

    @Test("values go through a database as they are", arguments: facts)
    func fact(_ source: String) async throws { _ = try await run(source) }

    private static let refusals: [(String, String)] = [
        (
            "arc.query('select $1::text', 'a\\0b')",
            "Parameter $1 holds a NUL character, which PostgreSQL's text can't."
        ),
        (
            "arc.query('select :who::text, :what::text', { who = 'x', what = 'a\\0b' })",
            "Parameter :what holds a NUL character"
        ),
        (
            "arc.query('select $1::text', '\\255')",
            "Parameter $1 must be a text, and holds bytes that aren't UTF-8."
        ),
        ("arc.query('select :who::varchar', { who = '\\255' })", "Parameter :who must be a text"),
        ("arc.query('select $1::text[]', { 'a', '\\255' })", "Parameter $1 must be a text"),
        (
            "arc.query('select $1::jsonb', { a = '\\255' })",
            "arc.query: parameter $1: JSON, at $.a: a string isn't valid UTF-8"
        ),
        ("arc.query('select $1::jsonb', { 'x', '\\255' })", "Parameter $1 must be a text"),
        ("arc.query('select $1::int[]', { 1, print })", "arc.query: parameter $1[2] is a function"),
        (
            "return arc.query('select 1 as reliability')[1].reliabilty",
            "has no column or method \"reliabilty\""
        ),
    ]

    @Test("what a text can't hold is refused by the parameter's name", arguments: refusals)
    func refusal(_ source: String, _ message: String) async throws {
        do {
            Issue.record("no error, but \(try await run(source))")
        } catch let error as LuaError {
            #expect(error.message.contains(message), "\(error)")
        }
    }

    @Test("a vector of pgvector's comes as a list, and goes back by way of real[]")
    func vectors() async throws {
        let has = try await run(
            "return #arc.query(\"select 1 from pg_available_extensions where name = 'vector'\") > 0")
        guard has == [true] else { return }
        try await TestHost.with("vectors") { test in
            try await test.run(
                """
                arc.execute("create extension if not exists vector")
                local v = arc.query("select '[1,2.5,3]'::vector as v")[1].v
                assert(#v == 3 and v[2] == 2.5)
                assert(arc.query("select $1::real[]::vector = '[1,2.5,3]' as same", v)[1].same)
                """)
        }
    }
}
