import Testing

@testable import LuaBridge

@Suite("Allocations that fail in tasks", .timeLimit(.minutes(15)))
struct TaskAllocationTests {
    static let pieces = [
        "arc.map({1, 2, 3}, function(i) return probe.wait(p, i) end, {concurrency = 2})",
        "arc.map({1, 2, 3}, function(i) if i == 2 then error({p}) end arc.sleep(0) end, {on_error = 'collect'})",
        "pcall(arc.map, {1, 2, 3}, function(i) if i == 2 then error({p}) end probe.wait(p) end)",
        "arc.gather{function() return p:wait_name() end, function() return arc.gather{function() return p end} end}",
        "arc.timeout(100, function(...) return probe.wait(...) end, p)",
        "arc.scope(function(s) local t = s:spawn(function() return probe.wait(p) end) return t:wait(), t:wait() end)",
        "arc.scope(function(s) s:spawn(function() while true do arc.sleep(0) end end) s:cancel() end)",
        """
        local c = arc.channel(1)
        arc.gather{
          function() for i = 1, 3 do c:send(p) end c:close() end,
          function() for v in c:values() do assert(v == p) end end,
        }
        """,
        "local co = coroutine.wrap(function() coroutine.yield(probe.wait(p)) return 1 end) return co(), co()",
        "for i = 1, 3 do arc.map({i}, function() arc.map({i}, function() probe.wait(p) end) end) end",
        "probe.direct(1, 2.5, 'text', p, true, nil, 7, 8, 9, 10)",
        "probe.close(p) return pcall(p.get_name, p)",
    ]

    @Test(
        "failing the N-th allocation leaks nothing, ends every task and leaves the machine usable",
        arguments: pieces)
    func failing(piece: String) async throws {
        let tally = Tally()
        let gate = Gate()
        await gate.open()
        var configuration = MachineConfiguration.probing(gate: gate, tally: tally)
        configuration.functions.append(
            .direct("probe.direct") { call in
                for index in 0..<call.count { try call.put(.string(call.typeName(index))) }
            })
        TaskLibrary.add(to: &configuration, at: "arc", clock: ManualClock())
        let machine = try Machine(configuration)
        let source = "local p = probe.new('p') " + piece
        _ = try await machine.run(source, name: "t")
        for count in [1, 2, Int.max] {
            var nth = 1
            while nth < 3000 {
                machine.core.failAllocations(from: nth, count: count)
                do {
                    _ = try await machine.run(source, name: "t")
                    machine.core.failAllocations(from: 0, count: 0)
                    // One that fails alone is tried again after a collection: that it worked doesn't say it was the last.
                    if count > 1 || nth > 600 { break }
                } catch {
                    machine.core.failAllocations(from: 0, count: 0)
                    #expect(
                        [.memory, .runtime, .host, .argument].contains(error.code),
                        "\(nth): \(error.debugDescription)")
                }
                nth += 1
            }
            #expect(nth < 3000)
            _ = try await machine.run("collectgarbage() collectgarbage()", name: "t")
            _ = try await machine.run(source, name: "t")
            _ = try await machine.run("collectgarbage() collectgarbage()", name: "t")
            _ = try await machine.run("return 1", name: "t")
            #expect(await tally.settles())
        }
        await machine.close()
        #expect(await tally.settles())
    }
}
