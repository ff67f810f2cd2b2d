import ArcKit
import LuaBridge

/// A simulation in a script.
final class SimulationHandle: HostObject {
    static let typeName = "Simulation"
    let reference: SimulationReference

    init(_ reference: SimulationReference) { self.reference = reference }
}
