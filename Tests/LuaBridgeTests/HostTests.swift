import LuaBridge
import Testing

@Suite("Host functions and objects")
struct HostTests {
    @Test("an uncaught error of the host comes back as itself, with its place")
    func underlying() async throws {
        let machine = try Machine(.probing())
        for function in ["probe.fail", "probe.wait_and_fail"] {
            let error = await machine.failure("\n\(function)(7)")
            #expect(error?.underlying as? ProbeError == ProbeError(number: 7))
            #expect(error?.code == .host)
            #expect(error?.description == "test:2: probe error 7 (try another)")
            #expect(error?.traceback?.contains("test:2: in main chunk") == true)
        }
    }

    @Test("a caught error of the host has message, code and advice")
    func caught() async throws {
        let machine = try Machine(.probing())
        let source = """
            local ok, e = pcall(probe.fail, 3)
            local ok2, e2 = pcall(function() probe.wait_and_fail(4) end)
            return ok, e.message, e.code, e.advice, tostring(e), tostring(e2)
            """
        let expected: [LuaValue] = [
            false, "probe error 3", "probe", "try another", "test:1: probe error 3", "test:2: probe error 4",
        ]
        #expect(try await machine.run(source, name: "test") == expected)
    }

    @Test("an error that comes through the host's own Lua is placed where the script called it")
    func placedInScript() async throws {
        var configuration = MachineConfiguration.probing()
        configuration.preludes.append(
            LuaSource(
                name: "=[ours]", text: "function _G.through(n)\n  local r = probe.fail(n)\n  return r\nend"))
        let error = try await Machine(configuration).failure("\n\nlocal x = through(1)")
        #expect(error?.description == "test:3: probe error 1 (try another)")
    }

    @Test("errors of scripts keep their value, chunk and line")
    func scriptErrors() async throws {
        let machine = try Machine()
        let error = await machine.failure("local x\n\nx.y = 1")
        #expect(error?.chunk == "test")
        #expect(error?.line == 3)
        #expect(error?.message == "attempt to index a nil value (local 'x')")
        #expect(await machine.failure("error({reason = 'mine'})")?.value.table?["reason"] == "mine")
        let syntax = await machine.failure("x = = 2")
        #expect(syntax?.code == .syntax)
        #expect(syntax?.line == 1)
    }

    @Test("methods, fields, length, text and calls of a handle")
    func handles() async throws {
        let machine = try Machine(.probing())
        let source = """
            local p = probe.new("abc")
            return p:get_name(), p:wait_name(), p.other, #p, tostring(p), p(1, 2)
            """
        let expected: [LuaValue] = ["abc", "abc", "no string(\"other\")", 3, "probe abc", 1, 2]
        #expect(try await machine.run(source, name: "t") == expected)
    }

    @Test("passing an object twice gives equal handles, and the object comes back")
    func identity() async throws {
        let machine = try Machine(.probing())
        let probe = Probe("same")
        let source = "local a, b = ...; return a == b, probe.echo(a) == b, a"
        let result = try await machine.run(source, name: "t", arguments: [.object(probe), .object(probe)])
        #expect(result == [true, true, .object(probe)])
    }

    @Test("a method called without its object says what it got")
    func wrongSelf() async throws {
        let machine = try Machine(.probing())
        let error = await machine.failure("local p = probe.new('x'); p.get_name(5)")
        #expect(error?.message == "probe:get_name: argument 1 must be a probe, got number")
        #expect(error?.code == .argument)
    }

    @Test("use of a closed handle says which")
    func closed() async throws {
        let machine = try Machine(.probing())
        let error = await machine.failure("local p = probe.new('x'); probe.close(p); return p:get_name()")
        #expect(error?.message == "probe:get_name: argument 1 is closed: the probe “x”")
        #expect(error?.code == .closed)
    }

