/// Writes values as YAML in block style. Whatever it writes, ``YAMLReader`` reads back as the same.
public enum YAMLWriter {
    /// The text of a document, which ends with a newline.
    public static func text(_ value: JSONValue) -> String {
        var out = ""
        write(value, indent: 0, isOnLine: false, into: &out)
        return out
    }

    /// Writes a value and ends its line.
    ///
    /// - Parameter isOnLine: whether something stands before it on the line, a key or a dash.
    private static func write(_ value: JSONValue, indent: Int, isOnLine: Bool, into out: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            if isOnLine { out += "\n" }
            write(members, indent: indent, into: &out)
        case .array(let items) where !items.isEmpty:
            if isOnLine { out += "\n" }
            for item in items {
                out += spaces(indent) + "-"
                // A mapping's first key may stand beside the dash.
                if case .object(let members) = item, !members.isEmpty {
                    var inner = ""
                    write(members, indent: indent + 2, into: &inner)
                    out += " " + inner.dropFirst(indent + 2)
                } else {
                    write(item, indent: indent + 2, isOnLine: true, into: &out)
                }
            }
        case .string(let text) where isBlock(text):
            out += (isOnLine ? " " : "") + block(text, indent: max(indent, 2))
        default: out += (isOnLine ? " " : "") + scalar(value) + "\n"
        }
    }

    private static func write(_ members: [JSONValue.Member], indent: Int, into out: inout String) {
        for member in members {
            let key = scalar(.string(member.name))
            // A key before its colon may be 1,024 characters long.
            out += spaces(indent) + (key.utf8.count > 900 ? "? \(key)\n\(spaces(indent)):" : key + ":")
            write(member.value, indent: indent + 2, isOnLine: true, into: &out)
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        case .number(let number):
            number.isNaN ? ".nan" : number.isInfinite ? (number < 0 ? "-.inf" : ".inf") : "\(number)"
        // An integer of more than 64 bits is no number to the reader, a float of its digits is.
        case .decimal(let digits): digits.allSatisfy { "-0123456789".contains($0) } ? digits + ".0" : digits
        case .string(let text): isPlain(text) ? text : quoted(text)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// Words that readers of YAML 1.1 take for something else than a text.
    private static let otherWords: Set<String> = ["y", "n", "yes", "no", "on", "off"]

    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.count <= 200, let first = text.utf8.first,
            (97...122).contains(first | 32) || first == 95,
            text.utf8.last != 32
        else { return false }
        let fits = text.utf8.allSatisfy { byte in
            (97...122).contains(byte | 32) || (48...57).contains(byte) || "_ ./-@".utf8.contains(byte)
        }
        return fits && !otherWords.contains(text.lowercased()) && YAMLReader.isText(text)
    }

    /// Whether a text is one of lines that can be written as they are.
    private static func isBlock(_ text: String) -> Bool {
        guard text.contains("\n"), let first = text.utf8.first, first != 32, first != 10 else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || isShown($0) }
            && !text.split(separator: "\n", omittingEmptySubsequences: false).contains { $0.last == " " }
    }

    private static func block(_ text: String, indent: Int) -> String {
        let ends = text.reversed().prefix { $0 == "\n" }.count
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if ends > 0 { lines.removeLast() }
        let head = ends == 0 ? "|-" : ends == 1 ? "|" : "|+"
        return head + "\n" + lines.map { $0.isEmpty ? "\n" : spaces(indent) + $0 + "\n" }.joined()
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFDCF, 0xFDF0...0xFEFE, 0xFF00...0xFFEF:
            true
        case 0x1_0000...0x10_FFFF: scalar.value & 0xFFFE != 0xFFFE
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            default:
                if isShown(scalar) {
                    out.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let width = scalar.value > 0xFFFF ? 8 : 4
                    out +=
                        (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count)
                        + digits
                }
            }
        }
        return out + "\""
    }
}
