import LuaBridge
import Measuring

/// Lua's string and table functions inside arc, where a kill ends them, against those of plain Lua.
enum PatternComparisons {
    static let all = [
        Benchmark("patterns in a log", patterns(log)),
        Benchmark("patterns on short strings", patterns(short)),
        Benchmark("functions of table", patterns(tables)),
    ]

    /// What is done to a log of 500 lines; as many units.
    private static let log = """
        local lines = {}
        for i = 1, 500 do
          lines[i] = ("2026-11-%02d 12:00:%02d ERROR [module%d] key=%d; path=/a/b/c%d.lua: something failed (code %d)")
            :format(i % 30 + 1, i % 60, i, i, i, i)
        end
        local log, n = table.concat(lines, "\\n"), 0
        return function()
          for line in log:gmatch("[^\\n]+") do
            local day, level, module, rest = line:match("^%d+-%d+-(%d+) %S+ (%u+) %[(.-)%] (.*)$")
            if rest:find("failed") and not rest:find("fatal", 1, true) then n = n + #day + #level + #module end
          end
          for key, value in log:gmatch("(%w+)=(%w+)") do n = n + #key + #value end
          n = n + select(2, log:gsub("%d+", "#")) + #log:gsub("%s+$", "") + #log:gsub("[<>&]", { ["<"] = "&lt;" })
          log:gsub("code (%d+)", function(code) n = n + #code end)
          assert(not log:find("%d%d%d%d%d"))
        end
        """

    private static let short = """
        local n = 0
        return function()
          for _ = 1, 500 do
            n = n + #(("  trim me  "):match("^%s*(.-)%s*$"))
            local key, value = ("key=value"):match("^(%w+)%s*=%s*(%w+)$")
            n = n + #key + #value + ("a.b.c"):find(".", 1, true) + #(("a-b"):gsub("-", "_"))
            for part in ("x,y,z"):gmatch("[^,]+") do n = n + #part end
            n = n + #(("hello"):gsub("l", function(c) return c:upper() end))
          end
        end
        """

    private static let tables = """
        local numbers, words, x = {}, {}, 42
        for i = 1, 500 do
          x = (x * 1103515245 + 12345) & 0x7fffffff
          numbers[i], words[i] = x, "word" .. x % 1000
        end
        return function()
          local copy = table.move(numbers, 1, #numbers, 1, {})
          table.sort(copy)
          table.sort(copy, function(a, b) return a > b end)
          for i = 1, 500 do table.insert(copy, i) end
          for _ = 1, 500 do table.remove(copy) end
          assert(#table.concat(words, ",") > 500 and #copy == 500)
        end
        """

    private static func patterns(_ chunk: String) -> @Sendable (Server) async throws -> Contest {
        { _ in
            let plain = try PlainMachine()
            let machine = try Machine(MachineConfiguration())
            let keep = "work = (function() \(chunk) end)()"
            try plain.run(keep)
            _ = try await machine.run(keep, name: "benchmark")
            let work = "for _ = 1, 20 do work() end"
            return Contest(
                unit: "turn", units: 20 * 500, repeats: 1,
                baseline: .init(name: "plain Lua in C") { try plain.run(work) },
                subject: .init(name: "Machine") { _ = try await machine.run(work, name: "benchmark") })
        }
    }
}
