import LuaBridge
import Testing

@Suite("Cleaning up after a kill", .timeLimit(.minutes(15)))
struct CleaningTests {
    let library = TaskMachine()

    @Test("closing code of a cancelled task runs whole, and may call functions that don't wait")
    func closingCode() async throws {
        let source = """
            local log = {}
            local ok, e = pcall(arc.timeout, 1, function()
              local x <close> = setmetatable({}, {__close = function()
                for i = 1, 1000 do log[1] = i end
                log[2] = probe.echo("told")
                log[3] = select(2, pcall(probe.wait)).code
              end})
              probe.time_passes(1)
                arc.sleep(1e6)
            end)
            return ok, e.code, log
            """
        let result = try await library.run(source)
        #expect(
            result == [false, "timeout", .table(LuaTable(array: [1000, "told", "cancelled"]))], "\(result)")
    }

    @Test("a channel that closing code closes wakes who waits there")
    func closesChannel() async throws {
        let source = """
            local channel = arc.channel()
            return arc.scope(function(scope)
              local reader = scope:spawn(function() return channel:receive(), "the end" end)
              pcall(arc.timeout, 1, function()
                local x <close> = setmetatable({}, {__close = function() channel:close() end})
                probe.time_passes(1)
                arc.sleep(1e6)
              end)
              return reader:wait()
            end)
            """
        #expect(try await library.run(source) == [nil, "the end"])
    }

    @Test("a task that swallows its cancellation and ends was cancelled all the same")
    func swallowed() async throws {
        let machine = try library.machine()
        let task = Task { await machine.failure("pcall(probe.wait) return 'done'") }
        await library.gate.untilArrived(1)
        task.cancel()
        await library.gate.open()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("what is ended for good has no moment for closing code, and pcall can't go on")
    func exit() async throws {
        var configuration = MachineConfiguration.probing()
        configuration.functions.append(
            .immediate("probe.exit") { call in
                try call.machine.exit()
                return []
            })
        let machine = try Machine(configuration)
        let source = """
            reached = "before"
            local x <close> = setmetatable({}, {__close = function() reached = "closing code" end})
            pcall(probe.exit)
            reached = "after"
            """
        #expect(await machine.failure(source)?.code == .cancelled)
        #expect(try await machine.run("return reached", name: "t") == ["before"])
    }

    @Test(
        "a thousand cancelled tasks together have no longer than one",
        arguments: [
            "while true do pcall(arc.sleep, 0) end",
            "while true do pcall(function() while true do end end) end",
            "while true do pcall(probe.echo, 1) end",
            "local x <close> = setmetatable({}, {__close = function() while true do end end}) arc.sleep(1e6)",
            """
            local x <close> = setmetatable({}, {
              __close = function() while true do pcall(function() while true do end end) end end})
            probe.wait() arc.sleep(1e6)
            """,
        ])
    func together(body: String) async throws {
        let source = """
            local items = {}
            for i = 1, 1000 do items[i] = i end
            local ok, e = pcall(arc.map, items, function(i)
              if i == 1000 then error("enough", 0) end
              if i == 1 then arc.sleep(0) arc.sleep(0) end
              \(body)
            end, {concurrency = 1000})
            return ok, e
            """
        let clock = ContinuousClock()
        let began = clock.now
        let result = try await library.run(
            source.replacing("while true do", with: "arc.sleep(0) while true do"))
        #expect(result == [false, "enough"])
        // Twenty milliseconds each would take twenty seconds.
        #expect(clock.now - began < .seconds(10))
    }
}
