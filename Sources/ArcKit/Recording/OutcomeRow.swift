import Postgres

/// Outcomes as rows of a binary COPY into `outcomes`.
struct OutcomeRow: Sendable {
    static let columns = """
        outcome_id, simulation_id, scenario_id, trial, execution_time, status, reliability_score, execution_time_ms, \
        tokens_used, cost_usd, trajectory, modal_call_id, sandbox_id, error_code, error_category, error_message, \
        retry_count, metrics, categorized_by
        """

    let simulation: UniqueID?

    /// - Parameter simulation: the simulation's id.
    init(of simulation: String) { self.simulation = UniqueID(simulation) }

    /// Appends the values of an outcome, which has an id and a time, in the order of `columns`.
    func append(_ outcome: Outcome, to row: inout BinaryRow) {
        row.append(outcome.id.flatMap(UniqueID.init))
        row.append(simulation)
        row.append(outcome.scenario.id)
        row.append(Int32(truncatingIfNeeded: outcome.trial))
        row.append(outcome.executionTime)
        row.append(outcome.status.rawValue)
        row.append(outcome.reliabilityScore)
        row.append(outcome.executionTimeMs)
        row.append(outcome.tokensUsed)
        row.append(outcome.costUSD)
        row.append(jsonb: outcome.trajectory)
        row.append(outcome.modalCallID)
        row.append(outcome.sandboxID)
        row.append(outcome.errorCode)
        row.append(outcome.errorCategory)
        row.append(outcome.errorMessage)
        row.append(Int32(truncatingIfNeeded: outcome.retryCount))
        row.append(jsonb: outcome.metrics.flatMap { $0.isNull ? nil : $0.text } ?? "{}")
        row.append(outcome.categorizedBy)
    }
}
