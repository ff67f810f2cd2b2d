import LuaBridge

/// What a question answers: figures, texts and frames by their names. Scripts read the fields as those of a table;
/// printed, it reads as text.
final class Answer: HostObject {
    static let typeName = "Answer"
    typealias Fields = [(name: String, value: LuaValue)]

    /// What it is, for messages: "comparison".
    let what: String
    /// Its fields in their order; nil where one isn't defined.
    let fields: Fields
    /// The answer in a format, where that is more than its fields one after the other.
    private let page: (@Sendable (TableFormat, TableOptions) throws -> String)?
    let memoryFootprint: Int

    /// An answer of these fields.
    ///
    /// - Parameter memory: the bytes that `page` keeps.
    init(
        _ what: String, _ fields: Fields, memory: Int = 0,
        page: (@Sendable (TableFormat, TableOptions) throws -> String)? = nil
    ) {
        self.what = what
        self.fields = fields
        self.page = page
        memoryFootprint = memory
    }

    func forEachSharedMemory(_ body: (any SharedMemory) -> Void) {
        for field in fields { field.value.handle?.object.forEachSharedMemory(body) }
    }

    /// The names of the fields.
    var names: [String] { fields.map(\.name) }

    /// The fields that are defined.
    var table: LuaTable {
        LuaTable(
            fields: fields.filter { !$0.value.isNil }.map { LuaTable.Field($0.name, $0.value) }, kind: .object
        )
    }

    /// All fields; null stands for what isn't defined.
    var document: LuaTable {
        LuaTable(
            fields: fields.map { LuaTable.Field($0.name, $0.value.isNil ? .null : $0.value) }, kind: .object)
    }

    /// The answer in a format.
    func text(_ format: TableFormat, _ options: TableOptions) throws -> String {
        if let page { return try page(format, options) }
        switch format {
        case .table, .expanded, .markdown: return fieldsText(format, options)
        case .json: return try JSON.write(LuaValue.table(document).withForms, .pretty) + "\n"
        case .jsonl: return try JSON.write(LuaValue.table(document).withForms, .compact) + "\n"
        case .csv:
            let tables = fields.filter { Presentation.tabular($0.value) != nil }.map(\.name)
            guard let first = tables.first(where: { field($0)?.object(as: Frame.self) != nil }) else {
                return try Presentation.table(ofFields: .table(document)).text(format, options)
            }
            throw HostError(
                .argument,
                "CSV holds one table, and this \(what) has \(tables.joined(separator: ", "))",
                advice:
                    "Return the one that is wanted, such as answer.\(first), or take JSON, which holds all of them."
            )
        }
    }

    private func field(_ name: String) -> LuaValue? { fields.first { $0.name == name }?.value }

    // MARK: - For people

    /// How many rows of a frame stand in an answer on a terminal: it shall fit on a screen or two.
    private static let fewRows = 10

    /// The figures in a table, then each frame.
    private func fieldsText(_ format: TableFormat, _ options: TableOptions) -> String {
        var options = options
        options.rowLimit = options.rowLimit.map { min($0, Self.fewRows) }
        var parts: [String] = []
        let figures = Self.figures(fields)
        if !figures.isEmpty { parts.append(Self.record(figures, format, options)) }
        for field in fields {
            let title = VisibleText.line(field.name)
            let heading =
                format == .markdown
                ? "**\(MarkdownText.cell(field.name))**\n\n" : options.paint(.heading, title) + "\n"
            if let row = field.value.object(as: FrameRow.self) {
                let table = row.alone.table
                let cells = zip(table.columns, table.rows.first ?? []).map { (name: $0.name, cell: $1) }
                parts.append(heading + Self.record(cells, format, options))
            } else if let frame = field.value.object(as: Frame.self) {
                options.rest = "All: the field \(field.name)."
                parts.append(heading + frame.text(format, options))
            }
        }
        return parts.joined(separator: "\n")
    }

    /// Values one below the other, by their names; none is cut.
    private static func record(
        _ cells: [(name: String, cell: Cell)], _ format: TableFormat, _ options: TableOptions
    ) -> String {
        if format == .markdown {
            return Table(
                columns: [Table.Column("field"), Table.Column("value")],
                rows: cells.map { [.text($0.name), $0.cell] }
            ).text(format, options)
        }
        let row = cells.map(\.cell)
        var text = ""
        ExpandedLayout(Table(columns: cells.map { Table.Column($0.name) }, rows: [row]), options)
            .writeFields(of: row, to: &text)
        return text
    }

    /// Each value that isn't made of rows; the fields of a record by their paths.
    private static func figures(_ fields: Fields, within path: String = "") -> [(name: String, cell: Cell)] {
        fields.flatMap { name, value -> [(name: String, cell: Cell)] in
            let name = path + name
            if value.isNil || Presentation.tabular(value) != nil { return [] }
            guard let table = value.table else { return [(name, Presentation.cell(figure: value))] }
            guard table.array.isEmpty else {
                return [(name, .text(table.array.map { Presentation.display($0) }.joined(separator: ", ")))]
            }
            return figures(table.fields.map { ($0.name ?? "", $0.value) }, within: name + ".")
        }
    }
}

extension LuaValue {
    /// An answer of these fields.
    static func answer(_ what: String, _ fields: Answer.Fields) -> LuaValue { .object(Answer(what, fields)) }
}
