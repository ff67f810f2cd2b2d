import ArcKit
public import LuaBridge
import Postgres

/// How a value that a script returns is shown: tabular data as a table, everything else as Lua writes it.
public enum Presentation {
    /// The text of a value in that format, ending in a newline; nil for nothing to show.
    public static func text(_ value: LuaValue, _ format: TableFormat, _ options: TableOptions) throws
        -> String?
    {
        if let frame = tabular(value) { return frame.text(format, options) }
        if let answer = value.object(as: Answer.self) { return try answer.text(format, options) }
        if value == .nil { return nil }
        switch format {
        case .table, .expanded: return VisibleText.lines(display(value)) + "\n"
        case .json: return try jsonText(value, .pretty) + "\n"
        case .jsonl: return try jsonText(value, .compact) + "\n"
        case .csv, .markdown:
            return try table(ofFields: value).text(format, options)
        }
    }

    /// The rows of a frame, a row or a column.
    static func tabular(_ value: LuaValue) -> Frame? {
        switch value.handle?.object {
        case let frame as Frame: frame
        case let row as FrameRow: row.alone
        case let column as Column: Frame(columns: [column], count: column.count)
        default: nil
        }
    }

    private static func jsonText(_ value: LuaValue, _ layout: JSON.Layout) throws -> String {
        try JSON.write(value.withForms, layout)
    }

    /// A table's fields as the columns of one row, a scalar as one cell.
    static func table(ofFields value: LuaValue) throws -> Table {
        guard let table = value.table, table.array.isEmpty else {
            return Table(columns: [Table.Column("value")], rows: [[try cell(value)]])
        }
        let fields = table.fields.filter { $0.name != nil }
        return Table(
            columns: fields.map { Table.Column($0.name ?? "") }, rows: [try fields.map { try cell($0.value) }]
        )
    }

    /// A value as a cell of a table for people.
    static func cell(figure value: LuaValue) -> Cell { (try? cell(value)) ?? .text(display(value)) }

    private static func cell(_ value: LuaValue) throws -> Cell {
        switch value {
        case .nil, .null: .null
        case .boolean(let flag): .boolean(flag)
        case .integer(let number): .integer(number)
        case .number(let number): .real(number)
        case .string(let text): .text(text)
        case .table: .json(try jsonText(value, .compact))
        default: .text(display(value))
        }
    }

    /// A value as Lua writes it, tables with their fields in order; nested ones are indented.
    static func display(_ value: LuaValue, indent: String = "") -> String {
        switch value {
        case .nil: "nil"
        case .null: "arc.null"
        case .boolean(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): Figure.significant(number, digits: 14)
        case .string(let text): indent.isEmpty ? text : JSONText.quoted(text)
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .table(let table): display(table, indent: indent)
        case .function: "function"
        case .handle(let handle): display(handle.object, indent: indent)
        case .other: "a value that only Lua can hold"
        }
    }

    private static func display(_ table: LuaTable, indent: String) -> String {
        guard !table.isEmpty else { return "{}" }
        let inner = indent + "  "
        var lines = table.array.map { inner + display($0, indent: inner) }
        for field in table.fields {
            let name = field.name.flatMap { isName($0) ? $0 : nil }
            let key = name ?? "[\(display(field.key, indent: inner))]"
            lines.append("\(inner)\(key) = \(display(field.value, indent: inner))")
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }

    private static func display(_ object: any HostObject, indent: String) -> String {
        switch object {
        case let time as TimeObject: time.text
        case let duration as DurationObject: duration.text
        case let uuid as UUIDObject: uuid.id.description
        case let decimal as DecimalObject: decimal.text
        case let other as DatabaseObject: other.value.description
        case let simulation as SimulationHandle:
            "simulation \(simulation.reference.label) (\(simulation.reference.id))"
        case let document as JSONDocument:
            (try? JSON.parse(document.text)).map { display($0, indent: indent) } ?? document.text
        case let frame as Frame: "frame of \(Figure.count(frame.count, "row", "rows"))"
        case let column as Column: "column of \(Figure.count(column.count, "value", "values"))"
        case let groups as FrameGroups: Figure.count(groups.count, "group", "groups")
        case let answer as Answer: display(answer.table, indent: indent)
        case let row as FrameRow:
            (try? row.frame.record(row.index)).map { display($0, indent: indent) } ?? FrameRow.typeName
        default: Swift.type(of: object).typeName
        }
    }

    private static func isName(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
    }
}
