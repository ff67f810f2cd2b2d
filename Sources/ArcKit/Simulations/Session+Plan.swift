import Postgres

extension Session {
    /// Sets how often each scenario is run, once an import has seen its whole file.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for less than 1.
    public func setTrials(_ trials: Int, of simulation: SimulationReference) async throws {
        try SimulationPlan.validate(trials: trials)
        try await connection.query(
            """
            update simulations set trials = $2,
              completed_scenarios = arc_complete_scenarios(simulation_id, $2, (total_scenarios + 7) / 8 * 8)
            where simulation_id = $1
            """, [.text(simulation.id), .int(Int64(trials))])
    }
}
