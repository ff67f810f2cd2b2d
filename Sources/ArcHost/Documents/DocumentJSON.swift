public import ArcKit
import LuaBridge

extension Document {
    /// The document as a JSON object: `report`, `title`, `sections`, `metrics` by name, `tables`, `gates`. What isn't
    /// known is null, and every number has all its digits.
    public var json: JSONValue {
        .members(
            ("report", .string(report)), ("title", .string(title)),
            ("metrics", .object(metrics.map { JSONValue.Member($0.name, $0.json) })),
            ("gates", .array(gates.map(\.json))), ("sections", .array(sections.map(\.json))),
            ("tables", .array(tables.map(\.json))))
    }
}

extension Document {
    /// The document as JSON text, broken into lines.
    public var jsonText: String {
        ((try? JSON.write(LuaValue(json), .pretty)) ?? json.text) + "\n"
    }
}

extension Document.Metric {
    var json: JSONValue {
        .members(
            ("value", .optional(value)), ("unit", .optional(unit)), ("n", .optional(n)),
            ("errors", .optional(errors)), ("se", .optional(standardError)), ("low", .optional(low)),
            ("high", .optional(high)), ("method", .optional(method)))
    }
}

extension Document.Gate {
    var json: JSONValue {
        .members(
            ("name", .string(name)), ("verdict", .string(verdict.rawValue)),
            ("pass", .bool(verdict == .pass)),
            ("reason", .optional(reason)))
    }
}

extension Document.TableBlock {
    var json: JSONValue {
        .members(
            ("name", .string(name)), ("title", .optional(title)),
            ("columns", .array(data.columns.map { .string($0.name) })),
            ("rows", .array(data.rows.map { .array($0.map(\.document)) })))
    }
}

extension Document.Section {
    var json: JSONValue {
        .members(
            ("heading", .optional(heading)), ("level", .integer(Int64(level))),
            ("blocks", .array(blocks.map(Self.json))))
    }

    /// Figures, tables and gates stand in lists of their own; a section names them.
    private static func json(_ block: Document.Block) -> JSONValue {
        switch block {
        case .text(let text): .members(("type", "text"), ("text", .string(text)))
        case .metric(let metric):
            .members(("type", "metric"), ("name", .string(metric.name)), ("note", .optional(metric.note)))
        case .table(let table): .members(("type", "table"), ("name", .string(table.name)))
        case .gate(let gate): .members(("type", "gate"), ("name", .string(gate.name)))
        }
    }
}

extension JSONValue {
    static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
    static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
    static func optional(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
}

extension Cell {
    /// The cell as a JSON value. NaN and infinities, which JSON has no number for, are texts.
    var document: JSONValue {
        switch self {
        case .null: .null
        case .text(let text): .string(text)
        case .integer(let value): .integer(value)
        case .real(let value): value.isFinite ? .number(value) : .string(exact)
        case .boolean(let value): .bool(value)
        case .decimal(let text): JSONText.isNumber(text) ? JSONValue(digits: text) : .string(text)
        case .json(let text): (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }
}
