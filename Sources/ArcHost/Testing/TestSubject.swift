import ArcKit
import FoundationEssentials
import LuaBridge

/// The plugin that is tested, as `plugin` in its tests: its parts run in its own machine, and what they return is checked,
/// as everywhere.
struct TestSubject: Sendable {
    let manifest: PluginManifest
    let host: Host

    var functions: [HostFunction] {
        [
            .waiting("plugin.metric") { [self] call in
                let (plugin, part) = try await part("metrics", call)
                guard let frame = call[1].object(as: Frame.self) else {
                    throw wrong(call, 1, "outcomes must be a frame, such as fixture.outcomes gives")
                }
                let metric = try await host.plugins.metric(part, of: plugin, for: frame)
                return [.table(metric.table)]
            },
            .waiting("plugin.categorize") { [self] call in
                let (plugin, part) = try await part("categorizers", call)
                return [.optional(try await host.plugins.categorize(try failure(call), part, plugin))]
            },
            .waiting("plugin.detect") { [self] call in
                let (plugin, part) = try await part("importers", call)
                guard let detect = part.function("detect") else { return [false] }
                let place = "plugin \(manifest.name), \(part.title)"
                return [.boolean(try await plugin.call(detect, [call[1]], in: place).isTruthy)]
            },
            .waiting("plugin.import") { [self] call in
                let (plugin, part) = try await part("importers", call)
                guard let text = call[1].stringValue else {
                    throw wrong(call, 1, "text must be the contents of a file, such as fixture.text gives")
                }
                let outcomes = try await host.read(text, options: call[2].table, by: part, of: plugin)
                let tables = try outcomes.map { LuaValue.table(try $0.table(place: nil)) }
                return [.table(LuaTable(array: tables, kind: .array))]
            },
            .waiting("plugin.report") { [self] call in
                let (_, part) = try await part("reports", call)
                guard let simulation = call[1].object(as: SimulationHandle.self) else {
                    throw wrong(call, 1, "simulation must be one, such as fixture.simulation gives")
                }
                let subject = try subject(simulation.reference, options: call[2], call.name)
                return [.table(try await host.report(part.name, on: subject).tested())]
            },
        ]
    }

    private func part(_ kind: String, _ call: HostCall) async throws -> (Plugin, Plugin.Part) {
        let plugin = try await host.plugins.plugin(manifest, on: host)
        let parts = plugin.parts(kind)
        let name = call[0].stringValue ?? ""
        if let part = parts.first(where: { $0.name == name }) { return (plugin, part) }
        let names = parts.map(\.name)
        throw HostError(
            .argument, "\(call.name): the plugin has no \(kind.dropLast()) \(ArgumentCheck.display(call[0]))",
            advice: NearestName.of(name, among: names).map { "Did you mean \"\($0)\"?" }
                ?? "It has: \(names.joined(separator: ", ")).")
    }

    private static let reportOptions = ParameterType.record(
        "ReportOptions",
        [
            .optional("baseline", .handle("Simulation"), "what the simulation is compared with"),
            .optional("policy", .table, "as arc.gates.yaml has it"),
        ])

    /// What a report is made on.
    private func subject(
        _ simulation: SimulationReference, options: LuaValue, _ function: String
    ) throws -> ReportSubject {
        try ArgumentCheck(function: function).check(
            options, against: .optional("options", Self.reportOptions, ""), place: "options")
        var subject = ReportSubject(simulation)
        subject.baseline = options.table?["baseline"].object(as: SimulationHandle.self)?.reference
        if let policy = options.table?["policy"], !policy.isAbsent {
            subject.policy = try GatePolicy(
                try JSONValue(policy, function: function), name: "\(function): policy")
        }
        return subject
    }

    /// A failure for a categorizer, whose fields may be left out.
    private func failure(_ call: HostCall) throws -> LuaValue {
        var fields = call[1].table ?? LuaTable(kind: .object)
        if let message = call[1].stringValue { fields["message"] = .string(message) }
        if fields["message"].isAbsent { fields["message"] = "" }
        if fields["status"].isAbsent { fields["status"] = "error" }
        if fields["scenario_id"].isAbsent { fields["scenario_id"] = "scenario" }
        return .table(fields)
    }

    private func wrong(_ call: HostCall, _ place: Int, _ what: String) -> HostError {
        HostError(.argument, "\(call.name): \(what), got \(ArgumentCheck.display(call[place]))")
    }
}

extension Host {
    /// The outcomes that an importer yields for a text.
    fileprivate func read(
        _ text: String, options: LuaTable?, by importer: Plugin.Part, of plugin: Plugin
    ) async throws -> [Outcome] {
        let given = (options?.stringFields ?? [:]).compactMapValues(\.stringValue)
        let name = given["name"] ?? "fixture.json"
        let source = ImportSource(
            path: name, contents: FileContents(.init(text.utf8)), options: given.filter { $0.key != "name" })
        let next = try await importing(importer, source, of: plugin)
        return try await plugin.using { machine in
            var outcomes: [Outcome] = []
            while let batch = try await machine.call(next).first?.table?.array, !batch.isEmpty {
                for value in batch {
                    let place = value.table?["place"].stringValue ?? "outcome \(outcomes.count + 1)"
                    try ArgumentCheck(function: place).check(
                        value, against: .required("outcome", Library.outcome, ""), place: "outcome")
                    outcomes.append(try Outcome(value, place: place, function: place))
                }
            }
            return outcomes
        }
    }
}
