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
        case .metrics(let metrics): metricTable(metrics).text(.markdown)
        case .text(let text): MarkdownText.paragraph(text) + "\n"
        case .table(let table):
            (table.title.map { "**\(MarkdownText.line($0))**\n\n" } ?? "") + table.data.text(.markdown)
        case .gate(let gate):
            "- \(gate.sign) **\(MarkdownText.line(gate.name))**: \(MarkdownText.line(gate.sentence))\n"
        }
    }

    /// Key figures side by side, as people read them.
    static func metricTable(_ metrics: [Metric]) -> Table {
        let columns = [
            Table.Column("metric"), Table.Column("value", .right), Table.Column("95 % interval", .right),
            Table.Column("n", .right), Table.Column("errors", .right), Table.Column("method"),
        ]
        return Table(columns: columns, rows: metrics.map(\.cells))
    }
}

extension Document.Metric {
    /// A value of this metric in its unit.
    func display(_ value: Double) -> String {
        switch unit {
        case "ratio": Figure.percent(value)
        case "usd": Figure.dollars(value)
        case "ms": Figure.duration(milliseconds: value)
        case "tokens", "runs": Figure.fixed(value, decimals: value == value.rounded() ? 0 : 1)
        default: Figure.significant(value, digits: 4) + (unit.map { $0 == "score" ? "" : " \($0)" } ?? "")
        }
    }

    /// The figure as a row of the table above.
    fileprivate var cells: [Cell] {
        func text(_ value: String?) -> Cell { value.map(Cell.text) ?? .null }
        func count(_ value: Int?) -> Cell { value.map { .integer(Int64($0)) } ?? .null }
        return [
            .text(label ?? name), text(value.map(display)), text(interval), count(n), count(errors),
            text(method),
        ]
    }

    /// The interval in the metric's unit, where there is one.
    var interval: String? {
        guard let low, let high else { return nil }
        return "\(display(low)) … \(display(high))"
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
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(
            separator: "\n")
    }
}
