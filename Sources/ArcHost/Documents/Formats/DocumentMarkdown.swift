extension Document {
    /// The document as GitHub's Markdown.
    public var markdown: String {
        var text = ""
        writeMarkdown(to: &text)
        return text
    }

    /// Writes the document as GitHub's Markdown.
    public func writeMarkdown(to output: inout some TextOutputStream) {
        output.write(DocumentMarkdown.head(self))
        for section in sections { DocumentMarkdown.write(section, to: &output) }
    }
}

/// The parts of a document as GitHub's Markdown.
enum DocumentMarkdown {
    /// The title, what it is about, the verdict, and what is missing.
    static func head(_ document: Document) -> String {
        var text = "# \(MarkdownText.line(document.title))\n"
        if let about = document.about { text += "\n\(MarkdownText.unblocked(MarkdownText.line(about)))\n" }
        if let verdict = document.verdictSentence { text += "\n**\(MarkdownText.line(verdict))**\n" }
        guard !document.missing.isEmpty else { return text }
        text += "\n## What is missing\n\n"
        for part in document.missing {
            text += "- **\(MarkdownText.line(part.source))**: \(MarkdownText.line(part.reason))\n"
        }
        return text
    }

    static func write(_ section: Document.Section, to output: inout some TextOutputStream) {
        output.write(heading(section))
        for run in section.runs {
            output.write("\n")
            write(run, to: &output)
        }
    }

    static func heading(_ section: Document.Section) -> String {
        guard let heading = section.heading else { return "" }
        return "\n\(String(repeating: "#", count: min(6, section.level + 1))) \(MarkdownText.line(heading))\n"
    }

    static func write(_ run: Document.Section.Run, to output: inout some TextOutputStream) {
        switch run {
        case .metrics(let metrics):
            MetricTable.people(metrics).write(.markdown, to: &output)
            output.write("\n" + MetricTable.methods(metrics).map { "_\(MarkdownText.line($0))_\n" }.joined())
        case .text(let text): output.write(MarkdownText.paragraph(text) + "\n")
        case .table(let table): write(table, to: &output)
        case .chart(let chart): chart.writeMarkdown(to: &output)
        case .gates(let gates): for gate in gates { output.write(line(gate)) }
        case .cases(let cases):
            write(cases, to: &output)
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

    /// The cases that went wrong, and the others folded away.
    private static func write(_ cases: [Document.Case], to output: inout some TextOutputStream) {
        output.write("\(CaseList.counts(cases)).\n")
        let wrong = CaseList.worstFirst(cases.filter { $0.outcome != .passed })
        let passed = cases.filter { $0.outcome == .passed }
        if !wrong.isEmpty {
            output.write("\n")
            CaseList.table(wrong).write(.markdown, to: &output)
        }
        guard !passed.isEmpty else { return }
        output.write("\n<details><summary>\(Figure.count(passed.count)) passed</summary>\n\n")
        CaseList.table(passed).write(.markdown, to: &output)
        output.write("\n</details>\n")
    }
}

extension MarkdownText {
    /// A text within a line: nothing in it is markup or begins a new line.
    static func line(_ text: String) -> String {
        // By scalars: what combines with a line end's neighbour must not hide it.
        let scalars = VisibleText.lines(text).unicodeScalars.map { $0 == "\n" ? " " : $0 }
        return cell(String(String.UnicodeScalarView(scalars)))
    }

    /// A paragraph: as a line, but its own line ends stay.
    static func paragraph(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { unblocked(line(String($0.drop(while: \.isWhitespace)))) }.joined(separator: "\n")
    }

    /// A line that begins no block (no heading, quotation, list or rule) and, in the log of a job on GitHub, no command (`::`).
    fileprivate static func unblocked(_ line: String) -> String {
        if let number = line.prefixMatch(of: /[0-9]+(?=[.)])/) {
            return number.0 + "\\" + line[number.range.upperBound...]
        }
        guard let first = line.unicodeScalars.first, "#>-+=:".unicodeScalars.contains(first) else {
            return line
        }
        return "\\" + line
    }
}
