import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

@Suite("Similar scenarios")
struct SimilarScenarioTests {
    /// Scenarios with random embeddings, and some without.
    private static func scenarios(_ count: Int, dimensions: Int, seed: UInt64) throws -> [Scenario] {
        var random = SeededGenerator(seed: seed)
        return try (0..<count).map { number in
            var scenario = Scenario(
                id: "s\(number)", name: "scenario \(number)",
                taskPrompt: "cancel reservation number \(number % 7) for passenger \(number % 3)",
                tags: number % 2 == 0 ? ["even"] : ["odd"])
            if number % 5 != 4 { scenario.embedding = try .random(dimensions, &random) }
            return scenario
        }
    }

    private static func brute(
        _ target: Scenario, _ scenarios: [Scenario], limit: Int
    ) -> [Ranking.Entry] {
        let others = scenarios.compactMap { other -> Ranking.Entry? in
            guard other.id != target.id, let mine = target.embedding, let theirs = other.embedding else {
                return nil
            }
            return .init(id: other.id, similarity: mine.similarity(to: theirs))
        }
        return Array(others.sorted(by: Ranking.Entry.comesFirst).prefix(limit))
    }

    @Test(
        "an exact scan finds what comparing each in memory finds, to the last digit",
        arguments: try await ServerUnderTest.tiers(), [1, 3, 384, 1536])
    func exact(tier: StorageTier, dimensions: Int) async throws {
        let scenarios = try Self.scenarios(60, dimensions: dimensions, seed: UInt64(dimensions))
        try await withStore(on: tier) { store in
            try await store.session { try await $0.upsert(scenarios) }
            for target in scenarios.prefix(4) {
                var question = SimilarityQuestion(scenario: target.id)
                question.limit = 12
                let answer = try await store.similar(question)
                let expected = Self.brute(target, scenarios, limit: 12)
                #expect(answer.rows.map(\.id) == expected.map(\.id))
                #expect(answer.rows.map(\.similarity) == expected.map(\.similarity))
                #expect(answer.rows.allSatisfy { $0.method == .exact })
                #expect(answer.byEmbedding == 47 && answer.byTrigrams == 12 && answer.leftOut == 0)
            }
        }
    }

    @Test("pgvector's index gives the digits of the exact scan, and ranks what it offers as that does")
    func index() async throws {
        let scenarios = try Self.scenarios(300, dimensions: 8, seed: 9)
        try await withStore { store in
            let hasVector = try await store.session { try await $0.features().hasVector }
            try await store.session { try await $0.upsert(scenarios) }
            var question = SimilarityQuestion(scenario: "s0")
            question.mostExact = 0
            let found = try await store.similar(question)
            #expect(found.rows.allSatisfy { $0.method == (hasVector ? .hnsw : .exact) })
            #expect(found.rows.map(\.id) == Self.brute(scenarios[0], scenarios, limit: 10).map(\.id))
            question.isExact = true
            let exact = try await store.similar(question)
            #expect(exact.rows.map(\.similarity) == found.rows.map(\.similarity))
            #expect(exact.rows.allSatisfy { $0.method == .exact })
        }
    }

    @Test("scenarios without an embedding come behind, compared by their prompts, and the rows say so")
    func mixed() async throws {
        try await withStore { store in
            try await store.session { session in
                try await session.upsert([
                    Scenario(
                        id: "a", taskPrompt: "book a flight", embedding: try Embedding([1, 0], place: "")),
                    Scenario(id: "b", taskPrompt: "other", embedding: try Embedding([1, 1], place: "")),
                    Scenario(id: "c", taskPrompt: "book a flight"),
                    Scenario(id: "d", taskPrompt: "book a hotel"),
                    Scenario(id: "e"), Scenario(id: "f", taskPrompt: "?!"),
                ])
            }
            let answer = try await store.similar(SimilarityQuestion(scenario: "a"))
            #expect(answer.rows.map(\.id) == ["b", "c", "d"])
            #expect(answer.rows.map(\.method) == [.exact, .trigram, .trigram])
            #expect(answer.rows[1].similarity == 1)
            #expect(answer.byEmbedding == 1 && answer.byTrigrams == 2 && answer.leftOut == 2)

            var texts = SimilarityQuestion(scenario: "a")
            texts.basis = .trigram
            #expect(try await store.similar(texts).rows.map(\.id) == ["c", "d", "b"])
            texts.minimum = 0.5
            #expect(try await store.similar(texts).rows.map(\.id) == ["c"])
            var embeddings = SimilarityQuestion(scenario: "a")
            embeddings.basis = .embedding
            let alone = try await store.similar(embeddings)
            #expect(alone.rows.map(\.id) == ["b"] && alone.leftOut == 4)
            embeddings.limit = 1
            #expect(try await store.similar(embeddings).rows.count == 1)
        }
    }

