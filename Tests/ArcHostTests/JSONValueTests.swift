import LuaBridge
import Testing

@Suite("arc.json and jsonb in scripts", .timeLimit(.minutes(10)))
struct JSONValueTests {
    @Test(
        "a jsonb value is a table like any other",
        arguments: [
            "local r = row() assert(r.j.steps[2].tool == 'b' and #r.j.steps == 2 and r.j.n == 7)",
            "local j = row().j j.n, j.new = 8, {} assert(arc.json.encode(j.steps) == '[{\"tool\":\"a\"},{\"tool\":\"b\"}]')",
            "assert(arc.query('select $1::jsonb as j', row().j)[1].j.steps[1].tool == 'a')",
            "assert(arc.query('select $1::jsonb -> $2 as n', row().j, 'n')[1].n == 7)",
            "assert(row():fields().j.n == 7)",
            "local f = arc.query([[select n::text::jsonb as j from generate_series(1, 3) n]]) assert(f.j[3] == 3 and f[1].j == 1)",
            "local f = arc.query([[select array['{\"a\": 1}'::jsonb, null] as j]]) assert(f[1].j[1].a == 1 and f[1].j[2] == arc.null)",
            "assert(arc.query(\"select 'null'::jsonb as j\")[1].j == arc.null)",
            "local j = arc.query(\"select '{\\\"big\\\": 1e400, \\\"n\\\": 1}'::jsonb as j\")[1].j local _, e = pcall(function() return j.n end) assert(e.code == 'json_syntax')",
            "assert(arc.json.encode(row().j, { sort_keys = true }) == '{\"e\":{},\"n\":7,\"steps\":[{\"tool\":\"a\"},{\"tool\":\"b\"}],\"x\":null}')",
        ])
    func likeAnyOther(source: String) async throws {
        let row = """
            local function row()
              return arc.query([[select '{"steps": [{"tool": "a"}, {"tool": "b"}], "n": 7, "x": null, "e": {}}'::jsonb as j]])[1]
            end
            """
        _ = try await TestHost.reading().run(row + "\n" + source)
    }

    @Test("what only the host knows how to write is written too, in its place")
    func objects() async throws {
        let host = try await TestHost.reading()
        let found = try await host.run(
            """
            local r = arc.query("select timestamptz '2026-03-02T10:00:00Z' as t, 7::numeric as n, 1 as one")
            return arc.json.encode({r[1].t, r[1].n, {rows = r:select("one")}}),
              arc.json.encode({z = r[1].n, a = 1}, {pretty = true, sort_keys = true})
            """)
        let decoded = try JSON.parse(found[0].stringValue ?? "").table
        #expect(decoded?[1].stringValue?.hasPrefix("2026-03-02") == true)
        #expect(decoded?[2].numberValue == 7)
        #expect(decoded?[3].table?["rows"].table?[1].table?["one"] == 1)
        #expect(found[1].stringValue?.hasPrefix("{\n  \"a\": 1,\n  \"z\": 7") == true)
    }

    @Test("a string that isn't JSON says how to make it such")
    func stringAsJSON() async throws {
        let host = try await TestHost.reading()
        let error = await host.failure("arc.query('select $1::jsonb', 'hello')")
        #expect(error?.advice?.contains("arc.json.encode(value)") == true)
        _ = try await host.run(
            "assert(arc.query('select $1::jsonb as j', arc.json.encode 'hello')[1].j == 'hello')")
        _ = try await host.run(
            "local f = arc.query [[select time '12:00' as a, time '13:00' as b]][1] assert(f.a < f.b and f.a <= f.a)"
        )
    }

    @Test("errors name the function, the option or the place")
    func errors() async throws {
        let host = try TestHost.alone()
        let option = await host.failure("arc.json.encode({}, {prety = true})")
        #expect(option?.message.contains("prety") == true)
        #expect(option?.advice?.contains("pretty") == true)
        #expect(
            await host.failure("arc.json.decode('1', {max_depth = 0})")?.message.contains("max_depth") == true
        )
        #expect(
            await host.failure("arc.json.decode(7)")?.message
                == "arc.json.decode: text must be a string, got 7")
        let place = await host.failure("local t = {a = {1, 2, {b = print}}}\narc.json.encode(t)")
        #expect(place?.message == "JSON, at $.a[3].b: a function can't be written")
        #expect(place?.line == 2)
        let beside = await host.failure("arc.json.encode({arc.query, {s = '\\xff'}})")
        #expect(beside?.message == "JSON, at $[1]: a function can't be written")
        let text = await host.failure("arc.json.decode('{\"a\": nope}')")
        #expect(text?.message == "JSON, line 1, column 7 (byte 7): expected a value, got 'nope'")
        #expect(
            await host.failure("arc.json.decode('[1]', {max_size = 2})")?.message.contains("3 bytes") == true)
    }
}
