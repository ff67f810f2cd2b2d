/// `docs/reference.md`, from the table of bindings.
enum ReferencePage {
    static func text(_ bindings: [Binding]) -> String {
        var out = """
            # The `arc` library

            Generated from the table of bindings by `make docs`. At the prompt, `help(arc.query)` shows the same.
            A function whose first parameter is a simulation is also a method of its handle:
            `sim:record_batch_outcomes(results)`.

            """
        for binding in bindings {
            out += "\n## `\(binding.signature)`\n\n\(binding.summary)\n"
            if !binding.parameters.isEmpty { out += "\n" }
            for parameter in binding.parameters { out += line(parameter, indent: "") }
            if let result = binding.result {
                out += "\nReturns `\(result.type.annotation)`: \(result.summary).\n"
            }
            if !binding.effects.isEmpty {
                let names = binding.effects.sorted().map { "`\($0.rawValue)`" }.joined(separator: ", ")
                out += "\nA plugin needs \(names).\n"
            }
            out += "\n```lua\n\(binding.example)\n```\n"
        }
        return out
    }

    private static func line(_ parameter: Parameter, indent: String) -> String {
        let optional = parameter.isRequired || parameter.isRest ? "" : ", optional"
        var out =
            "\(indent)- `\(parameter.name)` (\(parameter.type.shortName)\(optional)): \(parameter.summary)\n"
        for field in parameter.type.fields { out += line(field, indent: indent + "  ") }
        return out
    }
}

/// What arc generates about its library.
public enum LibraryReference {
    /// `docs/reference.md`.
    public static var page: String { ReferencePage.text(bindings) }
    /// `docs/arc.d.lua`.
    public static var stubs: String { LuaStubs.text(bindings) }

    /// The names of the functions that are also methods of a simulation's handle.
    static var simulationMethods: [String] { bindings.filter(\.isSimulationMethod).map(\.name) }

    /// The bindings of a host that is never used.
    private static var bindings: [Binding] {
        let host = Host(pluginFolders: [], output: { _ in }) {
            throw HostError(.argument, "there is no database here")
        }
        return Library(host: host, access: .trusted).bindings
    }
}
