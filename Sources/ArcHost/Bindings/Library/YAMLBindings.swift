import ArcKit
import LuaBridge

extension Library {
    private static let yamlReadOptions = ParameterType.record(
        "YAMLOptions",
        [
            .optional("all", .boolean, "whether to read every document, as a list; else there must be one"),
            .optional("max_depth", .integer(1...1000), "how deep it may be nested; 100 unless said"),
            .optional(
                "max_values", .positiveInteger,
                "how many values there may be, with what aliases stand for; 1,000,000 unless said"),
        ])

    private static let yamlWriteOptions = ParameterType.record(
        "YAMLLayout", [.optional("all", .boolean, "whether the value is a list of documents")])

    var yamlBindings: [Binding] {
        [
            Binding(
                "arc.yaml.decode",
                "Reads YAML 1.2. Integers stay exact, null is arc.null, `no` is a text, keys are texts. Aliases work; `<<` is a key as any other. Refused are tags other than YAML's own, keys that come twice, and what is too deep or too large.",
                [
                    .required("text", .string, "the YAML"),
                    .optional("options", Self.yamlReadOptions, "how to read it"),
                ],
                returns: (.any, "the value, or a list of them"),
                example: """
                    local agent = arc.yaml.decode("model: gpt-4o\\ntools: [search, browse]\\nlimit: 9007199254740993\\n")
                    assert(agent.model == "gpt-4o" and #agent.tools == 2 and agent.limit == 9007199254740993)
                    assert(#arc.yaml.decode("--- 1\\n--- 2\\n", { all = true }) == 2)
                    """,
                .immediate { arguments in
                    let fields = arguments.fields("options")
                    var options = YAMLReader.Options()
                    options.depth = Int(fields.integer("max_depth") ?? 100)
                    options.values = Int(fields.integer("max_values") ?? 1_000_000)
                    let documents = try YAMLReader.documents(
                        arguments.text("text"), name: arguments.function, options: options)
                    if fields.boolean("all") == true {
                        return [.table(LuaTable(array: documents.map(LuaValue.init), kind: .array))]
                    }
                    guard documents.count <= 1 else {
                        throw HostError(
                            .argument, "\(arguments.function): the text holds \(documents.count) documents",
                            advice: "Read them with { all = true }.")
                    }
                    return [documents.first.map(LuaValue.init) ?? .null]
                }),
            Binding(
                "arc.yaml.encode",
                "Writes YAML, which arc.yaml.decode reads back as the same; a decimal with all its digits. What YAML can't hold is an error with its place, as in $.a[3].b.",
                [
                    .required("value", .any, "the value"),
                    .optional("options", Self.yamlWriteOptions, "how to write it"),
                ],
                returns: (.string, "the YAML"),
                example: """
                    local text = arc.yaml.encode({ model = "gpt-4o", tools = { "search", "no" } })
                    assert(text == 'model: gpt-4o\\ntools:\\n  - search\\n  - "no"\\n')
                    """,
                .immediate { arguments in
                    let value = try JSONValue(
                        arguments["value"] ?? .null, function: arguments.function, format: "YAML",
                        allowsNaN: true)
                    guard arguments.fields("options").boolean("all") == true else {
                        return [.string(YAMLWriter.text(value))]
                    }
                    guard case .array(let documents) = value else {
                        throw arguments.wrong("value", "a list of documents")
                    }
                    return [.string(documents.map { "---\n" + YAMLWriter.text($0) }.joined())]
                }),
        ]
    }
}
