import Yams

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
        let node: Node?
        do {
            node = try Yams.compose(yaml: source)
        } catch {
            throw EvaluationError(.invalid, "\(name) is not valid YAML: \(error)")
        }
        guard let node, case .mapping = node else {
            throw EvaluationError(
                .invalid, "\(name) must be a YAML mapping, such as `model: gpt-4o`",
                advice: "Write one `key: value` a line.")
        }
        parsed = try Self.value(of: node, name: name)
        self.source = source
        hash = Digest.sha256(source)
    }

    private static func value(of node: Node, name: String) throws(EvaluationError) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var members: [JSONValue.Member] = []
            for (key, value) in mapping {
                guard let key = key.string else {
                    throw EvaluationError(.invalid, "\(name): a key is not a text\(place(of: node))")
                }
                members.append(.init(key, try Self.value(of: value, name: name)))
            }
            return .object(members)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, name: name)) }
            return .array(elements)
        case .scalar: return scalar(node)
        case .alias:
            throw EvaluationError(.invalid, "\(name): an alias that doesn't resolve\(place(of: node))")
        }
    }

    /// YAML's core schema: a quoted scalar is a text whatever it looks like.
    private static func scalar(_ node: Node) -> JSONValue {
        let text = node.string ?? ""
        if node.tag == Tag(.str) { return .string(text) }
        if node.null != nil { return .null }
        if let value = Int64(text) ?? node.int.map(Int64.init) { return .integer(value) }
        if let value = node.bool { return .bool(value) }
        if let value = node.float, value.isFinite { return .number(value) }
        return .string(text)
    }

    private static func place(of node: Node) -> String {
        node.mark.map { " (line \($0.line), column \($0.column))" } ?? ""
    }
}
