import ArcKit
import LuaBridge

extension Library {
    private static let readOptions = ParameterType.record(
        "JSONOptions",
        [
            .optional("nan", .boolean, "whether NaN and Infinity may be read"),
            .optional("max_depth", .positiveInteger, "how deep it may be nested; 100 unless said"),
        ])

    private static let writeOptions = ParameterType.record(
        "JSONLayout", [.optional("pretty", .boolean, "whether to break lines and indent")])

    var valueBindings: [Binding] {
        [
            Binding(
                "arc.json.decode",
                "Reads JSON. Integers stay exact, null is arc.null, and empty arrays and objects are kept apart.",
                [
                    .required("text", .string, "the JSON"),
                    .optional("options", Self.readOptions, "how to read it"),
                ],
                returns: (.any, "the value"),
                example: #"assert(arc.json.decode('{"n": 9007199254740993}').n == 9007199254740993)"#,
                .immediate { arguments in
                    let fields = arguments.fields("options")
                    let options = JSON.Options(
                        maximumDepth: Int(fields.integer("max_depth") ?? 100),
                        allowsNaN: fields.boolean("nan") ?? false)
                    return [try JSON.parse(arguments.text("text"), options)]
                }),
            Binding(
                "arc.json.encode", "Writes JSON.",
                [
                    .required("value", .any, "the value"),
                    .optional("options", Self.writeOptions, "how to write it"),
                ],
                returns: (.string, "the JSON"),
                example: #"assert(arc.json.encode({ 1, 2 }) == "[1,2]")"#,
                .immediate { arguments in
                    let pretty = arguments.fields("options").boolean("pretty") ?? false
                    // By way of a document: times, decimals and frames have a form in it.
                    let value = LuaValue(
                        try JSONValue(arguments["value"] ?? .null, function: arguments.function))
                    return [.string(try JSON.write(value, pretty ? .pretty : .compact))]
                }),
        ]
    }
}
