import CYaml

/// Reads YAML as YAML 1.2's core schema means it: `no` is a text, `012` and `0o14` are 12, integers stay exact.
///
/// Anchors and aliases work; what they multiply to is bounded. `<<` is a key as any other. Keys are texts as they are
/// written. Tags other than the core schema's own are errors, as are keys that come twice.
///
/// This goes by libyaml's events. Yams's own nodes would be hashed as keys, aliases and all, which a few lines of YAML make
/// last for ever.
public struct YAMLReader {
    /// How a text is read.
    public struct Options: Sendable {
        /// How deep mappings and sequences may lie in each other.
        public var depth = 100
        /// How many values there may be, with aliases counted as what they stand for.
        public var values = 1_000_000
        /// Whether the values are to become JSON: `.inf` and `.nan` stay texts, and integers of more than 64 bits become
        /// floats, where else they are refused.
        public var isForJSON = false

        /// Bytes of text that it may hold, with what aliases stand for.
        public var bytes = 128 << 20

        /// The usual ones.
        public init() {}
    }

    /// A mapping or sequence that hasn't ended.
    private struct Open {
        var isMapping: Bool
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        var key: String?
        var items: [JSONValue] = []
        let anchor: String?
        /// How many values there were before it, and bytes of text.
        let start: Int
        let startBytes: Int
    }

    /// What an alias stands for; `text` where it may be a key.
    private struct Anchored {
        let value: JSONValue
        let size: Int
        let bytes: Int
        let text: String?
    }

    private let name: String
    private let options: Options
    private var open: [Open] = []
    private var anchors: [String: Anchored] = [:]
    private var documents: [JSONValue] = []
    private var count = 0
    private var bytes = 0
    private var mark = yaml_mark_t()

    /// The documents of a text; none of an empty one.
    ///
    /// - Parameter name: what to call the text in a message.
    /// - Throws: `EvaluationError` with code `invalid`, with line and column.
    public static func documents(
        _ text: String, name: String, options: Options = Options()
    ) throws(EvaluationError) -> [JSONValue] {
        var reader = YAMLReader(name: name, options: options)
        try reader.read(Array(text.utf8))
        return reader.documents
    }

    private init(name: String, options: Options) {
        self.name = name
        self.options = options
    }

