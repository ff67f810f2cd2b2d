public import ArcKit
import LuaBridge

extension Host {
    /// Makes the report of that name.
    ///
    /// - Throws: `HostError` where there is no such report, or it fails; it names the plugin then.
    public func report(_ name: String, on simulation: SimulationReference) async throws -> Document {
        let (plugin, part) = try await plugins.part("reports", named: name, on: self)
        let builder = DocumentBuilder(Document(report: name, title: name))
        let context = LuaTable(["simulation": .object(SimulationHandle(simulation))])
        guard let render = part.function("render") else {
            throw HostError(
                .plugin, "plugin \(plugin.manifest.name), report \(name): render must be a function")
        }
        do {
            _ = try await plugin.machine.call(render, [.table(context), .object(builder)])
        } catch {
            // What the database or another plugin said is the cause; that it came through this report adds a place.
            if let cause = error.underlying, !(cause is HostError) { throw cause }
            throw Plugin.failure(error, in: "plugin \(plugin.manifest.name), report \(name)")
        }
        return builder.document
    }
}
