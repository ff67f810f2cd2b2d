import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Fetching outcomes")
struct OutcomeFilterTests {
    /// Runs of an hour, a day and a week ago, in a simulation beside another one.
    static func withRuns(
        _ body: @Sendable (Store, SimulationReference) async throws -> Void
    ) async throws {
        try await withStore { store in
            let other = try await store.newSimulation(name: "other")
            try await store.record([.success("a", score: 0.1)], in: other)
            let simulation = try await store.newSimulation(threshold: 0.5)
            var outcomes: [Outcome] = [
                .success("b", trial: 2, score: 0.9), .success("b", trial: 1, score: 0.2), .success("a"),
                Outcome(scenario: Scenario(id: "c"), status: .error),
            ]
            let hour: Int64 = 3_600_000_000
            for (index, age) in [1, 24, 24 * 7, 2].enumerated() {
                outcomes[index].executionTime = Timestamp(
                    microseconds: Timestamp.now.microseconds - Int64(age) * hour)
                outcomes[index].trajectory = "[\(index)]"
            }
            outcomes[3].reliabilityScore = 0.9
            try await store.record(outcomes, in: simulation)
            try await body(store, simulation)
        }
    }

    static func runs(
        _ store: Store, _ simulation: SimulationReference, _ change: (inout OutcomeFilter) -> Void = { _ in }
    ) async throws -> [String] {
        var changed = OutcomeFilter()
        change(&changed)
        let filter = changed
        let rows = try await store.session { try await $0.outcomes(of: simulation, filter) }
        return try rows.map { row in
            "\(try row.get("scenario_id", as: String.self))\(try row.get("trial", as: Int.self))"
        }
    }

    @Test("all of a simulation come by scenario and trial, and none of another's")
    func all() async throws {
        try await Self.withRuns { store, simulation async throws in
            #expect(try await Self.runs(store, simulation) == ["a1", "b1", "b2", "c1"])
        }
    }

    @Test("a filter lets a status, a scenario, a span of time or all of these pass")
    func filters() async throws {
        try await Self.withRuns { store, simulation async throws in
            #expect(try await Self.runs(store, simulation) { $0.status = .error } == ["c1"])
            #expect(try await Self.runs(store, simulation) { $0.status = .timeout } == [])
            #expect(try await Self.runs(store, simulation) { $0.scenario = "b" } == ["b1", "b2"])
            #expect(try await Self.runs(store, simulation) { $0.withinSeconds = 3 * 3600 } == ["b2", "c1"])
            #expect(try await Self.runs(store, simulation) { $0.withinSeconds = 60 } == [])
            #expect(
                try await Self.runs(store, simulation) {
                    $0.status = .success
                    $0.scenario = "b"
                    $0.withinSeconds = 25 * 3600
                } == ["b1", "b2"])
        }
    }

    @Test("a limit takes the latest first")
    func limit() async throws {
        try await Self.withRuns { store, simulation async throws in
            #expect(try await Self.runs(store, simulation) { $0.limit = 3 } == ["b2", "c1", "b1"])
            #expect(try await Self.runs(store, simulation) { $0.limit = 0 } == [])
        }
    }

    @Test("passed is status and threshold together, and unknown where the score is")
    func passed() async throws {
        try await Self.withRuns { store, simulation in
            let rows = try await store.session { try await $0.outcomes(of: simulation) }
            // a1 has no score, b1 too low a one, b2 passes, c1 has a high score and an error.
            #expect(rows.map { $0["passed"] } == [.null, false, true, false])
        }
    }

    @Test("trajectories come along when they are asked for")
    func trajectories() async throws {
        try await Self.withRuns { store, simulation async throws in
            let without = try await store.session { try await $0.outcomes(of: simulation) }
            #expect(!without.columns.contains { $0.name == "trajectory" })
            var changed = OutcomeFilter()
            changed.withTrajectory = true
            let filter = changed
            let with = try await store.session { try await $0.outcomes(of: simulation, filter) }
            #expect(
                with.map { $0["trajectory"] } == [.json("[2]"), .json("[1]"), .json("[0]"), .json("[3]")])
        }
    }
}
