import ArcKit
import LuaBridge

/// The `arc` library for one machine: the bindings with the access that the machine has.
struct Library: Sendable {
    /// What a machine may do beyond computing.
    enum Access: Sendable {
        /// A user's own script: everything.
        case trusted
        /// A plugin: what was granted.
        case plugin(name: String, granted: Set<Binding.Effect>)

        func allows(_ effect: Binding.Effect) -> Bool {
            switch self {
            case .trusted: true
            case .plugin(_, let granted): granted.contains(effect)
            }
        }
    }

    let host: Host
    let access: Access

    /// Every function of the library.
    var bindings: [Binding] {
        configurationBindings + simulationBindings + recordingBindings + questionBindings + queryBindings
            + statisticsBindings + valueBindings + taskBindings + healthBindings + helpBindings
    }

    /// Every type of handles.
    var types: [TypeBinding] { [] }

    /// A machine's configuration with this library in it.
    func configuration(
        libraries: LibrarySet, output: @escaping @Sendable (String) -> Void
    ) -> MachineConfiguration {
        let bindings = bindings
        var configuration = MachineConfiguration(libraries: libraries, output: output)
        configuration.functions =
            bindings.compactMap(function) + [
                .immediate("host.help") { call in
                    [.optional(Self.help(call[0].stringValue ?? "", bindings))]
                },
                .immediate("host.unknown") { call in
                    [.string(Self.unknown(call[0].stringValue ?? "", bindings))]
                },
            ]
        configuration.values = [.init("arc.null", .null)]
        configuration.types =
            types.map { $0.hostType(function) } + FrameType.types + ValueTypes.types + [
                simulationType(bindings), DocumentBuilder.type, ImportSource.type,
            ]
        configuration.preludes = Self.preludes
        TaskLibrary.add(to: &configuration, at: "arc", progress: host.showProgress)
        // What a script does within `arc.transaction` is done by tasks of Swift's that know nothing of each other.
        configuration.surroundings = {
            Store.transactionPart.map { part in CallSurroundings { work in try await part.join(work) } }
        }
        return configuration
    }

    private static let preludes: [LuaSource] = [
        LuaSource(name: "=[frames]", text: String(decoding: PackageResources.frames_lua, as: UTF8.self)),
        LuaSource(name: "=[library]", text: String(decoding: PackageResources.library_lua, as: UTF8.self)),
    ]

    /// The host function of a binding: checked arguments in, and refused where the machine lacks the grant.
    private func function(_ binding: Binding) -> HostFunction? {
        if let refusal = refusal(of: binding) {
            return .immediate(binding.path) { _ in throw refusal }
        }
        switch binding.body {
        case .immediate(let body):
            return HostFunction(
                binding.path, .immediate { call in try body(try Arguments(call, for: binding)) },
                forms: binding.parameters.map(\.type.form))
        case .waiting(let body):
            return HostFunction(
                binding.path, .waiting { call in try await body(try Arguments(call, for: binding)) },
                forms: binding.parameters.map(\.type.form))
        case .lua: return nil
        }
    }

    private static func unknown(_ name: String, _ bindings: [Binding]) -> String {
        let names = bindings.map(\.path).filter { $0.hasPrefix("arc.") }.map { String($0.dropFirst(4)) }
        let near = NearestName.of(name, among: names)
        return "arc has no \"\(name)\"; "
            + (near.map { "did you mean arc.\($0)?" } ?? "help() lists what there is")
    }

    private func refusal(of binding: Binding) -> HostError? {
        guard case .plugin(let name, let granted) = access else { return nil }
        let missing = binding.effects.subtracting(granted).sorted()
        guard !missing.isEmpty else { return nil }
        let list = missing.map(\.rawValue).joined(separator: ", ")
        return HostError(
            .capability, "plugin \(name) called \(binding.path), which needs \(list), without a grant for it",
            advice: "Ask for it under \"capabilities\" in plugin.json; then `--grant \(name)` lets it.")
    }

    /// A simulation's handle: its id and name, and every function whose first parameter is a simulation.
    private func simulationType(_ bindings: [Binding]) -> HostType {
        let methods = bindings.filter(\.isSimulationMethod).compactMap { binding -> HostFunction? in
            function(binding).map { HostFunction(binding.name, $0.body, forms: $0.forms) }
        }
        return HostType(
            SimulationHandle.typeName, methods: methods,
            index: { call in
                let reference = try call.object(0, as: SimulationHandle.self).reference
                switch call[1].stringValue {
                case "id", "simulation_id": return [.string(reference.id)]
                case "name": return [.optional(reference.name)]
                default:
                    let known = ["id", "name"] + methods.map(\.name)
                    let near = NearestName.of(call[1].stringValue ?? "", among: known)
                    throw HostError(
                        .argument, "a simulation has no field \(ArgumentCheck.display(call[1]))",
                        advice: near.map { "Did you mean \"\($0)\"?" }
                            ?? "It has: \(known.joined(separator: ", ")).")
                }
            },
            tostring: { call in [.string(try call.object(0, as: SimulationHandle.self).reference.id)] })
    }
}
