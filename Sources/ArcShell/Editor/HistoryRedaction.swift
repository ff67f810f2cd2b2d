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
            // A comment of SQL may stand before the value.
            while let comment = rest.prefixMatch(of: /\s*\/\*.*?\*\//.dotMatchesNewlines())?.output {
                output += comment
                rest = rest.dropFirst(comment.count)
            }
            // In JSON and Lua a quote or a bracket may stand between the key and its sign.
            let sign = rest.drop { $0.isWhitespace || "'\"]".contains($0) }
            let isAssigned = sign.first == "=" || sign.first == ":"
            var value =
                isAssigned
                ? sign.drop { $0.isWhitespace || "=:".contains($0) } : rest.drop(while: \.isWhitespace)
            // E'…', N'…' and the like of SQL.
            if let prefix = value.first, "eEnNbBxX".contains(prefix), value.dropFirst().first == "'" {
                value = value.dropFirst()
            } else if value.prefix(3).lowercased() == "u&'" {
                value = value.dropFirst(2)
            }
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
        if let quote = text.first, quote == "'" || quote == "\"" { return quotedLength(text, quote) }
        // $tag$…$tag$ of SQL and [[…]] of Lua.
        if let tag = text.prefixMatch(of: /\$[A-Za-z0-9_]*\$/)?.output {
            return length(of: text, upTo: tag, after: tag.count)
        }
        if text.hasPrefix("[[") { return length(of: text, upTo: "]]", after: 2) }
        return quotedOnly ? 0 : text.prefix { !$0.isWhitespace && !"&'\";,)}".contains($0) }.count
    }
}

extension HistoryRedaction {
    /// Up to the closing quote; a doubled or escaped one doesn't close.
    private static func quotedLength(_ text: Substring, _ quote: Character) -> Int {
        let characters = Array(text)
        var index = 1
        while index < characters.count {
            if characters[index] == "\\" {
                index += 1
            } else if characters[index] == quote {
                guard index + 1 < characters.count, characters[index + 1] == quote else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return characters.count
    }

    private static func length(of text: Substring, upTo end: some StringProtocol, after count: Int) -> Int {
        let rest = text.dropFirst(count)
        guard let range = rest.firstRange(of: String(end), ignoringCaseOf: false) else { return text.count }
        return count + rest.distance(from: rest.startIndex, to: range.upperBound)
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
