import ArcKit
import LuaBridge
import Postgres

extension Host {
    /// Outcomes as they are to be recorded: with categories of failures, and with what plugins' metrics per outcome say.
    ///
    /// - Parameter passThreshold: the score from which a run passes, asked for where a metric is computed; nil where it isn't known.
    func prepared(
        _ outcomes: [Outcome], passThreshold: () async throws -> Double?
    ) async throws -> [Outcome] {
        try await plugins.measured(
            try await plugins.categorized(outcomes, on: self), passThreshold: passThreshold, on: self)
    }

    /// The score from which a run of the simulation passes; nil where the database is away.
    func passThreshold(of simulation: SimulationReference) async throws -> Double? {
        try await recordingTargets.passThreshold(of: simulation, in: try await store())
    }
}

extension PluginHost {
    /// The outcomes with the numbers of plugins' metrics per outcome among their own; a number that an outcome brings itself
    /// stays. A metric that fails is told once, and costs no outcome.
    ///
    /// - Throws: What is no fault of a plugin's.
    func measured(
        _ outcomes: [Outcome], passThreshold: () async throws -> Double?, on host: Host
    ) async throws -> [Outcome] {
        guard !outcomes.isEmpty else { return outcomes }
        let metrics = try await outcomeMetrics(on: host)
        guard !metrics.isEmpty else { return outcomes }
        let frame = Frame(rows: outcomes, passThreshold: try await passThreshold())
        var result = outcomes
        for (plugin, part) in metrics where !outcomes.allSatisfy({ $0.metrics?[part.name] != nil }) {
            let place = "plugin \(plugin.manifest.name), \(part.title)"
            var answer = PluginResults<ComputedNumbers>()
            try await answer.collect(plugin.manifest.name, part.title) {
                try await running(part, of: plugin) {
                    try await numbers(part, of: plugin, for: frame, groups: nil, goesOn: true, in: place)
                }
            }
            noteOnce(answer.failures)
            guard let numbers = answer.values.first else { continue }
            if let failure = numbers.failure.flatMap({
                PluginFailure($0, plugin: plugin.manifest.name, part: part.title)
            }) {
                noteOnce([failure])
            }
            for index in result.indices { result[index].add(numbers, index, as: part.name) }
        }
        return result
    }

    /// Every metric that has a value for each outcome, the first of a name.
    private func outcomeMetrics(on host: Host) async throws -> [(plugin: Plugin, part: Plugin.Part)] {
        let providers = try await providers(of: "metrics", on: host)
        note(providers.failures)
        var seen: Set<String> = []
        return providers.values.flatMap { plugin in
            plugin.parts("metrics").filter { seen.insert($0.name).inserted && $0.declaration.per == .outcome }
                .map { (plugin, $0) }
        }
    }

    /// Keeps and tells a failure of a part that hasn't failed before: of many outcomes each may fail in words of its own.
    func noteOnce(_ failures: [PluginFailure]) {
        note(
            failures.filter { failure in
                !self.failures.contains { $0.plugin == failure.plugin && $0.part == failure.part }
            })
    }
}

extension Outcome {
    /// Adds a number that was computed, unless the outcome brings one of that name itself.
    fileprivate mutating func add(_ numbers: ComputedNumbers, _ index: Int, as name: String) {
        let value = numbers.values[index]
        guard !value.isNaN, metrics?[name] == nil else { return }
        var members: [JSONValue.Member] = []
        if case .object(let own) = metrics { members = own }
        let whole = numbers.areIntegers[index] ? Int64(exactly: value) : nil
        members.append(JSONValue.Member(name, whole.map(JSONValue.integer) ?? .number(value)))
        metrics = .object(members)
    }
}
