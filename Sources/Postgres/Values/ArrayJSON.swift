extension ArrayValue {
    /// The array as a JSON text; nil where an element has no form in it. Elements that are JSON are parts of it, other than
    /// numbers and booleans are texts.
    var jsonText: String? {
        guard !dimensions.isEmpty else { return "[]" }
        var next = 0
        var isWhole = true
        func level(_ depth: Int) -> String {
            let parts = (0..<dimensions[depth].count).map { _ in
                guard depth == dimensions.count - 1 else { return level(depth + 1) }
                defer { next += 1 }
                guard let text = Self.json(elements[next]) else {
                    isWhole = false
                    return ""
                }
                return text
            }
            return "[" + parts.joined(separator: ",") + "]"
        }
        let text = level(0)
        return isWhole ? text : nil
    }

    /// The array with each element replaced.
    func mapping(_ change: (Value) -> Value) -> ArrayValue {
        ArrayValue(
            dimensions: dimensions, elementType: elementType, elements: elements.map(change),
            delimiter: delimiter)
    }

    private static func json(_ value: Value) -> String? {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): "\(number)"
        case .double(let number): number.isFinite ? "\(number)" : nil
        case .numeric(let number): number.isFinite ? number.description : nil
        case .json(let text): text
        case .array(let array): array.jsonText
        case .bytes, .vector: nil
        default: quoted(value.description)
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