    @Test("a text and an embedding are compared as a scenario's are")
    func targets() async throws {
        try await withStore { store in
            try await store.session { session in
                try await session.upsert([
                    Scenario(
                        id: "a", taskPrompt: "book a flight", embedding: try Embedding([1, 0], place: "")),
                    Scenario(id: "b", taskPrompt: "cancel it", embedding: try Embedding([0, 1], place: "")),
                ])
            }
            let byText = try await store.similar(SimilarityQuestion(text: "Cancel it!"))
            #expect(byText.rows.first?.id == "b" && byText.rows.first?.similarity == 1)
            let vector = try Embedding([0.1, 1], place: "")
            #expect(
                try await store.similar(SimilarityQuestion(embedding: vector)).rows.map(\.id) == ["b", "a"])
            let text = await refusal(.invalid) {
                _ = try await store.similar(SimilarityQuestion(embedding: try Embedding([1], place: "")))
            }
            #expect(text.contains("has 1 numbers, and this database's embeddings have 2"))
        }
    }

    @Test("where there is nothing to compare by, the error says what is missing")
    func nothing() async throws {
        try await withStore { store in
            try await store.session {
                try await $0.upsert([Scenario(id: "a"), Scenario(id: "b", taskPrompt: "book")])
            }
            #expect(
                await refusal(.invalid) { _ = try await store.similar(SimilarityQuestion(scenario: "a")) }
                    .contains("scenario \"a\" has neither an embedding nor a prompt with words"))
            var question = SimilarityQuestion(scenario: "b")
            question.basis = .embedding
            #expect(
                await refusal(.invalid) { _ = try await store.similar(question) }.contains("has no embedding")
            )
            #expect(
                await refusal(.notFound) { _ = try await store.similar(SimilarityQuestion(scenario: "x'--")) }
                    .contains("there is no scenario \"x'--\""))
            _ = await refusal(.invalid) { _ = try await store.similar(SimilarityQuestion(text: "?")) }
            _ = await refusal(.invalid) { _ = try await store.similar(SimilarityQuestion(text: "a\0b")) }
            // One scenario with a prompt has nobody to resemble.
            #expect(try await store.similar(SimilarityQuestion(scenario: "b")).rows.isEmpty)
        }
    }

    @Test("tags and a simulation narrow what is compared")
    func narrowed() async throws {
        let scenarios = try Self.scenarios(30, dimensions: 3, seed: 4)
        try await withStore { store in
            try await store.session { try await $0.upsert(scenarios) }
            let simulation = try await store.newSimulation(["s0", "s1", "s2", "s3"])
            var question = SimilarityQuestion(scenario: "s0")
            question.simulation = simulation
            question.limit = 100
            #expect(Set(try await store.similar(question).rows.map(\.id)) == ["s1", "s2", "s3"])
            question.tags = ["even"]
            #expect(try await store.similar(question).rows.map(\.id) == ["s2"])
            question.tags = ["even", "no such'"]
            let asked = question
            #expect(await refusal(.notFound) { _ = try await store.similar(asked) }.contains("no such'"))
        }
    }

    @Test("what somebody's own SQL stored that has no direction isn't compared by it")
    func unusable() async throws {
        try await withNativeDatabase { pool in
            let store = Store(pool)
            try await store.session { session in
                try await session.upsert([
                    Scenario(id: "a", taskPrompt: "book", embedding: try Embedding([1], place: "")),
                    Scenario(id: "b", embedding: try Embedding([2], place: "")), Scenario(id: "zero"),
                    Scenario(id: "nan"), Scenario(id: "null"),
                ])
            }
            for (id, number) in [("zero", "0"), ("nan", "'NaN'"), ("null", "null")] {
                try await pool.query(
                    "update scenarios set scenario_embedding = array_fill(\(number)::real, array[1536]) where scenario_id = $1",
                    [.text(id)])
            }
            #expect(try await store.similar(SimilarityQuestion(scenario: "a")).rows.map(\.id) == ["b"])
            _ = await refusal(.invalid) { _ = try await store.similar(SimilarityQuestion(scenario: "zero")) }
            #expect(try await store.session { try await $0.clusterScenarios(.init(.count(1))) }.leftOut == 3)
        }
    }
}

