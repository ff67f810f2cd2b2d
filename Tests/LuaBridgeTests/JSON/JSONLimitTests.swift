import Testing

@testable import LuaBridge

@Suite("JSON and a machine's limits", .timeLimit(.minutes(15)))
struct JSONLimitTests {
    static let work = """
        local text = '{"list":[1,2.5,"a\\\\nb",null,true,{"x":[]}],"name":"a longer text that no one interns, as it is","o":{}}'
        local v = decode(text)
        assert(encode(v, {sort_keys = true, pretty = true}) == encode(lazy(text), {sort_keys = true, pretty = true}))
        assert(lazy(text).list[6].x and #probe.echo(lazy(text)).list == 6)
        """

    @Test("failing the N-th allocation of anything leaks nothing and breaks nothing", arguments: [2, .max])
    func failingAllocations(count: Int) async throws {
        let machine = try Machine(.json())
        _ = try await machine.run(Self.work, name: "t")
        let before = try await machine.settledMemory()
        var failures = 0
        var successes = 0
        var nth = 1
        // Some that fail are never missed; many in a row that aren't lie behind the end.
        while nth < 5000, successes < 30 {
            await machine.fail(from: nth, count: count)
            do {
                _ = try await machine.run(Self.work, name: "t")
                await machine.fail(from: 0, count: 0)
                successes += 1
            } catch {
                await machine.fail(from: 0, count: 0)
                failures += 1
                successes = 0
                #expect(error.code == .memory, "\(nth): \(error.debugDescription)")
            }
            nth += 1
        }
        #expect(nth < 5000)
        #expect(failures > 50)
        #expect(try await machine.settledMemory() - before < 4096)
        _ = try await machine.run(Self.work, name: "t")
    }

    @Test("a table that couldn't be filled for want of memory can be filled later", arguments: 1...40)
    func fillsLater(nth: Int) async throws {
        let machine = try Machine(.json())
        let source = "v = lazy('{\"a\":[1,2,3],\"b\":\"' .. ('x'):rep(100) .. '\",\"c\":{\"d\":1},\"e\":5}')"
        _ = try await machine.run(source, name: "t")
        await machine.fail(from: nth, count: .max)
        _ = try? await machine.run("return v.e", name: "t")
        await machine.fail(from: 0, count: 0)
        let check = "local n = 0 for _ in pairs(v) do n = n + 1 end return n, v.e, #v.a, v.c.d, #v.b"
        #expect(try await machine.run(check, name: "t") == [4, 5, 3, 1, 100])
    }

    @Test("a cap on memory holds for what JSON becomes, and for the list on the way to it")
    func cap() async throws {
        let machine = try Machine(.json(memoryLimit: 24 << 20))
        let text = "local text = '[' .. ('1,'):rep(2000000) .. '1]' "
        #expect(await machine.failure(text + "decode(text)")?.code == .memory)
        #expect(await machine.failure(text + "return #lazy(text)")?.code == .memory)
        #expect(await machine.memoryInUse <= 24 << 20)
        let writing = "local t = {} for i = 1, 200000 do t[i] = 'some text that is repeated' end "
        #expect(
            await machine.failure(writing + "for i = 1, 10 do t = {t, t, t} end encode(t)")?.code == .memory)
        #expect(await machine.memoryInUse <= 24 << 20)
        #expect(try await machine.run("return #decode('[1,2]'), encode{1}", name: "t") == [2, "[1]"])
    }

    @Test(
        "a kill reaches the reading and the making of 50 MB, and a loop of small ones",
        arguments: [
            "while true do pcall(decode, text) end", "while true do decode('[1,2,3]') end",
            "while true do pcall(function() return #lazy(text) end) end",
            "local v = decode('[' .. ('[1],'):rep(100000) .. '1]') while true do pcall(encode, v) end",
        ])
    func kill(loop: String) async throws {
        var configuration = MachineConfiguration.json()
        configuration.timeLimit = .milliseconds(200)
        let machine = try Machine(configuration)
        let source = "local text = '[' .. ('[1,2,{\"a\":\"b\"}],'):rep(3000000) .. '1]' "
        let clock = ContinuousClock()
        let start = clock.now
        let error = await machine.failure(source + loop)
        #expect(error?.code == .timeLimit, "\(String(describing: error))")
        #expect(clock.now - start < .seconds(20))
    }

    @Test("decoding again and again stays within bounds")
    func bounded() async throws {
        let machine = try Machine(.json())
        let source =
            "local text = '[' .. ('{\"a\":[1,2,3]},'):rep(50000) .. '1]' for _ = 1, 60 do decode(text) end"
        _ = try await machine.run(source, name: "t")
        #expect(await machine.memoryInUse < 160 << 20)
    }
}

extension Machine {
    fileprivate func fail(from nth: Int, count: Int) { core.failAllocations(from: nth, count: count) }

    fileprivate func settledMemory() async throws -> Int {
        _ = try await run("collectgarbage() collectgarbage()", name: "t")
        return memoryInUse
    }
}
