// The formats that programs read: JSON, JSON Lines, CSV; and Markdown, which is read by both.

extension Table {
    func writeData(_ writer: RowWriter, to output: inout some TextOutputStream) {
        var writer = writer
        writer.begin(columns.map(\.name))
        for row in rows {
            writer.add(row)
            guard writer.bytes.count > 1 << 16 else { continue }
            output.write(String(decoding: writer.bytes, as: UTF8.self))
            writer.removeAll()
        }
        writer.end()
        output.write(String(decoding: writer.bytes, as: UTF8.self))
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
