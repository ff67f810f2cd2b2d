import LuaBridge
import Testing

@Suite struct SmokeTests {
    @Test("a chunk returns its values")
    func run() async throws {
        let machine = try Machine()
        #expect(try await machine.run("return 1, 'x', ...", name: "t", arguments: [true]) == [1, "x", true])
    }

    @Test("a waiting function suspends")
    func waits() async throws {
        let machine = try Machine(
            MachineConfiguration(functions: [
                .waiting("arc.double") { call in
                    await Task.yield()
                    return [.integer((call[0].integerValue ?? 0) * 2)]
                }
            ]))
        #expect(try await machine.run("return arc.double(arc.double(4))", name: "t") == [16])
    }
}
