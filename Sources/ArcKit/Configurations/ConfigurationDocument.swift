/// An agent's configuration as its author wrote it (YAML, so JSON too), and what it parses to.
public struct ConfigurationDocument: Sendable, Hashable {
    /// The text, unchanged.
    public let source: String
    /// The parsed document; an object.
    public let parsed: JSONValue
    /// The SHA-256 of the text, in hexadecimal: a configuration never holds the same text twice.
    public let hash: String

    /// Parses YAML 1.2.
    ///
    /// - Parameter name: what to call the text in a message: a file's name or "the configuration".
    /// - Throws: `EvaluationError` with code `invalid`, with the line where the YAML is wrong.
    public init(yaml source: String, name: String = "the configuration") throws(EvaluationError) {
        var options = YAMLReader.Options()
        options.isForJSON = true
        let documents = try YAMLReader.documents(source, name: name, options: options)
        guard let document = documents.first, case .object = document else {
            throw EvaluationError(
                .invalid, "\(name) must be a YAML mapping, such as `model: gpt-4o`",
                advice: "Write one `key: value` a line.")
        }
        guard documents.count == 1 else {
            throw EvaluationError(.invalid, "\(name) must be one YAML document, not \(documents.count)")
        }
        guard !document.holdsNUL else {
            throw EvaluationError(
                .invalid, "\(name): a text holds a NUL character, which PostgreSQL can't store")
        }
        parsed = document
        self.source = source
        hash = Digest.sha256(source)
    }
}
