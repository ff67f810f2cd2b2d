/// On which line each field of a JSON text begins, by its path: "limits.memory_mb", "provides.metrics[2]".
struct ManifestLines: Sendable {
    private var lines: [String: Int] = ["": 1]
    private var bytes: ArraySlice<UInt8>
    private var line = 1

    /// Reads a text that is known to be JSON.
    init(_ text: [UInt8]) {
        bytes = text[...]
        value("")
        bytes = []
    }

    /// The line of the field; of what holds it, where it isn't there.
    func line(of place: String) -> Int? {
        var place = place[...]
        while true {
            if let line = lines[String(place)] { return line }
            guard let end = place.lastIndex(where: { $0 == "." || $0 == "[" }) else { return lines[""] }
            place = place[..<end]
        }
    }

    private mutating func value(_ place: String) {
        skipBlanks()
        if lines[place] == nil || place.isEmpty { lines[place] = line }
        switch bytes.first {
        case UInt8(ascii: "{"): object(place)
        case UInt8(ascii: "["): array(place)
        case UInt8(ascii: "\""): _ = string()
        default: while let byte = bytes.first, !",]} \t\r\n".utf8.contains(byte) { bytes.removeFirst() }
        }
    }

    private mutating func object(_ place: String) {
        bytes.removeFirst()
        while true {
            skipBlanks()
            guard bytes.first == UInt8(ascii: "\"") else { return end() }
            let begin = line
            let name = string()
            let field = place.isEmpty ? name : "\(place).\(name)"
            lines[field] = begin
            skipBlanks()
            if bytes.first == UInt8(ascii: ":") { bytes.removeFirst() }
            value(field)
            skipBlanks()
            guard bytes.first == UInt8(ascii: ",") else { return end() }
            bytes.removeFirst()
        }
    }

    private mutating func array(_ place: String) {
        bytes.removeFirst()
        var index = 0
        while true {
            skipBlanks()
            guard let byte = bytes.first, byte != UInt8(ascii: "]") else { return end() }
            index += 1
            value("\(place)[\(index)]")
            skipBlanks()
            guard bytes.first == UInt8(ascii: ",") else { return end() }
            bytes.removeFirst()
        }
    }

    private mutating func end() { if !bytes.isEmpty { bytes.removeFirst() } }

    /// The text between two quotes; what is escaped stays so.
    private mutating func string() -> String {
        bytes.removeFirst()
        var text: [UInt8] = []
        while let byte = bytes.popFirst(), byte != UInt8(ascii: "\"") {
            text.append(byte)
            if byte == UInt8(ascii: "\\"), let escaped = bytes.popFirst() { text.append(escaped) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipBlanks() {
        while let byte = bytes.first, " \t\r\n".utf8.contains(byte) {
            if byte == UInt8(ascii: "\n") { line += 1 }
            bytes.removeFirst()
        }
    }
}
