import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

@Suite("What a search's text means")
struct SearchWordsTests {
    @Test("words, phrases, or and not are told apart, the tightest first")
    func reading() {
        let words = SearchWords(query: "'a' & 'b' <-> 'c' | !'d'")
        #expect(
            words?.root
                == .any(
                    .all(
                        .leaf(query: "'a'", words: ["a"]),
                        .leaf(query: "'b' <-> 'c'", words: ["b", "c"])),
                    .not(.leaf(query: "'d'", words: ["d"]))))
        #expect(words?.sought == ["'a'", "'b' <-> 'c'"])
        #expect(words?.required == [])
        #expect(SearchWords(query: "'a' & ( 'b' | 'c' )")?.required == ["a"])
        #expect(SearchWords(query: "'a' & 'b' | 'c' & 'b'")?.required == ["b"])
        #expect(SearchWords(query: "'it''s' <2> 'a\\\\b'")?.required == ["it's", "a\\b"])
        for nothing in ["", "  ", "'", "'a", "& 'a'", "'a' &", "('a'", "'a' <-> !'b'"] {
            #expect(SearchWords(query: nothing) == nil, "\(nothing)")
        }
    }

    @Test("what is looked for in a document's letters is in it whatever the locale makes of them")
    func fragments() {
        #expect(SearchWords(query: "'certificate'")?.fragments == ["cert"])
        #expect(SearchWords(query: "'istanbul' & 'köln'")?.fragments == ["stanbul", "ln"])
        #expect(SearchWords(query: "'kiki' & 'ж'")?.fragments == [])
        #expect(SearchWords(query: "!'refund'")?.fragments == [])
        #expect(SearchWords(query: "'a' & !'refund' | 'big' <-> 'x'")?.telling == ["a", "refund", "b"])
        #expect(SearchWords(query: "'a' & 'ki'")?.telling == nil)
    }

    @Test("whatever PostgreSQL makes of a text is understood")
    func everything() async throws {
        try await withDatabase { pool in
            var random = SeededGenerator(seed: 31)
            let parts = [
                "word", "-", "\"", "or", " ", "'", "\\", "a-b", "!", "&", "|", "(", ")", "<->", ":*", "ж",
                "http://x.y/z?q=1",
                "me@x.org", "-12", "1.5e3", "/usr/bin", "日本", "<b>", "it's", "é",
            ]
            for _ in 0..<1500 {
                let count = Int.random(in: 0...8, using: &random)
                let text = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined(
                    separator: Bool.random(using: &random) ? " " : "")
                let row = try await pool.query(
                    "select websearch_to_tsquery('simple', $1)::text, numnode(websearch_to_tsquery('simple', $1))",
                    [.text(text)]
                ).single()
                guard case .text(let query) = row[0], case .int(let nodes) = row[1] else { continue }
                #expect((SearchWords(query: query) != nil) == (nodes > 0), "\(text): \(query)")
            }
        }
    }
}
