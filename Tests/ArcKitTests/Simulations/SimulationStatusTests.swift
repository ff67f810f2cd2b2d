import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Status and list of simulations")
struct SimulationStatusTests {
    static func outcomes() -> [Outcome] {
        var outcomes: [Outcome] = [
            .success("a", trial: 1, score: 1), .success("a", trial: 2, score: 0.5),
            .success("b", trial: 1, score: 0.25), .success("b", trial: 2),
            Outcome(scenario: Scenario(id: "c"), trial: 1, status: .error),
            Outcome(scenario: Scenario(id: "c"), trial: 2, status: .timeout),
            Outcome(scenario: Scenario(id: "d"), trial: 1, status: .cancelled),
        ]
        outcomes[0].costUSD = 0.5
        outcomes[4].costUSD = 0.25
        return outcomes
    }

    @Test("a status counts runs by how they ended, and averages the scenarios' known scores")
    func status() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(
                ["a", "b", "c", "d", "e"], trials: 2, name: "nightly")
            try await store.record(Self.outcomes(), in: simulation)
            let status = try await store.status(of: simulation)
            #expect(status.id == simulation.id && status.name == "nightly" && status.state == .running)
            #expect(status.statuses == [.success: 4, .error: 1, .timeout: 1, .cancelled: 1])
            #expect(status.completedRuns == 7 && status.totalRuns == 10 && status.completionPercent == 70)
            #expect(status.completedScenarios == 3)
            #expect(status.averageScore == 0.5 && status.scoredRuns == 3)
            #expect(status.totalCostUSD == 0.75)
            #expect(status.executionTimeMs == nil)
        }
    }

    @Test("a simulation without runs has no averages and no percentage")
    func empty() async throws {
        try await withStore { store in
            let status = try await store.status(of: try await store.newSimulation())
            #expect(status.averageScore == nil && status.totalCostUSD == nil)
            #expect(status.completionPercent == nil && status.scoredRuns == 0)
            #expect(status.statuses == [.success: 0, .error: 0, .timeout: 0, .cancelled: 0])
        }
    }

    @Test("a list has the newest first, with pass rates clustered by scenario")
    func list() async throws {
        try await withStore { store in
            let first = try await store.newSimulation(name: "first", threshold: 0.5)
            try await store.record(Self.outcomes(), in: first)
            _ = try await store.newSimulation(name: "second")
            let list = try await store.session { try await $0.simulations() }
            #expect(list.map(\.name) == ["second", "first"])
            #expect(list[0].passRate.value == nil && list[0].passRate.n == 0 && list[0].costUSD == nil)
            let entry = list[1]
            #expect(entry.id == first.id && entry.state == .running && entry.configuration == "agent")
            #expect(entry.completedRuns == 7 && entry.costUSD == 0.75)
            // Scenario a passed twice of twice; b's 0.25 is under the threshold of 0.5, and its other score unknown,
            // which says nothing, as what was cancelled does.
            let expected = Mean.estimate([[1, 1], [0], [0, 0]], bounds: 0...1)
            #expect(entry.passRate == expected)
            #expect(entry.passRate.n == 5 && entry.passRate.clusters == 3)
        }
    }

    @Test("a list may be cut")
    func limit() async throws {
        try await withStore { store in
            for number in 1...4 { _ = try await store.newSimulation(name: "\(number)") }
            try await store.session { session async throws in
                #expect(try await session.simulations(limit: 2).map(\.name) == ["4", "3"])
                #expect(try await session.simulations(limit: 0).isEmpty)
                #expect(try await session.simulations().count == 4)
            }
        }
    }
}
