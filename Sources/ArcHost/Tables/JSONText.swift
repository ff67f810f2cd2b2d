import ArcKit

extension JSONText {
    /// Whether a text is a number by JSON's grammar (RFC 8259, section 6).
    static func isNumber(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func digits() -> ArraySlice<UInt8> {
            let run = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(run.count)
            return run
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        _ = take("-")
        let whole = digits()
        if whole.isEmpty || (whole.count > 1 && whole.first == UInt8(ascii: "0")) { return false }
        if take("."), digits().isEmpty { return false }
        if take("eE") {
            _ = take("+-")
            if digits().isEmpty { return false }
        }
        return rest.isEmpty
    }

    /// A JSON text on one line. Line ends occur between its tokens alone, since a string escapes them.
    static func onOneLine(_ text: String) -> String {
        guard text.utf8.contains(0x0A) || text.utf8.contains(0x0D) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : $0 }))
    }
}
