import ArcKit
public import Postgres

/// Writes rows one at a time in a format that programs read, so that a result of any size needs the memory of one row.
public struct RowWriter: Sendable {
    /// What was written and isn't taken yet.
    public private(set) var bytes: [UInt8] = []
    private let format: TableFormat
    private let options: TableOptions
    /// The names as keys of JSON, each with what stands before it; one for each column.
    private var keys: [[UInt8]] = []
    /// Which columns' bytes are their text.
    private var areTexts: [Bool] = []
    private var hasBegun = false
    private var rowCount = 0

    /// A writer; nil for a format that needs all rows before it can lay out the first.
    public init?(_ format: TableFormat, _ options: TableOptions = TableOptions()) {
        guard format == .csv || format == .jsonl || format == .json else { return nil }
        self.format = format
        self.options = options
    }

    /// Lets go of what was written.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes what stands before the first row; to be called before it, and at the end where no row came.
    public mutating func begin(_ names: [String]) {
        guard !hasBegun else { return }
        hasBegun = true
        switch format {
        case .json: append("[")
        case .csv where !names.isEmpty:
            for (index, name) in names.enumerated() {
                addField(name.isEmpty ? .null : .text(name), index, of: names.count)
            }
            append("\n")
        default: break
        }
        guard format != .csv else { return }
        // Most readers keep only one of two equal keys.
        keys = DistinctNames.of(names).enumerated().map { index, name in
            Array(((index == 0 ? "{" : ", ") + JSONText.quoted(name) + ": ").utf8)
        }
    }

    /// Writes a row as it comes from the server.
    public mutating func add(_ row: borrowing StreamedRow) {
        if !hasBegun {
            begin(row.columns.map(\.name))
            areTexts = row.columns.map(\.isText)
        }
        let count = areTexts.count
        beginRow(count)
        for index in 0..<count {
            if areTexts[index] {
                row.withBytes(index) { addText($0, index, of: count) }
            } else {
                addField(Cell(row[index]), index, of: count)
            }
        }
        endRow(count)
    }

    /// Writes a row.
    public mutating func add(_ row: [Cell]) {
        beginRow(row.count)
        for (index, cell) in row.enumerated() { addField(cell, index, of: row.count) }
        endRow(row.count)
    }

    /// Writes what stands behind the last row.
    public mutating func end() {
        if format == .json { append(rowCount == 0 ? "]\n" : "\n]\n") }
    }

    // MARK: - Parts of a row

    private mutating func beginRow(_ count: Int) {
        if format == .json { append(rowCount == 0 ? "\n  " : ",\n  ") }
        if format != .csv, count == 0 { append("{") }
        rowCount += 1
    }

    private mutating func endRow(_ count: Int) {
        switch format {
        case .json: append("}")
        case .jsonl: append("}\n")
        default: if count > 0 { append("\n") }
        }
    }

    private mutating func addField(_ cell: Cell, _ index: Int, of count: Int) {
        guard format == .csv else {
            bytes.append(contentsOf: keys[index])
            switch cell {
            case .text(var text): text.withUTF8 { addJSONText(UnsafeRawBufferPointer($0)) }
            case .integer(let number): append(number)
            default: append(cell.jsonText)
            }
            return
        }
        if index > 0 { append(",") }
        switch cell {
        // Readers skip an empty line, and with it the row.
        case .null, .json(""): if count == 1 { append("\"\"") }
        case .text(var text), .json(var text): text.withUTF8 { addCSVText(UnsafeRawBufferPointer($0)) }
        case .integer(let number): append(number)
        default: append(cell.exact)
        }
    }

    /// Writes a value whose bytes are its text.
    private mutating func addText(_ text: UnsafeRawBufferPointer?, _ index: Int, of count: Int) {
        guard let text else { return addField(.null, index, of: count) }
        if format == .csv {
            if index > 0 { append(",") }
            addCSVText(text)
        } else {
            bytes.append(contentsOf: keys[index])
            addJSONText(text)
        }
    }

    private mutating func addJSONText(_ text: UnsafeRawBufferPointer) {
        let isPlain = text.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard isPlain else { return append(JSONText.quoted(String(decoding: text, as: UTF8.self))) }
        append("\"")
        bytes.append(contentsOf: text)
        append("\"")
    }

    private mutating func addCSVText(_ text: UnsafeRawBufferPointer) {
        guard let first = text.first, let last = text.last else { return append("\"\"") }
        if options.terminal || options.guardsFormulas, !Self.isHarmless(text) {
            var field = String(decoding: text, as: UTF8.self)
            if options.terminal { field = VisibleText.lines(field) }
            if options.guardsFormulas, let first = field.unicodeScalars.first,
                Self.formulaSigns.contains(first)
            {
                field = "'" + field
            }
            var guarded = RowWriter(.csv)
            field.withUTF8 { guarded?.addCSVText(UnsafeRawBufferPointer($0)) }
            bytes.append(contentsOf: guarded?.bytes ?? [])
            return
        }
        let quote = UInt8(ascii: "\"")
        let needsQuotes =
            first == UInt8(ascii: " ") || last == UInt8(ascii: " ")
            || text.contains {
                $0 == UInt8(ascii: ",") || $0 == quote || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
            }
        guard needsQuotes else { return bytes.append(contentsOf: text) }
        bytes.append(quote)
        for byte in text {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    /// What a formula begins with in some spreadsheet; the wide forms do where Japanese is written.
    ///
    /// Source: OWASP, "CSV Injection".
    private static let formulaSigns: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
    ]

    /// Whether a text is of ASCII that is seen, and begins no formula: most are.
    private static func isHarmless(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, !"=+-@".utf8.contains(first) else { return false }
        return text.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func append(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }
}
