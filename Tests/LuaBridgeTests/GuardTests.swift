import LuaBridge
import Testing

@Suite("What a kill ends in C", .serialized, .timeLimit(.minutes(5)))
struct GuardTests {
    private func machine(_ preparation: String) async throws -> Machine {
        var configuration = MachineConfiguration()
        TaskLibrary.add(to: &configuration, at: "arc")
        let machine = try Machine(configuration)
        _ = try await machine.run(preparation, name: "t")
        return machine
    }

    /// How long the chunk takes where it is given 50 ms.
    private func time(_ chunk: String, in machine: Machine) async -> (error: LuaError?, Duration) {
        let clock = ContinuousClock()
        let start = clock.now
        let error = await machine.failure("arc.timeout(0.05, function() \(chunk) end)")
        return (error, clock.now - start)
    }

    /// What would go on for many seconds, or for ever.
    private static let endlessCalls: [(name: String, preparation: String, call: String)] = [
        ("find", "", "('a'):rep(300):find('a*a*a*a*b')"),
        ("match", "", "('a'):rep(300):match('.-.-.-.-.-b')"),
        ("match with captures", "", "('a'):rep(300):match('((a*)(a*)(a*)(a*))b')"),
        ("gmatch", "", "('a'):rep(300):gmatch('a-a-a-a-b')()"),
        ("gsub", "", "('a'):rep(300):gsub('a*a*a*a*b', '')"),
        ("%f", "", "('a'):rep(300):find('%f[a].*.*.*.*%f[b]')"),
        ("%b", "s = ('('):rep(1000000)", "s:find('%b()')"),
        ("%1", "s = ('a'):rep(100000)", "s:find('(.*)%1b')"),
        ("a plain find", "s = ('a'):rep(20000000); n = ('a'):rep(1000000) .. 'b'", "s:find(n, 1, true)"),
        ("a long set", "s = ('a'):rep(100000); n = '[' .. ('b'):rep(1000000) .. ']'", "s:find(n)"),
        (
            "table.concat", "t = setmetatable({}, {__index = rawlen})",
            "table.concat(t, '', 1, math.maxinteger)"
        ),
        ("table.move", "", "table.move({}, 1, math.maxinteger - 1, 2)"),
        ("table.move backward", "", "table.move({}, 1, math.maxinteger - 2, 3, {})"),
        (
            "table.insert", "t = setmetatable({}, {__len = function() return 1 << 50 end})",
            "table.insert(t, 1, 'x')"
        ),
        (
            "table.remove", "t = setmetatable({}, {__len = function() return 1 << 50 end})",
            "table.remove(t, 1)"
        ),
        (
            "table.sort",
            "t = setmetatable({}, {__len = function() return 1 << 30 end, __index = rawlen, __newindex = rawequal})",
            "table.sort(t)"
        ),
        (
            "table.sort, ordered in C",
            "t = setmetatable({}, {__len = function() return 1 << 30 end, __index = rawlen, __newindex = rawequal})",
            "table.sort(t, rawequal)"
        ),
        (
            "table.unpack", "t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end",
            "table.unpack(t, 1, 900000)"
        ),
    ]

    @Test("it ends what would go on for ever", arguments: endlessCalls.indices)
    func endless(index: Int) async throws {
        let (name, preparation, call) = Self.endlessCalls[index]
        let machine = try await machine(preparation)
        let (error, took) = await time(call, in: machine)
        #expect(error?.code == .timeout, "\(name): \(error.debugDescription)")
        #expect(took < .seconds(2), "\(name) took \(took)")
        // pcall doesn't keep it alive either.
        let (again, tookAgain) = await time("while true do pcall(function() \(call) end) end", in: machine)
        #expect(again?.code == .timeout, "\(name): \(again.debugDescription)")
        #expect(tookAgain < .seconds(2), "\(name) took \(tookAgain)")
    }

