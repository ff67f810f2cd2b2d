import FoundationEssentials
import Testing

@testable import ArcHost
@testable import LuaBridge

@Suite("Allocations that fail in arc's functions", .timeLimit(.minutes(30)))
struct AllocationTests {
    private static let reference = LibraryReference.reference
    private static let examples: [Example] =
        reference.all.filter { $0.receiver != "Simulation" }.map(Example.init)
        + reference.types.map(Example.init)

    /// Fails each allocation of the example in turn, from the first on, until one run doesn't reach it.
    private func failEach(_ example: Example, on machine: Machine) async throws {
        try await example.run(on: machine)
        let before = try await held(by: machine)
        var nth = 1
        var failures = 0
        while nth < 20_000 {
            try await example.prepare(machine)
            machine.core.failAllocations(from: nth, count: .max)
            do {
                _ = try await machine.run(example.source, name: "=\(example.path)")
                machine.core.failAllocations(from: 0, count: 0)
                break
            } catch {
                machine.core.failAllocations(from: 0, count: 0)
                failures += 1
            }
            nth += 1
        }
        #expect(nth < 20_000 && failures > 0)
        #expect(try await held(by: machine) <= before)
        #expect(try await machine.run("return 1 + 1", name: "t") == [2])
    }

    /// How many objects a machine holds when all garbage is collected.
    private func held(by machine: Machine) async throws -> Int {
        for _ in 1...3 { _ = try await machine.run("collectgarbage() collectgarbage()", name: "t") }
        return machine.core.openObjects
    }

    @Test(
        "an example that only reads, whichever of its allocations fails",
        arguments: examples.filter { !$0.writes })
    func reading(_ example: Example) async throws {
        let test = try await TestHost.reading()
        try await failEach(example, on: try test.host.makeScriptMachine())
    }

    @Test("an example that writes, whichever of its allocations fails", arguments: examples.filter(\.writes))
    func writing(_ example: Example) async throws {
        try await TestHost.with("allocations", results: [TestHost.baseline]) { test in
            try await failEach(example, on: test.machine)
        }
    }
}
