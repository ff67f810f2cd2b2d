extension Document {
    /// The document as text for a terminal, or for a file that people read.
    ///
    /// - Parameter options: the width to fit into, and how to colour parts.
    public func terminal(_ options: TableOptions = TableOptions()) -> String {
        var options = options
        options.countsRows = false
        options.rowLimit = nil
        var out = options.paint(.heading, VisibleText.line(title)) + "\n"
        for section in sections {
            if let heading = section.heading {
                let text = VisibleText.line(heading)
                out += "\n" + options.paint(.heading, section.level == 1 ? text : "— \(text)") + "\n"
            }
            for run in section.runs { out += "\n" + Self.terminal(run, options) }
        }
        return out
    }

    private static func terminal(_ run: Section.Run, _ options: TableOptions) -> String {
        switch run {
        case .metrics(let metrics):
            MetricTable.people(metrics).text(.table, options)
                + MetricTable.methods(metrics).map {
                    Paragraph.wrapped(VisibleText.line($0), width: options.width) + "\n"
                }
                .joined()
        case .text(let text): Paragraph.wrapped(VisibleText.lines(text), width: options.width) + "\n"
        case .table(let table):
            (table.title.map { VisibleText.line($0) + "\n" } ?? "") + table.data.text(.table, options)
        case .gate(let gate):
            "\(gate.sign) \(VisibleText.line(gate.name)): \(VisibleText.line(gate.sentence))\n"
        }
    }
}

/// Text broken into lines.
enum Paragraph {
    /// The text with lines of at most that width, broken between words; as it is where there is no width.
    static func wrapped(_ text: String, width: Int?) -> String {
        guard let width else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var lines: [String] = []
            for word in line.split(separator: " ") {
                let longer = (lines.last.map { $0 + " " } ?? "") + word
                if !lines.isEmpty, DisplayWidth.of(longer) <= width {
                    lines[lines.count - 1] = longer
                } else {
                    lines.append(String(word))
                }
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
