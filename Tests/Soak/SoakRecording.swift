import ArcKit
import FaultProxy
import Logging
import Postgres

/// The part of arc that a soak puts to the test.
struct SoakRecording: Sendable {
    private let store: Store
    private let spool: Spool
    private let simulation: SimulationReference

    /// - Parameter state: the directory under which the spool is.
    init(_ options: ConnectionOptions, state: String, scenarios: Int, outcomes: Int) async throws {
        let quiet = Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() }
        let folders = Folders(environment: ["XDG_STATE_HOME": state])
        let store = Store(
            try Pool(options, settings: PoolSettings(commandTimeout: .seconds(10)), logger: quiet),
            spools: SpoolFolders(folders))
        guard let spool = try await store.spool() else { fatalError("a deployed database has a spool") }
        (self.store, self.spool) = (store, spool)
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
        let report = try await store.replay(spool, patience: .seconds(60))
        await store.pool.close()
        let waits = spool.isWaiting || spool.hasRejected ? ", and some still wait" : ""
        return "\(report.stored) at the end, \(report.rejected) rejected, \(report.torn) torn\(waits)"
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
