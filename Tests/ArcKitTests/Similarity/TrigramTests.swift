import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Trigrams")
struct TrigramTests {
    private static func similarity(_ one: String, _ other: String) -> Double? {
        Trigrams(one).similarity(to: Trigrams(other))
    }

    @Test("the documentation's examples come out")
    func examples() {
        // show_trgm('cat'): "  c", " ca", "cat", "at ".
        #expect(Trigrams("cat").codes.count == 4)
        #expect(Self.similarity("word", "two words") == Double(Float(4) / Float(11)))
        #expect(Self.similarity("Refund, PLEASE!", "please refund") == 1)
    }

    @Test("a text without words resembles nothing, not even itself")
    func nothing() {
        for text in ["", " \n", "?!…", "«»"] {
            #expect(Trigrams(text).isEmpty)
            #expect(Self.similarity(text, text) == nil)
            #expect(Self.similarity(text, "word") == nil)
        }
    }

    @Test("letters of other scripts are letters")
    func scripts() {
        #expect(Self.similarity("ВОЗВРАТ билета", "возврат Билета") == 1)
        #expect(Self.similarity("返金をお願いします", "返金をお願いします") == 1)
        #expect((Self.similarity("straße", "strasse") ?? 0) < 1)
    }

    @Test("similarity is symmetric, between 0 and 1, and 1 of a text to itself")
    func properties() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let (one, other) = (Self.text(&random), Self.text(&random))
            let there = Self.similarity(one, other)
            #expect(there == Self.similarity(other, one))
            if let there { #expect((0...1).contains(there)) }
            if !Trigrams(one).isEmpty { #expect(Self.similarity(one, one) == 1) }
        }
    }

    @Test("PostgreSQL's pg_trgm gives the same, to the last digit")
    func oracle() async throws {
        try await withDatabase { pool in
            let isThere = try await pool.query("select 1 from pg_available_extensions where name = 'pg_trgm'")
            guard !isThere.isEmpty else { return }
            try await pool.query("create extension pg_trgm")
            var random = SeededGenerator(seed: 11)
            var pairs = (0..<1500).map { _ in (Self.text(&random), Self.text(&random)) }
            pairs += [
                ("a", "a"), ("a", "b"), ("", "a"), ("a-b", "a b"), ("x1 1x", "1x"), ("naïve café", "NAÏVE"),
                (String(repeating: "word ", count: 200_000), "word"), ("_a_", "a"), ("it's", "its"),
            ]
            let rows = try await pool.query(
                """
                select similarity(one, other) from unnest($1::text[], $2::text[]) with ordinality as r(one, other, place)
                order by place
                """, [.texts(pairs.map(\.0)), .texts(pairs.map(\.1))])
            for (row, pair) in zip(rows, pairs) {
                let mine = Self.similarity(pair.0, pair.1) ?? 0
                let theirs = try #require(Float(value: row[0]))
                #expect(
                    Float(mine) == theirs,
                    "\(pair.0.prefix(40).debugDescription), \(pair.1.prefix(40).debugDescription)")
            }
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let alphabet = Array("abcABC019 -_'.,!\n\"\\äß")
        let count = Int.random(in: 0...30, using: &random)
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
    }
}

@Suite("Clusters of messages")
struct MessageClusterTests {
    private static let messages = [
        "timeout after 30 s while calling search_flights", "timeout after 31 s while calling search_flights",
        "no reservation ABC123", "timeout after 30 s while calling search_flights", "no reservation XYZ789",
        "",
    ]

    @Test("what differs in a number or a name belongs together, led by what is most frequent")
    func together() {
        let clusters = MessageClusters(Self.messages, threshold: 0.5).clusters
        #expect(
            clusters == [
                .init(representative: Self.messages[0], members: [0, 1, 3], variants: 2),
                .init(representative: "no reservation ABC123", members: [2, 4], variants: 2),
                .init(representative: "", members: [5], variants: 1),
            ])
    }

    @Test("at a threshold of 1, texts of the same trigrams alone belong together")
    func strict() {
        #expect(
            MessageClusters(["a b", "B, a", "a c"], threshold: 1).clusters.map(\.members) == [[0, 1], [2]])
    }

    @Test(
        "messages of one template belong together however many letters differ, and the most frequent stands for them"
    )
    func templates() {
        let messages = ["order 4711 of 1234567890", "order 1 of 2", "order 1 of 2", "no order"]
        #expect(
            MessageClusters(messages, threshold: 1).clusters == [
                .init(representative: "order 1 of 2", members: [0, 1, 2], variants: 2),
                .init(representative: "no order", members: [3], variants: 1),
            ])
    }

    @Test("no message gives no cluster")
    func none() { #expect(MessageClusters([]).clusters.isEmpty) }

    @Test("whatever order messages come in, they are clustered the same, each of them once")
    func order() {
        var random = SeededGenerator(seed: 5)
        let verbs = ["failed to", "could not", "timed out while"], nouns = ["book", "cancel", "search"]
        let messages = (0..<400).map { _ in
            "\(verbs.randomElement(using: &random) ?? "") \(nouns.randomElement(using: &random) ?? "") flight \(Int.random(in: 0...40, using: &random))"
        }
        let reference = MessageClusters(messages).clusters
        #expect(reference.flatMap(\.members).sorted() == Array(messages.indices))
        for cluster in reference {
            func trigrams(_ message: String) -> Trigrams { Trigrams(MessageTemplate.of(message) ?? message) }
            let leader = trigrams(cluster.representative)
            for member in cluster.members {
                let similarity = leader.similarity(to: trigrams(messages[member])) ?? 0
                #expect(similarity >= 0.6)
            }
        }
        for _ in 0..<5 {
            let shuffled = messages.shuffled(using: &random)
            let clusters = MessageClusters(shuffled).clusters
            #expect(clusters.map(\.representative) == reference.map(\.representative))
            #expect(clusters.map(\.members.count) == reference.map(\.members.count))
        }
    }
}
