public import ArcKit
import LuaBridge
import Postgres

/// The metrics of plugins for comparisons and gates. A plugin is loaded where one of its metrics is asked for or was recorded.
struct PluginMetrics: MetricSource {
    let host: Host

    var metricNames: [String] { host.plugins.names(of: "metrics") }

    func declarations(of names: Set<String>) async throws -> [MetricDeclaration] {
        try await host.plugins.metricParts(among: names, on: host).map(\.part.declaration)
    }

    func values(
        of name: String, in simulation: SimulationReference, session: Session
    ) async throws -> MetricValues {
        let (plugin, part) = try await host.plugins.part("metrics", named: name, on: host)
        let place = "plugin \(plugin.manifest.name), \(part.title), simulation \(simulation.label)"
        let outcomes = try await session.frame(of: simulation)
        return try await host.plugins.running(part, of: plugin) {
            try await host.plugins.values(part, of: plugin, for: outcomes, in: place, on: host).values
        }
    }
}

extension Host {
    /// The names of the metrics that `arc list --columns` and `arc.metric` take.
    public var metricNames: [String] { plugins.names(of: "metrics") }

    /// Metrics of several simulations, one row for each: of one simulation after the other, whose outcomes are read once.
    /// What fails is kept and told, and is nil.
    ///
    /// - Throws: `HostError` with code `plugin` for a name that nothing has.
    public func metricRows(
        _ names: [String], of simulations: [SimulationReference]
    ) async throws -> [[Document.Metric?]] {
        guard !names.isEmpty else { return simulations.map { _ in [] } }
        var rows: [[Document.Metric?]] = []
        for simulation in simulations {
            let found = try await metrics(names, of: simulation)
            plugins.note(found.failures)
            rows.append(names.map { name in found.values.first { $0.name == name } })
        }
        return rows
    }

    /// The metrics of plugins, for `Session.compare` and `Session.gates`.
    public var metrics: any MetricSource { PluginMetrics(host: self) }

    /// One metric of a simulation: a plugin's by its name, or the mean of a recorded number by `metrics.NAME`.
    ///
    /// - Throws: `HostError` with code `plugin` where there is none of that name, which suggests the nearest, and where it
    ///   fails.
    public func metric(_ name: String, of simulation: SimulationReference) async throws -> Document.Metric {
        let found = try await metrics([name], of: simulation)
        if let failure = found.failures.first {
            throw HostError(.plugin, failure.message, advice: failure.advice)
        }
        return found.values[0]
    }

    /// Metrics of a simulation by their names, in this order, for one read of its outcomes. What fails is left out, and is among
    /// the failures.
    ///
    /// - Throws: `HostError` with code `plugin` for a name that nothing has.
    func metrics(
        _ names: [String], of simulation: SimulationReference
    ) async throws -> PluginResults<Document.Metric> {
        var parts: [(plugin: Plugin, part: Plugin.Part)?] = []
        for name in names {
            let isRecorded = ComparedMetric.recordedName(name) != nil
            parts.append(isRecorded ? nil : try await plugins.part("metrics", named: name, on: self))
        }
        let outcomes = try await store().read { try await $0.frame(of: simulation) }
        var results = PluginResults<Document.Metric>()
        for (name, found) in zip(names, parts) {
            guard let (plugin, part) = found else {
                results.values.append(try recordedMetric(name, in: outcomes))
                continue
            }
            try await results.collect(plugin.manifest.name, part.title) {
                try await plugins.running(part, of: plugin) {
                    try await plugins.metric(part, of: plugin, for: outcomes, simulation.label, on: self)
                }
            }
        }
        return results
    }

    /// The mean of a number that was recorded with the outcomes.
    private func recordedMetric(_ name: String, in outcomes: Frame) throws -> Document.Metric {
        let numbers = outcomes.recordedNumbers(ComparedMetric.recordedName(name) ?? name)
        let scenarios = try outcomes.column("scenario_id")
        let trials = try outcomes.column("trial")
        let values = MetricValues(
            scenarios: (0..<outcomes.count).map {
                if case .text(let text) = scenarios[$0] { text } else { "" }
            },
            trials: (0..<outcomes.count).map { trials.number($0).map { Int($0) } ?? 1 }, values: numbers)
        var metric = Document.Metric(name: name)
        metric.errors = try PluginHost.errors(in: outcomes)
        metric.take(Mean.estimate(values.byScenario.filter { !$0.isEmpty }, within: ValueBounds()))
        return metric
    }
}

extension PluginHost {
    /// The metrics of these names, each of the first plugin that has it. A plugin that can't be loaded is told, and left out.
    func metricParts(
        among names: Set<String>, on host: Host
    ) async throws -> [(plugin: Plugin, part: Plugin.Part)] {
        var found: [(plugin: Plugin, part: Plugin.Part)] = []
        var seen: Set<String> = []
        for manifest in catalogue.plugins {
            guard let provided = manifest.provides["metrics"], !names.isDisjoint(with: provided) else {
                continue
            }
            var loaded = PluginResults<Plugin>()
            try await loaded.collect(manifest.name, nil) { try await plugin(manifest, on: host) }
            note(loaded.failures)
            for plugin in loaded.values {
                for part in plugin.parts("metrics") where names.contains(part.name) {
                    if seen.insert(part.name).inserted { found.append((plugin, part)) }
                }
            }
        }
        return found
    }
}

extension Session {
    /// A simulation's outcomes as a frame.
    func frame(of simulation: SimulationReference) async throws -> Frame {
        Frame(try await outcomes(of: simulation))
    }
}
