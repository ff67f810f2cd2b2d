import Testing

@testable import LuaBridge

@Suite("Lua's libraries, as plain Lua has them", .timeLimit(.minutes(5)))
struct LibraryTests {
    private static let random = """
        local state, count = tonumber((...)), tonumber((select(2, ...)))
        local function random(n)
          state = (state * 6364136223846793005 + 1442695040888963407)
          return (state >> 33) % n + 1
        end
        local function show(...)
          local shown = table.pack(...)
          for i = 1, shown.n do shown[i] = tostring(shown[i]):gsub("0x%x+", "") end
          return table.concat(shown, ",")
        end

        """

    /// Calls on small tables, some behind metamethods that tell what is read and written.
    private static let tables = """
        local function list()
          local real, log = {}, {}
          for i = 1, random(8) - 1 do real[i] = random(5) == 1 and "s" .. random(9) or random(9) end
          if random(6) == 1 then real[random(9)] = nil end
          if random(4) > 1 then return real, real, log end
          return setmetatable({}, {
            __index = function(_, k) log[#log + 1] = "r" .. tostring(k) return real[k] end,
            __newindex = function(_, k, v) log[#log + 1] = "w" .. tostring(k) real[k] = v end,
            __len = function() return #real end,
          }), real, log
        end
        local odd = {math.maxinteger, math.mininteger, 0, -1, 1.5, "x", "2"}
        local function number() return random(8) == 1 and odd[random(#odd)] or random(9) end
        local calls = {
          function(t) return pcall(table.insert, t, number(), "v") end,
          function(t) return pcall(table.remove, t, number()) end,
          function(t)
            local from, last, to = random(9) - 3, random(9) - 3, random(12) - 3
            if random(20) == 1 then from = number() last = from to = number() end
            return pcall(table.move, t, from, last, to, random(3) == 1 and {} or nil)
          end,
          function(t)
            return pcall(table.concat, t, random(2) == 1 and "-" or nil, random(3) - 1, random(2) == 1 and random(8) or nil)
          end,
          function(t)
            local from = number()
            return pcall(table.unpack, t, from, type(from) == "number" and from + random(4) - 2 or nil)
          end,
          function(t) return show(pcall(table.insert, t)), show(pcall(table.insert, t, "e")), pcall(table.remove, t) end,
          function() return pcall(table.insert, random(2) == 1 and 5 or "s", 1) end,
        }
        for i = 1, count do
          local t, real, log = list()
          local call = random(#calls)
          local shown, left = show(calls[call](t)), {}
          for at = -3, 12 do left[#left + 1] = tostring(real[at]) end
          write(i, call, shown, table.concat(left, " "), table.concat(log, " "))
        end
        """

    private static let texts = """
        local pieces = {"a", "é", "€", "\\u{10000}", "\\x80", "\\xff", "\\xc3", "\\u{7FFFFFFF}", "\\u{D800}", "\\0"}
        for i = 1, count do
          local s = ""
          for _ = 1, random(8) - 1 do s = s .. pieces[random(random(4) == 1 and #pieces or 4)] end
          local a, b = random(24) - 12, random(24) - 12
          write(i, show(pcall(utf8.len, s, a, b, random(2) == 1)), show(pcall(utf8.len, s)), show(pcall(utf8.offset, s, a)),
            show(pcall(utf8.offset, s, a, b)))
        end
        """

    @Test("functions of table read, write, return and fail alike", arguments: [1, 2])
    func tables(seed: Int) async throws {
        try await PlainLua.compare(Self.random + Self.tables, ["\(seed)", "3000"], count: 3000)
    }

    @Test("functions of utf8 count and find alike", arguments: [1, 2])
    func texts(seed: Int) async throws {
        try await PlainLua.compare(Self.random + Self.texts, ["\(seed)", "3000"], count: 3000)
    }

