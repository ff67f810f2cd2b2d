import ArcKit
import Foundation
import SeededRandom
import Testing

@Suite("JSON texts")
struct JSONTextTests {
    @Test("what is written is what Foundation reads", arguments: 1...200)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<10 {
            let value = RandomJSON.value(depth: 5, &random)
            #expect(try JSONValue(parsing: value.text).normalised == value.normalised)
            // A second reader, which knows nothing of JSONValue.
            let object = try JSONSerialization.jsonObject(
                with: Data(value.text.utf8), options: .fragmentsAllowed)
            #expect(Self.agrees(object, value), "\(value.text)")
        }
    }

    static func agrees(_ object: Any, _ value: JSONValue) -> Bool {
        switch value {
        case .null: return object is NSNull
        case .decimal(let digits): return (object as? NSNumber)?.doubleValue == Double(digits)
        case .bool(let expected): return (object as? NSNumber)?.boolValue == expected
        case .integer(let expected): return (object as? NSNumber)?.int64Value == expected
        case .number(let expected):
            // JSONSerialization rounds by way of Decimal; that a number is read back exactly is JSONDecoder's.
            guard let double = (object as? NSNumber)?.doubleValue else { return false }
            return abs(double - expected) <= 1e-15 * abs(expected)
        case .string(let expected):
            return (object as? String).map { Array($0.unicodeScalars) } == Array(expected.unicodeScalars)
        case .array(let expected):
            guard let array = object as? [Any], array.count == expected.count else { return false }
            return zip(array, expected).allSatisfy { agrees($0, $1) }
        case .object(let expected):
            guard let members = object as? [String: Any], members.count == expected.count else {
                return false
            }
            return expected.allSatisfy { member in
                members[member.name].map { agrees($0, member.value) } ?? false
            }
        }
    }

    static let texts: [(value: JSONValue, text: String)] = [
        (nil, "null"), (true, "true"), (.integer(.max), "9223372036854775807"),
        (.integer(.min), "-9223372036854775808"), (0.1, "0.1"), (.number(5), "5.0"), (.number(.nan), "null"),
        (.number(-.infinity), "null"), ("é\u{1F600}/", "\"é\u{1F600}/\""),
        ("\"\\\n\r\t\u{0}\u{1F}\u{7F}", "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f\""), ([], "[]"),
        (.object([]), "{}"),
        ([1, ["b": nil, "a": [2]]], #"[1,{"b":null,"a":[2]}]"#),
    ]

    @Test("values have these texts, members in the order given", arguments: texts)
    func text(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test("integers stay exact, and what is larger becomes a number")
    func integers() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSONValue(parsing: "9007199254740993") == .integer(9_007_199_254_740_993))
        #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "-0.5e1").double == -5)
    }

    @Test("null is told from absent")
    func null() throws {
        let value = try JSONValue(parsing: #"{"a": null}"#)
        #expect(value["a"] == .null && value["b"] == nil)
        #expect(value.value(at: "a", "b") == nil)
    }

    static let brokenTexts = [
        "", " ", "{", "[1,", "[1,]x", "{\"a\"}", "{\"a\":}", "nul", "\"open", "\"\\x\"", "01", "1.", "+1",
        "'a'",
        "[1] [2]", "NaN", "\"\\ud800\"", "{1:2}", "\u{FEFF}x",
    ]

    @Test("what isn't JSON is refused", arguments: brokenTexts)
    func broken(text: String) async {
        let said = await refusal(.invalid) { _ = try JSONValue(parsing: text) }
        #expect(said.contains("not valid JSON"))
    }

    @Test("nesting without end is refused and doesn't crash")
    func deep() async throws {
        let depth = 100_000
        await refusal(.invalid) { _ = try JSONValue(parsing: String(repeating: "[", count: depth)) }
        await refusal(.invalid) {
            _ = try JSONValue(
                parsing: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
    }

    @Test("texts with random faults are read or refused, never more")
    func fuzz() {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<3000 {
            var bytes = Array(RandomJSON.value(depth: 4, &random).text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                default: bytes.insert(Array("{}[]\",:\\0eu-".utf8).randomElement(using: &random)!, at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let value = try JSONValue(parsing: text)
                #expect(throws: Never.self) { try JSONValue(parsing: value.text) }
            } catch {
                #expect(error.code == .invalid)
            }
        }
    }
}
