extension Document {
    /// The document as text for a terminal, or for a file that people read.
    ///
    /// - Parameter options: the width to fit into, and how to colour parts.
    public func terminal(_ options: TableOptions = TableOptions()) -> String {
        var text = ""
        writeTerminal(options, to: &text)
        return text
    }

    /// Writes the same.
    public func writeTerminal(
        _ options: TableOptions = TableOptions(), to output: inout some TextOutputStream
    ) {
        var options = options
        options.countsRows = false
        let writer = DocumentTerminal(options: options)
        output.write(options.paint(.heading, VisibleText.line(title)) + "\n")
        for section in sections { writer.write(section, to: &output) }
    }
}

/// The parts of a document for a terminal.
struct DocumentTerminal {
    let options: TableOptions

    func write(_ section: Document.Section, to output: inout some TextOutputStream) {
        if let heading = section.heading {
            let text = VisibleText.line(heading)
            output.write("\n" + options.paint(.heading, section.level == 1 ? text : "— \(text)") + "\n")
        }
        for run in section.runs {
            output.write("\n")
            write(run, to: &output)
        }
    }

    private func write(_ run: Document.Section.Run, to output: inout some TextOutputStream) {
        switch run {
        case .metrics(let metrics):
            MetricTable.people(metrics).write(.table, options, to: &output)
            for method in MetricTable.methods(metrics) { output.write(paragraph(VisibleText.line(method))) }
        case .text(let text): output.write(paragraph(VisibleText.lines(text)))
        case .table(let table):
            if let title = table.title { output.write(VisibleText.line(title) + "\n") }
            table.shown(rows: options.rowLimit).write(.table, options, to: &output)
            if let note = table.note { output.write(paragraph(VisibleText.line(note))) }
        case .chart(let chart):
            output.write(VisibleText.line(chart.title) + "\n")
            chart.table.write(.table, options, to: &output)
            if let note = chart.note { output.write(paragraph(VisibleText.line(note))) }
        case .gates(let gates):
            for gate in gates {
                let figures = gate.figures.map { " (\(VisibleText.line($0)))" } ?? ""
                output.write(
                    "\(gate.sign) \(VisibleText.line(gate.name)): \(VisibleText.line(gate.sentence))\(figures)\n"
                )
            }
        case .cases(let cases):
            output.write("\(CaseList.counts(cases)).\n")
            CaseList.table(CaseList.worstFirst(cases)).write(.table, options, to: &output)
        case .details(let details):
            output.write("▸ \(VisibleText.line(details.summary))\n")
            for section in details.sections { write(section, to: &output) }
        }
    }

    private func paragraph(_ text: String) -> String { Paragraph.wrapped(text, width: options.width) + "\n" }
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
