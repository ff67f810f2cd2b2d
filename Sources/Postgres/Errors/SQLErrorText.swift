extension DatabaseError {
    /// This error as psql shows it: the line of the SQL text with a caret under the place, then the hint.
    ///
    ///     ERROR: column "scroe" does not exist
    ///     LINE 2: where scroe < 0.5
    ///                   ^
    ///     HINT: Perhaps you meant to reference the column "outcomes.score".
    ///
    /// - Parameter sql: The text to point into; the error's own unless given. It is shown in part, so this
    ///   is for whoever wrote it, not for a log.
    public func rendered(pointingInto sql: String? = nil) -> String {
        let sql = sql ?? self.sql
        let secrets = sql.map(SQLErrorText.secrets) ?? []
        // The server quotes what it stumbled over.
        var lines = [secrets.reduce(message) { $0.replacing($1, with: "***") }]
        if let sql, let position = server?.position {
            lines += SQLErrorText.excerpt(of: SQLErrorText.masked(sql, secrets), position: position)
        } else if let query = server?.internalQuery, let position = server?.internalPosition {
            lines += ["QUERY:"] + SQLErrorText.excerpt(of: query, position: position)
        }
        if let hint = server?.hint { lines.append("HINT: \(hint)") }
        if let advice { lines.append(advice) }
        return lines.joined(separator: "\n")
    }
}

/// Points at a place in a SQL text.
enum SQLErrorText {
    /// A line longer than this, in columns, is shown around the place only.
    private static let widest = 100

    /// The literals of a text that seems to have to do with passwords: any of them may be one, since the word before it
    /// may be misspelt and the literal without an end.
    static func secrets(of sql: String) -> [String] {
        guard sql.contains(/pass|pasw|pwd|secret|dblink|user\s+mapping|subscription/.ignoresCase()) else {
            return []
        }
        let bytes = Array(sql.utf8)
        let literals = SQLLexer.tokens(of: bytes).filter { $0.kind == .string || $0.kind == .dollarString }
        return literals.map { String(decoding: bytes[$0.range], as: UTF8.self) }.filter { $0.utf8.count > 2 }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The text without those, and as long as it was: a place in it stays one.
    static func masked(_ sql: String, _ secrets: [String]) -> String {
        secrets.reduce(sql) { text, secret in
            text.replacing(secret, with: String(repeating: "*", count: secret.unicodeScalars.count))
        }
    }

    /// "LINE 2: …" and the caret under it. `position` counts characters from 1, as the server does: Unicode
    /// scalars, not what Swift calls characters. Nothing where the position lies outside of the text.
    static func excerpt(of sql: String, position: Int) -> [String] {
        let scalars = Array(sql.unicodeScalars)
        guard position >= 1, position <= scalars.count + 1 else { return [] }
        let place = position - 1
        let start = scalars[..<place].lastIndex(where: isNewline).map { $0 + 1 } ?? 0
        let end = scalars[place...].firstIndex(where: isNewline) ?? scalars.count
        // "\r\n" ends one line, not two.
        let number =
            1
            + scalars[..<place].indices.count { index in
                isNewline(scalars[index])
                    && !(scalars[index] == "\n" && index > 0 && scalars[index - 1] == "\r")
            }

        var first = start
        var last = end
        while width(of: scalars[first..<place]) > widest / 2, first < place { first += 1 }
        let limit = first > start || width(of: scalars[first..<last]) > widest ? widest : Int.max
        while width(of: scalars[first..<last]) > limit, last > place { last -= 1 }

        var label = "LINE \(number): "
        if first > start { label += "..." }
        let line = String(String.UnicodeScalarView(scalars[first..<last].map { $0 == "\t" ? " " : $0 }))
        let indent = label.count + width(of: scalars[first..<place])
        return [label + line + (last < end ? "..." : ""), String(repeating: " ", count: indent) + "^"]
    }

    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    static func width(of scalars: ArraySlice<Unicode.Scalar>) -> Int {
        scalars.reduce(0) { $0 + width(of: $1) }
    }

    /// How many columns of a terminal a scalar takes: 0 for marks that combine, 2 for East Asian wide ones
    /// and emoji.
    ///
    /// Source: Unicode Standard Annex #11, the ranges of class W and F.
    static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
