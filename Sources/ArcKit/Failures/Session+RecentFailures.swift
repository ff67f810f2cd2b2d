public import Postgres

extension Session {
    /// The latest runs that failed, the latest first.
    ///
    /// Each has execution_time, outcome_id, scenario_id, trial, status, error_category, error_code, error_message,
    /// execution_time_ms, configuration, version, simulation_id and simulation.
    ///
    /// - Parameters:
    ///   - scope: which outcomes.
    ///   - limit: how many at most, 1 or more.
    public func recentFailures(_ scope: OutcomeScope = .all, limit: Int = 20) async throws -> ColumnSet {
        let question = Self.recentFailures(try await source(scope), limit: limit)
        return try await connection.columns(question.sql, question.parameters)
    }

    /// Each status is asked for by itself, so that an index gives its latest runs and no others are read.
    static func recentFailures(_ source: ScopedSource, limit: Int) -> Question {
        var source = source
        let most = source.bind(.int(Int64(limit)))
        let latest = { (status: OutcomeStatus) in
            """
            (select o.execution_time, o.outcome_id, o.scenario_id, o.trial, o.status, o.error_category, o.error_code,
               o.error_message, o.execution_time_ms, o.simulation_id
             \(source.outcomes(and: "o.status = '\(status.rawValue)'"))
             order by o.execution_time desc, o.outcome_id desc limit \(most)::bigint)
            """
        }
        return Question(
            """
            select o.execution_time, o.outcome_id, o.scenario_id, o.trial, o.status, o.error_category, o.error_code,
              o.error_message, o.execution_time_ms, c.name as configuration, v.version_number as version,
              o.simulation_id, s.simulation_name as simulation
            from (
              \(latest(.error)) union all \(latest(.timeout))
              order by 1 desc, 2 desc limit \(most)::bigint
            ) o
            join simulations s using (simulation_id)
            join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            order by o.execution_time desc, o.outcome_id desc
            """, source)
    }
}
