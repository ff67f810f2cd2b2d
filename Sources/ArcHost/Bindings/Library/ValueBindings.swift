import ArcKit
import LuaBridge

extension Library {
    private static let readOptions = ParameterType.record(
        "JSONOptions",
        [
            .optional("nan", .boolean, "whether NaN, Infinity and -Infinity may be read; false unless said"),
            .optional("max_depth", .integer(1...1000), "how deep it may be nested; 100 unless said"),
            .optional(
                "max_size", .integer(1...Int64.max), "how many bytes it may have; any number unless said"),
        ])

    private static let writeOptions = ParameterType.record(
        "JSONLayout",
        [
            .optional("pretty", .boolean, "whether to break lines and indent by two spaces"),
            .optional("sort_keys", .boolean, "whether fields come in the order of their names' bytes"),
            .optional("nan", .boolean, "whether NaN and infinities are written, which JSON itself hasn't"),
        ])

    /// In the machines of scripts C does what these do, and calls them only where it can't: for an error, and for values
    /// that hold objects of the host's (`host.json` in `library.lua`).
    var valueBindings: [Binding] {
        [
            Binding(
                "arc.json.decode",
                "Reads JSON. Integers of 64 bits stay exact, larger ones become floats; null is arc.null, and empty arrays and objects are kept apart. What isn't JSON is an error with line, column and byte.",
                [
                    .required("text", .string, "the JSON, in UTF-8"),
                    .optional("options", Self.readOptions, "how to read it"),
                ],
                returns: (.any, "the value"),
                example: #"assert(arc.json.decode('{"n": 9007199254740993}').n == 9007199254740993)"#,
                .immediate { arguments in
                    let fields = arguments.fields("options")
                    let options = JSON.Options(
                        maximumDepth: Int(fields.integer("max_depth") ?? 100),
                        maximumSize: fields.integer("max_size").map(Int.init),
                        allowsNaN: fields.boolean("nan") ?? false)
                    return [try JSON.parse(arguments.text("text"), options)]
                }),
            Binding(
                "arc.json.encode",
                "Writes JSON. Floats keep a point or an exponent and read back as they were; tables with items are arrays, others objects, and decimals have all their digits. What JSON can't hold is an error with its place, as in $.a[3].b.",
                [
                    .required("value", .any, "the value"),
                    .optional("options", Self.writeOptions, "how to write it"),
                ],
                returns: (.string, "the JSON"),
                example:
                    #"assert(arc.json.encode({ b = { 1, 2.0 }, a = arc.null }, { sort_keys = true }) == '{"a":null,"b":[1,2.0]}')"#,
                .immediate { arguments in
                    let fields = arguments.fields("options")
                    let value = (arguments["value"] ?? .null).withForms
                    let text = try JSON.write(
                        value, fields.boolean("pretty") ?? false ? .pretty : .compact,
                        allowsNaN: fields.boolean("nan") ?? false)
                    return [.string(text)]
                }),
        ]
    }
}

extension LuaValue {
    /// The value with each object of the host's in the form that it has in a document: a time as text, a frame as a list,
    /// a decimal as its digits. What has none stays as it is.
    var withForms: LuaValue {
        switch self {
        case .table(var table):
            for index in table.array.indices { table.array[index] = table.array[index].withForms }
            for index in table.fields.indices {
                table.fields[index].value = table.fields[index].value.withForms
            }
            return .table(table)
        case .handle:
            guard let document = try? JSONValue(self, function: "", allowsNaN: true) else { return self }
            return LuaValue(document)
        default: return self
        }
    }
}
