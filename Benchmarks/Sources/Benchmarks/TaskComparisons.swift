import LuaBridge
import Measuring

/// Tasks of a machine against coroutines in a plain C program.
enum TaskComparisons {
    static let all = [
        Benchmark("spawn a task", spawn), Benchmark("suspend and resume", pass),
        Benchmark("wait for the host, answered at once", answered),
        Benchmark("wait for the host, answered later", later),
    ]

    private static let count = 10_000

    /// A task from its start to its end, a thousand at once.
    @Sendable private static func spawn(_: Server) async throws -> Contest {
        let function = "local function fn() end\nlocal fns = {}\nfor i = 1, 1000 do fns[i] = fn end\n"
        var comparison = try comparison(
            unit: "task",
            plain: function
                + """
                for _ = 1, 10 do
                  local threads = {}
                  for i = 1, 1000 do threads[i] = coroutine.create(fns[i]) end
                  for i = 1, 1000 do coroutine.resume(threads[i]) end
                end
                """,
            arc: function + "for _ = 1, 10 do arc.gather(fns) end")
        comparison.notes.append(
            "\(try await bytesPerTask()) bytes of the machine's memory for each waiting task")
        return comparison
    }

    /// Lua's memory for each of 10,000 tasks that wait.
    private static func bytesPerTask() async throws -> Int {
        var configuration = MachineConfiguration()
        TaskLibrary.add(to: &configuration, at: "arc")
        let machine = try Machine(configuration)
        let found = try await machine.run(
            """
            local before, during
            arc.scope(function(scope)
              collectgarbage()
              before = collectgarbage("count")
              local function wait() arc.sleep(0) arc.sleep(0) end
              for i = 1, 10000 do scope:spawn(wait) end
              arc.sleep(0)
              collectgarbage()
              during = collectgarbage("count")
            end)
            return math.floor((during - before) * 1024 / 10000)
            """, name: "benchmark")
        return Int(found.first?.integerValue ?? 0)
    }

    /// A hundred tasks that make room for each other.
    @Sendable private static func pass(_: Server) throws -> Contest {
        try comparison(
            unit: "turn",
            plain: """
                local threads = {}
                for i = 1, 100 do
                  threads[i] = coroutine.create(function() for _ = 1, 100 do coroutine.yield() end end)
                end
                for _ = 1, 101 do for i = 1, 100 do coroutine.resume(threads[i]) end end
                """,
            arc: """
                local fns, sleep = {}, arc.sleep
                for i = 1, 100 do fns[i] = function() for _ = 1, 100 do sleep(0) end end end
                arc.gather(fns)
                """)
    }

    /// A function that may wait, and needn't.
    @Sendable private static func answered(_: Server) throws -> Contest {
        try comparison(
            unit: "call", functions: [.waiting("wait") { call in [call[0]] }], plain: yielding,
            arc: "for i = 1, 10000 do assert(wait(i) == i) end")
    }

    /// A function that waits for another thread, called by a hundred tasks at once.
    @Sendable private static func later(_: Server) throws -> Contest {
        let wait = HostFunction.waiting("wait") { call in
            await Task.yield()
            return [call[0]]
        }
        return try comparison(
            unit: "call", functions: [wait], plain: yielding,
            arc: """
                local fns = {}
                for i = 1, 100 do fns[i] = function() for j = 1, 100 do assert(wait(j) == j) end end end
                arc.gather(fns)
                """)
    }

    private static let yielding = """
        local thread = coroutine.create(function(n) while true do n = coroutine.yield(n) end end)
        for i = 1, 10000 do local _, n = coroutine.resume(thread, i) assert(n == i) end
        """

    private static func comparison(
        unit: String, functions: [HostFunction] = [], plain: String, arc: String
    ) throws -> Contest {
        let other = try PlainMachine()
        var configuration = MachineConfiguration(functions: functions)
        TaskLibrary.add(to: &configuration, at: "arc")
        let machine = try Machine(configuration)
        return Contest(
            unit: unit, units: count, repeats: 2,
            baseline: .init(name: "coroutines of plain Lua") { try other.run(plain) },
            subject: .init(name: "Machine") { _ = try await machine.run(arc, name: "benchmark") })
    }
}