    private mutating func read(_ bytes: [UInt8]) throws(EvaluationError) {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw wrong("there is not enough memory") }
        defer { yaml_parser_delete(&parser) }
        let result: Result<Void, EvaluationError> = bytes.withUnsafeBufferPointer { bytes in
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            do throws(EvaluationError) {
                while try step(&parser) {}
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Takes the next event; false after the last one.
    private mutating func step(_ parser: inout yaml_parser_t) throws(EvaluationError) -> Bool {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
            mark = parser.problem_mark
            let problem = parser.problem.map { String(cString: $0) } ?? "it can't be read"
            // libyaml's own limit is beyond every one of ours, and its words name a function of C.
            if problem.hasPrefix("Maximum nesting level") { throw tooDeep }
            throw wrong("it is not valid YAML: \(problem)")
        }
        defer { yaml_event_delete(&event) }
        mark = event.start_mark
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: anchors = [:]
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            try takeScalar(
                String(decoding: bytes, as: UTF8.self), tag: Self.text(scalar.tag),
                anchor: Self.text(scalar.anchor),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_ALIAS_EVENT: try takeAlias(Self.text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try begin(isMapping: false, tag: Self.text(start.tag), anchor: Self.text(start.anchor))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try begin(isMapping: true, tag: Self.text(start.tag), anchor: Self.text(start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try end()
        case YAML_STREAM_END_EVENT: return false
        default: break
        }
        return true
    }

    // MARK: Values

    private var tooDeep: EvaluationError { wrong("it is nested more than \(options.depth) deep") }

    private mutating func begin(isMapping: Bool, tag: String?, anchor: String?) throws(EvaluationError) {
        let own = Self.core + (isMapping ? "map" : "seq")
        if let tag, tag != own, tag != "!" { throw unknown(tag) }
        if let last = open.last, last.isMapping, last.key == nil { throw wrong("a key is not a text") }
        guard open.count < options.depth else {
            throw tooDeep
        }
        open.append(Open(isMapping: isMapping, anchor: anchor, start: count, startBytes: bytes))
        try add(1, bytes: 0)
    }

    private mutating func end() throws(EvaluationError) {
        guard let closed = open.popLast() else { return }
        let value = closed.isMapping ? JSONValue.object(closed.members) : .array(closed.items)
        if let anchor = closed.anchor {
            anchors[anchor] = Anchored(
                value: value, size: count - closed.start, bytes: bytes - closed.startBytes, text: nil)
        }
        try put(value, text: nil)
    }

    private mutating func takeScalar(
        _ text: String, tag: String?, anchor: String?, isPlain: Bool
    ) throws(EvaluationError) {
        let value = try value(text, tag: tag, isPlain: isPlain)
        let bytes = text.utf8.count
        if let anchor { anchors[anchor] = Anchored(value: value, size: 1, bytes: bytes, text: text) }
        try add(1, bytes: bytes)
        try put(value, text: text)
    }

    private mutating func takeAlias(_ name: String) throws(EvaluationError) {
        guard let anchored = anchors[name] else { throw wrong("there is no anchor &\(name) before *\(name)") }
        try add(anchored.size, bytes: anchored.bytes)
        try put(anchored.value, text: anchored.text)
    }

    private mutating func add(_ size: Int, bytes text: Int) throws(EvaluationError) {
        count += size
        bytes += text
        guard bytes <= options.bytes else {
            throw wrong("it holds more than \(options.bytes >> 20) MiB of text, with what aliases stand for")
        }
        guard count <= options.values else {
            throw wrong("it holds more than \(options.values) values, with what aliases stand for")
        }
    }

    /// Puts a value where it belongs. A scalar may be a key: the text that is written.
    private mutating func put(_ value: JSONValue, text: String?) throws(EvaluationError) {
        guard let index = open.indices.last else { return documents.append(value) }
        guard open[index].isMapping else { return open[index].items.append(value) }
        if let key = open[index].key {
            open[index].members.append(JSONValue.Member(key, value))
            open[index].key = nil
            return
        }
        guard let text else { throw wrong("a key is not a text") }
        guard open[index].keys.insert(text).inserted else { throw wrong("the key \"\(text)\" comes twice") }
        open[index].key = text
    }

    // MARK: Scalars

    private static let core = "tag:yaml.org,2002:"

    private func value(_ text: String, tag: String?, isPlain: Bool) throws(EvaluationError) -> JSONValue {
        guard let tag else { return isPlain ? try plain(text) : .string(text) }
        if tag == "!" || tag == Self.core + "str" { return .string(text) }
        let found = try plain(text)
        let fits =
            switch (found, tag.dropFirst(Self.core.utf8.count)) {
            case (.null, "null"), (.bool, "bool"), (.integer, "int"), (.number, "float"), (.integer, "float"):
                true
            default: false
            }
        guard tag.hasPrefix(Self.core), fits else { throw unknown(tag) }
        if case .integer(let number) = found, tag.hasSuffix("float") { return .number(Double(number)) }
        return found
    }

    /// Source: YAML 1.2.2 §10.3.2.
    private func plain(_ text: String) throws(EvaluationError) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return options.isForJSON ? .string(text) : .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
            return options.isForJSON ? .string(text) : .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return options.isForJSON ? .string(text) : .number(-.infinity)
        default: break
        }
        guard let first = text.utf8.first, (48...57).contains(first) || "+-.".utf8.contains(first) else {
            return .string(text)
        }
        if let value = Int64(text) { return .integer(value) }
        for (pattern, radix) in [(/0o([0-7]+)/, 8), (/0x([0-9a-fA-F]+)/, 16), (/([-+]?[0-9]+)/, 10)] {
            guard let digits = text.wholeMatch(of: pattern)?.1 else { continue }
            if let value = Int64(digits, radix: radix) { return .integer(value) }
            if options.isForJSON { return radix == 10 ? .number(Double(text) ?? .nan) : .string(text) }
            throw wrong("\(text) is more than 64 bits can hold; in quotes it stays as it is")
        }
        if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil,
            let value = Double(text.hasSuffix(".") ? text + "0" : text), value.isFinite
        {
            return .number(value)
        }
        return .string(text)
    }

    /// Whether a plain scalar of that text is a text.
    static func isText(_ text: String) -> Bool {
        guard let value = try? YAMLReader(name: "", options: Options()).plain(text) else { return false }
        return value == .string(text)
    }

    // MARK: Errors

    private func unknown(_ tag: String) -> EvaluationError {
        let shown = tag.hasPrefix(Self.core) ? "!!" + tag.dropFirst(Self.core.utf8.count) : tag[...]
        return wrong("the tag \(shown) doesn't fit; only YAML's own tags on what they are for are known")
    }

    private func wrong(_ problem: String) -> EvaluationError {
        EvaluationError(.invalid, "\(name): \(problem) (line \(mark.line + 1), column \(mark.column + 1))")
    }

    private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: $0) }
    }
}
