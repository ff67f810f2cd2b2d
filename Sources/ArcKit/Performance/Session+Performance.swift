public import Postgres

/// A simulation's performance over time.
public struct SimulationPerformance: Sendable {
    /// One row a bucket, oldest first: bucket, runs, errors, timeouts, passes, avg_score, avg_latency_ms,
    /// tokens_used, cost_usd.
    public let buckets: QueryResult
    /// One row over all of it: first_run, last_run, runs, errors, timeouts, passes, avg_score, avg_latency_ms,
    /// p95_latency_ms, tokens_used, cost_usd.
    public let summary: QueryResult
}

extension Session {
    /// Performance by buckets of time, with a summary. Means are over the runs whose value is known.
    ///
    /// - Parameters:
    ///   - seconds: only runs that began at most this long ago; nil for all.
    ///   - bucket: the buckets' width, as an interval such as "1 hour".
    public func performance(
        of simulation: SimulationReference, withinSeconds seconds: Double? = nil, bucket: String = "1 hour"
    ) async throws -> SimulationPerformance {
        let figures = """
            count(*) as runs,
            count(*) filter (where o.status = 'error') as errors,
            count(*) filter (where o.status = 'timeout') as timeouts,
            count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold) as passes,
            avg(o.reliability_score) as avg_score,
            avg(o.execution_time_ms)::double precision as avg_latency_ms,
            sum(o.tokens_used)::bigint as tokens_used, sum(o.cost_usd) as cost_usd
            """
        let source = """
            from outcomes o join simulations s using (simulation_id)
            where o.simulation_id = $1
              and ($2::double precision is null or o.execution_time >= now() - $2 * interval '1 second')
            """
        let parameters: [Value] = [.text(simulation.id), .optional(seconds)]
        let buckets = try await connection.query(
            """
            select time_bucket($3::interval, o.execution_time) as bucket, \(figures) \(source)
            group by 1 order by 1
            """, parameters + [.text(bucket)])
        let summary = try await connection.query(
            """
            select min(o.execution_time) as first_run, max(o.execution_time) as last_run, \(figures),
              percentile_cont(0.95) within group (order by o.execution_time_ms) as p95_latency_ms
            \(source)
            """, parameters)
        return SimulationPerformance(buckets: buckets, summary: summary)
    }
}
