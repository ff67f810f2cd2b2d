import ArcKit
import LuaBridge

/// The `arc` library for one machine: the bindings with the access that the machine has.
struct Library: Sendable {
    /// What a machine may do beyond computing.
    enum Access: Sendable {
        /// A user's own script: everything.
        case trusted
        /// A plugin: what was granted.
        case plugin(PluginRights)

        func allows(_ effect: Binding.Effect) -> Bool {
            switch self {
            case .trusted: true
            case .plugin(let rights): rights.granted.contains(effect)
            }
        }
    }

    let host: Host
    let access: Access

    /// Every function of the library.
    var bindings: [Binding] {
        configurationBindings + simulationBindings + recordingBindings + questionBindings + queryBindings
            + failureBindings + analysisBindings + trendBindings + comparisonBindings + gateBindings
            + statisticsBindings + proportionBindings + resamplingBindings + planningBindings + seriesBindings
            + valueBindings + yamlBindings + timeBindings + numberBindings + taskBindings
            + healthBindings + environmentBindings + frameBindings
            + similarityBindings + searchBindings
            + helpBindings
    }

    /// Every type of handles; a simulation's methods are among the bindings.
    func types(_ bindings: [Binding]) -> [TypeBinding] {
        [simulationType(bindings), .time, .duration, .decimal, .uuid, .value, answerType] + frameTypes
            + taskTypes + [
                .document, .source,
            ]
    }

    /// A machine's configuration with this library in it.
    func configuration(
        libraries: LibrarySet, output: @escaping @Sendable (String) -> Void
    ) -> MachineConfiguration {
        let reference = reference
        let bindings = reference.bindings
        var configuration = MachineConfiguration(libraries: libraries, output: output)
        configuration.functions =
            bindings.compactMap(function) + [
                .immediate("host.help") { call in
                    let name = call[0].handle.map { type(of: $0.object).typeName } ?? call[0].stringValue
                    return [.optional(name.flatMap(reference.help))]
                },
                .immediate("host.help_suggestion") { call in
                    [.optional(call[0].stringValue.flatMap(reference.suggestion))]
                },
                environmentFunction(bindings),
                .immediate("host.seconds") { call in [try Self.seconds(call[0], call[1].stringValue ?? "")] },
                .immediate("host.column") { call in
                    [.object(try FrameMaking(function: "a function of rows").column(call[0], name: "value"))]
                },
                .immediate("host.text") { call in [.string(Presentation.display(call[0]))] },
                .immediate("host.unknown") { call in
                    [
                        .string(
                            Self.unknown(
                                call[1].stringValue ?? "", in: call[0].stringValue ?? "arc", bindings))
                    ]
                },
            ]
        configuration.values = [.init("arc.null", .null)]
        configuration.types =
            reference.types.filter { !$0.isLua }.map { $0.hostType(function) }
        configuration.preludes = Self.preludes
        TaskLibrary.add(to: &configuration, at: "arc", progress: host.showProgress)
        configuration.preludes.append(Self.durations)
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

    /// What a user's own scripts have beyond plain Lua.
    static let scripts = LuaSource(
        name: "=[scripts]", text: String(decoding: PackageResources.scripts_lua, as: UTF8.self))

    /// Where the tasks' functions take seconds, they take durations too.
    private static let durations = LuaSource(
        name: "=[durations]", text: String(decoding: PackageResources.durations_lua, as: UTF8.self))

    /// A number as it is, a duration or a text as seconds; anything else is for the function to refuse.
    private static func seconds(_ value: LuaValue, _ function: String) throws -> LuaValue {
        let text = value.object(as: DurationObject.self)?.text ?? value.stringValue
        return try text.map {
            .number(try DurationText.seconds($0, function: function, parameter: "seconds"))
        } ?? value
    }

    /// The host function of a binding: checked arguments in, and refused where the machine lacks the grant.
    private func function(_ binding: Binding) -> HostFunction? {
        if let refusal = refusal(of: binding) {
            return .immediate(binding.path) { _ in throw refusal }
        }
        switch binding.body {
        case .immediate(let body):
            return HostFunction(
                binding.path, .immediate { call in try body(try Arguments(call, for: binding)) },
                forms: binding.forms)
        case .waiting(let body):
            return HostFunction(
                binding.path, .waiting { call in try await body(try Arguments(call, for: binding)) },
                forms: binding.forms)
        case .lua: return nil
        }
    }

    /// A variable of the environment, or, without a name, all of them: what `arc.env` stands on.
    private func environmentFunction(_ bindings: [Binding]) -> HostFunction {
        let refusal = bindings.first { $0.path == "arc.env" }.flatMap(refusal)
        let variables = host.environment
        return .immediate("host.env") { call in
            if let refusal { throw refusal }
            guard !call[0].isNil else {
                let fields = variables.map { LuaTable.Field($0.key, .string($0.value)) }
                return [.table(LuaTable(fields: fields, kind: .object))]
            }
            guard let name = call[0].stringValue else {
                throw HostError(
                    .argument, "arc.env: name must be a string, got \(ArgumentCheck.display(call[0]))")
            }
            return [.optional(variables[name])]
        }
    }

    /// - Parameter module: "arc", or a module of it: "arc.stats".
    private static func unknown(_ name: String, in module: String, _ bindings: [Binding]) -> String {
        let start = module + "."
        let names = bindings.map(\.path).filter { $0.hasPrefix(start) }.map { $0.dropFirst(start.count) }
        // Its modules are names of it too.
        let modules = Set(names.compactMap { $0.split(separator: ".").first })
        let near = NearestName.of(name, among: (names + modules).map(String.init))
        return "\(module) has no \"\(name)\"; "
            + (near.map { "did you mean \(start)\($0)?" } ?? "help() lists what there is")
    }

    private func refusal(of binding: Binding) -> HostError? {
        guard case .plugin(let rights) = access else { return nil }
        return rights.refusal(of: binding.path, needing: binding.effects)
    }
}

extension Binding {
    /// How its arguments come; a method's receiver is the first of them.
    fileprivate var forms: [ArgumentForm?] { (receiver == nil ? [] : [nil]) + parameters.map(\.type.form) }
}
