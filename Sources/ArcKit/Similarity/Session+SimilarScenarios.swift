import Postgres

extension Session {
    /// The scenarios that resemble a scenario, a text or an embedding most.
    ///
    /// - Throws: `EvaluationError` with code `notFound` for a scenario that isn't there, `invalid` where there is nothing
    ///   to compare by, or an embedding of another length than this database's.
    public func similarScenarios(_ question: SimilarityQuestion) async throws -> SimilarScenarios {
        guard question.limit > 0 else {
            throw EvaluationError(.invalid, "limit must be 1 or more, got \(question.limit)")
        }
        for text in question.tags + [question.text, question.scenario].compactMap(\.self) {
            try EvaluationError.refuseNUL(in: text, "a text", of: "what similar scenarios are looked for")
        }
        try await check(tags: question.tags)
        let target = try await target(of: question)
        var answer = SimilarScenarios()
        var found: [(entry: Ranking.Entry, method: SimilarityMethod)] = []
        if let embedding = target.embedding, question.basis != .trigram {
            let (ranking, method, count) = try await nearest(to: embedding, question)
            found = ranking.entries.map { ($0, method) }
            answer.byEmbedding = count
        }
        if question.basis != .embedding {
            // Where the target has an embedding, prompts are for those that have none.
            let isRest = target.embedding != nil && question.basis == .auto
            let texts = try await resembling(
                target.prompt, question, limit: question.limit - found.count, withoutEmbedding: isRest)
            found += texts.ranking.entries.map { ($0, .trigram) }
            answer.byTrigrams = texts.compared
            answer.leftOut = texts.leftOut
        } else {
            answer.leftOut = try await count(question, "s.scenario_embedding is null")
        }
        answer.rows = try await described(found)
        return answer
    }

    private struct Target {
        var embedding: Embedding?
        var prompt: Trigrams?
    }

    private func target(of question: SimilarityQuestion) async throws -> Target {
        var embedding = question.embedding
        var text = question.text
        if let scenario = question.scenario {
            let rows = try await connection.query(
                "select scenario_embedding, task_prompt from scenarios where scenario_id = $1",
                [.text(scenario)])
            guard let row = rows.first else {
                throw try await unknown(scenario: scenario, advice: "To look for a text, write { text = … }.")
            }
            embedding = StoredEmbedding.values(row[0]).flatMap(Embedding.init(stored:))
            let prompt = try row.get("task_prompt", as: String?.self)
            text = text ?? prompt
        } else if let given = embedding, let settled = try await embeddingLength(),
            settled != given.values.count
        {
            throw Self.wrongLength("what similar scenarios are looked for", given, settled)
        }
        let prompt = text.map(Trigrams.init).flatMap { $0.isEmpty ? nil : $0 }
        let hasBasis =
            switch question.basis {
            case .auto: embedding != nil || prompt != nil
            case .embedding: embedding != nil
            case .trigram: prompt != nil
            }
        guard hasBasis else { throw Self.nothingToCompare(question) }
        return Target(embedding: embedding, prompt: prompt)
    }

    private static func nothingToCompare(_ question: SimilarityQuestion) -> EvaluationError {
        let what = question.scenario.map { "scenario \"\($0)\"" } ?? "what similar scenarios are looked for"
        let lacks =
            switch question.basis {
            case .auto: "neither an embedding nor a prompt with words"
            case .embedding: "no embedding"
            case .trigram: "no prompt with words"
            }
        return EvaluationError(
            .invalid, "\(what) has \(lacks): there is nothing to compare by",
            advice:
                "Set an embedding (arc.set_embedding, arc.embed_scenarios), or record the scenario's task_prompt."
        )
    }

    // MARK: - By embeddings

    private func nearest(
        to embedding: Embedding, _ question: SimilarityQuestion
    ) async throws -> (ranking: Ranking, method: SimilarityMethod, count: Int) {
        let count = try await count(question, "s.scenario_embedding is not null")
        let isWhole = question.tags.isEmpty && question.simulation == nil
        // The index gives so many at most, and those of a part of all scenarios may be far down its list.
        if !question.isExact, isWhole, count > question.mostExact, question.limit <= 200,
            let candidates = try await indexed(embedding, question)
        {
            return (candidates, .hnsw, count)
        }
        let condition = Condition(question, from: 1)
        let (ranking, _) = try await ranked(
            "select s.scenario_id, s.scenario_embedding from scenarios s where s.scenario_embedding is not null\(condition.sql)",
            condition.parameters, CosineTarget(embedding), question)
        return (ranking, .exact, count)
    }