@Suite("Storing embeddings")
struct EmbeddingStoreTests {
    @Test(
        "what is stored comes back as it was, filled up with zeroes",
        arguments: try await ServerUnderTest.tiers())
    func roundTrip(tier: StorageTier) async throws {
        var random = SeededGenerator(seed: 21)
        let embedding = try Embedding.random(100, &random)
        try await withStore(on: tier) { store in
            try await store.session { session in
                try await session.upsert([Scenario(id: "a")])
                try await session.setEmbeddings([("a", embedding)])
            }
            let stored = try await store.pool.query("select scenario_embedding from scenarios").single()[0]
            let values = try #require(StoredEmbedding.values(stored))
            #expect(values.count == 1536 && Array(values.prefix(100)) == embedding.values)
            #expect(values.dropFirst(100).allSatisfy { $0 == 0 })
        }
    }

    @Test("embeddings of another length are refused, until all are replaced at once")
    func lengths() async throws {
        try await withStore { store in
            func set(_ id: String, _ numbers: [Double], clearing: Bool = false) async throws {
                let embedding = try Embedding(numbers, place: "")
                try await store.session { try await $0.setEmbeddings([(id, embedding)], clearing: clearing) }
            }
            try await store.session { try await $0.upsert([Scenario(id: "a"), Scenario(id: "b")]) }
            try await set("a", [1, 2])
            let text = await refusal(.invalid) { try await set("b", [1, 2, 3]) }
            #expect(
                text.contains(
                    "scenario \"b\": embedding has 3 numbers, and this database's embeddings have 2"))
            #expect(
                try await store.session { try await $0.embeddingCoverage() }
                    == EmbeddingCoverage(embedded: 1, missing: 0, unknown: 1, dimensions: 2))
            try await set("b", [1, 2, 3], clearing: true)
            #expect(
                try await store.session { try await $0.embeddingCoverage() }
                    == EmbeddingCoverage(embedded: 1, missing: 0, unknown: 1, dimensions: 3))
            // Once none is left, any length may come.
            try await store.pool.query("update scenarios set scenario_embedding = null")
            try await set("a", [5])
            let mixed = await refusal(.invalid) {
                let (one, two) = (try Embedding([1], place: ""), try Embedding([1, 2], place: ""))
                try await store.session { try await $0.setEmbeddings([("a", one), ("b", two)]) }
            }
            #expect(mixed.contains("scenario \"b\": embedding has 2 numbers"))
        }
    }

    @Test("a scenario that isn't there is named, and nothing is stored")
    func missing() async throws {
        try await withStore { store in
            let embedding = try Embedding([1], place: "")
            try await store.session { try await $0.upsert([Scenario(id: "a")]) }
            let text = await refusal(.notFound) {
                try await store.session { try await $0.setEmbeddings([("a", embedding), ("b", embedding)]) }
            }
            #expect(text.contains("no scenario \"b\""))
            #expect(
                try await store.count("select count(*) from scenarios where scenario_embedding is not null")
                    == 0)
            #expect(try await store.count("select count(*) from arc_embedding_length") == 0)
        }
    }

    @Test("recording an outcome stores its scenario's embedding, and one without it leaves it as it is")
    func recording() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            var outcome = Outcome.success("a", trial: 1, score: 1)
            outcome.scenario.embedding = try Embedding([3, 4], place: "")
            try await store.record([outcome], in: simulation)
            try await store.record([.success("a", trial: 2, score: 1)], in: simulation)
            #expect(
                try await store.count("select count(*) from scenarios where scenario_embedding is not null")
                    == 1)
            // A line of the spool carries it as well.
            outcome.id = Identifier.make()
            outcome.executionTime = .now
            let line = try SpoolLine.encode(outcome, in: simulation).dropLast()
            guard case .entry(let entry) = SpoolLine.decode(Array(line)) else {
                Issue.record("the line isn't whole")
                return
            }
            #expect(entry.outcome.scenario.embedding == outcome.scenario.embedding)
        }
    }

    @Test(
        "a database of before with embeddings in it keeps their length",
        arguments: try await ServerUnderTest.tiers())
    func upgrade(tier: StorageTier) async throws {
        try await withDatabase { pool in
            if tier == .native { try await settleNative(pool) }
            let older = SchemaDeployer(migrations: Migration.all.filter { $0.number < 11 })
            let features = try await pool.withConnection { try await older.deploy(on: $0) }.features
            let type = features.hasVector ? "vector" : "real[]"
            try await pool.query(
                "insert into scenarios (scenario_id, name, scenario_embedding) values ('a', 'a', array_fill(1::real, array[1536])::\(type))"
            )
            _ = try await SchemaDeployTests.deploy(pool)
            let store = Store(pool)
            #expect(try await store.session { try await $0.embeddingCoverage().dimensions } == 1536)
            #expect(try await store.similar(SimilarityQuestion(scenario: "a")).byEmbedding == 0)
        }
    }
}

