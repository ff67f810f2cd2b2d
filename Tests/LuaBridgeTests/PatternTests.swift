import LuaBridge
import SeededRandom
import Testing

@Suite("Patterns, as plain Lua has them", .timeLimit(.minutes(5)))
struct PatternTests {
    /// Writes a line for each of many random calls: what they return or raise. Runs in both.
    private static let cases = """
        local state, count = tonumber((...)), tonumber((select(2, ...)))
        local function random(n)
          state = (state * 6364136223846793005 + 1442695040888963407)
          return (state >> 33) % n + 1
        end
        local items = {"a", "b", "ab", ".", "%a", "%d", "%s", "%w", "%A", "%W", "%z", "[ab]", "[^a]", "[a-c]", "[%w_]",
          "[]x]", "[^]]", "[%]]", "[a-]", "[%a-z]", "%%", "%.", "1", " ", "\\0", "\\255", "é", "x"}
        local odd = {"(", ")", "()", "(", ")", "%b()", "%b%a", "%f[%w]", "%f[^%w]", "%f", "%b", "%1", "%2", "%0", "%", "[", "[^",
          "]", "^", "$", "-", "*", "%g", "%p", "%c", "%x", "%l", "%u"}
        local after = {"", "", "", "*", "+", "-", "?"}
        local letters = {"a", "b", "c", "a", "b", "(", ")", " ", "1", "x", "]", "%", "\\0", "\\255", "é", ".", "\\n"}
        local texts = {"", "x", "<%0>", "%1", "%2", "%%", "%", "%a", "[%1%0%1]"}
        local function make(from, most)
          local parts = {}
          for i = 1, random(most + 1) - 1 do parts[i] = from() end
          return table.concat(parts)
        end
        local function piece()
          if random(4) == 1 then return odd[random(#odd)] end
          return items[random(#items)] .. after[random(#after)]
        end
        local function pattern()
          local text = make(piece, 6)
          local shape = random(6)
          if shape == 1 then return "^" .. text end
          if shape == 2 then return text .. "$" end
          if shape == 3 then return "(" .. text .. ")" end
          if shape == 4 then return "(" .. text .. ")" .. make(piece, 3) end
          return text
        end
        local function show(...)
          local shown = table.pack(...)
          for i = 1, shown.n do
            local value = shown[i]
            shown[i] = type(value) == "string" and ("%q"):format(value):gsub("[\\128-\\255\\n]", function(c)
              return "\\\\" .. c:byte()
            end) or tostring(value)
          end
          return table.concat(shown, " ")
        end
        local function start() return random(3) == 1 and random(30) - 15 or nil end
        local calls = {
          function(s, p) return string.find(s, p, start(), random(8) == 1) end,
          function(s, p) return string.match(s, p, start()) end,
          function(s, p)
            local found = {}
            for a, b in string.gmatch(s, p, start()) do
              found[#found + 1] = show(a, b)
              if #found > 40 then break end
            end
            return table.concat(found, ";")
          end,
          function(s, p) return string.gsub(s, p, texts[random(#texts)], random(3) == 1 and random(4) - 1 or nil) end,
          function(s, p)
            return string.gsub(s, p, function(a, b)
              local kind = random(5)
              if kind == 1 then return nil end
              if kind == 2 then return b end
              if kind == 3 then return 7 end
              return "<" .. tostring(a) .. ">"
            end)
          end,
          function(s, p) return string.gsub(s, p, {a = "A", b = false, ab = 1, [1] = "one", x = random(9) == 1 and {} or "y"}) end,
        }
        for i = 1, count do
          local s, p, call = make(function() return letters[random(#letters)] end, 14), pattern(), random(#calls)
          write(i, call, show(s, p), show(pcall(calls[call], s, p)))
        end
        """

    @Test(
        "random patterns on random subjects find, capture, replace and fail as in plain Lua",
        arguments: [1, 2, 3, 4])
    func random(seed: Int) async throws {
        try await PlainLua.compare(Self.cases, ["\(seed)", "3000"], count: 3000)
    }

    @Test("long subjects, deep patterns and many captures, too")
    func large() async throws {
        let chunk = """
            local long = ("a"):rep(5000) .. "b" .. ("c"):rep(5000)
            local shapes = {
              "a*b", "(a-)b", ".-(b)(.*)$", "[^b]*(.)", "%a*c", ("a?"):rep(100) .. ("a"):rep(100), ("a?"):rep(250), ("a-"):rep(199),
              ("(a)"):rep(31), ("(a)"):rep(32), ("(a)"):rep(33), ("(a)"):rep(32) .. "%1",
              ("()"):rep(32), "^a+b()c+$", "c$", "bc+c$", ".-b", "(.-)c", "((a*)b)", "(" .. ("a?"):rep(99) .. ")", ("("):rep(33),
              "[" .. ("x"):rep(3000) .. "b]", ("a"):rep(4999) .. "ab",
            }
            for i, p in ipairs(shapes) do
              local found = table.pack(pcall(string.find, long, p))
              write(i, #found, tostring(found[1]), tostring(found[2]), tostring(found[3]), tostring(found[4]):sub(1, 50))
              local ok, replaced, n = pcall(string.gsub, long, p, "%0%0")
              write(i, tostring(ok), #tostring(replaced), tostring(n))
            end
            """
        try await PlainLua.compare(chunk, [], count: 46)
    }

