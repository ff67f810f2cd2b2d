import LuaBridge
import Postgres

extension Arguments {
    /// The frame that a method was called on.
    func frame() throws -> Frame { try receiver(as: Frame.self) }

    /// Columns' names: several arguments, or one list.
    func columnNames() throws -> [String] {
        let values = rest.count == 1 ? rest[0].table?.array ?? rest : rest
        return try values.map { value in
            if let name = value.stringValue { return name }
            throw HostError(
                .argument,
                "\(function): a column's name must be a string, got \(ArgumentCheck.display(value))")
        }
    }
}

extension Library {
    private static let names = Parameter.rest("columns' names, or one list of them")

    /// The methods that choose and name columns.
    var shapeMethods: [Binding] {
        [
            Binding(
                "Frame:columns", "The names of the columns, from left to right.",
                returns: (.list(.string), "the names"),
                example: "assert(arc.frame { { a = 1, b = 2 } }:columns()[2] == \"b\")",
                .immediate { arguments in
                    let names = try arguments.frame().names.map(LuaValue.string)
                    return [.table(LuaTable(array: names, kind: .array))]
                }),
            Binding(
                "Frame:column",
                "A column by its name; `frame.name` is the same where no method has that name.",
                [.required("name", .string, "the column's name")],
                returns: (.handle(Column.typeName), "the column"),
                example: "assert(arc.frame { count = { 3, 4 } }:column(\"count\")[2] == 4)",
                .immediate { arguments in
                    [.object(try arguments.frame().column(arguments.text("name"), for: arguments.function))]
                }),
            Binding(
                "Frame:select", "Some of the columns, in this order.", [Self.names],
                returns: (.frame, "a frame of these columns"),
                example: "assert(#arc.frame { { a = 1, b = 2, c = 3 } }:select(\"c\", \"a\"):columns() == 2)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    let columns = try frame.columns(arguments.columnNames(), for: arguments.function)
                    return [.object(Frame(columns: columns, count: frame.count))]
                }),
            Binding(
                "Frame:drop", "All columns but some.", [Self.names],
                returns: (.frame, "a frame without these columns"),
                example: "assert(#arc.frame { { a = 1, b = 2, c = 3 } }:drop(\"b\"):columns() == 2)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    let dropped = Set(
                        try arguments.columnNames().map { try frame.place($0, for: arguments.function) })
                    let kept = frame.columns.indices.filter { !dropped.contains($0) }
                    return [.object(Frame(columns: kept.map { frame.columns[$0] }, count: frame.count))]
                }),
            Binding(
                "Frame:rename", "The columns under other names.",
                [.required("names", .table, "new names by the old ones: { old = \"new\" }")],
                returns: (.frame, "a frame with these names"),
                example: "assert(arc.frame { { a = 1 } }:rename { a = \"b\" }[1].b == 1)",
                .immediate { arguments in [.object(try Self.renamed(arguments))] }),
            Binding(
                "Frame:with_column",
                "The frame with one more column, or with another one in the place of that name.",
                [
                    .required("name", .string, "the column's name"),
                    .required(
                        "values", .any,
                        "a function of a row and its number, a list (NULL is `arc.null`), a column, or one value for all rows"
                    ),
                ],
                returns: (.frame, "a frame with the column"),
                example: """
                    local runs = arc.frame { ms = { 1500, 250 } }
                    runs = runs:with_column("seconds", function(r) return r.ms / 1000 end)
                    assert(runs[1].seconds == 1.5)
                    """,
                .immediate { arguments in [.object(try Self.withColumn(arguments))] }),
        ]
    }

    private static func renamed(_ arguments: Arguments) throws -> Frame {
        let frame = try arguments.frame()
        var names = frame.names
        for field in arguments["names"]?.table?.fields ?? [] {
            let place = try frame.place(
                field.name ?? ArgumentCheck.display(field.key), for: arguments.function)
            guard let name = field.value.stringValue else {
                throw HostError(
                    .argument,
                    "\(arguments.function): the new name of \"\(frame.names[place])\" must be a string, got \(ArgumentCheck.display(field.value))"
                )
            }
            names[place] = name
        }
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw HostError(
                .argument, "\(arguments.function): two columns would be called \"\(twice)\"",
                advice: "Drop one of them first.")
        }
        return Frame(columns: zip(frame.columns, names).map { $0.named($1) }, count: frame.count)
    }

    private static func withColumn(_ arguments: Arguments) throws -> Frame {
        let frame = try arguments.frame()
        let name = arguments.text("name")
        let given = arguments["values"] ?? .null
        let isList = given.object(as: Column.self) != nil || given.table?.fields.isEmpty == true
        guard isList else {
            let value = try Value(given, function: arguments.function, parameter: "values")
            let all = ColumnValues(Array(repeating: value, count: frame.count))
            return frame.with(Column(name: name, values: all))
        }
        let column = try FrameMaking(function: arguments.function).column(given, name: name)
        guard column.count == frame.count else {
            throw HostError(
                .argument,
                "\(arguments.function): column \"\(name)\" has \(Figure.count(column.count, "value", "values")), and the frame \(Figure.count(frame.count, "row", "rows"))",
                advice: "In a list, NULL is arc.null; nil would end it.")
        }
        return frame.with(column)
    }
}
