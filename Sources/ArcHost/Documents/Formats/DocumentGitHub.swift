import ArcKit

extension Document {
    /// GitHub takes so many bytes as the summary of a step.
    public static let summaryLimit = 1_048_576

    /// The document as the summary of a step of GitHub Actions: as Markdown, with what doesn't fit left out and named.
    ///
    /// - Parameter limit: the result is shorter than so many bytes.
    public func githubSummary(limit: Int = Document.summaryLimit) -> String {
        GitHubSummary(limit: limit).text(self)
    }

    /// The document as workflow commands of GitHub Actions, one a line, at most ten: the verdict first, then what is missing,
    /// then the cases that went wrong, errors before failures.
    public var githubAnnotations: String {
        var annotations: [GitHubAnnotation] = []
        if let verdict, let sentence = verdictSentence {
            let reasons = gates.filter { $0.verdict != .pass }.map { "\($0.sign) \($0.name): \($0.sentence)" }
            annotations.append(
                GitHubAnnotation(
                    level: verdict == .pass ? "notice" : verdict == .fail ? "error" : "warning", title: title,
                    message: ([sentence] + reasons.prefix(20)).joined(separator: "\n")))
        }
        if !missing.isEmpty {
            let reasons = missing.prefix(20).map { "\($0.source): \($0.reason)" }
            annotations.append(
                GitHubAnnotation(
                    level: "error", title: "\(title): incomplete", message: reasons.joined(separator: "\n")))
        }
        let wrong = CaseList.worstFirst(cases.filter { $0.outcome == .error || $0.outcome == .failed })
        annotations += wrong.prefix(max(0, 10 - annotations.count)).map { found in
            GitHubAnnotation(
                level: "error", title: found.title, message: found.message ?? found.outcome.rawValue,
                file: found.file, line: found.line)
        }
        return annotations.prefix(10).map { $0.text + "\n" }.joined()
    }
}

/// A workflow command that makes an annotation.
///
/// Source: GitHub, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts, for the escapes.
private struct GitHubAnnotation {
    var level: String
    var title: String
    var message: String
    var file: String?
    var line: Int?

    var text: String {
        let properties = [
            file.map { "file=\(Self.property($0))" }, file == nil ? nil : line.map { "line=\($0)" },
            "title=\(Self.property(Self.cut(title, 200)))",
        ].compactMap(\.self)
        return "::\(level) \(properties.joined(separator: ","))::\(Self.data(Self.cut(message, 2000)))"
    }

    private static func cut(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    private static func data(_ text: String) -> String {
        escaped(VisibleText.lines(text), ["%": "%25", "\n": "%0A"])
    }

    private static func property(_ text: String) -> String {
        escaped(VisibleText.line(text), ["%": "%25", ":": "%3A", ",": "%2C"])
    }

    /// By scalars: a mark that combines with one of them must not hide it.
    private static func escaped(_ text: String, _ escapes: [Unicode.Scalar: String]) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if let escape = escapes[scalar] {
                escaped += escape
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// A document cut to the bytes that GitHub takes.
private struct GitHubSummary {
    let limit: Int
    /// Room for the sentence that says what was left out.
    private static let reserve = 4096

    init(limit: Int) { self.limit = limit }

    func text(_ document: Document) -> String {
        var text = Self.cut(DocumentMarkdown.head(document), to: max(0, limit - Self.reserve) / 2)
        var leftOut: [String] = []
        for section in document.sections {
            let heading = Self.cut(DocumentMarkdown.heading(section), to: 2000)
            var hasHeading = false
            for run in section.runs {
                let room = limit - Self.reserve - text.utf8.count - (hasHeading ? 0 : heading.utf8.count)
                var part = BoundedText(limit: room)
                part.write("\n")
                DocumentMarkdown.write(run, to: &part)
                guard let written = part.whole else {
                    leftOut.append(Self.name(run, in: section))
                    continue
                }
                text += (hasHeading ? "" : heading) + written
                hasHeading = true
            }
        }
        return leftOut.isEmpty ? text : text + Self.sentence(leftOut)
    }

    private static func sentence(_ leftOut: [String]) -> String {
        let named = leftOut.prefix(12).joined(separator: "; ")
        let more = leftOut.count > 12 ? "; and \(Figure.count(leftOut.count - 12)) more" : ""
        return
            "\n> Cut to the 1 MiB that GitHub shows. Left out: \(named)\(more). They are in the other formats, such as --format html.\n"
    }

    private static func name(_ run: Document.Section.Run, in section: Document.Section) -> String {
        func quoted(_ text: String) -> String { "“\(MarkdownText.line(HTMLText.shortened(text, to: 60)))”" }
        let place = section.heading.map { " of \(quoted($0))" } ?? ""
        return switch run {
        case .table(let table):
            "the table \(quoted(table.title ?? table.name)) (\(Figure.count(table.count, "row", "rows")))"
        case .chart(let chart): "the chart \(quoted(chart.title))"
        case .cases(let cases): "\(Figure.count(cases.count, "case", "cases"))\(place)"
        case .details(let details): "the details \(quoted(details.summary))"
        case .metrics(let metrics): "\(Figure.count(metrics.count, "figure", "figures"))\(place)"
        case .gates(let gates): "\(Figure.count(gates.count, "gate", "gates"))\(place)"
        case .text: "a paragraph\(place)"
        }
    }

    /// The beginning of a text that fits into so many bytes, on a line of its own.
    private static func cut(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: max(0, bytes - 4))
        // An offset may stand within a character.
        while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + "…\n"
    }
}

/// Text up to a number of bytes; of what is longer nothing is kept.
private struct BoundedText: TextOutputStream {
    private let limit: Int
    private var text: String? = ""

    init(limit: Int) { self.limit = limit }

    /// The text, where it wasn't longer.
    var whole: String? { text }

    mutating func write(_ string: String) {
        guard let length = text?.utf8.count else { return }
        if length + string.utf8.count > limit { text = nil } else { text?.write(string) }
    }
}
