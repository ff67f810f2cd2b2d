import Testing

@testable import LuaBridge

@Suite("Limits and the sandbox", .timeLimit(.minutes(15)))
struct LimitTests {
    @Test("caps from 1 KB up give a machine or a Swift error")
    func caps() async throws {
        var opened = 0
        for kilobytes in 1...64 {
            do {
                let machine = try Machine(.probing(memoryLimit: kilobytes * 1024))
                opened += 1
                let error = await machine.failure("local t = {} while true do t[#t + 1] = {tostring(#t)} end")
                #expect(error?.code == .memory)
                #expect(await machine.memoryInUse <= kilobytes * 1024)
            } catch {
                #expect(error.code == .memory)
            }
        }
        #expect(opened > 10 && opened < 60)
    }

    static let work = """
        local t = {probe.echo({a = 1, b = {1, 2, 3}}, "text", 1.5, function() end)}
        local p = probe.new("p")
        local co = coroutine.wrap(function() coroutine.yield(probe.wait(p, {x = p})) end)
        co()
        local ok, e = pcall(probe.fail, 3)
        if type(e) == "table" then t.message = tostring(e) end
        t.name = p:wait_name() .. #p
        return t, p, co
        """

    @Test("failing the N-th allocation of anything leaks nothing and never aborts", arguments: [2, .max])
    func failingAllocations(count: Int) async throws {
        let tally = Tally()
        let gate = Gate()
        await gate.open()
        let machine = try Machine(.probing(gate: gate, tally: tally))
        var failures = 0
        var nth = 1
        while nth < 5000 {
            await machine.fail(from: nth, count: count)
            do {
                _ = try await machine.run(
                    Self.work, name: "t",
                    arguments: [["k": [1, 2]], "s", .object(Probe("arg", tally: tally))])
                await machine.fail(from: 0, count: 0)
                break
            } catch {
                await machine.fail(from: 0, count: 0)
                failures += 1
                #expect([.memory, .runtime, .host].contains(error.code), "\(nth): \(error.debugDescription)")
            }
            nth += 1
        }
        #expect(failures > 50)
        #expect(nth < 5000)
        _ = try await machine.run("collectgarbage() collectgarbage()", name: "t")
        _ = try await machine.run("return 1", name: "t")
        #expect(await tally.settles())
        await machine.close()
        #expect(await tally.settles())
    }

    @Test("a machine's memory returns to where it was after a thousand failures")
    func memoryReturns() async throws {
        let machine = try Machine(.probing())
        let source = "pcall(probe.fail, {1, 2, function() end}) error({x = function() end})"
        for _ in 1...50 { _ = await machine.failure(source) }
        _ = try await machine.run("collectgarbage()", name: "t")
        let before = await machine.memoryInUse
        for _ in 1...1000 { _ = await machine.failure(source) }
        _ = try await machine.run("collectgarbage()", name: "t")
        let after = await machine.memoryInUse
        #expect(after - before < 2048)
    }

    @Test("bytecode is refused by every door")
    func bytecode() async throws {
        let machine = try Machine()
        let source = """
            local code = string.dump(function() return 1 end)
            local name = os.tmpname()
            local file = io.open(name, "wb") file:write(code) file:close()
            local pieces = {code}
            package.path = name
            local loaded = {
              load(code) ~= nil, load(code, "x", "b") ~= nil, load(code, "x", "bt") ~= nil,
              load(function() return table.remove(pieces) end) ~= nil,
              loadfile(name) ~= nil, loadfile(name, "b") ~= nil, loadfile(name, "bt") ~= nil,
              (pcall(dofile, name)), (pcall(require, "anything")),
            }
            local _, why = pcall(require, "anything")
            os.remove(name)
            return loaded, why
            """
        let result = try await machine.run(source, name: "t")
        #expect(result[0].table?.array == Array(repeating: false, count: 9))
        #expect(result[1].stringValue?.contains("attempt to load a binary chunk") == true)
        await #expect(throws: LuaError.self) { try await machine.run("\u{1B}Lua", name: "t") }
    }

    @Test("load takes text, names, environments and readers as Lua does")
    func load() async throws {
        let machine = try Machine()
        let source = """
            local parts = {"return ", "x"}
            local reader = function() return table.remove(parts, 1) end
            return load("return x", "n", "t", {x = 1})(), load(reader, "r", "t", {x = 2})(), select(2, load("x ="))
            """
        #expect(
            try await machine.run(source, name: "t") == [
                1, 2, "[string \"x =\"]:1: unexpected symbol near <eof>",
            ])
    }

    @Test(
        "a plugin finds only what is allowed",
        arguments: [
            "io", "debug", "package", "require", "dofile", "loadfile", "os.execute", "os.remove", "os.exit",
            "os.getenv",
            "os.tmpname", "os.rename", "os.setlocale", "string.dump", "host", "warn",
        ])
    func absent(path: String) async throws {
        let machine = try Machine(.probing(libraries: .plugin))
        #expect(try await machine.run("return \(path)", name: "t") == [nil])
    }

    @Test("a plugin can't set __gc, change strings' metatable, or repeat a string past its memory")
    func refused() async throws {
        let machine = try Machine(.probing(libraries: .plugin, memoryLimit: 64 << 20))
        #expect(
            await machine.failure("setmetatable({}, {__gc = print})")?.message.contains("__gc isn't allowed")
                == true)
        #expect(try await machine.run("return getmetatable('')", name: "t") == ["string"])
        #expect(try await machine.run("return #table.move({1, 2}, 1, 2, 3)", name: "t") == [4])
        #expect(await machine.failure("('x'):rep(2000000000)")?.code == .memory)
    }

    @Test("pcall and xpcall pass arguments and results")
    func protectedCalls() async throws {
        let gate = Gate()
        await gate.open()
        let machine = try Machine(.probing(gate: gate))
        let source = """
            local a = {xpcall(function(...) return probe.wait(...) end, print, 1, 2)}
            local b = {xpcall(function() probe.wait() error("e", 0) end, function(m) return m .. "!" end)}
            return a[1], a[2], a[3], b[1], b[2]
            """
        #expect(try await machine.run(source, name: "t") == [true, 1, 2, false, "e!"])
    }
}

extension Machine {
    fileprivate func fail(from nth: Int, count: Int) { core.failAllocations(from: nth, count: count) }
}
