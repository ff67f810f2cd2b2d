import ArcKit
import LuaBridge

extension PluginHost {
    /// The outcomes, with a category for each failure that has none and that a categorizer knows. Categorizers are
    /// asked by priority, the highest first. One that fails is passed over, and is kept and told as a failure: results are
    /// recorded all the same.
    ///
    /// - Throws: What is no fault of a plugin's: Ctrl-C, or a database that is away.
    func categorized(_ outcomes: [Outcome], on host: Host) async throws -> [Outcome] {
        func isOpen(_ outcome: Outcome) -> Bool {
            outcome.errorCategory == nil && (outcome.status == .error || outcome.status == .timeout)
        }
        guard outcomes.contains(where: isOpen) else { return outcomes }
        let providers = try await providers(of: "categorizers", on: host)
        note(providers.failures)
        let categorizers = providers.values
            .flatMap { plugin in plugin.parts("categorizers").map { (plugin: plugin, part: $0) } }
            .sorted {
                let (one, other) = (
                    $0.part.fields["priority"].numberValue, $1.part.fields["priority"].numberValue
                )
                return (one ?? 0) > (other ?? 0)
            }
        var result = outcomes
        for index in result.indices where isOpen(result[index]) {
            let failure = try Self.failure(result[index])
            for (plugin, part) in categorizers {
                var answer = PluginResults<String?>()
                try await answer.collect(plugin.manifest.name, part.title) {
                    try await running(part, of: plugin) { try await categorize(failure, part, plugin) }
                }
                note(answer.failures)
                guard let category = answer.values.first ?? nil else { continue }
                result[index].errorCategory = category
                break
            }
        }
        return result
    }

    /// What a categorizer says of a failure.
    ///
    /// - Throws: `HostError` that names the plugin and the categorizer where it fails or returns something else.
    func categorize(_ failure: LuaValue, _ part: Plugin.Part, _ plugin: Plugin) async throws -> String? {
        let place = "plugin \(plugin.manifest.name), \(part.title)"
        guard let function = part.function("categorize") else { return nil }
        let value = try await plugin.call(function, [failure], in: place)
        guard !value.isAbsent else { return nil }
        guard let category = value.stringValue, category.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil else {
            throw HostError(
                .plugin,
                "\(place) must return a category (lower-case letters, digits and _) or nil, got \(ArgumentCheck.display(value))"
            )
        }
        return category
    }

    private static func failure(_ outcome: Outcome) throws -> LuaValue {
        .table(
            LuaTable([
                "status": .string(outcome.status.rawValue), "message": .string(outcome.errorMessage ?? ""),
                "code": .optional(outcome.errorCode), "scenario_id": .string(outcome.scenario.id),
                "trajectory": outcome.trajectory.map { .object(JSONDocument($0)) } ?? .nil,
            ]))
    }
}
