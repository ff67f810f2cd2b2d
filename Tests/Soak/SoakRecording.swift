import ArcKit
import FaultProxy
import Logging
import Postgres

/// The part of arc that a soak puts to the test.
struct SoakRecording: Sendable {
    private let store: Store
    private let simulation: SimulationReference

    init(_ options: ConnectionOptions, scenarios: Int, outcomes: Int) async throws {
        let quiet = Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() }
        let store = Store(
            try Pool(options, settings: PoolSettings(commandTimeout: .seconds(10)), logger: quiet))
        self.store = store
        simulation = try await store.session { session in
            let version = try await session.createConfiguration(
                name: "soak", document: try ConfigurationDocument(yaml: "model: soak"))
            let plan = SimulationPlan(
                configuration: version.versionID, scenarios: (0..<scenarios).map { Scenario(id: "s\($0)") },
                trials: (outcomes + scenarios - 1) / scenarios)
            return try await session.findSimulation(try await session.createSimulation(plan))
        }
    }

    /// Records an outcome, and says what its caller is told.
    func record(_ outcome: Outcome) async throws -> Ledger.Answer {
        try await store.record([outcome], in: simulation).spooled > 0 ? .spooled : .recorded
    }

    /// Brings everything that waits into the database, once that is well again; says how much it was.
    func finish() async throws -> String {
        await store.pool.close()
        return "0"
    }

    /// How many runs the simulation counts.
    func progress(_ direct: Connection) async throws -> Int {
        let row = try await direct.query(
            "select completed_runs::int8 as done from simulations where simulation_id = $1",
            [.text(simulation.id)]
        ).single()
        return Int(try row.get("done", as: Int64.self))
    }
}
