import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Embeddings")
struct EmbeddingTests {
    @Test(
        "what points nowhere or doesn't fit is refused, and the message says what is wrong",
        arguments: [
            ([], "must have 1 to 1536 numbers, got none"),
            ([Double](repeating: 1, count: 1537), "must have 1 to 1536 numbers, got 1537"),
            ([1, .nan], "embedding[2] must be a finite 32-bit number, got nan"),
            ([.infinity], "embedding[1] must be a finite 32-bit number, got inf"),
            ([0, 1e300], "embedding[2] must be a finite 32-bit number, got 1e+300"),
            ([0, 0, 0], "is all zeroes"), ([1e-300], "is all zeroes"),
        ])
    func refused(_ numbers: [Double], _ what: String) async {
        let text = await refusal(.invalid) { _ = try Embedding(numbers, place: "scenario \"a\"") }
        #expect(text.hasPrefix("scenario \"a\"") && text.contains(what), "\(text)")
    }

    @Test("the cosine is that of the numbers, whatever their scale, and missing ones are zeroes")
    func cosine() throws {
        func similarity(_ one: [Double], _ other: [Double]) throws -> Double {
            try Embedding(one, place: "").similarity(to: try Embedding(other, place: ""))
        }
        #expect(try similarity([1, 0], [2, 0]) == 1)
        #expect(try similarity([1, 0], [0, 5]) == 0)
        #expect(try similarity([1, 0], [-3, 0]) == -1)
        #expect(try similarity([3, 4], [3]) == 0.6)
        #expect(try similarity([3], [3, 4]) == 0.6)
        #expect(try similarity([1e30, 1e30], [1e-30, 1e-30]) == 1)
    }

    @Test("an embedding that goes through the spool's document is the same")
    func document() throws {
        var random = SeededGenerator(seed: 7)
        for count in [1, 3, 1536] {
            let embedding = try Embedding.random(count, &random)
            let read = try JSONReader.value(of: Array(embedding.json.text.utf8))
            #expect(Embedding(json: read) == embedding)
        }
        #expect(Embedding(json: nil) == nil)
        #expect(Embedding(json: [1, "a"]) == nil)
    }
}

extension Embedding {
    /// Components between -1 and 1.
    static func random(_ count: Int, _ random: inout SeededGenerator) throws -> Embedding {
        try Embedding((0..<count).map { _ in Double.random(in: -1...1, using: &random) }, place: "random")
    }
}
