import Postgres

/// How many scenarios can be compared by meaning.
public struct EmbeddingCoverage: Sendable, Hashable {
    /// The scenarios with an embedding.
    public var embedded: Int
    /// The scenarios without one, whose prompt is known.
    public var missing: Int
    /// The scenarios without one, whose prompt isn't known either.
    public var unknown: Int
    /// How many numbers the embeddings have; nil where there are none.
    public var dimensions: Int?
}

extension Session {
    /// How many scenarios have embeddings.
    public func embeddingCoverage() async throws -> EmbeddingCoverage {
        let row = try await connection.query(
            """
            select count(*) filter (where scenario_embedding is not null) as embedded,
              count(*) filter (where scenario_embedding is null and task_prompt is not null) as missing,
              count(*) filter (where scenario_embedding is null and task_prompt is null) as unknown,
              (select dimensions from arc_embedding_length) as dimensions
            from scenarios
            """
        ).single()
        let embedded = try row.get("embedded", as: Int.self)
        return EmbeddingCoverage(
            embedded: embedded, missing: try row.get("missing", as: Int.self),
            unknown: try row.get("unknown", as: Int.self),
            dimensions: embedded == 0 ? nil : try row.get("dimensions", as: Int?.self))
    }

    /// Sets the embeddings of these scenarios, all or none; of two for one scenario the last counts.
    ///
    /// All embeddings of a database have the same number of dimensions: those of different models can't be compared.
    ///
    /// - Parameter clearing: whether every embedding that is there goes first, so that these may be another model's.
    /// - Throws: `EvaluationError` with code `notFound` for a scenario that isn't there, `invalid` for a number of
    ///   dimensions that isn't this database's.
    public func setEmbeddings(
        _ embeddings: [(scenario: String, embedding: Embedding)], clearing: Bool = false
    ) async throws {
        guard !embeddings.isEmpty else { return }
        for (scenario, _) in embeddings {
            try EvaluationError.refuseNUL(in: scenario, "scenario_id", of: "an embedding")
        }
        let latest = Dictionary(embeddings.map { ($0.scenario, $0.embedding) }) { $1 }
        try await atomically { session in
            if clearing {
                try await session.connection.query(
                    "update scenarios set scenario_embedding = null where scenario_embedding is not null")
            }
            try await session.settleLength(latest)
            // In the order of their ids, so that two sessions that touch the same scenarios don't lock each other out.
            let ids = latest.keys.sorted()
            for start in stride(from: 0, to: ids.count, by: 200) {
                try await session.write(ids[start..<min(start + 200, ids.count)].map { ($0, latest[$0]) })
            }
        }
    }

    private func write(_ batch: [(id: String, embedding: Embedding?)]) async throws {
        let ids = Value.texts(batch.map(\.id))
        let found = try await connection.query(
            "select scenario_id from scenarios where scenario_id = any ($1) order by scenario_id for no key update",
            [ids])
        if found.count < batch.count {
            let there = Set(try found.map { try $0.get("scenario_id", as: String.self) })
            let missing = batch.map(\.id).first { !there.contains($0) } ?? ""
            throw EvaluationError(
                .notFound, "there is no scenario \"\(missing)\" to give an embedding to",
                advice: "Create it first: by recording, or in a simulation's plan.")
        }
        try await connection.query(
            """
            update scenarios s set scenario_embedding = n.embedding
            from (select id, arc_embedding(numbers) as embedding from unnest($1::text[], $2::text[]) as r(id, numbers)) n
            where s.scenario_id = n.id and s.scenario_embedding is distinct from n.embedding
            """, [ids, .texts(batch.map { $0.embedding?.text ?? "" })])
    }

    /// Sees to it that these have as many dimensions as all others, or settles it where there are no others.
    private func settleLength(_ embeddings: [String: Embedding]) async throws {
        guard let first = embeddings.min(by: { $0.key < $1.key }) else { return }
        var settled = try await embeddingLength()
        if settled != first.value.values.count {
            // Where there are embeddings, nothing is changed.
            try await connection.query(
                """
                insert into arc_embedding_length as l (dimensions) values ($1)
                on conflict (only_row) do update set dimensions = excluded.dimensions
                where not exists (select from scenarios where scenario_embedding is not null)
                """, [.int(Int64(first.value.values.count))])
            settled = try await embeddingLength()
        }
        guard let settled else { return }
        for (scenario, embedding) in embeddings.sorted(by: { $0.key < $1.key })
        where embedding.values.count != settled {
            throw Self.wrongLength("scenario \"\(scenario)\"", embedding, settled)
        }
    }

    /// How many dimensions this database's embeddings have; nil where there never was one.
    func embeddingLength() async throws -> Int? {
        try await connection.query("select dimensions from arc_embedding_length").first?.get(
            "dimensions", as: Int.self)
    }

    static func wrongLength(_ place: String, _ embedding: Embedding, _ settled: Int) -> EvaluationError {
        EvaluationError(
            .invalid,
            "\(place): embedding has \(embedding.values.count) numbers, and this database's embeddings have \(settled)",
            advice:
                "Embeddings of different models can't be compared: use one model for all, or replace every embedding at once (arc.embed_scenarios { replace = true })."
        )
    }
}
