import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("A line of the spool")
struct SpoolLineTests {
    private func entry(_ line: [UInt8]) -> SpoolLine.Entry? {
        guard case .entry(let entry) = SpoolLine.decode(line) else { return nil }
        return entry
    }

    @Test("an outcome comes back with every field as it was, byte for byte", arguments: 1...300)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<5 {
            let outcome = RandomOutcome.make(&random)
            let line = try SpoolLine.encode(outcome, in: .spooled)
            #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.last == UInt8(ascii: "\n"))
            let back = try #require(entry(Array(line.dropLast())))
            #expect(back.outcome.fields == outcome.fields)
            #expect(back.simulation == .spooled)
            // What is stored is made of these: the trajectory's bytes, and the text of the metrics.
            #expect(back.outcome.metrics?.text == outcome.metrics?.text)
            #expect(try JSONValue(parsing: String(decoding: line.dropLast(), as: UTF8.self))["v"] == 1)
        }
    }

    @Test("every field that an outcome and a scenario have is written")
    func complete() {
        let outcome = Outcome(scenario: Scenario(id: "s"), status: .success)
        // A new field has to be added to SpoolLine, and here.
        #expect(Mirror(reflecting: outcome).children.count == 18)
        #expect(Mirror(reflecting: outcome.scenario).children.count == 7)
    }

    @Test("a line that was cut, at whatever byte, is no line")
    func cut() throws {
        var random = SeededGenerator(seed: 7)
        let line = Array(try SpoolLine.encode(RandomOutcome.make(&random), in: .spooled).dropLast())
        #expect(entry(line) != nil)
        for length in 0..<line.count { #expect(entry(Array(line[..<length])) == nil, "\(length)") }
    }

    @Test("a line with any byte changed, taken out or put in is no line")
    func damaged() throws {
        var random = SeededGenerator(seed: 8)
        let line = Array(try SpoolLine.encode(RandomOutcome.make(&random), in: .spooled).dropLast())
        for place in line.indices {
            var changed = line
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(entry(changed) == nil, "\(place)")
            changed = line
            changed.remove(at: place)
            #expect(entry(changed) == nil, "\(place)")
            changed = line
            changed.insert(0, at: place)
            #expect(entry(changed) == nil, "\(place)")
        }
    }

    @Test("a line of a later version is whole and not read")
    func newer() throws {
        let line = String(
            decoding: try SpoolLine.encode(.spooled("a"), in: .spooled).dropLast(), as: UTF8.self)
        let body = line.drop { $0 != "," }.dropFirst().replacing("\"v\":1,", with: "\"v\":2,")
        let digest = Digest.sha256(String(body)).prefix(16)
        guard case .newer(2) = SpoolLine.decode(Array("{\"sha256\":\"\(digest)\",\(body)".utf8)) else {
            Issue.record("not told as version 2")
            return
        }
    }

    @Test("an outcome without id or time, or with a number that JSON lacks, isn't taken")
    func unready() async {
        var outcome = Outcome.spooled("a")
        outcome.id = nil
        await refusal(.invalid) { _ = try SpoolLine.encode(outcome, in: .spooled) }
        outcome = .spooled("a")
        outcome.executionTime = nil
        await refusal(.invalid) { _ = try SpoolLine.encode(outcome, in: .spooled) }
        outcome = .spooled("a")
        outcome.costUSD = .infinity
        await refusal(.invalid) { _ = try SpoolLine.encode(outcome, in: .spooled) }
    }
}

@Suite("JSON that is read in order")
struct JSONReaderTests {
    @Test("what was written comes back the same: order, repeated names, kinds of numbers", arguments: 1...200)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<10 {
            let value = RandomJSON.value(depth: 5, &random)
            #expect(try JSONReader.value(of: value.text.utf8) == value)
        }
        let awkward = "{\"b\":1,\"a\":1.0,\"b\":[2.0,-0.0,12345678901234567890]}"
        #expect(
            try JSONReader.value(of: awkward.utf8)
                == .members(
                    ("b", 1), ("a", 1.0), ("b", [2.0, .number(-0.0), .number(12_345_678_901_234_567_168)])))
    }

    @Test("escapes, blanks and pairs of surrogates are read")
    func escapes() throws {
        #expect(
            try JSONReader.value(of: " [ \"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\" ]\n".utf8) == [
                "é\u{1F600}/\u{8}\u{C}\n\r\t"
            ])
    }

    @Test("what isn't JSON is refused", arguments: JSONTextTests.brokenTexts)
    func broken(text: String) {
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value(of: text.utf8) }
    }

    @Test("nesting without end is refused and doesn't crash")
    func deep() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value(of: text.utf8) }
    }
}
