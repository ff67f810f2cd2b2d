import Postgres

extension Session {
    /// How a figure developed over time: for each bucket the mean of its runs with an interval, the moving average, and where
    /// the level changed.
    ///
    /// It is read from roll-ups: its time depends on how many days of how many simulations there are, not on the outcomes.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for a bucket or a time that can't be answered, `notFound` for a
    ///   configuration, scenario or tag that isn't there.
    public func trend(_ question: TrendQuestion) async throws -> MetricTrend {
        if let days = question.days, !(days > 0 && days <= 365_000) {
            throw EvaluationError(
                .invalid, "days must be above 0 and at most 365000, got \(Outcome.plain(days))")
        }
        try await BucketWidth.check(question.bucket, on: self)
        try await check(tags: question.tags)
        if let scenario = question.scenario { try await check(scenario: scenario) }
        var versions: [String]?
        if let configuration = question.configuration {
            versions = try await self.versions(of: configuration)
        }
        let rows = try await connection.query(
            Self.trendQuery(isByScenario: question.isByScenario),
            [
                .text(question.metric.column), .text(question.bucket), .optional(question.days),
                versions.map(Value.texts) ?? .null, .optional(question.scenario),
                question.tags.isEmpty ? .null : .texts(question.tags),
            ])
        var buckets: [MetricTrend.Bucket] = []
        var groups: [Trend.Group?] = []
        for row in rows {
            try Self.check(row, question)
            guard let start = try row.get("bucket", as: Timestamp?.self) else { continue }
            let sums = ClusterSums(
                n: try row.get("n", as: Int.self), mean: try row.get("mean", as: Double?.self),
                cells: try row.get("cells", as: Int.self), scenarios: try row.get("scenarios", as: Int.self),
                spread: try row.get("spread", as: Double.self),
                squares: try row.get("squares", as: Double?.self) ?? 0,
                isExtreme: try row.get("is_extreme", as: Bool.self))
            buckets.append(
                MetricTrend.Bucket(
                    start: start, runs: try row.get("runs", as: Int.self),
                    errors: try row.get("errors", as: Int.self),
                    estimate: sums.estimate(question.metric)))
            groups.append(sums.group(buckets[buckets.count - 1].estimate))
        }
        return MetricTrend(
            question: question, buckets: buckets, average: Trend.ewma(of: groups),
            changes: buckets.count <= MetricTrend.mostJudged
                ? ChangePoints.bayesian(
                    buckets.map(\.estimate.value), standardErrors: Trend.standardErrors(of: groups)) : nil)
    }

    /// Refuses what the question's first row says can't be answered.
    private static func check(_ row: Row, _ question: TrendQuestion) throws {
        let seconds = try row.get("width", as: Double.self)
        let (unit, length) = question.isByScenario ? ("days", 86_400.0) : ("hours", 3600.0)
        guard seconds > 0, seconds.truncatingRemainder(dividingBy: length) == 0 else {
            throw EvaluationError(
                .invalid,
                "the buckets of a trend\(question.isByScenario ? " of a scenario or of tags" : "") must be whole \(unit), got \"\(question.bucket)\"",
                advice: question.isByScenario
                    ? "Such as \"1 day\", \"1 week\" or \"1 month\"."
                    : "Such as \"1 hour\", \"1 day\" or \"1 week\".")
        }
    }

    /// $1 to $6 are the metric, the width, the days, the ids of versions of configurations, the scenario and the tags.
    ///
    /// There is always a row, which says whether the question makes sense. Each scenario's sums within a bucket are one cell
    /// where scenarios were chosen; else the cells are days (or hours) of simulations. Squares are rounded to 300 places:
    /// the server refuses to convert what no double is small enough for.
    private static func trendQuery(isByScenario: Bool) -> String {
        """
        with question as materialized (
          select extract(epoch from $2::interval)::double precision as width,
            case when $3::double precision is null then '-infinity'
              else time_bucket(greatest($2::interval, '1 hour'), now() - $3 * interval '1 day') end as low,
            case when extract(epoch from $2::interval) % 86400 = 0 then interval '24 hours' else interval '1 hour' end as grain,
            case when $4::uuid[] is not null then coalesce((
              select array_agg(simulation_id) from simulations where config_version_id = any ($4)), '{}') end as sims,
            case when $5::text is not null or $6::text[] is not null then coalesce((
              select array_agg(scenario_id) from scenarios
              where ($5 is null or scenario_id = $5) and ($6 is null or tags @> $6)), '{}') end as scenarios
        ), \(isByScenario ? scenarioCells : simulationCells), centred as (
          select *, sum(total) over bucket_values / sum(n) over bucket_values as mean from cells
          window bucket_values as (partition by bucket, metric)
        ), roots as (
          select *, sqrt(greatest(
            round(total_squares - 2 * mean * cross_products + mean * mean * n_squares, 300), 0)::double precision) as root
          from centred
        ), buckets as (
          select bucket, coalesce(sum(n) filter (where metric = $1), 0)::bigint as n,
            max(mean) filter (where metric = $1) as mean, count(*) filter (where metric = $1) as cells,
            coalesce(max(scenarios) filter (where metric = $1), 0)::bigint as scenarios,
            coalesce(sum(root order by root) filter (where metric = $1), 0) as spread,
            coalesce(sum(squares) filter (where metric = $1), 0) as squares,
            sum(total) filter (where metric = $1) as total,
            sum(n) filter (where metric = 'error')::bigint as runs,
            sum(total) filter (where metric = 'error')::bigint as errors
          from roots group by bucket
        )
        select q.width, b.bucket, b.n, b.mean::double precision as mean,
          b.cells, b.scenarios, b.spread, greatest(round(b.squares - b.n * b.mean * b.mean, 300), 0)::double precision as squares,
          coalesce($1 in ('pass', 'error', 'score') and (b.total = 0 or (b.total = b.n and b.squares = b.n)), false)
            as is_extreme, b.runs, b.errors
        from question q left join buckets b on true order by b.bucket
        """
    }

    private static let simulationCells = """
        cells as materialized (
          select time_bucket(greatest($2::interval, '1 hour'), r.bucket) as bucket, r.metric, r.scenarios, r.n, r.total, r.squares,
            r.total_squares, r.cross_products, r.n_squares
          from question q, arc_rollup_clusters(q.grain, q.sims, q.low, array[$1, 'error']) r
        )
        """

    private static let scenarioCells = """
        runs as (
          select time_bucket(greatest($2::interval, '1 hour'), r.bucket) as bucket, r.scenario_id, m.metric, sum(m.n) as n,
            sum(m.total) as total, sum(m.squares) as squares
          from question q, arc_rollup_scenarios(q.sims, q.scenarios, q.low) r
          cross join lateral (values
            ('score', r.scored::numeric, r.score, r.score_squares), ('pass', r.judged, r.passes, r.passes),
            ('error', r.runs - r.cancellations, (r.errors + r.timeouts)::numeric, (r.errors + r.timeouts)::numeric),
            ('latency', r.timed, r.latency, r.latency_squares), ('tokens', r.counted, r.tokens, r.tokens_squares),
            ('cost', r.priced, r.cost, r.cost_squares)
          ) as m(metric, n, total, squares)
          where m.n > 0 and m.metric in ($1, 'error')
          group by 1, 2, 3
        ), cells as materialized (
          select bucket, metric, count(*) as scenarios, sum(n) as n, sum(total) as total, sum(squares) as squares,
            sum(total * total) as total_squares, sum(total * n) as cross_products, sum(n * n) as n_squares
          from runs group by 1, 2
        )
        """
}
