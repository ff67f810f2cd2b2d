import Postgres

extension Session {
    /// Compares two simulations, paired by scenario. Of their outcomes nothing is read but scenario, trial, status and
    /// numbers, by one command for both.
    ///
    /// - Parameters:
    ///   - a: the baseline.
    ///   - b: the candidate; differences are B − A.
    /// - Throws: `EvaluationError` with code `invalid` for an option that is out of its range, and for a metric that
    ///   neither has; `notFound` for critical scenarios that aren't there.
    public func compare(
        _ a: SimulationReference, with b: SimulationReference,
        _ options: ComparisonOptions = ComparisonOptions()
    ) async throws -> Comparison {
        try await comparisons(a, with: b, [options])[0]
    }

    /// As many comparisons of the same two, for one read of their outcomes.
    func comparisons(
        _ a: SimulationReference, with b: SimulationReference, _ options: [ComparisonOptions]
    ) async throws -> [Comparison] {
        for options in options { try options.validate() }
        let both: [Value] = [.text(a.id), .text(b.id)]
        let known = try await connection.query(ComparedSimulation.sql, both)
        func simulation(_ reference: SimulationReference) throws -> ComparedSimulation {
            guard
                let row = try known.first(where: {
                    try $0.get("simulation_id", as: String.self) == reference.id
                })
            else { throw EvaluationError(.notFound, "simulation \(reference.label) is gone") }
            return try ComparedSimulation(row, reference)
        }
        let sides = (a: try simulation(a), b: try simulation(b))
        let runs = ComparedRuns(try await connection.columns(ComparedRuns.sql, both), isSame: a.id == b.id)
        // Tags matter where both sides ran the scenario: A's are enough.
        let tags = TaggedScenarios.list(
            try await connection.columns(TaggedScenarios.sql, [.text(a.id)]), of: runs)
        for options in options { try options.checkCritical(scenarios: runs.scenarios, tags: tags.map(\.tag)) }
        return try await Computation.run {
            try options.map { try ComparisonMaking(runs, sides, tags, $0).comparison() }
        }
    }
}
