public import Postgres

/// Which outcomes to fetch.
public struct OutcomeFilter: Sendable {
    /// Only those of this status.
    public var status: OutcomeStatus?
    /// Only those of this scenario.
    public var scenario: String?
    /// Only those whose run began at most this long ago, in seconds.
    public var withinSeconds: Double?
    /// At most so many, the latest first; nil for all.
    public var limit: Int?
    /// Whether the trajectories come along; they are most of the bytes.
    public var withTrajectory = false

    /// A filter that lets everything pass.
    public init() {}
}

extension Session {
    /// The outcomes of a simulation as rows, by scenario and trial.
    ///
    /// Each has outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score,
    /// execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics,
    /// modal_call_id and sandbox_id, and the trajectory where it is asked for. `passed` is NULL where nobody can
    /// tell: of a success without a score, and of a run that somebody cancelled.
    ///
    /// - Throws: `EvaluationError` with code `notFound` for a scenario that isn't there.
    public func outcomes(
        of simulation: SimulationReference, _ filter: OutcomeFilter = OutcomeFilter()
    ) async throws -> QueryResult {
        if let scenario = filter.scenario { try await check(scenario: scenario) }
        return try await connection.query(
            """
            select o.outcome_id, o.scenario_id, o.trial, o.execution_time, o.status,
              case when o.status <> 'cancelled' then
                o.status = 'success' and o.reliability_score >= s.pass_threshold end as passed,
              o.reliability_score, o.execution_time_ms, o.tokens_used, o.cost_usd, o.error_code, o.error_category,
              o.error_message, o.retry_count, o.metrics, o.modal_call_id, o.sandbox_id
              \(filter.withTrajectory ? ", o.trajectory" : "")
            from outcomes o join simulations s using (simulation_id)
            where o.simulation_id = $1
              and ($2::text is null or o.status = $2)
              and ($3::text is null or o.scenario_id = $3)
              and ($4::double precision is null or o.execution_time >= now() - $4 * interval '1 second')
            order by \(filter.limit == nil ? "o.scenario_id, o.trial" : "o.execution_time desc, o.outcome_id desc")
            limit $5
            """,
            [
                .text(simulation.id), .optional(filter.status?.rawValue), .optional(filter.scenario),
                .optional(filter.withinSeconds), .optional(filter.limit),
            ])
    }
}
