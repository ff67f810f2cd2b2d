/// Text within HTML, and within the SVG of a page.
enum HTMLText {
    /// A text of which nothing is markup, in an element or in a quoted attribute. What can't be seen is shown, so that it
    /// can't reorder or hide what stands around it; newlines stay.
    static func escaped(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F
                && !(byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x22 || byte == 0x27)
        }
        if isPlain { return text }
        var escaped = ""
        for scalar in VisibleText.lines(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A text in a table, which may be narrow: words stay whole but for long ones, which have places to be parted at.
    static func breakable(_ text: String) -> String {
        guard hasLongWord(text) else { return escaped(text) }
        return text.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\n" }.reduce(into: "") {
            all, word in
            // What stands before the word: nothing, or the one character that it was split at.
            if word.startIndex > text.startIndex {
                all += escaped(String(text[text.index(before: word.startIndex)]))
            }
            all += pieces(of: word).map(escaped).joined(separator: "<wbr>")
        }
    }

    private static let longestWord = 24

    private static func hasLongWord(_ text: String) -> Bool {
        var length = 0
        for byte in text.utf8 {
            length = byte == 0x20 || byte == 0x0A ? 0 : length + 1
            if length > longestWord { return true }
        }
        return false
    }

    /// The pieces of a long word: they end behind a sign between its parts where there is one, else anywhere.
    private static func pieces(of word: Substring) -> [String] {
        guard word.utf8.count > longestWord else { return [String(word)] }
        var pieces: [String] = []
        var piece = ""
        var count = 0
        for character in word {
            piece.append(character)
            count += 1
            guard count >= longestWord || count >= 8 && "_-./:,;@&=".contains(character) else { continue }
            pieces.append(piece)
            (piece, count) = ("", 0)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    /// The beginning of a text that fits into so many characters.
    static func shortened(_ text: String, to length: Int) -> String {
        let line = VisibleText.line(text)
        return DisplayWidth.of(line) <= length
            ? line : DisplayWidth.prefix(of: line, columns: length - 1) + "…"
    }
}
