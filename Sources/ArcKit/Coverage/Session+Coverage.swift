import Postgres

extension Session {
    /// Which scenarios have runs within a scope, by tag and difficulty, and which have none. A run that somebody cancelled
    /// evaluates nothing.
    ///
    /// - Parameter scope: which outcomes count; its tags choose the scenarios.
    public func coverage(_ scope: OutcomeScope = .all) async throws -> Coverage {
        let question = Self.coverage(try await source(scope))
        return try await folding(question, into: CoverageTally()) { tally, row in
            let scenario = MissingScenario(
                scenario: try row.required(), name: try row.required(), difficulty: try row.optional(),
                tags: try row.required([String].self).sorted())
            tally.add(scenario, runs: try row.required(), errors: try row.required())
        }.answer
    }

    static func coverage(_ source: ScopedSource) -> Question {
        var source = source
        let tagged = source.taggedScenarios().map { "where \($0)" } ?? ""
        return Question(
            """
            select c.scenario_id, c.name, c.difficulty_level, c.tags,
              coalesce(r.runs, 0), coalesce(r.errors, 0)
            from scenarios c
            left join (
              select o.scenario_id, count(*) as runs, count(*) filter (where \(ScopedSource.failed)) as errors
              \(source.outcomes(and: "o.status <> 'cancelled'"))
              group by o.scenario_id
            ) r using (scenario_id)
            \(tagged)
            """, source)
    }
}
