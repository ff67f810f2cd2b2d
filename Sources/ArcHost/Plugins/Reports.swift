public import ArcKit
import LuaBridge

extension Host {
    /// Makes the report of that name.
    ///
    /// - Throws: `HostError` where there is no such report, or it fails; it names the plugin then.
    public func report(_ name: String, on simulation: SimulationReference) async throws -> Document {
        let (plugin, part) = try await plugins.part("reports", named: name, on: self)
        var empty = Document(report: name, title: name)
        empty.simulations = [
            Document.Simulation(role: "simulation", id: simulation.id, name: simulation.name)
        ]
        (empty.madeAt, empty.version) = (now(), Version.current)
        let builder = DocumentBuilder(empty)
        let context = LuaTable(["simulation": .object(SimulationHandle(simulation))])
        let place = "plugin \(plugin.manifest.name), report \(name)"
        guard let render = part.function("render") else {
            throw HostError(.plugin, "\(place): render must be a function")
        }
        _ = try await plugin.call(render, [.table(context), .object(builder)], in: place)
        return builder.document
    }
}
