import ArcKit

/// The names of arc's library that a text of Lua uses.
enum ArcNames {
    /// A name that arc doesn't have.
    struct Stranger: Sendable, Hashable {
        let line: Int
        let name: String
        let suggestion: String?
    }

    /// The `arc.…` in a text that aren't there, without what stands in comments and strings.
    static func unknown(in text: String) -> [Stranger] {
        let known = Set(LibraryReference.reference.bindings.map(\.path)).union(["arc.null", "arc.env"])
        let modules = Set(LibraryReference.reference.modules.map(\.name))
        var strangers: [Stranger] = []
        for (index, line) in code(of: text).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            for match in line.matches(of: /(?:^|[^A-Za-z0-9_.:])(arc(?:\.[A-Za-z_][A-Za-z0-9_]*)+)/) {
                let parts = match.1.split(separator: ".").map(String.init)
                let two = parts.prefix(2).joined(separator: ".")
                if known.contains(two) || two == "arc.env" { continue }
                let name = modules.contains(two) ? parts.prefix(3).joined(separator: ".") : two
                if known.contains(name) || name == two && modules.contains(two) { continue }
                strangers.append(
                    Stranger(
                        line: index + 1, name: String(name.dropFirst(4)),
                        suggestion: NearestName.of(name, among: known.sorted())))
            }
        }
        return strangers
    }

    /// The text with blanks for comments and for the contents of strings; its lines stay where they are.
    static func code(of text: String) -> String {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        func blank(_ bytes: ArraySlice<UInt8>) { for byte in bytes { out.append(byte == 10 ? 10 : 32) } }
        while let byte = rest.first {
            if rest.starts(with: Array("--".utf8)) {
                let long = longBracket(rest.dropFirst(2))
                let end = long ?? rest.firstIndex(of: 10) ?? rest.endIndex
                blank(rest[..<end])
                rest = rest[end...]
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                let end = quoted(rest)
                blank(rest[..<end])
                rest = rest[end...]
            } else if let end = longBracket(rest) {
                blank(rest[..<end])
                rest = rest[end...]
            } else {
                out.append(byte)
                rest.removeFirst()
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Where the text in long brackets ends that begins here; nil where none begins.
    private static func longBracket(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.first == UInt8(ascii: "[") else { return nil }
        let level = text.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count
        guard text.dropFirst(level + 1).first == UInt8(ascii: "[") else { return nil }
        let close = Array(("]" + String(repeating: "=", count: level) + "]").utf8)
        var place = text.startIndex
        while place < text.endIndex {
            if text[place] == close[0], text[place...].starts(with: close) { return place + close.count }
            place += 1
        }
        return text.endIndex
    }

    /// Where the string ends that begins here.
    private static func quoted(_ text: ArraySlice<UInt8>) -> Int {
        guard let mark = text.first else { return text.endIndex }
        var place = text.startIndex + 1
        while place < text.endIndex, text[place] != mark, text[place] != 10 {
            place += text[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(place + 1, text.endIndex)
    }
}