    @Test("sort puts lists of all shapes in order, by Lua's order and by functions", arguments: [1, 2, 3])
    func sort(seed: Int) async throws {
        let source =
            Self.random + """
                local shapes = {
                  function(i) return random(1000000) end, function(i) return i end, function(i) return -i end,
                  function(i) return random(3) end, function(i) return 7 end, function(i) return i % 17 end,
                  function(i) return math.abs(i - 500) end, function(i) return "s" .. random(100) end,
                  function(i) return random(1000) / 7 end,
                }
                for i = 1, count do
                  local shape, length, t, had = shapes[random(#shapes)], random(i % 10 == 0 and 5000 or 40) - 1, {}, {}
                  for k = 1, length do
                    t[k] = shape(k)
                    had[t[k]] = (had[t[k]] or 0) + 1
                  end
                  local compare = random(2) == 1 and function(a, b) return a > b end or nil
                  table.sort(t, compare)
                  for k = 1, #t do
                    had[t[k]] = had[t[k]] - 1
                    if k > 1 then
                      if compare then assert(t[k - 1] >= t[k]) else assert(t[k - 1] <= t[k]) end
                    end
                  end
                  assert(#t == length)
                  for _, left in pairs(had) do assert(left == 0) end
                end
                local _, mixed = pcall(table.sort, {1, "a", 2})
                local _, wrong = pcall(table.sort, {3, 1, 2, 5, 4, 9, 8, 7, 6}, function() return true end)
                local _, none = pcall(table.sort, {1, 2}, 5)
                return mixed:find("attempt to compare", 1, true) ~= nil, wrong, none
                """
        let machine = try Machine()
        #expect(
            try await machine.run(source, name: "t", arguments: [.string("\(seed)"), "400"]) == [
                true, "invalid order function for sorting",
                "bad argument #2 to 'table.sort' (function expected, got number)",
            ])
    }

    @Test("an empty string is repeated at once, however often")
    func emptyRepeated() async throws {
        let machine = try Machine()
        #expect(try await machine.run("return ('').rep('', math.maxinteger)", name: "t") == [""])
    }

    private static let work = """
        local t = {}
        for i = 1, 20 do table.insert(t, 1, "w" .. i) end
        table.sort(t, function(a, b) return a < b end)
        local s = table.concat(table.move(t, 1, 20, 5), ", "):rep(20)
        local n = s:gsub("%w+", function(w) return w .. "x" end):gsub("w(%d)", {["1"] = "one"}):gsub(",", "%0%0")
        for a in s:gmatch("(%w+), ") do n = n .. a:sub(1, 1) end
        local text = n:upper():reverse():lower()
        local quoted = ("%s %q"):format(1, text:rep(30))
        return #n, text:find("w9", 1, true), #quoted, utf8.len(s), utf8.offset(s, 100), load("return " .. #quoted)()
        """

    @Test(
        "failing the N-th allocation of what they do is an error, and leaves nothing wrong",
        arguments: [2, .max])
    func failingAllocations(count: Int) async throws {
        let machine = try Machine(MachineConfiguration(libraries: .plugin))
        let whole = try await machine.run(Self.work, name: "t")
        var failures = 0
        for nth in 1..<5000 {
            await machine.core(failing: nth, count: count)
            do {
                let values = try await machine.run(Self.work, name: "t")
                await machine.core(failing: 0, count: 0)
                #expect(values == whole)
                break
            } catch {
                await machine.core(failing: 0, count: 0)
                failures += 1
                #expect(
                    [.memory, .runtime, .syntax].contains(error.code), "\(nth): \(error.debugDescription)")
            }
        }
        #expect(failures > 50 && failures < 4999)
        #expect(try await machine.run(Self.work, name: "t") == whole)
    }

    /// What would reach past Lua into the memory behind it, where nothing can be checked.
    private static let breaches: [(String, String)] = [
        ("debug.setmetatable(io.stdout, {})", "a userdata keeps its metatable"),
        ("debug.setmetatable(probe, debug.getmetatable(io.stdout))", "a userdata keeps its metatable"),
        ("debug.setupvalue(debug.getmetatable(probe).__gc, 1, 5)", "a function in C keeps its upvalues"),
        ("debug.setupvalue(print, 1, 5)", "a function in C keeps its upvalues"),
        (
            "table.sort({2, 1}, function(a, b) debug.setlocal(2, 1, 5) return a < b end)",
            "a function in C keeps its values"
        ),
        ("debug.getregistry()", "attempt to call a nil value"),
    ]

    @Test("debug is there for scripts, but for what C takes for granted", arguments: breaches)
    func breach(source: String, message: String) async throws {
        let machine = try Machine(.probing())
        try await machine.setGlobal("probe", .object(Probe("p")))
        let error = try #require(await machine.failure(source))
        #expect(error.message.contains(message), "\(error)")
    }

    @Test("what debug may do it does, and another userdata with the mark of ours is none of ours")
    func debugging() async throws {
        let machine = try Machine(.probing())
        try await machine.setGlobal("probe", .object(Probe("p")))
        let values = try await machine.run(
            """
            local up, value = 1, 1
            local function f() return up end
            debug.setupvalue(f, 1, 7)
            debug.setlocal(1, 2, 9)
            debug.setmetatable(5, { __index = function(_, k) return k end })
            local marked = getmetatable(io.stdout)
            for key in pairs(debug.getmetatable(probe)) do
              if type(key) == "userdata" then marked[key] = true end
            end
            local ok, message = pcall(debug.getmetatable(probe).__tostring or tostring, io.stdout)
            return f(), value, (5).x, type(ok)
            """, name: "t")
        #expect(values == [7, 9, "x", "boolean"])
    }

    @Test("a plugin's machine opens under a cap, or is a Swift error")
    func caps() throws {
        var opened = 0
        for kilobytes in 1...64 {
            do {
                _ = try Machine(.probing(libraries: .plugin, memoryLimit: kilobytes * 1024))
                opened += 1
            } catch {
                #expect(error.code == .memory)
            }
        }
        #expect(opened > 10 && opened < 60)
    }
}

extension Machine {
    fileprivate func core(failing nth: Int, count: Int) { core.failAllocations(from: nth, count: count) }
}
