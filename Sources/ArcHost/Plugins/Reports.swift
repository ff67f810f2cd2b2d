public import ArcKit
import LuaBridge

/// What a report is about.
public struct ReportSubject: Sendable {
    /// The simulation; the candidate of a comparison.
    public var simulation: SimulationReference
    /// What it is compared with, where there is something.
    public var baseline: SimulationReference?
    /// What it is held against.
    public var policy = GatePolicy()

    /// A report on that simulation alone.
    public init(_ simulation: SimulationReference, baseline: SimulationReference? = nil) {
        self.simulation = simulation
        self.baseline = baseline
    }

    /// `ctx` of a report's `render`.
    fileprivate var context: LuaTable {
        let handle = LuaValue.object(SimulationHandle(simulation))
        return LuaTable([
            "simulation": handle, "candidate": handle,
            "baseline": baseline.map { .object(SimulationHandle($0)) } ?? .nil,
            "policy": policy.document.map { LuaValue($0) } ?? .nil,
        ])
    }

    fileprivate var simulations: [Document.Simulation] {
        guard let baseline else {
            return [Document.Simulation(role: "simulation", id: simulation.id, name: simulation.name)]
        }
        return [
            Document.Simulation(role: "baseline", id: baseline.id, name: baseline.name),
            Document.Simulation(role: "candidate", id: simulation.id, name: simulation.name),
        ]
    }
}

extension Host {
    /// Makes the report of that name.
    ///
    /// - Parameter keepsUnfinished: whether a report that fails halfway gives what it had written, with its failure
    ///   among what is missing; else it throws.
    /// - Throws: `HostError` where there is no such report, or it fails; it names the plugin then.
    public func report(
        _ name: String, on subject: ReportSubject, keepsUnfinished: Bool = false
    ) async throws -> Document {
        let (plugin, part) = try await plugins.part("reports", named: name, on: self)
        var empty = Document(report: name, title: name)
        empty.simulations = subject.simulations
        (empty.madeAt, empty.version) = (now(), Version.current)
        let builder = DocumentBuilder(empty, limit: plugin.manifest.memoryLimit)
        let place = "plugin \(plugin.manifest.name), report \(name)"
        guard let render = part.function("render") else {
            throw HostError(.plugin, "\(place): render must be a function")
        }
        let arguments: [LuaValue] = [.table(subject.context), .object(builder)]
        let (ownFailure, failures) = try await plugins.noting { () -> PluginFailure? in
            do {
                _ = try await plugin.call(render, arguments, in: place)
                return nil
            } catch {
                guard keepsUnfinished, builder.hasContents,
                    let failure = PluginFailure(
                        error, plugin: plugin.manifest.name, part: "the rest of report \(name)")
                else { throw error }
                return failure
            }
        }
        var document = builder.document
        document.missing += (failures + [ownFailure].compactMap(\.self)).map(Document.Missing.init)
        return document
    }

    /// The report on a simulation alone.
    public func report(_ name: String, on simulation: SimulationReference) async throws -> Document {
        try await report(name, on: ReportSubject(simulation))
    }
}

extension Document.Missing {
    /// What a plugin failed at.
    fileprivate init(_ failure: PluginFailure) {
        let part = failure.part.map { ", \($0)" } ?? ""
        self.init(source: "plugin \(failure.plugin)\(part)", reason: failure.description)
    }
}
