/// The formats of a document.
public enum DocumentFormat: String, Sendable, CaseIterable {
    /// Text, for people at a terminal.
    case terminal
    /// GitHub's Markdown.
    case markdown
    /// One page that needs nothing else.
    case html
    /// One object, by the published schema.
    case json
    /// Tables, one a file.
    case csv
    /// Test results for CI systems.
    case junit
    /// The summary of a step and annotations, of GitHub Actions.
    case github

    /// The end of a file's name.
    public var fileExtension: String {
        switch self {
        case .terminal: "txt"
        case .markdown: "md"
        case .html: "html"
        case .json: "json"
        case .csv: "csv"
        case .junit: "xml"
        case .github: "github.md"
        }
    }
}

extension Document {
    /// Writes the document in a format that is one text; as CSV, its tables one after another.
    ///
    /// - Parameter options: how a terminal shows it.
    public func write(
        _ format: DocumentFormat, _ options: TableOptions = TableOptions(),
        to output: inout some TextOutputStream
    ) {
        switch format {
        case .terminal: writeTerminal(options, to: &output)
        case .markdown: writeMarkdown(to: &output)
        case .html: writeHTML(to: &output)
        case .json: writeJSON(to: &output)
        case .csv: for part in csvParts { part.write(to: &output) }
        case .junit: writeJUnit(to: &output)
        case .github: output.write(githubSummary())
        }
    }

    /// The document in a format.
    public func text(_ format: DocumentFormat, _ options: TableOptions = TableOptions()) -> String {
        var text = ""
        write(format, options, to: &text)
        return text
    }

    /// The JSON Schema of the JSON that documents are written as.
    public static var schema: String { String(decoding: PackageResources.document_json, as: UTF8.self) }

    /// A text as a part of a file's name: letters, digits, `-`, `_` and `.`, and never a path.
    public static func fileName(_ text: String) -> String {
        let plain = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }
        let name = String(plain.prefix(80)).drop { $0 == "." }
        return name.isEmpty ? "_" : String(name)
    }
}
