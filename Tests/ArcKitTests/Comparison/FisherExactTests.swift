import SeededRandom
import Testing

@testable import ArcKit

@Suite("Fisher's exact test")
struct FisherExactTests {
    @Test(
        "p-values are SciPy's",
        arguments: [
            (PassCount(passes: 8, trials: 10), PassCount(passes: 1, trials: 6), 0.034965034965034975),
            (PassCount(passes: 1, trials: 10), PassCount(passes: 11, trials: 14), 0.0027594561852200836),
            (
                PassCount(passes: 100, trials: 1000), PassCount(passes: 150, trials: 1000),
                0.0008950875386906894
            ),
            (PassCount(passes: 0, trials: 5), PassCount(passes: 5, trials: 5), 0.007936507936507938),
            (PassCount(passes: 0, trials: 2), PassCount(passes: 0, trials: 3), 1.0),
            (PassCount(passes: 3, trials: 3), PassCount(passes: 3, trials: 3), 1.0),
            (
                PassCount(passes: 5000, trials: 10000), PassCount(passes: 5200, trials: 10000),
                0.004878795768906845
            ),
            (PassCount(passes: 2, trials: 3), PassCount(passes: 0, trials: 1), 1.0),
            (PassCount(passes: 300, trials: 20000), PassCount(passes: 9000, trials: 20000), 0.0),
        ])
    func reference(_ a: PassCount, _ b: PassCount, _ expected: Double) throws {
        let p = try #require(FisherExact.p(a, b))
        #expect(abs(p - expected) <= 1e-9 * max(expected, 1e-3))
        #expect(FisherExact.p(b, a).map { abs($0 - p) <= 1e-12 } == true)
    }

    @Test("of no trials, and of impossible counts, nothing is known")
    func unknown() {
        let one = PassCount(passes: 1, trials: 1)
        #expect(FisherExact.p(one, PassCount(passes: 0, trials: 0)) == nil)
        #expect(FisherExact.p(PassCount(passes: 2, trials: 1), one) == nil)
        #expect(FisherExact.p(one, PassCount(passes: -1, trials: 1)) == nil)
        #expect(FisherExact.p(one, PassCount(passes: 0, trials: 1)) == 1)
    }
}

@Suite("Reading recorded numbers")
struct RecordedNumbersTests {
    static func read(_ documents: [String]) -> [String: [Double]] {
        var numbers = RecordedNumbers()
        for (row, document) in documents.enumerated() {
            var text = document
            text.withUTF8 { numbers.add(UnsafeRawBufferPointer($0), row: row) }
        }
        return Dictionary(
            uniqueKeysWithValues: (0..<numbers.names.count).map {
                (numbers.name($0), numbers.column($0, rows: documents.count))
            })
    }

    @Test("numbers of any form are the nearest Double, as JSON's reader has them")
    func numbers() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            let digits = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }.joined()
            let whole = String(digits.drop { $0 == "0" })
            var text = (Bool.random(using: &random) ? "-" : "") + (whole.isEmpty ? "0" : whole)
            if Bool.random(using: &random) { text += ".\(UInt32.random(in: 0 ... .max, using: &random))" }
            if Int.random(in: 0..<4, using: &random) == 0 {
                text += "e\(Int.random(in: -30...30, using: &random))"
            }
            let found = Self.read(["{\"x\": \(text)}"])["x"]
            #expect(found == [try #require(Double(text))], "\(text)")
        }
    }

    @Test("only numbers at the top are read, whatever stands beside them")
    func beside() {
        let found = Self.read([
            #"{"a": 1, "b": {"a": 2, "c": [3, "}"]}, "t": "x\"}, \"a\": 5", "d": true, "e": null, "f": -0.5}"#,
            "{}", #"{"f": 7, "q\"é\n": 2, "a": []}"#,
        ])
        #expect(Set(found.keys) == ["a", "f", "q\"é\n"])
        #expect(found["a"]?.first == 1 && found["a"]?[2].isNaN == true)
        #expect(found["f"]?[0] == -0.5 && found["f"]?[1].isNaN == true && found["f"]?[2] == 7)
    }
}
