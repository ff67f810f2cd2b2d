import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("arc.query, arc.execute and arc.transaction")
struct QueryTests {
    /// Runs chunks of Lua that end with `return` and give true.
    private func holds(_ source: String) async throws {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        _ = try await machine.run(source, name: "=test")
    }

    private func failure(_ source: String) async throws -> LuaError {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        do {
            return LuaError(.runtime, "no error, but \(try await machine.run(source, name: "=test"))")
        } catch { return error }
    }

    private static let bound: [String] = [
        "assert(arc.query('select $1::int + $2::int as n', 40, 2)[1].n == 42)",
        "assert(arc.query('select :a::int + :b::int + :a::int as n', { a = 20, b = 2 })[1].n == 42)",
        "assert(arc.query('select :a.b.c::text as x', { a = { b = { c = 'deep' } } })[1].x == 'deep')",
        "local sim = arc.simulation('baseline') assert(arc.query('select :sim.id::text as id', { sim = sim })[1].id == sim.id)",
        "assert(arc.query('select :sim.name as n', { sim = arc.simulation('baseline') })[1].n == 'baseline')",
        "assert(arc.query('select $1::text is null as it', arc.null)[1].it)",
        "assert(arc.query('select $1::text is null as it', nil)[1].it)",
        "assert(arc.query('select $1::text is null and $2::int = 2 as it', nil, 2)[1].it)",
        "assert(arc.query('select :a::text is null as it', { a = arc.null })[1].it)",
        "assert(arc.query('select :a.b::text is null as it', { a = {} })[1].it)",
        "assert(arc.query([[select $1::text as x]], \"'; drop table outcomes; --\")[1].x:find('drop'))",
        "assert(arc.query(\"select ':a' as x, 1::int as y\")[1].x == ':a')",
        "assert(arc.query('select 2 = any ($1::int[]) as it', { 1, 2, 3 })[1].it)",
        "assert(arc.query('select cardinality($1::int[]) as n', { 1, arc.null, 3 })[1].n == 3)",
        "assert(arc.query('select $1::jsonb->>\\'a\\' as x', { a = 'b' })[1].x == 'b')",
        "assert(arc.query('select jsonb_typeof($1::jsonb) as x', { { a = 1 }, { a = 2 } })[1].x == 'array')",
        "assert(arc.query('select $1::float8 = 0.1 as it', 0.1)[1].it)",
        "assert(arc.query('select $1::bool as it', true)[1].it == true)",
        "assert(arc.query('select octet_length($1::bytea) as n', '\\255\\0\\254')[1].n == 3)",
    ]

    @Test(
        "parameters are bound, by number and by name",
        arguments: bound)
    func parameters(_ source: String) async throws { try await holds(source) }

