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

    @Test("a timeout of no time, or hardly any, ends what it is given each time")
    func noTime() async throws {
        await gate.open()
        var configuration = MachineConfiguration.probing()
        TaskLibrary.add(to: &configuration, at: "arc")
        let machine = try Machine(configuration)
        let source = """
            local channel, ended = arc.channel(), 0
            for i = 1, 500 do
              local ok, e = pcall(arc.timeout, i % 2 == 0 and 0 or 1e-6, function() channel:receive() end)
              if not ok and e.code == "timeout" then ended = ended + 1 end
            end
            return ended
            """
        #expect(try await machine.run(source, name: "t") == [500])
        #expect(
            await machine.failure("arc.timeout(-1, print)")?.message
                == "arc.timeout: seconds must be a number from 0 to 1e9, got -1")
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

    @Test("map tells how far it is: under a label, as items, or to a function")
    func progress() async throws {
        let source = """
            local told = {}
            arc.map({1, 2}, probe.wait, {progress = "scenarios"})
            arc.map({1}, probe.wait, {progress = true})
            arc.map({}, probe.wait, {progress = true})
            arc.map({1, 2, 3}, function(i) if i == 2 then error("two") end end, {
              progress = function(done, total) told[#told + 1] = done .. "/" .. total end, on_error = "collect",
            })
            return table.concat(told, " ")
            """
        #expect(try await library.run(source) == ["1/3 2/3 3/3"])
        #expect(
            library.progress.all == [
                "scenarios 0/2", "scenarios 1/2", "scenarios 2/2", "items 0/1", "items 1/1", "items 0/0",
            ])
    }

    @Test("sleep(0) lets the others go first, and no time pass")
    func passing() async throws {
        let source = """
            local log = {}
            arc.gather{
              function() for i = 1, 3 do log[#log + 1] = "a" .. i arc.sleep(0) end end,
              function() for i = 1, 3 do log[#log + 1] = "b" .. i arc.sleep(0) end end,
            }
            return table.concat(log, " ")
            """
        let result = try await library.run(source)
        #expect(result == ["a1 b1 a2 b2 a3 b3"] || result == ["b1 a1 b2 a2 b3 a3"])
    }

    @Test(
        "what has to wait says where it can't, by name",
        arguments: [
            ("table.sort({3, 2, 1}, function(a, b) probe.wait() return a < b end)", "table.sort"),
            ("tostring(setmetatable({}, {__tostring = function() probe.wait() return '' end}))", "tostring"),
            ("assert(load(function() probe.wait() end))", "load"),
            ("table.sort({3, 2, 1}, function() arc.map({1}, probe.wait) end)", "table.sort"),
            ("table.sort({3, 2, 1}, function() arc.gather{probe.wait} end)", "table.sort"),
            ("table.sort({3, 2, 1}, function() arc.timeout(1, probe.wait) end)", "table.sort"),
            ("table.sort({3, 2, 1}, function() arc.scope(probe.wait) end)", "table.sort"),
            ("table.sort({3, 2, 1}, function() arc.channel():receive() end)", "table.sort"),
            ("table.sort({3, 2, 1}, function() arc.sleep(0) end)", "table.sort"),
            (
                "table.sort({3, 2, 1}, function() coroutine.wrap(function() probe.wait() end)() end)",
                "table.sort"
            ),
            ("table.insert(setmetatable({}, {__newindex = function() probe.wait() end}), 1)", "table.insert"),
        ])
    func notYieldable(source: String, name: String) async throws {
        let result = try await library.run("local ok, e = pcall(function() \(source) end) return tostring(e)")
        let text = result.first?.stringValue ?? ""
        #expect(text.contains("has to wait, and can't inside \(name), which Lua can't suspend"), "\(text)")
    }

    @Test("what has to wait may do so in pcall, xpcall, metamethods, iterators, closing code and coroutines")
    func yieldable() async throws {
        let source = """
            local t = setmetatable({}, {
              __index = function(_, k) return probe.wait(k) end, __add = function() return probe.wait("add") end,
              __lt = function() return probe.wait(true) end, __concat = function() return probe.wait("concat") end,
              __call = function() return probe.wait("call") end, __eq = function() return probe.wait(true) end,
              __len = function() return probe.wait(7) end, __unm = function() return probe.wait("unm") end,
              __close = function() probe.wait() end,
            })
            local other = setmetatable({}, getmetatable(t))
            local x <close> = t
            local sum = 0
            for i in function(_, i) i = (i or 0) + 1 return probe.wait(i <= 3 and i or nil) end do sum = sum + i end
            return t.key, t + 1, t < other, t .. "x", t(), t == other, #t, -t, sum,
              select(2, pcall(probe.wait, "pcall")), select(2, xpcall(probe.wait, print, "xpcall")),
              coroutine.wrap(function() return probe.wait("wrap") end)()
            """
        let expected: [LuaValue] = [
            "key", "add", true, "concat", "call", true, 7, "unm", 6, "pcall", "xpcall", "wrap",
        ]
        #expect(try await library.run(source) == expected)
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
        // It would else do nothing, without a word.
        #expect(
            await machine.failure("arc.map({a = 1}, print)")?.message.contains(
                "items must be a list, got a table of names, such as a; for these there is arc.gather")
                == true)
        #expect(
            try await machine.run(
                "local c = arc.channel(1.0) c:send(7) return c:receive(), #arc.map({1, 2}, function(i) return i end, {concurrency = 2.0})",
                name: "=test") == [7, 2])
        #expect(
            await machine.failure("arc.channel(1.5)")?.message.contains("a whole number from 0, got 1.5")
                == true)
        #expect(
            await machine.failure("arc.sleep('x')")?.message
                == "arc.sleep: seconds must be a number from 0 to 1e9, got string")
        #expect(await machine.failure("arc.map = 1")?.message == "arc.map can't be set: arc is read-only")
    }
}