    /// The best of what pgvector's index offers, each compared anew, since pgvector computes with 32-bit numbers; nil where
    /// there is no such index.
    private func indexed(_ embedding: Embedding, _ question: SimilarityQuestion) async throws -> Ranking? {
        let width = max(200, question.limit * 4)
        return try await atomically { session in
            let isThere = try await session.connection.query(
                """
                select set_config('hnsw.ef_search', $1, true) where to_regclass('idx_scenarios_embedding') is not null
                """, [.text(String(width))])
            guard !isThere.isEmpty else { return nil }
            let (ranking, offered) = try await session.ranked(
                """
                select s.scenario_id, s.scenario_embedding from scenarios s
                where s.scenario_embedding is not null and ($3::text is null or s.scenario_id <> $3)
                order by s.scenario_embedding <=> $1::vector limit $2
                """,
                [.text(embedding.text), .int(Int64(question.limit * 2 + 20)), .optional(question.scenario)],
                CosineTarget(embedding), question)
            return offered >= question.limit ? ranking : nil
        }
    }

    private func ranked(
        _ sql: String, _ parameters: [Value], _ target: CosineTarget, _ question: SimilarityQuestion
    ) async throws -> (ranking: Ranking, offered: Int) {
        let minimum = question.minimum
        return try await connection.stream(
            sql, parameters, into: (ranking: Ranking(limit: question.limit), offered: 0)
        ) { state, row in
            state.offered += 1
            guard let similarity = target.similarity(to: row, column: 1), similarity >= minimum,
                state.ranking.admits(similarity), case .text(let id) = row[0]
            else { return }
            state.ranking.add(id, similarity)
        }
    }

    // MARK: - By trigrams

    private struct Texts: Sendable {
        var ranking: Ranking
        var compared = 0
        var leftOut = 0
    }

    private func resembling(
        _ target: Trigrams?, _ question: SimilarityQuestion, limit: Int, withoutEmbedding: Bool
    ) async throws -> Texts {
        let condition = Condition(question, from: 1)
        let minimum = question.minimum
        return try await connection.stream(
            """
            select s.scenario_id, s.task_prompt from scenarios s
            where \(withoutEmbedding ? "s.scenario_embedding is null" : "true")\(condition.sql)
            """, condition.parameters, into: Texts(ranking: Ranking(limit: limit))
        ) { texts, row in
            guard let target, case .text(let prompt) = row[1],
                let similarity = target.similarity(to: Trigrams(prompt))
            else {
                texts.leftOut += 1
                return
            }
            texts.compared += 1
            guard similarity >= minimum, texts.ranking.admits(similarity), case .text(let id) = row[0] else {
                return
            }
            texts.ranking.add(id, similarity)
        }
    }

    // MARK: - Both

    /// Which scenarios a question is about: all but the one that is asked about, by tags and simulation.
    struct Condition {
        var sql = ""
        var parameters: [Value] = []

        init(_ question: SimilarityQuestion, from first: Int) {
            if let scenario = question.scenario {
                parameters.append(.text(scenario))
                sql += " and s.scenario_id <> $\(first + parameters.count - 1)"
            }
            if !question.tags.isEmpty {
                parameters.append(.texts(question.tags))
                sql += " and s.tags @> $\(first + parameters.count - 1)::text[]"
            }
            if let simulation = question.simulation {
                parameters.append(.text(simulation.id))
                sql += """
                     and exists (select from simulation_sets x
                    where x.simulation_id = $\(first + parameters.count - 1)::uuid and x.scenario_id = s.scenario_id)
                    """
            }
        }
    }

    private func count(_ question: SimilarityQuestion, _ what: String) async throws -> Int {
        let condition = Condition(question, from: 1)
        return try await connection.query(
            "select count(*) as count from scenarios s where \(what)\(condition.sql)", condition.parameters
        ).single().get("count", as: Int.self)
    }

    private func described(
        _ found: [(entry: Ranking.Entry, method: SimilarityMethod)]
    ) async throws -> [SimilarScenario] {
        let rows = try await connection.query(
            "select scenario_id, name, difficulty_level, tags from scenarios where scenario_id = any ($1)",
            [.texts(found.map(\.entry.id))])
        var known: [String: Row] = [:]
        for row in rows { known[try row.get("scenario_id", as: String.self)] = row }
        return try found.compactMap { entry, method in
            guard let row = known[entry.id] else { return nil }
            return SimilarScenario(
                id: entry.id, name: try row.get("name", as: String.self), similarity: entry.similarity,
                method: method, difficulty: try row.get("difficulty_level", as: String?.self),
                tags: try row.get("tags", as: [String].self))
        }
    }
}
