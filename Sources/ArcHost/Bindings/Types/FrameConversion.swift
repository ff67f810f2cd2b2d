import LuaBridge
import Postgres

extension Library {
    /// The methods that make something else of a frame.
    var conversionMethods: [Binding] {
        [
            Binding(
                "Frame:to_records",
                "The rows as tables, without the fields that are NULL. `arc.frame` reads them back.",
                returns: (.list(.table), "a list of tables"),
                example: "assert(arc.frame { n = { 1, 2 } }:to_records()[2].n == 2)",
                .immediate { arguments in [try arguments.frame().records()] }),
            Binding(
                "Frame:to_columns",
                "The columns as lists, by name; NULL is `arc.null`. `arc.frame` reads them back.",
                returns: (.table, "lists by columns' names"),
                example: "assert(arc.frame { n = { 1, 2 } }:to_columns().n[2] == 2)",
                .immediate { arguments in [try arguments.frame().lists()] }),
            Binding(
                "Frame:to_csv",
                "The rows as CSV (RFC 4180) under a line of names. NULL is empty, an empty text is `\"\"`.",
                returns: (.string, "the text"),
                example: "assert(arc.frame { n = { 1, 2 } }:to_csv() == \"n\\n1\\n2\\n\")",
                .waiting { arguments in try await Self.text(arguments, .csv) }),
            Binding(
                "Frame:to_json", "The rows as a JSON array of objects.", returns: (.string, "the text"),
                example: "assert(#arc.json.decode(arc.frame { n = { 1, 2 } }:to_json()) == 2)",
                .waiting { arguments in try await Self.text(arguments, .json) }),
            Binding(
                "Frame:describe",
                "A row for each column: type, how many values and NULLs it has, and, of numbers and booleans, mean, standard deviation, least, quartiles and greatest.",
                returns: (.frame, "column, type, values, nulls, mean, sd, min, p25, median, p75, max"),
                example: "print(arc.frame { n = { 1, 2, 3 } }:describe())",
                .waiting { arguments in
                    let frame = try arguments.frame()
                    return try await LongWork.run(rows: frame.count) { [.object(try frame.described())] }
                }),
        ]
    }

    private static func text(_ arguments: Arguments, _ format: TableFormat) async throws -> [LuaValue] {
        let frame = try arguments.frame()
        return try await LongWork.run(rows: frame.count) { [.string(frame.text(format))] }
    }

    private static let frameOptions = ParameterType.record(
        "FrameOptions",
        [
            .optional(
                "columns", .list(.string),
                "the columns from left to right; all, by name, unless said"),
            .optional(
                "types", .table,
                "types by columns' names: \(CellValue.types.joined(separator: ", ")); what the values are unless said. A column with a type is there without values too"
            ),
        ])

    /// What makes frames of other things.
    var frameBindings: [Binding] {
        [
            Binding(
                "arc.frame",
                "Makes a frame of a list of records, or of a table of columns. A field that a record lacks is NULL; in a list NULL is `arc.null`.",
                [
                    .required(
                        "data", .table, "{{a = 1, b = 2}, …}, rows of frames, or {a = {1, …}, b = {2, …}}"),
                    .optional("options", Self.frameOptions, "which columns, and their types"),
                ],
                returns: (.frame, "the frame"),
                example: """
                    local frame = arc.frame({ { a = 1 }, { a = 2, b = "x" } }, { columns = { "b", "a" } })
                    assert(#frame == 2 and frame[1].b == nil and frame:columns()[1] == "b")
                    """,
                .immediate { arguments in
                    let options = arguments.fields("options")
                    var making = FrameMaking(function: arguments.function)
                    making.order = options.list("columns")?.compactMap(\.stringValue)
                    for (name, type) in options["types"]?.table?.stringFields ?? [:] {
                        making.types[name] = type.stringValue ?? ArgumentCheck.display(type)
                    }
                    return [.object(try making.frame(arguments["data"] ?? .nil))]
                })
        ]
    }
}
