import ArcKit
import LuaBridge

extension PluginManifest {
    private static let name = TextForm(
        pattern: "^[a-z][a-z0-9-]*$", expectation: "lower-case letters, digits and -")
    private static let partName = TextForm(
        pattern: "^[A-Za-z][A-Za-z0-9_-]*$", expectation: "a name of letters, digits, _ and -")
    private static let fieldName = TextForm(
        pattern: "^[a-z][a-z0-9_]*$", expectation: "lower-case letters, digits and _")
    private static let entryFile = TextForm(
        pattern: "^(?!/)(?!(.*/)?\\.\\.(/|$)).+$", expectation: "a file in the plugin's folder")
    private static let apiRange: TextForm = {
        let version = "(>=|<=|>|<|=|\\^|~)?v?([0-9]{1,9}|x|\\*)(\\.([0-9]{1,9}|x|\\*)){0,2}"
        let all = " *(\(version)( +\(version))*)? *"
        return TextForm(pattern: "^\(all)(\\|\\|\(all))*$", expectation: SemanticRange.expectation)
    }()

    private static let configurationField = ParameterType.record(
        "ConfigurationField",
        [
            .required(
                "type", .choice(ConfigurationField.Kind.allCases.map(\.rawValue)),
                "what its value is; a list is one of texts"),
            .optional("default", .any, "its value where none is set; of that type"),
            .optional("required", .boolean, "whether one must be set"),
            .optional("summary", .string, "what it is for"),
            .optional("minimum", .anyNumber, "of numbers and integers: the least that it may be"),
            .optional("maximum", .anyNumber, "of numbers and integers: the most that it may be"),
            .optional("choices", .list(.string), "of strings: the only ones that it may be"),
        ])

    /// What `plugin.json` may hold: the check of manifests and the JSON Schema both come from this.
    static let schema: [Parameter] = [
        .optional("$schema", .string, "where an editor finds the schema of this file"),
        .required("name", .text(name), "its name"),
        .required("version", .string, "its version"),
        .optional("arc", .text(apiRange), "the versions of arc's plugin API that it works with"),
        .optional("description", .string, "what it is for"),
        .optional("entry", .text(entryFile), "the file that returns the plugin; init.lua unless said"),
        .required(
            "provides",
            .record(
                "Provides", kinds.map { .optional($0, .list(.text(partName)), "the names of its \($0)") }),
            "what it provides"),
        .optional(
            "capabilities", .list(.choice(Binding.Effect.allCases.map(\.rawValue))),
            "what it may do beyond computing"),
        .optional(
            "limits",
            .record(
                "Limits",
                [
                    .optional("memory_mb", .integer(1...65536), "the memory it may use; 256 unless said"),
                    .optional(
                        "seconds", .number(0.001...86_400), "the time that a call may take; 60 unless said"),
                    .optional("output_mb", .integer(1...1024), "what it may print in all; 16 unless said"),
                ]),
            "its limits"),
        .optional(
            "config", .named(configurationField, fieldName),
            "what can be set for it, by name: its `setup` gets the values"),
    ]

    /// `docs/schemas/plugin.json`: what `plugin.json` may hold, as a JSON Schema (draft 2020-12). Beyond it arc checks that
    /// no name comes twice, and that a setting's default is of its type.
    public static var jsonSchema: String {
        var members = [
            JSONValue.Member("$schema", "https://json-schema.org/draft/2020-12/schema"),
            JSONValue.Member("title", "plugin.json of a plugin for arc"),
        ]
        if case .object(let rest) = ParameterType.record("PluginManifest", schema).jsonSchema {
            members += rest
        }
        return ((try? JSON.write(LuaValue(.object(members)), .pretty)) ?? "") + "\n"
    }
}

extension ParameterType {
    /// The type as a JSON Schema. Only types that a file can hold have one that says anything.
    fileprivate var jsonSchema: JSONValue {
        switch self {
        case .string: .members(("type", "string"))
        case .text(let form): .members(("type", "string"), ("pattern", .string(form.pattern)))
        case .boolean: .members(("type", "boolean"))
        case .integer(let range):
            .members(
                ("type", "integer"), ("minimum", .integer(range.lowerBound)),
                ("maximum", .integer(range.upperBound)))
        case .number(let range):
            range.upperBound == .greatestFiniteMagnitude
                ? .members(("type", "number"))
                : .members(
                    ("type", "number"), ("minimum", .number(range.lowerBound)),
                    ("maximum", .number(range.upperBound)))
        case .choice(let names): .members(("enum", .array(names.map(JSONValue.string))))
        case .list(let element): .members(("type", "array"), ("items", element.jsonSchema))
        case .named(let element, let form):
            .members(
                ("type", "object"), ("propertyNames", .members(("pattern", .string(form.pattern)))),
                ("additionalProperties", element.jsonSchema))
        case .record(_, let fields): Self.jsonSchema(of: fields)
        default: .object([])
        }
    }

    private static func jsonSchema(of fields: [Parameter]) -> JSONValue {
        let properties = fields.map { field in
            guard case .object(let members) = field.type.jsonSchema else {
                return JSONValue.Member(field.name, .object([]))
            }
            let described = [JSONValue.Member("description", .string(field.summary))] + members
            return JSONValue.Member(field.name, .object(described))
        }
        return .members(
            ("type", "object"), ("required", .array(fields.filter(\.isRequired).map { .string($0.name) })),
            ("properties", .object(properties)), ("additionalProperties", false))
    }
}
