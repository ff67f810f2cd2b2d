import Postgres

extension Session {
    /// Creates these scenarios, or fills in what is newly known about those that exist. A value that isn't given
    /// leaves the stored one as it is.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for an empty id, and for an embedding of another length than this
    ///   database's.
    public func upsert(_ scenarios: [Scenario]) async throws {
        var merged: [String: Scenario] = [:]
        for scenario in scenarios {
            guard !scenario.id.isEmpty else {
                throw EvaluationError(
                    .invalid, "a scenario needs an id", advice: "Give a non-empty scenario id.")
            }
            try scenario.refuseNUL(in: "scenario \"\(scenario.id)\"")
            merged[scenario.id] = merged[scenario.id]?.filled(by: scenario) ?? scenario
        }
        guard !merged.isEmpty else { return }
        // Sorted, so that two sessions that touch the same scenarios lock them in the same order.
        let sorted = merged.values.sorted { $0.id < $1.id }
        let embeddings = sorted.compactMap { scenario in scenario.embedding.map { (scenario.id, $0) } }
        guard !embeddings.isEmpty else { return try await write(sorted) }
        try await atomically { session in
            try await session.write(sorted)
            try await session.setEmbeddings(embeddings)
        }
    }

    private func write(_ scenarios: [Scenario]) async throws {
        let rows = scenarios.map(\.json)
        try await connection.query(
            """
            insert into scenarios as s (scenario_id, name, task_prompt, difficulty_level, tags, expected_tools)
            select scenario_id, name, task_prompt, difficulty_level,
                   array(select jsonb_array_elements_text(tags)), nullif(expected_tools, 'null')
            from jsonb_to_recordset($1::jsonb) as r(
              scenario_id text, name text, task_prompt text, difficulty_level text, tags jsonb, expected_tools jsonb)
            on conflict (scenario_id) do update set
              name = case when excluded.name = s.scenario_id then s.name else excluded.name end,
              task_prompt = coalesce(excluded.task_prompt, s.task_prompt),
              difficulty_level = coalesce(excluded.difficulty_level, s.difficulty_level),
              tags = case when excluded.tags = '{}' then s.tags else excluded.tags end,
              expected_tools = coalesce(excluded.expected_tools, s.expected_tools)
            where (s.name, s.task_prompt, s.difficulty_level, s.tags, s.expected_tools) is distinct from (
              case when excluded.name = s.scenario_id then s.name else excluded.name end,
              coalesce(excluded.task_prompt, s.task_prompt),
              coalesce(excluded.difficulty_level, s.difficulty_level),
              case when excluded.tags = '{}' then s.tags else excluded.tags end,
              coalesce(excluded.expected_tools, s.expected_tools))
            """, [.text(JSONValue.array(rows).text)])
    }
}
