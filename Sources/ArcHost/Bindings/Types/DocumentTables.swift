import LuaBridge
import Postgres

/// Tables of a document.
extension TypeBinding {
    static let documentTable = Binding(
        "Document:table", "Adds a table.",
        [
            .required("rows", .either(.frame, .table), "a frame, or a list of records"),
            .optional(
                "options",
                .record(
                    "DocumentTable",
                    [
                        .optional(
                            "name", .string,
                            "what data formats call it; made from the title unless said. One that occurs again gets a number"
                        ),
                        .optional("title", .string, "a line above it"),
                        .optional("note", .string, "what must be known to read it"),
                        .optional(
                            "columns",
                            .list(
                                .either(
                                    .string,
                                    .record(
                                        "DocumentColumn",
                                        [
                                            .required("name", .string, "the column's name in the frame"),
                                            .optional("label", .string, "what people read above it"),
                                            .optional(
                                                "unit", .string,
                                                "the unit of its numbers: \"ratio\", \"usd\", \"ms\", \"p\" for p-values, …"
                                            ),
                                            .optional(
                                                "units", .string,
                                                "the column with each row's unit, where they differ"),
                                            .optional(
                                                "difference", .boolean,
                                                "whether its numbers are differences: they show their sign, and those of ratios are percentage points"
                                            ),
                                            .optional(
                                                "align", .choice(["left", "right"]),
                                                "where its cells stand; numbers to the right unless said"),
                                            .optional(
                                                "decimals", .integer(0...12),
                                                "digits after the point, where people read"),
                                            .optional(
                                                "link", .string,
                                                "the column with the address that each cell leads to"),
                                            .optional(
                                                "cases", .boolean,
                                                "whether its values are names of the document's cases, to lead there"
                                            ),
                                        ]))),
                            "which columns to show, and in which order: names, or tables that say how; all unless said"
                        ),
                    ]), "what to call it, and how to show it"),
        ],
        example: """
            local weakest = arc.get_scenario_outcomes("latest"):sort("reliability_score"):head(10)
            doc:table(weakest, {
              title = "The weakest runs",
              columns = { "scenario_id", { name = "reliability_score", label = "score", decimals = 2 } },
            })
            doc:table({ { model = "a", cost = 0.25 } }, { columns = { "model", { name = "cost", unit = "usd" } } })
            """,
        .immediate { arguments in
            let options = arguments.fields("options")
            let title = options.string("title")
            let name = options.string("name") ?? title.flatMap(Document.name) ?? "table"
            let columns = options.list("columns").map { $0.map(column) }
            let frame = try frame(arguments, columns?.map(\.column.name))
            var table = try Document.TableBlock(
                name: name, title: title, frame: frame,
                columns: try columns?.map { given in
                    var column = given.column
                    let isNumeric = try frame.column(column.name, for: arguments.function).isNumeric
                    column.alignment = given.alignment ?? (isNumeric ? .right : .left)
                    return column
                }, for: arguments.function)
            table.note = options.string("note")
            try arguments.receiver(as: DocumentBuilder.self).add(.table(table))
            return []
        })

    private static func column(
        _ value: LuaValue
    ) -> (column: Document.TableBlock.Column, alignment: Table.Column.Alignment?) {
        guard let table = value.table else {
            return (.init(name: value.stringValue ?? "", alignment: .left), nil)
        }
        var column = Document.TableBlock.Column(name: table["name"].stringValue ?? "", alignment: .left)
        column.label = table["label"].stringValue
        column.unit = table["unit"].stringValue
        column.decimals = table["decimals"].integerValue.map { Int($0) }
        column.units = table["units"].stringValue
        column.showsDifferences = table["difference"].boolValue ?? false
        column.link = table["link"].stringValue
        column.namesCases = table["cases"].boolValue ?? false
        return (column, table["align"].stringValue.map { $0 == "right" ? .right : .left })
    }

    /// The rows; those that a script made may not hold NaN. Records have no order of fields but by name.
    private static func frame(_ arguments: Arguments, _ order: [String]?) throws -> Frame {
        if let frame: Frame = arguments.object("rows") { return frame }
        let frame = try FrameMaking(function: arguments.function).frame(arguments["rows"] ?? .nil)
        for column in frame.columns {
            guard case .reals = column.values.content else { continue }
            for row in 0..<column.count {
                guard case .double(let number) = column[row], !number.isFinite else { continue }
                throw HostError(
                    .argument,
                    "\(arguments.function): column \"\(column.name)\", row \(row + 1) must be a finite number, got \(ArgumentCheck.display(.number(number)))",
                    advice: "What isn't known is nil.")
            }
        }
        // A column that no record has is one of NULLs: there is no telling it from one that none happens to know.
        let missing = (order ?? []).filter { !frame.names.contains($0) }
        return missing.reduce(frame) { $0.with(Column(name: $1, values: .nulls(frame.count))) }
    }
}
