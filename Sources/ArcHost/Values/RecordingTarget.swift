import ArcKit
import LuaBridge
import Postgres
import Synchronization

/// The simulations that a host has recorded into, by the ids that scripts gave: where the database is away, outcomes go to
/// the spool, and nothing must have to be asked for first.
final class RecordingTargets: Sendable {
    private let known = Mutex<[String: SimulationReference]>([:])
    private let thresholds = Mutex<[String: Double]>([:])

    /// The score from which a run of the simulation passes, read once; nil where the database is away.
    func passThreshold(of simulation: SimulationReference, in store: Store) async throws -> Double? {
        if let threshold = thresholds.withLock({ $0[simulation.id] }) { return threshold }
        do {
            let status = try await store.session(.read) { try await $0.status(of: simulation) }
            thresholds.withLock { $0[simulation.id] = status.passThreshold }
            return status.passThreshold
        } catch let error as DatabaseError where error.server == nil {
            return nil
        }
    }

    /// The simulation that a script names: by its handle, or by an id, a name or a prefix.
    func simulation(_ value: LuaValue, in store: Store) async throws -> SimulationReference {
        if let handle = value.object(as: SimulationHandle.self) { return handle.reference }
        let text = value.stringValue ?? ""
        if let reference = known.withLock({ $0[text] }) { return reference }
        let found = try await store.session(.read) { try await $0.findSimulation(text) }
        // A name or a prefix may mean another one tomorrow.
        if found.id == text { known.withLock { $0[text] = found } }
        return found
    }
}
