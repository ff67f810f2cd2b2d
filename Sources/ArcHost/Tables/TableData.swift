import ArcKit

// The formats that programs read: JSON, JSON Lines, CSV; and Markdown, which is read by both.

extension Table {
    /// The names as keys of a JSON object: a name that occurs again gets a number, since most readers keep only
    /// one of two equal keys.
    var keys: [String] {
        var taken: Set<String> = Set(columns.map(\.name))
        var seen: Set<String> = []
        return columns.map { column in
            if seen.insert(column.name).inserted { return column.name }
            var number = 2
            while !taken.insert("\(column.name)_\(number)").inserted { number += 1 }
            return "\(column.name)_\(number)"
        }
    }

    private func object(_ row: [Cell], _ keys: [String]) -> String {
        "{" + zip(keys, row).map { "\($0): \($1.jsonText)" }.joined(separator: ", ") + "}"
    }

    func writeJSON(to output: inout some TextOutputStream) {
        let keys = keys.map(JSONText.quoted)
        output.write("[")
        for (index, row) in rows.enumerated() {
            output.write(index == 0 ? "\n  " : ",\n  ")
            output.write(object(row, keys))
        }
        output.write(rows.isEmpty ? "]\n" : "\n]\n")
    }

    func writeJSONLines(to output: inout some TextOutputStream) {
        let keys = keys.map(JSONText.quoted)
        for row in rows {
            output.write(object(row, keys) + "\n")
        }
    }

    func writeCSV(_ options: TableOptions, to output: inout some TextOutputStream) {
        guard !columns.isEmpty else { return }
        func write(_ fields: [String]) {
            // Readers skip an empty line, and with it the row.
            output.write((fields == [""] ? "\"\"" : fields.joined(separator: ",")) + "\n")
        }
        write(columns.map { csvField($0.name, options) })
        for row in rows {
            write(
                row.map { cell in
                    switch cell {
                    case .null: ""
                    case .text(""): "\"\""
                    case .text(let text), .json(let text): csvField(text, options)
                    default: cell.exact
                    }
                })
        }
    }

    private func csvField(_ text: String, _ options: TableOptions) -> String {
        var field = options.terminal ? VisibleText.lines(text) : text
        if options.guardsFormulas, let first = text.unicodeScalars.first,
            "=+-@\t\r".unicodeScalars.contains(first)
        {
            field = "'" + field
        }
        // By scalars, since a quote and an accent after it are one Character.
        let scalars = field.unicodeScalars
        let needsQuotes = scalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes || scalars.first == " " || scalars.last == " " else { return field }
        var quoted = "\"".unicodeScalars
        for scalar in scalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return String(quoted) + "\""
    }

    func writeMarkdown(to output: inout some TextOutputStream) {
        guard !columns.isEmpty else { return }
        func write(_ fields: [String]) {
            output.write("| " + fields.joined(separator: " | ") + " |\n")
        }
        write(columns.map { MarkdownText.cell($0.heading) })
        write(columns.map { $0.alignment == .right ? "---:" : "---" })
        for row in rows {
            write(row.map { $0 == .null ? "" : MarkdownText.cell($0.display) })
        }
    }
}

/// Text within Markdown.
public enum MarkdownText {
    /// A text as a cell of a table: nothing in it is markup, and newlines become `<br>`.
    public static func cell(_ text: String) -> String {
        var cell = ""
        for scalar in VisibleText.lines(text).unicodeScalars {
            switch scalar {
            case "\n": cell += "<br>"
            case "&": cell += "&amp;"
            case "<": cell += "&lt;"
            case "\\", "|", "`", "*", "[", "]", "~", "_": cell += "\\\(scalar)"
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return cell
    }
}
