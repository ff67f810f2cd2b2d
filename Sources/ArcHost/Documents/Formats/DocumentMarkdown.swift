extension Document {
    /// The document as GitHub's Markdown.
    public var markdown: String {
        var text = ""
        writeMarkdown(to: &text)
        return text
    }

    /// Writes the document as GitHub's Markdown.
    public func writeMarkdown(to output: inout some TextOutputStream) {
        output.write("# \(MarkdownText.line(title))\n")
        for section in sections { DocumentMarkdown.write(section, to: &output) }
    }
}

/// The parts of a document as GitHub's Markdown.
enum DocumentMarkdown {
    static func write(_ section: Document.Section, to output: inout some TextOutputStream) {
        if let heading = section.heading {
            let signs = String(repeating: "#", count: min(6, section.level + 1))
            output.write("\n\(signs) \(MarkdownText.line(heading))\n")
        }
        for run in section.runs {
            output.write("\n")
            write(run, to: &output)
        }
    }

    private static func write(_ run: Document.Section.Run, to output: inout some TextOutputStream) {
        switch run {
        case .metrics(let metrics):
            MetricTable.people(metrics).write(.markdown, to: &output)
            output.write("\n" + MetricTable.methods(metrics).map { "_\(MarkdownText.line($0))_\n" }.joined())
        case .text(let text): output.write(MarkdownText.paragraph(text) + "\n")
        case .table(let table): write(table, to: &output)
        case .chart(let chart): write(chart, to: &output)
        case .gates(let gates): for gate in gates { output.write(line(gate)) }
        case .cases(let cases):
            output.write("\(CaseList.counts(cases)).\n\n")
            CaseList.table(CaseList.worstFirst(cases)).write(.markdown, to: &output)
        case .details(let details):
            output.write("<details><summary>\(MarkdownText.line(details.summary))</summary>\n")
            for section in details.sections { write(section, to: &output) }
            output.write("\n</details>\n")
        }
    }

    private static func line(_ gate: Document.Gate) -> String {
        let figures = gate.figures.map { " (\(MarkdownText.line($0)))" } ?? ""
        return
            "- \(gate.sign) **\(MarkdownText.line(gate.name))**: \(MarkdownText.line(gate.sentence))\(figures)\n"
    }

    private static func write(_ table: Document.TableBlock, to output: inout some TextOutputStream) {
        if let title = table.title { output.write("**\(MarkdownText.line(title))**\n\n") }
        table.shown().write(.markdown, to: &output)
        if let note = table.note { output.write("\n_\(MarkdownText.line(note))_\n") }
    }

    private static func write(_ chart: Chart, to output: inout some TextOutputStream) {
        output.write("**\(MarkdownText.line(chart.title))**\n\n")
        chart.table.write(.markdown, to: &output)
        if let note = chart.note { output.write("\n_\(MarkdownText.line(note))_\n") }
    }
}

extension MarkdownText {
    /// A text within a line: nothing in it is markup or begins a new line.
    static func line(_ text: String) -> String {
        cell(text).replacing("<br>", with: " ")
    }

    /// A paragraph: as a line, but its own line ends stay.
    static func paragraph(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { unblocked(line(String($0.drop(while: \.isWhitespace)))) }.joined(separator: "\n")
    }

    /// A line that begins no block: no heading, quotation, list or rule.
    private static func unblocked(_ line: String) -> String {
        if let number = line.prefixMatch(of: /[0-9]+(?=[.)])/) {
            return number.0 + "\\" + line[number.range.upperBound...]
        }
        guard let first = line.first, "#>-+=".contains(first) else { return line }
        return "\\" + line
    }
}
