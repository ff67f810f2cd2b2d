import LuaBridge
import Synchronization
import Testing

@Suite("A hundred thousand tasks", .timeLimit(.minutes(15)))
struct ManyTasksTests {
    let count = 100_000

    @Test("each makes a host call that waits; the sum is right, and memory is bounded while all wait")
    func sum() async throws {
        let (gate, library) = (Gate(), TaskMachine())
        var configuration = MachineConfiguration.probing(gate: gate)
        TaskLibrary.add(to: &configuration, at: "arc", clock: library.clock)
        let machine = try Machine(configuration)
        let source = """
            local count = ...
            local items, sum = {}, 0
            for i = 1, count do items[i] = i end
            local results = arc.map(items, function(i)
              local answer = probe.wait(i)
              sum = sum + answer
              return i
            end, {concurrency = count})
            for i = 1, count do assert(results[i] == i) end
            return sum
            """
        let before = await machine.memoryInUse
        let work = Task { try await machine.run(source, name: "t", arguments: [.integer(Int64(count))]) }
        await gate.untilArrived(count)
        let waiting = await machine.memoryInUse - before
        #expect(waiting / count < 2048, "\(waiting / count) bytes a task")
        await gate.open()
        #expect(try await work.value == [.integer(Int64(count) * Int64(count + 1) / 2)])
        _ = try await machine.run("collectgarbage() collectgarbage()", name: "t")
        // What stays is the coroutines' places in the registry, which are used again.
        #expect(await machine.memoryInUse - before < 8 << 20)
    }

    @Test("answers that come from many threads at once are each delivered to their own task")
    func threads() async throws {
        var configuration = MachineConfiguration()
        TaskLibrary.add(to: &configuration, at: "arc")
        configuration.functions.append(
            .waiting("double") { call in
                let number = call[0].integerValue ?? 0
                await Task.yield()
                return [.integer(number * 2)]
            })
        let machine = try Machine(configuration)
        let source = """
            local items = {}
            for i = 1, ... do items[i] = i end
            local sum = 0
            for i, twice in ipairs(arc.map(items, double, {concurrency = 1000})) do
              assert(twice == 2 * i)
              sum = sum + twice
            end
            return sum
            """
        let sum = Int64(count) * Int64(count + 1)
        #expect(
            try await machine.run(source, name: "t", arguments: [.integer(Int64(count))]) == [.integer(sum)])
    }
}
