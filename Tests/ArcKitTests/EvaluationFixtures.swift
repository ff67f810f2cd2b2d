import ArcKit
import Postgres
import Synchronization

extension Store {
    /// Starts a simulation of that plan's kind under a configuration of its own.
    func newSimulation(
        _ scenarios: [String] = [], trials: Int = 1, name: String? = nil, threshold: Double = 0.7
    ) async throws -> SimulationReference {
        try await session { session in
            let version = try await session.createConfiguration(
                name: "agent", document: try ConfigurationDocument(yaml: "model: test"))
            var plan = SimulationPlan(
                configuration: version.versionID, scenarios: scenarios.map { Scenario(id: $0) },
                trials: trials,
                name: name)
            plan.passThreshold = threshold
            return try await session.findSimulation(try await session.createSimulation(plan))
        }
    }

    @discardableResult
    func record(_ outcomes: [Outcome], in simulation: SimulationReference) async throws -> RecordingReport {
        try await record(outcomes, in: simulation, places: nil)
    }

    func status(of simulation: SimulationReference) async throws -> SimulationStatus {
        try await session { try await $0.status(of: simulation) }
    }

    /// The number of rows that a query gives as its only value.
    func count(_ sql: String) async throws -> Int {
        guard case .int(let count) = try await pool.query(sql).single()[0] else { return -1 }
        return Int(count)
    }
}

extension Outcome {
    /// A run that ended well.
    static func success(_ scenario: String, trial: Int = 1, score: Double? = nil) -> Outcome {
        var outcome = Outcome(scenario: Scenario(id: scenario), trial: trial, status: .success)
        outcome.reliabilityScore = score
        return outcome
    }

    /// This outcome at that time, in ISO format.
    func at(_ time: String) -> Outcome {
        var outcome = self
        outcome.executionTime = Timestamp(time, hasZone: true)
        return outcome
    }
}

extension QueryResult {
    /// The rows as PostgreSQL's texts, values separated by "|".
    var lines: [String] { map { $0.values.map(\.description).joined(separator: "|") } }
}

/// A number that several tasks count up.
final class Tally: Sendable {
    private let value: Atomic<Int>

    init(_ start: Int = 0) { value = Atomic(start) }

    var count: Int { value.load(ordering: .acquiring) }

    @discardableResult
    func add() -> Int { value.add(1, ordering: .acquiringAndReleasing).newValue }
}
