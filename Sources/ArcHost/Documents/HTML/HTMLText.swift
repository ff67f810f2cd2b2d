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

    /// The beginning of a text that fits into so many characters.
    static func shortened(_ text: String, to length: Int) -> String {
        let line = VisibleText.line(text)
        return DisplayWidth.of(line) <= length
            ? line : DisplayWidth.prefix(of: line, columns: length - 1) + "…"
    }
}
