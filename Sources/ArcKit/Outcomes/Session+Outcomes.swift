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
    /// Only these columns, in this order; nil for all but the trajectory.
    public var columns: [String]?

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
    /// - Throws: `EvaluationError` with code `notFound` for a scenario that isn't there, `invalid` for a column that outcomes
    ///   don't have.
    public func outcomes(
        of simulation: SimulationReference, _ filter: OutcomeFilter = OutcomeFilter()
    ) async throws -> QueryResult {
        if let scenario = filter.scenario { try await check(scenario: scenario) }
        let columns = try Self.columns(filter)
        return try await connection.query(
            """
            select \(columns)
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

    /// The columns of a filter as SQL.
    private static func columns(_ filter: OutcomeFilter) throws(EvaluationError) -> String {
        let names = filter.columns ?? outcomeColumns + (filter.withTrajectory ? ["trajectory"] : [])
        for name in names where name != "trajectory" && !outcomeColumns.contains(name) {
            throw EvaluationError.unknown(
                "outcomes have no column \"\(name)\"", name, among: outcomeColumns + ["trajectory"],
                code: .invalid)
        }
        return names.map { name in
            name == "passed"
                ? """
                case when o.status <> 'cancelled' then
                  o.status = 'success' and o.reliability_score >= s.pass_threshold end as passed
                """ : "o.\(name)"
        }.joined(separator: ", ")
    }

    private static let outcomeColumns = [
        "outcome_id", "scenario_id", "trial", "execution_time", "status", "passed", "reliability_score",
        "execution_time_ms", "tokens_used", "cost_usd", "error_code", "error_category", "error_message",
        "retry_count",
        "metrics", "modal_call_id", "sandbox_id",
    ]
}
