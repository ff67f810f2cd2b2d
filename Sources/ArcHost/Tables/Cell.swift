import ArcKit

/// One value of a table.
public enum Cell: Sendable, Hashable {
    /// What isn't known.
    case null
    case text(String)
    case integer(Int64)
    case real(Double)
    /// An exact number, as PostgreSQL's `numeric` prints it.
    case decimal(String)
    case boolean(Bool)
    /// A JSON text, written raw where JSON is written.
    case json(String)
}

extension Cell {
    /// What stands for ``null`` where people read: an empty cell could as well be an empty text.
    public static let nullSign = "∅"

    /// As people read it in a table: real numbers with six significant digits, NULL as ``nullSign``.
    /// It may hold newlines and control characters: a layout shows it through ``VisibleText``.
    public var display: String {
        switch self {
        case .null: Cell.nullSign
        case .real(let value): Figure.significant(value, digits: 6)
        default: exact
        }
    }

    /// Without loss, as CSV holds it: the shortest digits that read back as the same number, NULL as nothing.
    public var exact: String {
        switch self {
        case .null: ""
        case .text(let text), .decimal(let text), .json(let text): text
        case .integer(let value): String(value)
        case .real(let value): Cell.digits(value)
        case .boolean(let value): value ? "true" : "false"
        }
    }

    /// As a JSON value. What JSON has no number for (NaN, Infinity) is a string, as in PostgreSQL's `to_json`.
    public var jsonText: String {
        switch self {
        case .null: "null"
        case .text(let text): JSONText.quoted(text)
        case .integer, .boolean: exact
        case .real(let value): value.isFinite ? exact : JSONText.quoted(exact)
        case .decimal(let text): JSONText.isNumber(text) ? text : JSONText.quoted(text)
        // A JSON text may be laid out over several lines, and JSON Lines has one line for each row.
        case .json(let text): JSONText.onOneLine(text)
        }
    }

    /// NaN and the infinities as PostgreSQL spells them.
    private static func digits(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }
}