    @Test("handles that Lua has collected let their objects go, in one long task too")
    func collected() async throws {
        let tally = Tally()
        let machine = try Machine(.probing(tally: tally))
        // What was collected is let go of at every 32nd call.
        let source = """
            for i = 1, 5000 do probe.new('x') end
            collectgarbage()
            for i = 1, 32 do probe.echo() end
            return 1
            """
        _ = try await machine.run(source, name: "t")
        #expect(tally.live < 100)
        await machine.close()
        #expect(await tally.settles())
    }

    @Test("a closed machine holds no object, and none that was closed before it either")
    func closedMachine() async throws {
        let tally = Tally()
        let machine = try Machine(.probing(tally: tally))
        _ = try await machine.run("kept = probe.new('a'); probe.close(probe.new('b'))", name: "t")
        await machine.close()
        #expect(await tally.settles())
        withExtendedLifetime(machine) {}
    }

    @Test("memory behind handles counts against the limit and drives the collector")
    func footprint() async throws {
        let machine = try Machine(.probing(memoryLimit: 4 << 20))
        _ = try await machine.run("for i = 1, 100 do probe.new('x', 1 << 20) end", name: "t")
        let error = await machine.failure("local t = {}; for i = 1, 10 do t[i] = probe.new('x', 1 << 20) end")
        #expect(error?.code == .memory)
        #expect(try await machine.run("return 1", name: "t") == [1])
    }

    @Test(
        "functions that wait name what they can't wait inside",
        arguments: [
            ("table.sort({3, 2, 1}, function(a, b) probe.wait() return a < b end)", "table.sort"),
            ("tostring(setmetatable({}, {__tostring = function() probe.wait() return '' end}))", "tostring"),
            ("table.sort({2, 1}, coroutine.wrap(function() probe.wait() end))", "table.sort"),
            (
                "setmetatable({}, {__gc = function() local ok, e = pcall(probe.wait) gc = e end}); collectgarbage() error(gc, 0)",
                "a __gc metamethod"
            ),
        ])
    func notYieldable(source: String, culprit: String) async throws {
        let machine = try Machine(.probing())
        let error = await machine.failure(source)
        let text = error?.description ?? ""
        #expect(text.contains("probe.wait has to wait, and can't inside \(culprit),"), "\(text)")
    }

    @Test("preludes add methods in Lua, and see host functions that scripts don't")
    func preludes() async throws {
        var configuration = MachineConfiguration.probing()
        configuration.functions.append(.immediate("host.secret") { _ in [7] })
        configuration.preludes = [
            LuaSource(
                name: "=prelude",
                text: """
                    local host = ...
                    local secret = host.secret
                    function host.types.probe:seven() return secret() end
                    tools = { list = host.array{}, inner = { x = 1 } }
                    """)
        ]
        configuration.readOnlyModules = ["tools"]
        let machine = try Machine(configuration)
        #expect(try await machine.run("return probe.new('x'):seven(), host", name: "t") == [7, nil])
        #expect(try await machine.run("return tools.inner.x", name: "t") == [1])
        #expect(
            await machine.failure("tools.inner.x = 2")?.message
                == "tools.inner.x can't be set: tools.inner is read-only")
        #expect(await machine.keys(ofPath: ["tools"]).map(\.name) == ["inner", "list"])
        #expect(await machine.keys(ofPath: ["tools", "inner"]).map(\.name) == ["x"])
    }

    @Test("a prelude that fails or waits is an error of the machine's creation")
    func badPrelude() {
        var configuration = MachineConfiguration.probing()
        configuration.preludes = [LuaSource(name: "=prelude", text: "probe.wait()")]
        let error = #expect(throws: LuaError.self) { try Machine(configuration) }
        #expect(error?.message.contains("can't wait while the machine starts") == true)
    }

    @Test("an error storm leaves no object behind")
    func storm() async throws {
        let tally = Tally()
        let machine = try Machine(.probing(tally: tally))
        let source = """
            for i = 1, 500 do
              pcall(probe.fail, i, probe.new("a"))
              pcall(probe.wait_and_fail, i, probe.new("b"), function() end)
              pcall(error, probe.new("c"))
            end
            error(probe.new("d"))
            """
        _ = await machine.failure(source)
        await machine.close()
        #expect(await tally.settles())
    }
}
