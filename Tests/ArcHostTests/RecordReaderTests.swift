import FoundationEssentials
import LuaBridge
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Reading records one at a time")
struct RecordReaderTests {
    private func read(_ text: String) throws -> [(value: LuaValue, place: String)] {
        try read(Array(text.utf8))
    }

    private func read(_ bytes: [UInt8]) throws -> [(value: LuaValue, place: String)] {
        var reader = RecordReader(Data(bytes))
        var records: [(value: LuaValue, place: String)] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    private func message(_ text: String) -> String {
        do { return "no error, but \(try read(text))" } catch { return "\(error)" }
    }

    @Test("an array, one object a line, and one object alone; places are counted from 1")
    func shapes() throws {
        #expect(try read(#"[{"a": 1}, {"a": 2}]"#).map(\.value) == [["a": 1], ["a": 2]])
        #expect(try read("{\"a\": 1}\n{\"a\": 2}\n").map(\.value) == [["a": 1], ["a": 2]])
        #expect(try read("\n\n  {\"a\":\n 1}").map(\.value) == [["a": 1]])
        #expect(
            try read("\u{FEFF}{\"a\": 1}\r\n\r\n{\"a\": 2}\r\n").map(\.place) == [
                "record 1 (line 1)", "record 2 (line 3)",
            ])
        #expect(
            try read("[\n{\n\"a\": 1\n},\n{\"a\": 2}\n]\n").map(\.place) == [
                "record 1 (line 2)", "record 2 (line 5)",
            ])
        #expect(try read("[1, \"x]\", null, [2], -1.5e3 ]").map(\.value) == [1, "x]", .null, [2], -1500.0])
        #expect(try read("{\"a\": \"}\\\"{[\"}").map(\.value) == [["a": "}\"{["]])
    }

    private static let broken: [(String, String)] = [
        ("", "the file is empty"), (" \r\n", "the file is empty"), ("\u{FEFF}", "the file is empty"),
        ("[]", "the file holds no record"), ("[ ]\n", "the file holds no record"),
        ("[", "after record 0: the file ends in the middle (line 1)"),
        ("[{\"a\": 1}", "after record 1: the file ends in the middle (line 1)"),
        ("[{\"a\": 1},", "after record 1: the file ends in the middle (line 1)"),
        ("[{\"a\": 1},]", "after record 1 (line 1): a record must follow the comma"),
        ("[{\"a\": 1} {\"a\": 2}]", "after record 1 (line 1): a comma or ] must follow"),
        ("[{\"a\": 1}] x", "line 1: something follows the end of the array"),
        ("{\"a\": 1}\n{\"a\"", "record 2 (line 2): the file ends in the middle (line 2)"),
        ("{\"a\": \"x", "record 1 (line 1): the file ends in the middle (line 1)"),
        ("{\"a\": \"x\\", "record 1 (line 1): the file ends in the middle (line 1)"),
        ("{\"a\": 1}\n}", "record 2 (line 2) is not valid JSON"),
        ("{\"a\": 1}\n{\"a\": }", "record 2 (line 2) is not valid JSON"),
        ("{\"a\": [1}]", "record 1 (line 1) is not valid JSON"),
        ("{\"a\": NaN}", "record 1 (line 1) is not valid JSON"),
        ("nonsense", "record 1 (line 1) is not valid JSON"),
    ]

    @Test(
        "what isn't whole or isn't JSON is an error that names the record and its line",
        arguments: broken)
    func mistakes(_ text: String, _ message: String) {
        #expect(self.message(text).hasPrefix(message), "\(self.message(text))")
    }

    @Test("bytes that aren't UTF-8 are an error, not something else")
    func notUTF8() {
        #expect(throws: HostError.self) {
            try read(Array("{\"a\": \"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8))
        }
        #expect(throws: HostError.self) { try read([0xFF, 0xFE, 0x7B, 0x00]) }
    }

    @Test("record by record gives what parsing the whole gives", arguments: 0..<200 as Range<UInt64>)
    func fuzz(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let records = (0..<Int.random(in: 1...12, using: &dice)).map { _ in Self.object(&dice, depth: 0) }
        let newline = Bool.random(using: &dice) ? "\r\n" : "\n"
        let layout: [JSON.Layout] = [.compact, .pretty]
        let texts = try records.map { record in
            try JSON.write(record, layout.randomElement(using: &dice) ?? .compact)
                .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: newline)
        }
        let mark = Bool.random(using: &dice) ? "\u{FEFF}" : ""
        let array =
            "[" + newline + texts.joined(separator: Bool.random(using: &dice) ? "," : " ,\t" + newline) + "]"
        #expect(try read(mark + array + newline).map(\.value) == JSON.parse(array).table?.array)
        let lines = texts.joined(separator: newline) + (Bool.random(using: &dice) ? newline : "")
        #expect(try read(mark + lines).map(\.value) == records)
        #expect(try read(mark + texts[0]).map(\.value) == [records[0]])
        // Cut off anywhere, an array is an error; never a crash, never fewer records.
        for _ in 0..<10 {
            let bytes = Array(array.utf8)
            let cut = Int.random(in: 0..<bytes.count, using: &dice)
            #expect(throws: HostError.self) { try read(Array(bytes[..<cut])) }
        }
    }

    @Test("noise gives records or an error, and what it gives is what the parser of the whole gives")
    func noise() throws {
        var dice = SeededGenerator(seed: 7)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\n", "\r\n", " ", "1", "null", "\"a\"",
            "\"a\":",
        ]
        for _ in 0..<3000 {
            let noise = (0..<Int.random(in: 1...14, using: &dice)).map { _ in
                pieces.randomElement(using: &dice) ?? ""
            }.joined()
            let whole = (try? JSON.parse("[" + noise + "]"))?.table?.array
            let records = try? read("[" + noise + "]").map(\.value)
            #expect(records == (whole?.isEmpty == true ? nil : whole), "\("[" + noise + "]")")
        }
    }

    private static func object(_ dice: inout SeededGenerator, depth: Int) -> LuaValue {
        let count = Int.random(in: 0...4, using: &dice)
        return .table(
            LuaTable(
                fields: (0..<count).map { LuaTable.Field("k\($0)", value(&dice, depth: depth + 1)) },
                kind: .object))
    }

    private static func value(_ dice: inout SeededGenerator, depth: Int) -> LuaValue {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &dice) {
        case 0: return .integer(Int64.random(in: .min ... .max, using: &dice))
        case 1: return .null
        case 2: return .boolean(Bool.random(using: &dice))
        case 3:
            let letters = [
                "a", "\"", "\\", "{", "}", "[", "]", ",", "\n", "\r", "\t", "\u{1}", "ä", "日", "🙂", "\\\"",
            ]
            return .string(
                (0..<Int.random(in: 0...8, using: &dice)).map { _ in letters.randomElement(using: &dice) ?? ""
                }.joined())
        case 4:
            let count = Int.random(in: 0...3, using: &dice)
            return .table(
                LuaTable(array: (0..<count).map { _ in value(&dice, depth: depth + 1) }, kind: .array))
        default: return object(&dice, depth: depth)
        }
    }
}