@Suite("Clusters of scenarios")
struct ScenarioClusterTests {
    private static func store(_ store: Store) async throws -> SimulationReference {
        try await store.session { session in
            try await session.upsert([
                Scenario(
                    id: "a1", taskPrompt: "book a flight to Paris",
                    embedding: try Embedding([1, 0], place: "")),
                Scenario(
                    id: "a2", taskPrompt: "book a flight to Rome",
                    embedding: try Embedding([1, 0.1], place: "")),
                Scenario(
                    id: "a3", taskPrompt: "book a flight to Oslo",
                    embedding: try Embedding([1, -0.1], place: "")),
                Scenario(
                    id: "b1", taskPrompt: "cancel my hotel", embedding: try Embedding([0, 1], place: "")),
                Scenario(
                    id: "b2", taskPrompt: "cancel the hotel", embedding: try Embedding([0.1, 1], place: "")),
                Scenario(id: "c"),
            ])
        }
        let simulation = try await store.newSimulation(["a1", "a2", "a3", "b1", "b2", "c"], trials: 2)
        try await store.record(
            [
                .success("a1", trial: 1, score: 1), .success("a1", trial: 2, score: 0),
                .success("a2", score: 1), .success("a3", score: 1),
                Outcome(scenario: Scenario(id: "b1"), trial: 1, status: .error),
                Outcome(scenario: Scenario(id: "b2"), trial: 1, status: .cancelled),
            ], in: simulation)
        return simulation
    }

    @Test(
        "groups, medoids and pass rates are the same on every tier, by k and by threshold",
        arguments: try await ServerUnderTest.tiers())
    func clusters(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await Self.store(store)
            for rule in [ClusterQuestion.Rule.count(2), .threshold(0.9)] {
                var question = ClusterQuestion(rule)
                question.simulation = simulation
                let wanted = question
                let found = try await store.session { try await $0.clusterScenarios(wanted) }
                #expect(found.method == .exact && found.leftOut == 1)
                #expect(found.members.map(\.id) == ["a1", "a2", "a3", "b1", "b2"])
                #expect(found.members.map(\.cluster) == [1, 1, 1, 2, 2])
                #expect(found.clusters.map(\.medoid) == ["a1", "b1"])
                #expect(found.clusters.map(\.size) == [3, 2])
                let first = try #require(found.clusters.first?.passes)
                #expect(first.rate.n == 4 && first.rate.clusters == 3 && first.errors == 0)
                let expected: Double = 2.5 / 3
                #expect(first.rate.value == expected)
                let second = try #require(found.clusters.last?.passes)
                #expect(second.rate.n == 1 && second.errors == 1 && second.rate.value == 0)
            }
        }
    }

    @Test("without enough embeddings, prompts tell groups, and the answer says so")
    func trigrams() async throws {
        try await withStore { store in
            _ = try await Self.store(store)
            try await store.pool.query(
                "update scenarios set scenario_embedding = null where scenario_id <> 'a1'")
            let found = try await store.session { try await $0.clusterScenarios(.init(.threshold(0.4))) }
            #expect(found.method == .trigram && found.leftOut == 1)
            #expect(found.members.map(\.cluster) == [1, 1, 1, 2, 2])
            #expect(found.clusters.allSatisfy { $0.passes == nil })
        }
    }

    @Test("a question that makes no sense is refused, and says why")
    func refused() async throws {
        try await withStore { store in
            func text(
                _ question: ClusterQuestion, _ code: EvaluationError.Code = .invalid
            ) async -> String {
                await refusal(code) {
                    _ = try await store.session { try await $0.clusterScenarios(question) }
                }
            }
            #expect(await text(.init(.count(1))).contains("nothing to group: none of 0 scenarios"))
            _ = try await Self.store(store)
            #expect(await text(.init(.count(0))).contains("k must be 1 or more"))
            #expect(
                await text(.init(.count(6))).contains("at most the number of scenarios to group, 5, got 6"))
            #expect(await text(.init(.threshold(.nan))).contains("between -1 and 1"))
            var tagged = ClusterQuestion(.count(1))
            tagged.tags = ["none"]
            #expect(await text(tagged, .notFound).contains("\"none\""))
            let one = try await store.session { session in
                var question = ClusterQuestion(.count(5))
                question.basis = .embedding
                return try await session.clusterScenarios(question)
            }
            #expect(one.clusters.map(\.size) == [1, 1, 1, 1, 1])
            #expect(one.clusters.allSatisfy { $0.leastSimilarity == nil })
        }
    }
}

extension Store {
    fileprivate func similar(_ question: SimilarityQuestion) async throws -> SimilarScenarios {
        try await session { try await $0.similarScenarios(question) }
    }
}
