import LuaBridge
import Testing

@Suite("JSON that is decoded where it is touched")
struct LazyJSONTests {
    static let document =
        #"{"a": [1, 2.5, {"x": null}, []], "b": {"c": {"d": "é"}, "e": {}}, "n": 7, "t": "text"}"#

    /// Each is tried on a table that nobody has touched yet, and on one that was decoded as a whole.
    static let accesses = [
        "v.n", "v.a[2]", "v.b.c.d", "v.nothing", "v[1]", "#v.a", "#v", "rawlen(v.a)", "rawget(v, 't')",
        "rawget(v.a, 1)", "type(v), type(v.a)", "next(v.a)", "select('#', next(v.b.e))", "v.a[3].x == null",
        "table.unpack(v.a, 1, 2)", "table.concat({#v.a, v.n}, '-')", "getmetatable(v), getmetatable(v.a)",
        "pcall(setmetatable, v, {})", "rawequal(v, v), v == v, v.a == v.a, v == v.b",
        "(function() local n = 0 for _ in pairs(v) do n = n + 1 end return n end)()",
        "(function() local n = 0 for _ in next, v do n = n + 1 end return n end)()",
        "(function() local s = 0 for i in ipairs(v.a) do s = s + i end return s end)()",
        "(function() v.n = 8 v.new = 1 v.t = nil return encode(v, {sort_keys = true}) end)()",
        "(function() rawset(v, 'n', 9) return encode(v, {sort_keys = true}) end)()",
        "(function() table.insert(v.a, 'end') return encode(v.a) end)()",
        "(function() table.insert(v.a, 1, 'first') return encode(v.a) end)()",
        "(function() return table.remove(v.a, 1), encode(v.a) end)()",
        "encode(table.move(v.a, 1, 2, 3))", "encode(table.pack(table.unpack(v.a)))",
        "(function() local t = decode('[3,1,2]') if lazily then t = lazy('[3,1,2]') end table.sort(t) return encode(t) end)()",
        "setmetatable({}, {__index = v}).n", "pcall(setmetatable, v, nil)",
        "(function() local t = setmetatable({}, {__newindex = v}) t.z = 1 return v.z, rawget(t, 'z') end)()",
        "encode(v, {sort_keys = true})", "encode(v, {sort_keys = true, pretty = true})",
        "probe.echo(v), probe.echo(v.a)", "probe.echo({inside = v})",
        "encode({v.b, v.a}, {sort_keys = true})",
        "(tostring(v):gsub('0x%x+', ''))", "('%d'):format(v.n)", "pcall(function() return v + 1 end)",
        "pcall(function() return v.t.x.y end)",
        "(function() for _, x in ipairs(array(v.a)) do return x end end)()",
        "encode(array(v.a))", "select(2, load('return n', 'c', 't', v)())", "load('return n', 'c', 't', v)()",
        "encode(v.b.e), encode(v.a[4])", "math.type(v.a[1]), math.type(v.a[2])",
        "(function() local a = v.a a[#a + 1] = v.b return encode(a[5].c) end)()",
        "getmetatable(setmetatable({}, v)).n", "(('x'):gsub('x', {x = v.t}))", "(('n'):gsub('n', v))",
    ]

    @Test("it is what the whole table is, whatever touches it", arguments: accesses)
    func sameAsWhole(access: String) async throws {
        let script = "local v = (lazily and lazy or decode)(text) return \(access)"
        for libraries in [LibrarySet.trusted, .plugin] {
            var found: [[LuaValue]] = []
            for lazily in [false, true] {
                let machine = try Machine(.json(libraries: libraries))
                _ = try await machine.run(
                    "text, lazily = ...", name: "t",
                    arguments: [.string(Self.document), .boolean(lazily)])
                do {
                    found.append(try await machine.run(script, name: "t"))
                } catch {
                    found.append([.string(error.message)])
                }
            }
            #expect(found[0] == found[1])
        }
    }

    @Test("only what is looked at is made")
    func levels() async throws {
        let machine = try Machine(.json())
        let source = """
            local part = '{"x":[' .. ('1,'):rep(9999) .. '1]}'
            local text = '{"head":1,"parts":[' .. (part .. ','):rep(99) .. part .. ']}'
            collectgarbage() collectgarbage("stop")
            local function grown(f) local n = collectgarbage("count") local v = f() return collectgarbage("count") - n, v end
            local first, document = grown(function() local v = lazy(text) assert(v.head == 1) return v end)
            local second = grown(function() return document.parts[100].x[10000] end)
            local whole = grown(function() return decode(text) end)
            return first, second, whole, #text / 1024
            """
        let sizes = try await machine.run(source, name: "t").compactMap(\.numberValue)
        #expect(sizes[0] < sizes[3] + 16)
        #expect(sizes[1] < 700)
        #expect(sizes[2] > 15_000)
    }

    @Test("what isn't JSON is an error where it is touched, and touched again")
    func malformed() async throws {
        let machine = try Machine(.json())
        for (text, path) in [
            ("{\"a\":1e999}", "v.a"), ("[1 2]", "v[1]"), ("{\"a\":{\"b\" 1}}", "v.a.b"), ("[", "#v"),
        ] {
            let source = """
                local v = lazy(...)
                local _, e = pcall(function() return \(path) end)
                local _, again = pcall(function() return \(path) end)
                assert(e.code == "json_syntax" and again.message == e.message)
                return e.message
                """
            let message = try await machine.run(source, name: "t", arguments: [.string(text)])[0].stringValue
            #expect(message?.hasPrefix("JSON from the database: expected") == true, "\(message ?? "")")
        }
    }

    @Test("a scalar is the scalar")
    func scalars() async throws {
        let machine = try Machine(.json())
        let source = #"return lazy('3'), lazy(' "x" '), lazy('null') == null, lazy('true'), lazy('1.5')"#
        #expect(try await machine.run(source, name: "t") == [3, "x", true, true, 1.5])
        #expect(await machine.failure("lazy('nope')")?.message.contains("expected a value") == true)
    }

    @Test("a finalizer that fills a table while it is being filled has its changes kept")
    func reentrant() async throws {
        let machine = try Machine(.json())
        let source = """
            collectgarbage("generational") collectgarbage("incremental", 1, 1000, 1)
            local names = {}
            for i = 1, 3000 do names[i] = ('"k%d":"%s"'):format(i, ("v"):rep(50) .. i) end
            local text, changed = "{" .. table.concat(names, ",") .. "}", 0
            for _ = 1, 60 do
              local v = lazy(text)
              setmetatable({}, {__gc = function() if v.k1 then v.k1, v.mine = "changed", 1 changed = changed + 1 end end})
              assert(v.k3000 == ("v"):rep(50) .. "3000")
              collectgarbage()
              assert(v.k1 == "changed" and v.mine == 1)
              local n = 0
              for _ in pairs(v) do n = n + 1 end
              assert(n == 3001)
            end
            return changed
            """
        #expect(try await machine.run(source, name: "t") == [60])
    }
}