    private static let exact: [String] = [
        // int8
        "local n = arc.query('select 9223372036854775807 as n')[1].n assert(n == math.maxinteger and math.type(n) == 'integer')",
        "assert(arc.query('select (-9223372036854775807 - 1) as n')[1].n == math.mininteger)",
        "assert(arc.query('select $1::int8 as n', 9007199254740993)[1].n == 9007199254740993)",
        // numeric
        "assert(tostring(arc.query('select 0.1 + 0.2 as n')[1].n) == '0.3')",
        "assert(tostring(arc.query('select 12345678901234567890.123456789012345678901 as n')[1].n) == '12345678901234567890.123456789012345678901')",
        "local n = arc.query('select 0.30 as n')[1].n assert(arc.query('select $1::numeric = 0.3 as it', n)[1].it and n:number() == 0.3)",
        "local r = arc.query('select 1.5 as a, 2.5::numeric as b')[1] assert(r.a < r.b and (r.a + r.b):number() == 4 and r.b * 2 == arc.decimal(5) and -r.a == arc.decimal('-1.5') and r.a ~= r.b)",
        // floats
        "assert(math.type(arc.query('select 3::float8 as n')[1].n) == 'float')",
        "local n = arc.query(\"select 'NaN'::float8 as n\")[1].n assert(n ~= n)",
        // NULL
        "local r = arc.query('select null::int as a, 1 as b')[1] assert(r.a == nil and r.b == 1)",
        "local f = arc.query('select n from (values (1), (null), (3)) t(n)') assert(#f.n == 3 and f.n[2] == arc.null and f[2].n == nil)",
        "local a = arc.query('select array[1, null, 3] as a')[1].a assert(#a == 3 and a[2] == arc.null)",
        // times
        "local t = arc.query(\"select timestamptz '2026-03-02T10:00:00.000001Z' as t\")[1].t assert(t.iso:find('2026%-03%-02') and math.abs(t.unix - 1772445600.000001) < 1e-6)",
        "local r = arc.query(\"select t, t + interval '90 s' as u from (select timestamptz 'epoch' as t) x\")[1] assert((r.u - r.t).seconds == 90 and r.t < r.u and r.t <= r.t and r.t == r.t and r.t.unix == 0)",
        "local t = arc.query(\"select timestamptz '2026-03-02T10:00:00.123456Z' as t\")[1].t assert(arc.query(\"select $1::timestamptz = '2026-03-02T10:00:00.123456Z' as it\", t)[1].it)",
        // JSON
        "local r = arc.query([[select '[]'::jsonb as a, '{}'::jsonb as o, '{\"n\": 9007199254740993}'::jsonb as n]])[1] assert(arc.json.encode(r.a) == '[]' and arc.json.encode(r.o) == '{}' and r.n.n == 9007199254740993)",
        "local r = arc.query([[select '[1, null, {\"a\": null}]'::jsonb as j]])[1] assert(r.j[2] == arc.null and r.j[3].a == arc.null and arc.json.encode(r.j) == '[1,null,{\"a\":null}]')",
        "local r = arc.query([[select $1::jsonb = '[]' as a, $2::jsonb = '{}' as o]], arc.query([[select '[]'::jsonb as j]])[1].j, arc.query([[select '{}'::jsonb as j]])[1].j) ",
        // other types
        "assert(arc.query(\"select true as a, 'x'::text as b\")[1].a == true)",
        "assert(#arc.query('select gen_random_uuid() as id')[1].id == 36)",
        "assert(arc.query(\"select '\\\\x00ff'::bytea as b\")[1].b == '\\0\\255')",
        "assert(tostring(arc.query(\"select date '2026-03-02' as d\")[1].d) == '2026-03-02')",
        "local d = arc.query(\"select date '2026-03-02' as d\")[1].d assert(arc.query(\"select $1::date = '2026-03-02' as it\", d)[1].it)",
    ]

    @Test(
        "values come exactly",
        arguments: exact)
    func values(_ source: String) async throws { try await holds(source) }

    @Test("a query without rows gives an empty frame with its columns")
    func noRows() async throws {
        try await holds(
            """
            local f = arc.query("select 1 as a, 'x'::text as b where false")
            assert(#f == 0 and f[1] == nil and f[0] == nil and #f.a == 0 and f:columns()[2] == "b")
            for _ in f:rows() do error("a row") end
            assert(f:mean("a") == nil and f:sum("a") == nil and f:min("a") == nil and #f:sort("a") == 0)
            """)
    }

    @Test(
        "a misspelt column of a frame or a row suggests the nearest; the database's own suggestion comes along"
    )
    func misspeltColumn() async throws {
        let frame = try await failure("return arc.query('select 1 as reliability_score').relibility_score")
        #expect(frame.message == "this frame has no column or method \"relibility_score\"")
        #expect(frame.advice == "Did you mean \"reliability_score\"?")
        let row = try await failure("return arc.query('select 1 as reliability_score')[1].relibility_score")
        #expect(row.advice == "Did you mean \"reliability_score\"?")
        let none = try await failure("return arc.query('select 1 as a, 2 as b').zzzz")
        #expect(none.advice == "Its columns: a, b. Its methods: help(\"Frame\").")
        let sql = try await failure("arc.query('select relibility_score from outcomes')")
        #expect(sql.advice?.contains("outcomes.reliability_score") == true)
    }

