import LuaBridge
import Testing

@Suite("Tasks", .timeLimit(.minutes(15)))
struct TaskTests {
    @Test("a thousand tasks wait at once, through full collections")
    func thousand() async throws {
        let gate = Gate()
        let machine = try Machine(.probing(gate: gate))
        let results = Task {
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 1...1000 {
                    group.addTask {
                        let source = "local n = ...; local t = {n}; return probe.wait(n) + t[1]"
                        let values = try await machine.run(
                            source, name: "t", arguments: [.integer(Int64(number))])
                        return values[0].integerValue ?? 0
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        await gate.untilArrived(1000)
        _ = try await machine.run("collectgarbage() collectgarbage()", name: "t")
        await gate.open()
        #expect(try await results.value == 1_001_000)
    }

    @Test("a generator that calls waiting functions sees its own yields only")
    func generators() async throws {
        let gate = Gate()
        await gate.open()
        let machine = try Machine(.probing(gate: gate))
        let source = """
            local function generate(n)
              return coroutine.wrap(function()
                for i = 1, n do
                  local inner = coroutine.wrap(function() for k = 1, 2 do coroutine.yield(probe.wait(i * k)) end end)
                  coroutine.yield(inner() + inner())
                end
              end)
            end
            local sum = {}
            for value in generate(3) do sum[#sum + 1] = value end
            local co = coroutine.create(function(a) local b = coroutine.yield(probe.wait(a)) return probe.wait(b) end)
            local r = { select(2, coroutine.resume(co, "a")), coroutine.status(co), select(2, coroutine.resume(co, "b")) }
            return sum, r, coroutine.status(co), coroutine.resume(co)
            """
        let expected: [LuaValue] = [
            .table(LuaTable(array: [3, 6, 9])), .table(LuaTable(array: ["a", "suspended", "b"])), "dead",
            false,
            "cannot resume dead coroutine",
        ]
        #expect(try await machine.run(source, name: "t") == expected)
    }

    @Test("errors cross coroutines as in Lua, and pcall works around waits")
    func errorsInCoroutines() async throws {
        let gate = Gate()
        await gate.open()
        let machine = try Machine(.probing(gate: gate))
        let source = """
            local co = coroutine.wrap(function() probe.wait(1) error("inner", 0) end)
            local ok, e = pcall(co)
            local ok2, e2 = pcall(function() probe.wait(1) error({1}) end)
            local closed
            local co2 = coroutine.create(function()
              local x <close> = setmetatable({}, {__close = function() closed = true end})
              coroutine.yield(probe.wait(1))
            end)
            coroutine.resume(co2)
            return ok, e, ok2, e2[1], coroutine.close(co2), closed
            """
        #expect(try await machine.run(source, name: "t") == [false, "inner", false, 1, true, true])
    }

    @Test("the base of a task is the main program to scripts")
    func mainProgram() async throws {
        let machine = try Machine()
        let source =
            "return select(2, coroutine.running()), coroutine.isyieldable(), pcall(coroutine.yield, 1)"
        let expected: [LuaValue] = [true, false, false, "attempt to yield from outside a coroutine"]
        #expect(try await machine.run(source, name: "t") == expected)
    }

    @Test("a coroutine that waits for the host can't be resumed by another task")
    func foreignResume() async throws {
        let gate = Gate()
        let machine = try Machine(.probing(gate: gate))
        let source = "co = coroutine.create(function() return probe.wait(5) end); return coroutine.resume(co)"
        let first = Task { try await machine.run(source, name: "t") }
        await gate.untilArrived(1)
        let meddling = "return coroutine.status(co), coroutine.resume(co)"
        let expected: [LuaValue] = ["normal", false, "cannot resume a coroutine that waits for the host"]
        #expect(try await machine.run(meddling, name: "t") == expected)
        #expect(await machine.failure("coroutine.close(co)")?.message == "cannot close a normal coroutine")
        await gate.open()
        #expect(try await first.value == [true, 5])
    }

    @Test("closing a machine ends the tasks that wait")
    func closing() async throws {
        let gate = Gate()
        let machine = try Machine(.probing(gate: gate))
        let tasks = (1...10).map { _ in Task { await machine.failure("probe.wait(probe.new('x'))") } }
        await gate.untilArrived(10)
        await machine.close()
        await gate.open()
        for task in tasks { #expect(await task.value?.code == .closed) }
        #expect(await machine.failure("return 1")?.code == .closed)
        await machine.close()
    }

    @Test("cancelling a task ends its loop of pcalls at the next call; others go on")
    func levelTriggered() async throws {
        let started = Gate()
        let gate = Gate()
        var configuration = MachineConfiguration.probing(gate: gate)
        configuration.functions.append(
            .waiting("probe.start") { _ in
                try await withTaskCancellationHandler {
                    await started.pass()
                    try Task.checkCancellation()
                } onCancel: {
                    Task { await started.open() }
                }
                return []
            })
        let machine = try Machine(configuration)
        let other = Task { try await machine.run("return probe.wait('fine')", name: "t") }
        let task = Task { await machine.failure("while true do pcall(probe.start) end") }
        await started.untilArrived(1)
        await gate.untilArrived(1)
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        await gate.open()
        #expect(try await other.value == ["fine"])
    }
}

@Suite("Kills", .timeLimit(.minutes(15)))
struct KillTests {
    static let loops = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(pcall, function() while true do end end) end",
        "while true do pcall(error, 'x') end",
        "coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)()",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "xpcall(function() while true do end end, function() while true do end end)",
        "xpcall(error, function() while true do end end)",
        "local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
        """
        coroutine.wrap(function()
          local x <close> = setmetatable({}, {__close = function() while true do end end})
          while true do end
        end)()
        """,
        "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "error(setmetatable({}, {__tostring = function() while true do end end}))",
        "while true do local t = {} for i = 1, 100 do t[i] = {} end end",
        "local function f() return f() end return f()",
    ]

    @Test("an interrupt ends every loop", arguments: loops)
    func interrupt(source: String) async throws {
        let started = Gate()
        await started.open()
        let machine = try Machine(.probing(gate: started))
        let task = Task { await machine.failure("probe.wait() " + source) }
        await started.untilArrived(1)
        machine.interrupt()
        #expect(await task.value?.code == .cancelled)
        #expect(try await machine.run("return 1", name: "t") == [1])
    }

    @Test("a loop that runs already is ended from another thread", arguments: loops)
    func running(source: String) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        var configuration = MachineConfiguration.probing()
        configuration.functions.append(
            .immediate("probe.mark") { _ in
                continuation.yield()
                return []
            })
        let machine = try Machine(configuration)
        let task = Task { await machine.failure("probe.mark() " + source) }
        for await _ in stream { break }
        machine.interrupt()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("killing one task leaves another's coroutine alone")
    func sharedCoroutine() async throws {
        let gate = Gate()
        let machine = try Machine(.probing(gate: gate))
        _ = try await machine.run(
            "co = coroutine.wrap(function() while true do coroutine.yield(1) end end)", name: "t")
        let task = Task { await machine.failure("co() probe.wait() co()") }
        await gate.untilArrived(1)
        task.cancel()
        await gate.open()
        #expect(await task.value?.code == .cancelled)
        #expect(try await machine.run("return co(), co()", name: "t") == [1, 1])
    }
}
