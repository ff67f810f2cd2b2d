import FoundationEssentials

/// The variables of a `.env` file: `NAME=value` a line, `#` comments, optional quotes and `export`.
struct EnvironmentFile: Sendable {
    let values: [String: String]

    /// Reads `.env` in that folder; no file is no variables.
    ///
    /// - Throws: `EvaluationError` with code `file` where the file is there and can't be read.
    init(in folder: String) throws(EvaluationError) {
        let path = folder + "/.env"
        guard FileManager.default.fileExists(atPath: path) else {
            values = [:]
            return
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvaluationError(.file, "\(path) is there but cannot be read")
        }
        values = Self.parse(String(decoding: data, as: UTF8.self))
    }

    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let pattern = /\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)/
            guard let match = line.wholeMatch(of: pattern) else { continue }
            values[String(match.1)] = unquoted(String(match.2))
        }
        return values
    }

    /// A quoted value ends at its quote; an unquoted one at a blank followed by `#`.
    private static func unquoted(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        for quote in ["\"", "'"] where start.hasPrefix(quote) {
            let rest = start.dropFirst()
            if let end = rest.firstIndex(of: Character(quote)) { return String(rest[..<end]) }
        }
        let value = text.firstRange(of: /\s#/).map { text[..<$0.lowerBound] } ?? text[...]
        return String(value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
