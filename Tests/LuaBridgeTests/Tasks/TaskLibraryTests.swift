import LuaBridge
import Testing

@Suite("map, gather, timeout and sleep", .timeLimit(.minutes(15)))
struct TaskLibraryTests {
    let library = TaskMachine()
    var gate: Gate { library.gate }

    func machine() throws -> Machine { try library.machine() }

    @Test("map keeps the order and gives each function item and index")
    func map() async throws {
        await gate.open()
        let source =
            "return arc.map({'a', 'b', 'c'}, function(x, i) return probe.wait(x) .. i end, {concurrency = 2})"
        #expect(try await machine().run(source, name: "t") == [.table(LuaTable(array: ["a1", "b2", "c3"]))])
    }

    @Test("map runs as many at once as it is told")
    func concurrency() async throws {
        let machine = try machine()
        let source = """
            local items, running, most = {}, 0, 0
            for i = 1, 100 do items[i] = i end
            local results = arc.map(items, function(i)
              running = running + 1
              most = math.max(most, running)
              probe.wait()
              running = running - 1
              return i * 2
            end, {concurrency = 10})
            return #results, results[100], most
            """
        let task = Task { try await machine.run(source, name: "t") }
        await gate.untilArrived(10)
        await gate.open()
        #expect(try await task.value == [100, 200, 10])
    }

    @Test("the first failure cancels the others and is raised as it is")
    func firstFailure() async throws {
        await gate.open()
        let source = """
            local mine = {}
            local ok, e = pcall(arc.map, {1, 2, 3}, function(i)
              if i == 2 then probe.wait() error(mine) end
              while true do pcall(probe.wait) end
            end)
            return ok, e == mine
            """
        #expect(try await machine().run(source, name: "t") == [false, true])
    }

    @Test("a string error of a child keeps its place; a host error stays one")
    func childErrors() async throws {
        await gate.open()
        let machine = try machine()
        let error = await machine.failure("arc.gather{function()\nerror('here') end}")
        #expect(error?.description == "test:2: here")
        let host = await machine.failure("arc.gather{function() probe.wait_and_fail(4) end}")
        #expect(host?.underlying as? ProbeError == ProbeError(number: 4))
    }

    @Test("collect gives results and errors")
    func collect() async throws {
        let source = """
            local r, e = arc.map({1, 2, 3}, function(i) if i == 2 then error('two', 0) end return i end,
              {on_error = "collect"})
            return r[1], r[2], r[3], e[1], e[2]
            """
        #expect(try await machine().run(source, name: "t") == [1, nil, 3, nil, "two"])
    }

    @Test("gather waits for all and keeps the order")
    func gather() async throws {
        let source =
            "return arc.gather{function() arc.sleep(2) return 'a' end, function() return 'b' end, "
            + "function() probe.time_passes(2) return 'c' end}"
        #expect(try await machine().run(source, name: "t") == [.table(LuaTable(array: ["a", "b", "c"]))])
    }

    @Test("timeout returns what the function returns in time")
    func inTime() async throws {
        await gate.open()
        let source = "return arc.timeout(1, function(...) return probe.wait(...) end, 1, nil, 3)"
        #expect(try await machine().run(source, name: "t") == [1, nil, 3])
    }

    @Test(
        "timeout ends waits, loops and loops of pcalls, and the script goes on",
        arguments: [
            "arc.sleep(100)", "while true do end", "while true do pcall(arc.sleep, 100) end",
            "arc.map({1, 2}, function() while true do pcall(probe.echo) end end)",
        ])
    func timeUp(body: String) async throws {
        let source = """
            local ok, e = pcall(arc.timeout, 0.5, function() probe.time_passes(0.5) \(body) end)
            return ok, e.code, e.message
            """
        let expected: [LuaValue] = [false, "timeout", "the time of 0.5 s is over"]
        #expect(try await machine().run(source, name: "t") == expected)
    }

    @Test("an interrupt reaches the tasks of a map")
    func interrupted() async throws {
        let machine = try machine()
        let task = Task {
            await machine.failure("arc.map({1, 2, 3}, function() while true do pcall(probe.wait) end end)")
        }
        await gate.untilArrived(3)
        machine.interrupt()
        await gate.open()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("wrong arguments are named")
    func wrongArguments() async throws {
        let machine = try machine()
        #expect(
            await machine.failure("arc.map({}, 1)")?.message.contains("fn must be a function, got a number")
                == true)
        #expect(
            await machine.failure("arc.map({}, print, {workers = 1})")?.message.contains(
                "unknown option 'workers'") == true)
        #expect(
            await machine.failure("arc.sleep('x')")?.message
                == "arc.sleep: seconds must be a number from 0 to 1e9, got string")
        #expect(await machine.failure("arc.map = 1")?.message == "arc.map can't be set: arc is read-only")
    }
}
