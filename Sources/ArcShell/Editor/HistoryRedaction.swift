/// Takes passwords out of an input before it is written to a file.
enum HistoryRedaction {
    /// What stands in a password's place.
    static let sign = "***"

    /// The input without the passwords of connection URLs (`postgresql://user:secret@host`), of connection
    /// strings and variables (`password=secret`, `PGPASSWORD=secret`), and of SQL (`PASSWORD 'secret'`).
    static func redact(_ input: String) -> String {
        redactAssignments(redactURLs(input))
    }

    /// In a URL the password stands between the first `:` and the last `@` of what follows `//`.
    private static func redactURLs(_ input: String) -> String {
        var output = ""
        var rest = input[...]
        while let scheme = rest.firstRange(of: "://") {
            output += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            // A password may hold a `/` that should have been escaped: the last `@` before a space counts.
            let end = rest.firstIndex { $0.isWhitespace || "'\"`;<>".contains($0) } ?? rest.endIndex
            let authority = rest[..<end]
            guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":")
            else {
                continue
            }
            output += authority[...colon] + sign
            rest = rest[at...]
        }
        return output + rest
    }

    /// After the word `password` comes an `=` or a `:` and a value, quoted or up to the next space; or a quoted value
    /// alone, as in SQL. What else follows a space is prose, or the name of a column.
    private static func redactAssignments(_ input: String) -> String {
        var output = ""
        var rest = input[...]
        while let word = rest.firstRange(of: "password", ignoringCaseOf: true) {
            output += rest[..<word.upperBound]
            rest = rest[word.upperBound...]
            // In JSON and Lua a quote or a bracket may stand between the key and its sign.
            let sign = rest.drop { " '\"]".contains($0) }
            let isAssigned = sign.first == "=" || sign.first == ":"
            let value = isAssigned ? sign.drop { "=: ".contains($0) } : rest.drop { $0 == " " }
            let length = valueLength(value, quotedOnly: !isAssigned)
            guard length > 0 else { continue }
            let quote = value.first.map { "'\"".contains($0) ? String($0) : "" } ?? ""
            output += rest[..<value.startIndex] + quote + HistoryRedaction.sign + quote
            rest = value.dropFirst(length)
        }
        return output + rest
    }

    /// How many characters a password takes that a text begins with.
    private static func valueLength(_ text: Substring, quotedOnly: Bool) -> Int {
        if let quote = text.first, quote == "'" || quote == "\"" {
            var escaped = false
            for (offset, character) in text.enumerated().dropFirst() {
                if !escaped, character == quote { return offset + 1 }
                escaped = !escaped && character == "\\"
            }
            return text.count
        }
        return quotedOnly ? 0 : text.prefix { !$0.isWhitespace && !"&'\";,)}".contains($0) }.count
    }
}

extension Substring {
    fileprivate func firstRange(of word: String, ignoringCaseOf ignoring: Bool = false) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            let rest = self[start...]
            let candidate = rest.prefix(word.count)
            if ignoring ? candidate.lowercased() == word : candidate == word {
                return start..<candidate.endIndex
            }
            formIndex(after: &start)
        }
        return nil
    }
}