    /// What takes as long as its text is: by how much less it takes when it is ended tells that it was.
    private static let longCalls: [(name: String, call: String)] = [
        ("string.rep", "('ab'):rep(100000000)"),
        ("string.lower", "s:lower()"),
        ("string.upper", "s:upper()"),
        ("string.reverse", "s:reverse()"),
        ("%q", "('%q'):format(s)"),
        ("a long format", "(s .. s):format()"),
        ("utf8.len", "utf8.len(s)"),
        ("utf8.offset", "utf8.offset(s, 99999999)"),
        ("utf8.offset backward", "utf8.offset(s, -99999999)"),
        ("load", "load(code)"),
    ]

    @Test("it ends what is only long", arguments: longCalls.indices)
    func long(index: Int) async throws {
        let (name, call) = Self.longCalls[index]
        let machine = try await machine("s = ('x%%'):rep(33333334) code = ('x = 1 '):rep(3000000)")
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await machine.run(call, name: "t")
        let whole = clock.now - start
        let (error, took) = await time(call, in: machine)
        #expect(error?.code == .timeout, "\(name): \(error.debugDescription), \(whole)")
        #expect(took < whole - .milliseconds(20) || took < .milliseconds(100), "\(name): \(took) of \(whole)")
        await machine.close()
    }

    @Test("formats that would pad, repeat or convert for long are refused by name")
    func formats() async throws {
        let machine = try Machine()
        #expect(
            await machine.failure("string.pack('c100000000', '')")?.message
                == "bad argument #1 to 'pack' (fixed sizes (c) of more than 64 MB in all)")
        #expect(
            await machine.failure("string.pack(('c60000000'):rep(1000), '')")?.message
                == "bad argument #1 to 'pack' (fixed sizes (c) of more than 64 MB in all)")
        #expect(
            await machine.failure("string.packsize((' '):rep(5000000))")?.message
                == "bad argument #1 to 'packsize' (a format longer than 4 MB)")
        #expect(
            await machine.failure("os.date(('%c'):rep(100000))")?.message
                == "bad argument #1 to 'date' (a format longer than 10,000 bytes)")
        #expect(
            try await machine.run("return #string.pack('c100', 'x'), os.date('!%Y', 0)", name: "t") == [
                100, "1970",
            ])
    }

    @Test("a long format gives what a short one does")
    func longFormat() async throws {
        let machine = try Machine()
        let source = """
            local odd = ('a"\\\\\\n\\0001\\0\\rx\\255'):rep(20000)
            local text = ("-"):rep(100000)
            local a = ("%s|%q|%5d|%%|%-6s|%.2f"):format(text, odd, 42, "ab", 1.5)
            local b = text .. "|" .. ("%q"):format(odd:sub(1, 9)):sub(1, -2) .. ("%q"):format(odd:sub(10)):sub(2) .. "|   42|%|ab    |1.50"
            local back = load("return " .. ("%q"):format(odd))()
            local ok, why = pcall(string.format, text .. "%d", "x")
            local none, missing = pcall(string.format, text .. "%d")
            return a == b, back == odd, ok, why, none, missing
            """
        let result = try await machine.run(source, name: "t")
        #expect(result[0] == true && result[1] == true)
        #expect(result[2] == false && result[3].stringValue?.contains("number expected, got string") == true)
        #expect(result[4] == false && result[5].stringValue?.contains("no value") == true)
    }

    @Test("closing code that was given its moment may use what a kill ends, and no longer than that")
    func closing() async throws {
        let machine = try await machine("log = {}")
        let closing = """
            local x <close> = setmetatable({}, {__close = function()
              log[1] = ("a-b"):gsub("-", "+") .. table.concat({1, 2}, ",") .. ("x"):rep(70000):lower():sub(1, 1)
              log[2] = "before"
              ;("a"):rep(300):find("a*a*a*a*b")
              log[3] = "after"
            end})
            ;("a"):rep(300):find("a*a*a*a*b")
            """
        let (error, took) = await time(closing, in: machine)
        #expect(error?.code == .timeout)
        #expect(took < .seconds(2))
        #expect(
            try await machine.run("return log[1], log[2], log[3]", name: "t") == ["a+b1,2x", "before", nil])
    }
}
