internal import CJSON

/// JSON as Lua values: integers up to 64 bits exact, arrays and objects kept apart by ``LuaTable/Kind``.
public enum JSON {
    /// What is accepted beyond and below the standard.
    public struct Options: Sendable {
        /// Nested arrays and objects, 1000 at most; a machine takes 100.
        public var maximumDepth: Int
        /// Bytes of text; nil for no limit.
        public var maximumSize: Int?
        /// `NaN`, `Infinity` and `-Infinity`, as Python writes them.
        public var allowsNaN: Bool

        /// Options; by default those of the standard.
        public init(maximumDepth: Int = 100, maximumSize: Int? = nil, allowsNaN: Bool = false) {
            self.maximumDepth = maximumDepth
            self.maximumSize = maximumSize
            self.allowsNaN = allowsNaN
        }
    }

    /// How text is written.
    public enum Layout: Sendable, Hashable {
        /// On one line without spaces.
        case compact
        /// Indented by two spaces.
        case pretty
    }

    /// Reads one value. An integer beyond 64 bits becomes a float, as in Lua; a number beyond a float is an error. Of a
    /// name that appears twice in an object both fields are kept, and the last counts.
    public static func parse(_ text: String, _ options: Options = Options()) throws(JSONError) -> LuaValue {
        var text = text
        return try text.withUTF8 { bytes in
            Result { () throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes), options) }
        }.get()
    }

    /// Reads one value from bytes, which must be UTF-8.
    public static func parse(_ bytes: [UInt8], _ options: Options = Options()) throws(JSONError) -> LuaValue {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try parse(bytes, options) }
        }.get()
    }

    /// Writes a value. A table that isn't marked is an array when it has items and an object otherwise; a
    /// ``JSONDocument`` is written as its text is. Throws for what JSON can't hold: functions, handles, strings that aren't UTF-8, tables with both items and
    /// fields, and NaN and infinities unless they are allowed.
    public static func write(
        _ value: LuaValue, _ layout: Layout = .compact, allowsNaN: Bool = false
    ) throws(JSONError) -> String {
        guard let writer = JSONWriter(isPretty: layout == .pretty, allowsNaN: allowsNaN) else {
            throw JSONError(.memory, "not enough memory to write JSON")
        }
        try writer.write(value, depth: 0)
        return try writer.text()
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, _ options: Options
    ) throws(JSONError) -> LuaValue {
        if let most = options.maximumSize, bytes.count > most {
            throw JSONError(.tooLarge, "the JSON has \(bytes.count) bytes; \(most) are allowed")
        }
        var settings = arc_json_options()
        settings.maximum_depth = min(max(0, options.maximumDepth), 1000)
        settings.allows_nan = options.allowsNaN
        var tape = arc_json_tape()
        defer { arc_json_tape_free(&tape, &settings) }
        let text = bytes.bindMemory(to: CChar.self)
        arc_json_read(&tape, text.baseAddress, text.count, &settings)
        let failure = arc_json_failure(UInt32(tape.failure))
        if failure != ARC_JSON_FINE { throw JSONError(failure, tape, in: bytes, options) }
        var reader = JSONNodeReader(nodes: UnsafeBufferPointer(start: tape.nodes, count: tape.count))
        return reader.read()
    }
}

/// Why JSON couldn't be read or written.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    public enum Code: String, Sendable, Hashable {
        case syntax, truncated, encoding, tooDeep, tooLarge, unsupported, memory
    }

    /// The kind.
    public var code: Code
    /// What is wrong, without its place.
    public var message: String
    /// Bytes before the place; nil for errors of writing.
    public var offset: Int?
    /// The line, from 1.
    public var line: Int?
    /// The byte in the line, from 1.
    public var column: Int?

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(
        _ failure: arc_json_failure, _ tape: arc_json_tape, in bytes: UnsafeRawBufferPointer,
        _ options: JSON.Options
    ) {
        let expected = tape.message.map { String(cString: $0) } ?? ""
        let offset = min(tape.offset, bytes.count)
        switch failure {
        case ARC_JSON_ENDS_EARLY:
            self.init(
                .truncated, bytes.isEmpty ? "it is empty" : "it ends too early: expected \(expected)")
        case ARC_JSON_BAD_UTF8: self.init(.encoding, "a string isn't valid UTF-8")
        case ARC_JSON_TOO_DEEP:
            self.init(.tooDeep, "arrays and objects are nested more than \(options.maximumDepth) deep")
        case ARC_JSON_TOO_LARGE:
            self.init(.tooLarge, "the JSON has \(bytes.count) bytes, which is more than can be read")
        case ARC_JSON_OUT_OF_MEMORY: self.init(.memory, "not enough memory")
        default: self.init(.syntax, "expected \(expected), got \(Self.excerpt(of: bytes[offset...]))")
        }
        let before = bytes.prefix(offset)
        self.offset = offset
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = offset - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
    }

    /// The word or the sign that is there.
    private static func excerpt(of bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let text = String(decoding: bytes.prefix(40), as: UTF8.self)
        guard let first = text.first else { return "nothing" }
        let word = text.prefix { $0.isLetter || $0.isNumber || "+-._".contains($0) }
        let shown = word.isEmpty ? String(first) : String(word.prefix(20)) + (word.count > 20 ? "…" : "")
        let isVisible = shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        return isVisible ? "'\(shown)'" : "a control character"
    }

    /// Where the value that can't be written is, as in `.items[3].name`.
    public var path = ""

    func inside(_ place: String) -> JSONError {
        var error = self
        error.path = place + path
        return error
    }

    /// The message with its place.
    public var description: String {
        guard let line, let column, let offset else {
            return code == .unsupported ? "JSON, at $\(path): \(message)" : "JSON: \(message)"
        }
        return "JSON, line \(line), column \(column) (byte \(offset + 1)): \(message)"
    }
}

extension JSONError: ScriptError {
    /// The message with its place.
    public var scriptMessage: String { description }
    /// `json` and the kind.
    public var scriptCode: String { "json_\(code.rawValue)" }
    /// None: the place says it.
    public var scriptAdvice: String? { nil }
}
