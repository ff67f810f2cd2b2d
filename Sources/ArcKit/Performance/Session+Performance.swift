public import Postgres

/// A simulation's performance over time.
public struct SimulationPerformance: Sendable {
    /// One row a bucket, oldest first: bucket, runs, errors (runs that ended in an error or a timeout), timeouts (how many
    /// of the errors are timeouts), passes, scored, avg_score, timed, avg_latency_ms, counted, tokens_used, priced, cost_usd:
    /// each figure behind the number of runs that it is known of.
    public let buckets: QueryResult
    /// One row over all of it: first_run, last_run, the same from runs to cost_usd, p95_latency_ms and p95_error, the part of
    /// itself by which the p95 may be wrong.
    public let summary: QueryResult
}

extension Session {
    /// Performance by buckets of time, with a summary. Means are over the runs whose value is known; they
    /// have no intervals, which the simulation's metrics and a trend have.
    ///
    /// Buckets of whole hours are read from the roll-ups, others from the outcomes; the figures are the same. The 95th
    /// percentile comes from a histogram of latencies: it is exact below 128 ms, and within 1/128 of itself from there on
    /// (Tene, HdrHistogram).
    ///
    /// - Parameters:
    ///   - seconds: only runs that began at most this long ago; nil for all.
    ///   - bucket: the buckets' width, as an interval such as "1 hour".
    /// - Throws: `EvaluationError` with code `invalid` for a bucket that is no width of time.
    public func performance(
        of simulation: SimulationReference, withinSeconds seconds: Double? = nil, bucket: String = "1 hour"
    ) async throws -> SimulationPerformance {
        try await BucketWidth.check(bucket, on: self)
        let figures = """
            coalesce(sum(runs), 0)::bigint as runs,
            coalesce(sum(runs) filter (where status in ('error', 'timeout')), 0)::bigint as errors,
            coalesce(sum(runs) filter (where status = 'timeout'), 0)::bigint as timeouts,
            coalesce(sum(passes), 0)::bigint as passes,
            coalesce(sum(scored), 0)::bigint as scored,
            (sum(score) / nullif(sum(scored), 0))::double precision as avg_score,
            coalesce(sum(timed), 0)::bigint as timed,
            (sum(latency) / nullif(sum(timed), 0))::double precision as avg_latency_ms,
            coalesce(sum(counted), 0)::bigint as counted, sum(tokens)::bigint as tokens_used,
            coalesce(sum(priced), 0)::bigint as priced, sum(cost)::double precision as cost_usd
            """
        let low =
            "case when $2::double precision is null then '-infinity' else now() - $2 * interval '1 second' end"
        let parameters: [Value] = [.text(simulation.id), .optional(seconds), .text(bucket)]
        // Both in one round trip.
        let results = try await connection.pipeline([
            Command(
                """
                select bucket, \(figures) from arc_simulation_buckets($1, $3::interval, \(low)) group by 1 order by 1
                """, parameters),
            Command(
                """
                with latencies as materialized (
                  select bin, sum(runs)::bigint as runs from arc_rollup_latency(array[$1::uuid], \(low)) group by bin
                )
                select min(first_run) as first_run, max(last_run) as last_run, \(figures),
                  (select arc_latency_quantile(0.95, array_agg(bin), array_agg(runs)) from latencies) as p95_latency_ms,
                  (select case when max(bin) < 128 then 0 when max(bin) >= 128 then 1 / 128.0 end::double precision from latencies)
                    as p95_error
                from arc_simulation_buckets($1, $3::interval, \(low))
                """, parameters),
        ])
        return SimulationPerformance(buckets: results[0], summary: results[1])
    }
}
