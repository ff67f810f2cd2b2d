extension Document {
    /// The document as GitHub's Markdown.
    public var markdown: String {
        var out = "# \(MarkdownText.line(title))\n"
        for section in sections {
            if let heading = section.heading {
                out +=
                    "\n" + String(repeating: "#", count: section.level + 1)
                    + " \(MarkdownText.line(heading))\n"
            }
            for run in section.runs { out += "\n" + Self.markdown(run) }
        }
        return out
    }

    private static func markdown(_ run: Section.Run) -> String {
        switch run {
        case .metrics(let metrics):
            MetricTable.people(metrics).text(.markdown) + "\n"
                + MetricTable.methods(metrics).map { "_\(MarkdownText.line($0))_\n" }.joined()
        case .text(let text): MarkdownText.paragraph(text) + "\n"
        case .table(let table):
            (table.title.map { "**\(MarkdownText.line($0))**\n\n" } ?? "") + table.data.text(.markdown)
        case .gate(let gate):
            "- \(gate.sign) **\(MarkdownText.line(gate.name))**: \(MarkdownText.line(gate.sentence))\n"
        }
    }
}

extension Document.Gate {
    /// One character that shows the verdict without colour.
    var sign: String {
        switch verdict {
        case .pass: "✓"
        case .fail: "✗"
        case .tooLittleEvidence: "?"
        }
    }

    /// The verdict and its reason.
    var sentence: String {
        let word = verdict == .pass ? "passed" : verdict == .fail ? "failed" : verdict.rawValue
        return reason.map { "\(word): \($0)" } ?? word
    }
}

extension Document.Section {
    /// Blocks as a reader takes them in: figures that follow one another stand in one table.
    enum Run {
        case metrics([Document.Metric])
        case text(String)
        case table(Document.TableBlock)
        case gate(Document.Gate)
    }

    var runs: [Run] {
        var runs: [Run] = []
        for block in blocks {
            switch block {
            case .metric(let metric):
                if case .metrics(let metrics) = runs.last {
                    runs[runs.count - 1] = .metrics(metrics + [metric])
                } else {
                    runs.append(.metrics([metric]))
                }
            case .text(let text): runs.append(.text(text))
            case .table(let table): runs.append(.table(table))
            case .gate(let gate): runs.append(.gate(gate))
            }
        }
        return runs
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
