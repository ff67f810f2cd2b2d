import ArcKit

/// JSON as it is written, value after value: objects and lists broken into lines, those that are called short on one.
///
/// What a terminal or an editor would act on instead of showing it (control characters, what reorders text) is written as
/// an escape, which reads back as the same text.
struct JSONPieces {
    /// What was written and isn't taken yet.
    private(set) var text = ""
    /// For each object and list that isn't closed, whether it is on one line, and whether it has anything yet.
    private var open: [(isShort: Bool, isEmpty: Bool)] = []
    private var followsKey = false

    /// Lets go of what was written.
    mutating func removeAll() { text.removeAll(keepingCapacity: true) }

    mutating func begin(_ bracket: String, short: Bool = false) {
        startValue()
        text += bracket
        open.append((short || open.last?.isShort == true, true))
    }

    mutating func end(_ bracket: String) {
        guard let closed = open.popLast() else { return }
        if !closed.isShort, !closed.isEmpty { newLine() }
        text += bracket
        if open.isEmpty { text += "\n" }
    }

    /// A list of values, each written by `body`.
    mutating func list<Items: Sequence>(
        _ key: String, _ items: Items, short: Bool = false, _ body: (inout JSONPieces, Items.Element) -> Void
    ) {
        self.key(key)
        begin("[", short: short)
        for item in items { body(&self, item) }
        end("]")
    }

    /// An object's members, written by `body`.
    mutating func object(_ key: String? = nil, short: Bool = false, _ body: (inout JSONPieces) -> Void) {
        if let key { self.key(key) }
        begin("{", short: short)
        body(&self)
        end("}")
    }

    mutating func key(_ name: String) {
        startValue()
        quote(name)
        text += ": "
        followsKey = true
    }

    mutating func member(_ name: String, _ value: String?) { key(name); self.value(value) }
    mutating func member(_ name: String, _ value: Double?) { key(name); self.value(value) }
    mutating func member(_ name: String, _ value: Int?) { key(name); self.value(value) }
    mutating func member(_ name: String, _ value: Bool?) { key(name); self.value(value) }

    mutating func value(_ value: String?) {
        startValue()
        if let value { quote(value) } else { text += "null" }
    }

    /// JSON has no number for NaN and the infinities: nobody knows them.
    mutating func value(_ value: Double?) {
        startValue()
        if let value, value.isFinite { text += value.description } else { text += "null" }
    }

    mutating func value(_ value: Int?) {
        startValue()
        if let value { text += String(value) } else { text += "null" }
    }

    mutating func value(_ value: Bool?) {
        startValue()
        text += value.map { $0 ? "true" : "false" } ?? "null"
    }

    /// A cell; NaN and infinities in it are texts, as in PostgreSQL's `to_json`.
    mutating func value(_ cell: Cell) {
        switch cell {
        case .text(let text): value(text)
        case .json(let text):
            startValue()
            quoteless(JSONText.onOneLine(text))
        default:
            startValue()
            text += cell.jsonText
        }
    }

    /// JSON that is written already.
    private mutating func quoteless(_ json: String) {
        guard !Self.isPlain(json) else { return text += json }
        for scalar in json.unicodeScalars { add(scalar) }
    }

    private mutating func startValue() {
        if followsKey { return followsKey = false }
        guard let last = open.last else { return }
        if !last.isEmpty { text += last.isShort ? ", " : "," }
        open[open.count - 1].isEmpty = false
        if !last.isShort { newLine() }
    }

    private mutating func newLine() {
        text += "\n"
        for _ in open { text += "  " }
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    private mutating func quote(_ value: String) {
        text += "\""
        if Self.isPlain(value), !value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C }) {
            text += value
        } else {
            for scalar in value.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                add(scalar)
            }
        }
        text += "\""
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        guard VisibleText.isHidden(scalar) else { return text.unicodeScalars.append(scalar) }
        switch scalar {
        case "\n": text += "\\n"
        case "\t": text += "\\t"
        case "\r": text += "\\r"
        default:
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }
}
