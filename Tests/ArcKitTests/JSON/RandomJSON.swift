import ArcKit
import SeededRandom

/// Random JSON documents with every kind of value and awkward texts and numbers.
enum RandomJSON {
    static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(integer(&random))
        case 3: .number(number(&random))
        case 4: .string(text(&random))
        case 5, 6:
            .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) })
        default: object(depth: depth - 1, &random)
        }
    }

    private static func object(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        var names: Set<String> = []
        for _ in 0..<Int.random(in: 0...4, using: &random) { names.insert(text(&random)) }
        return .object(names.sorted().map { JSONValue.Member($0, value(depth: depth, &random)) })
    }

    private static func integer(_ random: inout SeededGenerator) -> Int64 {
        let awkward: [Int64] = [0, -1, .max, .min, 9_007_199_254_740_993, -9_007_199_254_740_993]
        return Bool.random(using: &random)
            ? awkward.randomElement(using: &random)! : .random(in: .min ... .max, using: &random)
    }

    private static func number(_ random: inout SeededGenerator) -> Double {
        let awkward = [
            0.1, 1e300, -1e-300, .leastNonzeroMagnitude, 1.7976931348623157e308, 1e21, 1e-7,
            0.30000000000000004, 2.5,
        ]
        return Bool.random(using: &random)
            ? awkward.randomElement(using: &random)! : .random(in: -1e6...1e6, using: &random)
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{1}", "\u{1F}", "\u{7F}", "é",
            "\u{301}",
            "\u{2028}", "\u{FFFD}", "\u{FFFF}", "\u{1F600}", "\u{10FFFF}", "{", "]", ",", ":", "'",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            text.unicodeScalars.append(scalars.randomElement(using: &random)!)
        }
        return text
    }
}

extension JSONValue {
    /// The same document as a reader may give it: members by name, whole numbers as integers.
    var normalised: JSONValue {
        switch self {
        case .number(let value): Int64(exactly: value).map(JSONValue.integer) ?? self
        case .array(let elements): .array(elements.map(\.normalised))
        case .object(let members):
            .object(
                members.map { Member($0.name, $0.value.normalised) }
                    .sorted { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) })
        default: self
        }
    }
}
