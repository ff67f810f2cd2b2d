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
                if key.utf8.contains(0) {
                    throw EvaluationError(
                        .invalid, "\(name): a key holds a NUL character, which PostgreSQL can't store")
                }
                members.append(.init(key, try Self.value(of: value, name: name)))
            }
            return .object(members)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, name: name)) }
            return .array(elements)
        case .scalar:
            let value = scalar(node)
            if value.holdsNUL {
                throw EvaluationError(
                    .invalid,
                    "\(name): a text holds a NUL character, which PostgreSQL can't store\(place(of: node))")
            }
            return value
        case .alias:
            throw EvaluationError(.invalid, "\(name): an alias that doesn't resolve\(place(of: node))")
        }
    }

    /// A quoted scalar is a text whatever it looks like.
    private static func scalar(_ node: Node) -> JSONValue {
        let text = node.string ?? ""
        return node.tag == Tag(.str) ? .string(text) : plain(text)
    }

    /// What YAML's core schema makes of a plain scalar. Yams itself follows YAML 1.1, where `no` is false and `12:30`
    /// is 750.
    ///
    /// Source: YAML 1.2.2 §10.3.2, but for infinity and NaN, which JSON has no form for.
    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let value = Int64(text) { return .integer(value) }
        for (pattern, radix) in [(/0o([0-7]+)/, 8), (/0x([0-9a-fA-F]+)/, 16)] {
            if let digits = text.wholeMatch(of: pattern)?.1, let value = Int64(digits, radix: radix) {
                return .integer(value)
            }
        }
        if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil,
            let value = Double(text), value.isFinite
        {
            return .number(value)
        }
        return .string(text)
    }

    private static func place(of node: Node) -> String {
        node.mark.map { " (line \($0.line), column \($0.column))" } ?? ""
    }
}