    @Test("arguments are checked as in plain Lua")
    func arguments() async throws {
        let chunk = """
            local calls = {
              {"find"}, {"find", "a"}, {"find", {}, "a"}, {"find", "a", "a", "x"}, {"find", "a", "a", 1.5}, {"find", 12, 2},
              {"match", "a"}, {"gmatch", "a"}, {"gmatch", "a", "a", {}}, {"gsub", "a"}, {"gsub", "a", "a"},
              {"gsub", "a", "a", true}, {"gsub", "a", "a", true, "x"}, {"gsub", "abc", "%w", "%0", 2.5}, {"gsub", "abc", "%w", 5},
              {"find", "abc", "b", -1}, {"find", "abc", "b", -5}, {"find", "abc", "", 4}, {"find", "abc", "", 5}, {"find", "", ""},
              {"find", "a.b", ".", 1, true}, {"find", "a.b", "%.", 2, false}, {"match", "  x  ", "^%s*(.-)%s*$"},
              {"gsub", "hello world", "o", "0", -1}, {"gsub", "abc", "", "-"}, {"gsub", "abc", "^", "-"}, {"gsub", "abc", "$", "-"},
              {"match", "abc", "()", math.mininteger}, {"match", "abc", "()", math.maxinteger}, {"find", "a\\0b", "\\0"},
              {"rep", "x", -1}, {"rep", "ab", 3, ", "}, {"rep", "", 3, ","}, {"rep", "x", 1 << 62, "yy"},
              {"rep", "x", 1, "sep"}, {"rep"}, {"lower", "AbÉ"}, {"upper", 12}, {"reverse", "abc"}, {"lower"}, {"reverse", ""},
              {"format", "%5.1f|%-5s|%q", 1.25, "x", "a\\n\\0001\\0b"}, {"format", "%d"}, {"format", "%d", "x"}, {"format", "%99999d", 1},
              {"format"}, {"format", "%y", 1}, {"format", "%10.20s|", "abc"}, {"pack", "i4", 7}, {"packsize", "i4i8"},
              {"unpack", "<i2", "\\1\\2"}, {"pack", "c3", "abcd"},
            }
            for i, call in ipairs(calls) do
              local shown = table.pack(pcall(string[call[1]], table.unpack(call, 2)))
              for j = 1, shown.n do
                shown[j] = type(shown[j]) == "function" and "function" or ("%q"):format(shown[j]):gsub("\\n", "n")
              end
              write(i, call[1], table.concat(shown, " "))
            end
            """
        try await PlainLua.compare(chunk, [], count: 52)
    }

    @Test("a function that replaces may wait for the host, raise, and call gsub itself")
    func replacing() async throws {
        let gate = Gate()
        await gate.open()
        let machine = try Machine(.probing(gate: gate))
        let source = """
            local waited = {("a-b-c"):gsub("%a", function(c) return probe.wait(c) .. c end)}
            local long = ("x"):rep(5000):gsub(".", function(c) if probe.wait(true) then return "yz" end end)
            local inner = ("ab cd"):gsub("%a+", function(w) return (w:gsub(".", function(c) return probe.wait(c:upper()) end)) end)
            local ok, why = pcall(string.gsub, "abc", ".", function(c) probe.wait() error("at " .. c, 0) end)
            local bad = select(2, pcall(string.gsub, "abc", ".", function(c) return probe.wait({}) end))
            return waited[1], waited[2], #long, inner, ok, why, bad
            """
        #expect(
            try await machine.run(source, name: "t") == [
                "aa-bb-cc", 3, 10000, "AB CD", false, "at a", "invalid replacement value (a table)",
            ])
    }

    @Test("gmatch goes through captures, empty matches and from where it is told")
    func gmatch() async throws {
        let machine = try Machine()
        let source = """
            local found = {}
            for k, v in ("a=1, b=2"):gmatch("(%w)=(%w)") do found[#found + 1] = k .. v end
            for at in ("ab"):gmatch("()") do found[#found + 1] = at end
            for w in ("one two three"):gmatch("%a+", 5) do found[#found + 1] = w end
            for w in ("one two"):gmatch("%a+", 100) do found[#found + 1] = w end
            local next = ("x(y"):gmatch("(")
            found[#found + 1] = select(2, pcall(next))
            return table.concat(found, " ")
            """
        #expect(
            try await machine.run(source, name: "t") == ["a1 b2 1 2 3 two three unfinished capture"])
    }
}
