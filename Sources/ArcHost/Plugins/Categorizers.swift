import ArcKit
import LuaBridge

extension PluginHost {
    /// The outcomes, with a category for each failure that has none and that a categorizer knows. Categorizers are
    /// asked by priority, the highest first.
    ///
    /// - Throws: `HostError` that names the plugin and the categorizer where it fails or returns something else.
    func categorized(_ outcomes: [Outcome], on host: Host) async throws -> [Outcome] {
        func isOpen(_ outcome: Outcome) -> Bool {
            outcome.errorCategory == nil && (outcome.status == .error || outcome.status == .timeout)
        }
        guard outcomes.contains(where: isOpen) else { return outcomes }
        let categorizers = try await providers(of: "categorizers", on: host)
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
                guard let category = try await categorize(failure, part, plugin) else { continue }
                result[index].errorCategory = category
                break
            }
        }
        return result
    }

    private func categorize(_ failure: LuaValue, _ part: Plugin.Part, _ plugin: Plugin) async throws
        -> String?
    {
        let place = "plugin \(plugin.manifest.name), categorizer \(part.name)"
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
