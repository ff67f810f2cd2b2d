/// `arc.d.lua`: the library for lua-language-server, from the table of bindings.
enum LuaStubs {
    static func text(_ reference: Reference) -> String {
        var out = """
            ---@meta arc
            -- Generated from arc's table of bindings by `make docs`. Don't edit.

            ---@class arc
            arc = {}

            ---@class arc.Null
            arc.null = {}


            """
        out += "---@class arc.Plugin\n" + PluginContract.schema.map(field).joined()
        var seen: Set<String> = []
        let contract = PluginContract.schema.map(\.type) + [PluginHost.metricResult]
        for record in contract.flatMap(\.records) where seen.insert(record.name).inserted {
            out += "\n---@class arc.\(record.name)\n" + record.fields.map(field).joined()
        }
        for binding in reference.all {
            let types = binding.parameters.map(\.type) + (binding.result.map { [$0.type] } ?? [])
            for record in types.flatMap(\.records) where seen.insert(record.name).inserted {
                out += "\n---@class arc.\(record.name)\n" + record.fields.map(field).joined()
            }
        }
        for module in reference.modules where module.name != "arc" { out += "\n\(module.name) = {}\n" }
        for binding in reference.bindings { out += "\n" + function(binding, name: binding.path) }
        for type in reference.types { out += "\n" + text(of: type) }
        return replacingChoices(out, reference)
    }

    /// What a script reads by any number or name.
    private static let indexes = [
        "Frame": "---@field [integer] arc.Row\n---@field [string] arc.Column\n",
        "Column": "---@field [integer] any\n", "Row": "---@field [string] any\n",
        "Answer": "---@field [string] any\n",
    ]

    private static func text(of type: TypeBinding) -> String {
        var out = "---\(type.summary)\n---@class arc.\(type.name)\n" + type.fields.map(field).joined()
        out += indexes[type.name] ?? ""
        for annotation in type.operators.flatMap(\.annotations) { out += "---@operator \(annotation)\n" }
        out += "local \(type.name) = {}\n"
        for method in type.methods { out += "\n" + function(method, name: method.path) }
        return out
    }

    private static func field(_ field: Parameter) -> String {
        "---@field \(field.name)\(field.isRequired ? "" : "?") \(field.type.annotation) \(field.summary)\n"
    }

    private static func function(_ binding: Binding, name: String) -> String {
        var out = "---\(binding.summary)\n"
        for parameter in binding.parameters {
            let name = parameter.isRest ? "..." : parameter.name + (parameter.isRequired ? "" : "?")
            out += "---@param \(name) \(parameter.type.annotation) \(parameter.summary)\n"
        }
        if let result = binding.result, let annotation = binding.resultAnnotation {
            out += "---@return \(annotation) # \(result.summary)\n"
        }
        if let remark = binding.remarkSummary { out += "---@return string? # \(remark)\n" }
        for overload in binding.overloads {
            let parameters = overload.map { parameter in
                "\(parameter.name)\(parameter.isRequired ? "" : "?"): \(parameter.type.annotation)"
            }
            let result = binding.result.map { ": \($0.type.annotation)" } ?? ""
            out += "---@overload fun(\(parameters.joined(separator: ", ")))\(result)\n"
        }
        return out + "function \(name)(\(binding.parameters.map(\.name).joined(separator: ", "))) end\n"
    }

    /// Gives each choice that has a place of its own a name, so that editors show it once.
    private static func replacingChoices(_ text: String, _ reference: Reference) -> String {
        var names: [String: String] = [:]
        var order: [(name: String, annotation: String)] = []
        func collect(_ parameter: Parameter) {
            for (place, type) in parameter.type.choices(parameter.name) where names[type.annotation] == nil {
                let base =
                    "arc."
                    + place.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
                let taken = Set(names.values)
                let name = taken.contains(base) ? "\(base)\(order.count)" : base
                names[type.annotation] = name
                order.append((name, type.annotation))
            }
        }
        for binding in reference.all { binding.parameters.forEach(collect) }
        for type in reference.types { type.fields.forEach(collect) }
        var out = text
        for alias in order { out = out.replacing(alias.annotation, with: alias.name) }
        let aliases = order.map { "---@alias \($0.name) \($0.annotation.dropFirst().dropLast())\n" }
        let mark = "\n---@class arc.Plugin\n"
        return out.replacing(mark, with: "\n" + aliases.joined() + mark, maxReplacements: 1)
    }
}

extension ParameterType {
    /// The choices that this is or contains, each with the name of the field that it is for.
    fileprivate func choices(_ name: String) -> [(name: String, type: ParameterType)] {
        switch self {
        case .choice: [(name, self)]
        case .list(let element): element.choices(name)
        case .record(_, let fields), .partlyJSON(let fields): fields.flatMap { $0.type.choices($0.name) }
        case .either(let one, let other): one.choices(name) + other.choices(name)
        default: []
        }
    }
}
