/// `docs/reference.md`, from the table of bindings.
enum ReferencePage {
    static func text(_ reference: Reference) -> String {
        var out = """
            # The `arc` library

            Generated from the table of bindings by `make docs`. At the prompt, `help(arc.query)`, `help(arc.json)` and
            `help(frame)` show the same. A function whose first parameter is a simulation is also a method of its handle:
            `sim:record_batch_outcomes(results)`.

            """
        for module in reference.modules {
            let links = module.functions.map { "[`\($0.name)`](#\(anchor($0.signature)))" }
            out += "\n- `\(module.name)`: \(links.joined(separator: ", "))"
        }
        let types = reference.types.map { "[`\($0.name)`](#\(anchor("type \($0.name)")))" }
        out += "\n- types: \(types.joined(separator: ", "))\n"
        for binding in reference.bindings { out += "\n" + text(of: binding, heading: "##") }
        for type in reference.types { out += "\n" + text(of: type) }
        return out
    }

    private static func text(of binding: Binding, heading: String) -> String {
        var out = "\(heading) `\(binding.signature)`\n\n\(binding.summary)\n"
        if !binding.parameters.isEmpty { out += "\n" }
        for parameter in binding.parameters { out += line(parameter, indent: "") }
        if let result = binding.result, let annotation = binding.resultAnnotation {
            let remark = binding.remarkSummary.map { "; second, `string?`: \($0)" } ?? ""
            out += "\nReturns `\(annotation)`: \(result.summary)\(remark).\n"
        }
        if !binding.effects.isEmpty {
            let names = binding.effects.sorted().map { "`\($0.rawValue)`" }.joined(separator: ", ")
            out += "\nA plugin needs \(names).\n"
        }
        return out + "\n```lua\n\(binding.example)\n```\n"
    }

    private static func text(of type: TypeBinding) -> String {
        var out = "## Type `\(type.name)`\n\n\(type.summary)\n"
        if !type.fields.isEmpty { out += "\n" }
        for field in type.fields { out += line(field, indent: "") }
        if !type.operators.isEmpty { out += "\n" }
        for entry in type.operators { out += "- `\(entry.usage)`: \(entry.summary)\n" }
        out += "\n```lua\n\(type.example)\n```\n"
        // What a simulation's handle can do stands above, function by function.
        if type.name == SimulationHandle.typeName {
            let names = type.methods.map { "`\($0.signature)`" }.joined(separator: ", ")
            return out + "\nMethods: \(names).\n"
        }
        for method in type.methods { out += "\n" + text(of: method, heading: "###") }
        return out
    }

    private static func line(_ parameter: Parameter, indent: String) -> String {
        let optional = parameter.isRequired || parameter.isRest ? "" : ", optional"
        var out =
            "\(indent)- `\(parameter.name)` (\(parameter.type.shortName)\(optional)): \(parameter.summary)\n"
        for field in parameter.type.fields { out += line(field, indent: indent + "  ") }
        return out
    }

    /// The anchor that Markdown gives a heading.
    private static func anchor(_ heading: String) -> String {
        String(
            heading.lowercased().compactMap { character in
                character == " "
                    ? "-" : character.isLetter || character.isNumber || character == "_" ? character : nil
            })
    }
}
