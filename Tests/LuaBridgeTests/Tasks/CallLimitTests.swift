import LuaBridge
import Synchronization
import Testing

@Suite("Limits of a call", .timeLimit(.minutes(15)))
struct CallLimitTests {
    let clock = ManualClock()

    func machine(seconds: Double? = nil, outputLimit: Int? = nil, output: Output = Output()) throws -> Machine
    {
        let clock = clock
        var configuration = MachineConfiguration.probing(output: output)
        configuration.timeLimit = seconds.map { .seconds($0) }
        configuration.outputLimit = outputLimit
        configuration.clock = clock
        configuration.functions.append(
            .waiting("probe.time_passes") { call in
                await clock.untilSomeoneSleeps()
                clock.advance(by: .seconds(call[0].numberValue ?? 0))
                return []
            })
        TaskLibrary.add(to: &configuration, at: "arc", clock: clock)
        return try Machine(configuration)
    }

    @Test(
        "a call that takes longer than it may is ended, whatever it does",
        arguments: [
            "while true do end", "while true do pcall(arc.sleep, 100) end",
            "arc.map({1, 2}, function() while true do end end)",
            "local x <close> = setmetatable({}, {__close = function() while true do end end}) arc.sleep(100)",
        ])
    func timeLimit(body: String) async throws {
        let machine = try machine(seconds: 2.5)
        let error = await machine.failure("probe.time_passes(2.5) " + body)
        #expect(error?.code == .timeLimit)
        #expect(error?.message == "ended, since it took longer than 2.5 s")
        #expect(try await machine.run("return 1", name: "t") == [1])
    }

    @Test("each call has its time anew, and one in time leaves no clock behind")
    func anew() async throws {
        let machine = try machine(seconds: 2)
        for _ in 1...3 { _ = try await machine.run("probe.time_passes(1.5)", name: "t") }
        #expect(clock.sleeping == 0)
    }

    @Test("what is printed is counted over all calls, and more than the limit is an error each time")
    func outputLimit() async throws {
        let output = Output()
        let machine = try machine(outputLimit: 10, output: output)
        _ = try await machine.run("print('1234')", name: "t")
        let source = "local ok, e = pcall(print, '123456') return ok, e.code, e.message, (pcall(print, ''))"
        let expected: [LuaValue] = [
            false, "output", "print: more than 10 bytes were printed, which is the limit", false,
        ]
        #expect(try await machine.run(source, name: "t") == expected)
        #expect(output.all == ["1234\n"])
        #expect(await machine.failure("print(1)")?.code == .output)
    }
}
