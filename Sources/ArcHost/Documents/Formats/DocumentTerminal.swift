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
        if let about { output.write(options.paint(.note, VisibleText.line(about)) + "\n") }
        for section in sections { writer.write(section, to: &output) }
        writer.writeMissing(missing, to: &output)
        if let verdictSentence { output.write("\n" + options.paint(.heading, verdictSentence) + "\n") }
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
            var options = options
            options.rest = "Everything: --format csv --table \(VisibleText.line(table.name))."
            table.shown(rows: options.rowLimit).write(.table, options, to: &output)
            if let note = table.note { output.write(paragraph(VisibleText.line(note))) }
        case .chart(let chart):
            output.write(VisibleText.line(chart.title) + "\n")
            for line in ChartTerminal(chart, width: options.width).lines {
                output.write(VisibleText.line(line) + "\n")
            }
            if let note = chart.note { output.write(paragraph(VisibleText.line(note))) }
        case .gates(let gates):
            for gate in gates {
                let figures = gate.figures.map { " (\($0))" } ?? ""
                output.write(
                    paragraph("\(gate.sign) \(VisibleText.line("\(gate.name): \(gate.sentence)\(figures)"))"))
            }
        case .cases(let cases):
            output.write("\(CaseList.counts(cases)).\n")
            CaseList.table(CaseList.worstFirst(cases)).write(.table, options, to: &output)
        case .details(let details):
            output.write("▸ \(VisibleText.line(details.summary))\n")
            writeIndented(details.sections, to: &output)
        }
    }

    private func writeIndented(_ sections: [Document.Section], to output: inout some TextOutputStream) {
        var inner = options
        inner.width = options.width.map { max(20, $0 - 2) }
        var text = ""
        for section in sections { DocumentTerminal(options: inner).write(section, to: &text) }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            output.write(line.isEmpty ? "\n" : "  \(line)\n")
        }
    }

    fileprivate func writeMissing(_ missing: [Document.Missing], to output: inout some TextOutputStream) {
        guard !missing.isEmpty else { return }
        output.write("\n" + options.paint(.heading, "What is missing") + "\n\n")
        for part in missing {
            output.write(paragraph("! \(VisibleText.line(part.source)): \(VisibleText.lines(part.reason))"))
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
