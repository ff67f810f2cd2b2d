import LuaBridge
import Testing

@Suite("Scopes", .timeLimit(.minutes(15)))
struct ScopeTests {
    let library = TaskMachine()

    @Test("a scope returns what its function returns, when everything that it started has ended")
    func ends() async throws {
        let source = """
            local log = {}
            local a, b = arc.scope(function(scope)
              scope:spawn(function() probe.wait() arc.sleep(0) log[#log + 1] = "child" end)
              log[#log + 1] = "function"
              return 1, nil
            end)
            return a, b, log
            """
        #expect(try await library.run(source) == [1, nil, .table(LuaTable(array: ["function", "child"]))])
    }

    @Test("a task's wait gives its results, as often as it is asked, before and after its end")
    func results() async throws {
        let source = """
            return arc.scope(function(scope)
              local slow = scope:spawn(function(...) arc.sleep(0) return ... end, 1, nil, 3)
              local other = scope:spawn(function() return select("#", slow:wait()) end)
              local a, b, c = slow:wait()
              return a, b, c, other:wait(), (slow:wait())
            end)
            """
        #expect(try await library.run(source) == [1, nil, 3, 3, 1])
    }

    @Test("a failing task ends the scope, its other tasks and its function, and is raised as it is")
    func failure() async throws {
        let source = """
            local mine, ended = {}, 0
            local function endless()
              local x <close> = setmetatable({}, {__close = function() ended = ended + 1 end})
              while true do pcall(probe.wait) arc.sleep(0) end
            end
            local ok, e = pcall(arc.scope, function(scope)
              scope:spawn(endless)
              scope:spawn(function() arc.sleep(0) error(mine) end)
              endless()
            end)
            return ok, e == mine, ended
            """
        #expect(try await library.run(source) == [false, true, 2])
    }

    @Test("cancel ends the tasks that were spawned, and no more can be; the scope's own function goes on")
    func cancel() async throws {
        let source = """
            local ended
            return arc.scope(function(scope)
              local task = scope:spawn(function()
                local x <close> = setmetatable({}, {__close = function() ended = true end})
                while true do arc.sleep(0) end
              end)
              arc.sleep(0)
              scope:cancel()
              arc.sleep(0)
              local _, waiting = pcall(task.wait, task)
              local _, spawning = pcall(scope.spawn, scope, print)
              return "the end", ended, waiting, spawning
            end)
            """
        #expect(
            try await library.run(source) == [
                "the end", true, "the task was cancelled before it had a result",
                "scope:spawn: the scope was cancelled",
            ])
    }

    @Test("a scope that is over starts nothing more")
    func over() async throws {
        let source = """
            local kept
            arc.scope(function(scope) kept = scope end)
            return select(2, pcall(kept.spawn, kept, print))
            """
        #expect(try await library.run(source) == ["scope:spawn: the scope is over"])
        #expect(
            try await library.failure("arc.scope(function(s) s.spawn(print) end)")?.message
                == "spawn: call it with a colon on a scope")
        #expect(
            try await library.failure("arc.scope(function(s) s:spawn() end)")?.message
                == "scope:spawn: fn must be a function, got a nil")
        #expect(
            try await library.failure("arc.scope()")?.message == "arc.scope: fn must be a function, got a nil"
        )
    }

    @Test("cancelling from outside reaches tasks within tasks within tasks, and their closing code runs")
    func nested() async throws {
        let machine = try library.machine()
        let source = """
            closed = 0
            local function endless(depth)
              local x <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
              if depth == 0 then pcall(probe.wait) probe.wait() end
              arc.map({1, 2}, function() endless(depth - 1) end)
            end
            endless(3)
            """
        let task = Task { await machine.failure(source) }
        await library.gate.untilArrived(8)
        task.cancel()
        await library.gate.open()
        #expect(await task.value?.code == .cancelled)
        #expect(try await machine.run("return closed", name: "t") == [15])
    }

    @Test("a task that leaves work behind ends after that work, which is cancelled")
    func leftBehind() async throws {
        // A coroutine that is abandoned in the middle of a map never comes to wait for it.
        let source = """
            ended = 0
            local co = coroutine.wrap(function()
              arc.map({1, 2}, function()
                local x <close> = setmetatable({}, {__close = function() ended = ended + 1 end})
                coroutine.wrap(function() coroutine.yield() end)()
                while true do arc.sleep(0) end
              end)
            end)
            arc.gather{function() co() end, function() arc.sleep(0) error("stop", 0) end}
            """
        let machine = try library.machine()
        #expect(await machine.failure(source)?.message == "stop")
        #expect(try await machine.run("return ended", name: "t") == [2])
    }

    @Test("an error's traceback leads through all tasks that it passed")
    func chain() async throws {
        let source = """
            local function innermost() error("deep") end
            local function middle() arc.map({1}, function() innermost() end) end
            local function outer() arc.gather{function() middle() end} end
            outer()
            """
        let error = try #require(try await library.failure(source))
        #expect(error.description == "test:1: deep")
        let traceback = try #require(error.traceback)
        let parts = traceback.split(separator: LuaError.withinTask)
        #expect(parts.count == 3)
        guard parts.count == 3 else { return }
        #expect(parts[0].contains("test:1: in upvalue 'innermost'"))
        #expect(parts[1].contains("test:2: in upvalue 'middle'") || parts[1].contains("'middle'"))
        #expect(parts[2].contains("'outer'"))
    }

    @Test("an error that is raised anew doesn't show tracebacks of another one")
    func anotherError() async throws {
        let source = """
            pcall(arc.map, {1}, function() error("first") end)
            error("second")
            """
        let error = try #require(try await library.failure(source))
        #expect(error.message == "second")
        #expect(error.traceback?.contains(LuaError.withinTask) == false)
    }
}