    @Test("an error of the database reaches pcall with its SQLSTATE, message and advice")
    func databaseErrors() async throws {
        try await holds(
            """
            local ok, e = pcall(arc.query, "select 1/0")
            assert(not ok and e.code == "22012" and e.message:find("division by zero"), tostring(e))
            ok, e = pcall(arc.query, "select relibility_score from outcomes")
            assert(e.code == "42703" and e.advice:find("reliability_score"))
            ok, e = pcall(arc.query, "selec 1")
            assert(e.code == "42601" and e.message:find("syntax error"))
            ok, e = pcall(arc.query, "select $1::int", "x")
            assert(e.code == "22P02")
            ok, e = pcall(arc.query, "select $1::int, $2::int", 1)
            assert(not ok)
            -- The connection is as good as before.
            assert(arc.query("select 1 as n")[1].n == 1)
            """)
    }

    private static let unusable: [(String, String, String)] = [
        ("arc.query('select :who', {})", "arc.query: no value is given for :who", "Given are: ."),
        (
            "arc.query('select :who', { whoo = 1 })", "arc.query: no value is given for :who",
            "Did you mean :whoo?"
        ),
        (
            "arc.query('select $1', print)",
            "arc.query: parameter $1 is a function, which no column can hold",
            "Give a string, number, boolean, list, table, time, decimal or arc.null."
        ),
        (
            "arc.query('select :f', { f = print })",
            "arc.query: parameter :f is a function, which no column can hold",
            "Give a string, number, boolean, list, table, time, decimal or arc.null."
        ),
    ]

    @Test(
        "a parameter without a value, or with one that no column holds, is named",
        arguments: unusable)
    func wrongParameters(_ source: String, _ message: String, _ advice: String) async throws {
        let error = try await failure(source)
        #expect(error.message == message)
        #expect(error.advice == advice)
    }

    @Test("arc.execute counts the rows it inserted, updated and deleted")
    func execute() async throws {
        try await TestHost.with("execute") { test in
            try await test.run(
                """
                assert(arc.execute("create table t (n int)") == 0)
                assert(arc.execute("insert into t select generate_series(1, 7)") == 7)
                assert(arc.execute("update t set n = n + 1 where n > $1", 5) == 2)
                assert(arc.execute("delete from t where n = :n", { n = 1 }) == 1)
                assert(arc.query("select count(*) as n from t")[1].n == 6)
                """)
        }
    }

    @Test("a transaction takes in every call within it, and rolls all back where it raises an error")
    func transaction() async throws {
        try await TestHost.with("transaction") { test in
            try await test.run(
                """
                arc.execute("create table t (n int)")
                local result = arc.transaction(function()
                  arc.execute("insert into t values (1)")
                  assert(arc.query("select count(*) as n from t")[1].n == 1)
                  return "kept"
                end)
                assert(result == "kept" and arc.query("select count(*) as n from t")[1].n == 1)

                local ok, problem = pcall(arc.transaction, function()
                  arc.execute("insert into t values (2)")
                  arc.create_configuration("rolled-back", "model: small")
                  arc.start_simulation { config_version_id = "rolled-back", scenarios = { "s1" } }
                  error({ mine = true })
                end)
                assert(not ok and problem.mine)
                assert(arc.query("select count(*) as n from t")[1].n == 1)
                assert(arc.query("select count(*) as n from configurations")[1].n == 0)
                assert(arc.query("select count(*) as n from simulations")[1].n == 0)

                -- One within another is part of it.
                pcall(arc.transaction, function()
                  arc.transaction(function() arc.execute("insert into t values (3)") end)
                  error("all of it")
                end)
                assert(arc.query("select count(*) as n from t")[1].n == 1)

                -- A command that fails ends it, even where its error is caught.
                ok, problem = pcall(arc.transaction, function()
                  arc.execute("insert into t values (4)")
                  pcall(arc.query, "select 1/0")
                end)
                assert(not ok)
                assert(arc.query("select count(*) as n from t")[1].n == 1)
                assert(arc.check_connection_pool().in_use == 0)
                """)
        }
    }

    @Test("tasks within a transaction take part in it")
    func tasksInTransaction() async throws {
        try await TestHost.with("transaction_tasks") { test in
            try await test.run(
                """
                arc.execute("create table t (n int)")
                pcall(arc.transaction, function()
                  arc.map({ 1, 2, 3 }, function(n) arc.execute("insert into t values ($1)", n) end)
                  assert(arc.query("select count(*) as n from t")[1].n == 3)
                  error("none of it")
                end)
                assert(arc.query("select count(*) as n from t")[1].n == 0)
                """)
        }
    }
}
