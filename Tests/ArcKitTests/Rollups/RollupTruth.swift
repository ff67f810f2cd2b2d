import Postgres
import Testing

@testable import ArcKit

/// What roll-ups have to say, computed from the outcomes by statements of the tests' own.
enum RollupTruth {
    private static let figures = """
        count(*), count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold),
        count(reliability_score), sum(reliability_score::numeric)::numeric(60, 30), sum(reliability_score::numeric * reliability_score::numeric)::numeric(60, 30),
        count(o.execution_time_ms), sum(o.execution_time_ms), count(tokens_used), sum(tokens_used),
        count(cost_usd), sum(cost_usd::numeric)::numeric(60, 30), sum(cost_usd::numeric * cost_usd::numeric)::numeric(60, 30),
        min(execution_time), max(execution_time)
        """
    private static let sums = """
        sum(runs), sum(passes), sum(scored), sum(score)::numeric(60, 30), sum(score_squares)::numeric(60, 30), sum(timed), sum(latency),
        sum(counted), sum(tokens), sum(priced), sum(cost)::numeric(60, 30), sum(cost_squares)::numeric(60, 30)
        """
    private static let source = "from outcomes o left join simulations s using (simulation_id)"

    private static func totals(_ passes: String) -> String {
        """
        from arc_totals((
          select array_agg(id) from (
            select simulation_id as id from simulations union select simulation_id from outcomes) as every)\(passes))
        """
    }

    /// Pairs of statements that must give the same rows.
    static let pairs: [(name: String, truth: String, answer: String)] =
        [
            ("1 hour", "hour"), ("24 hours", "day"),
        ].flatMap { width, unit in
            [
                (
                    "by status and \(unit)",
                    """
                    select date_trunc('\(unit)', execution_time, 'UTC'), simulation_id, o.status, \(figures) \(source)
                    group by 1, 2, 3 order by 1, 2, 3
                    """,
                    """
                    select bucket, simulation_id, status, \(sums), min(first_run), max(last_run)
                    from arc_rollup('\(width)', null, '-infinity') group by 1, 2, 3 order by 1, 2, 3
                    """
                ),
                (
                    "clusters by \(unit)",
                    """
                    select bucket, simulation_id, count(*) filter (where n > 0), sum(n), sum(total)::numeric(60, 30), sum(total * total)::numeric(60, 30),
                      sum(total * n)::numeric(60, 30), sum(n * n)
                    from (
                      select date_trunc('\(unit)', execution_time, 'UTC') as bucket, simulation_id, scenario_id,
                        count(reliability_score) as n, sum(reliability_score::numeric) as total
                      from outcomes group by 1, 2, 3) as cells
                    where n > 0 group by 1, 2 order by 1, 2
                    """,
                    """
                    select bucket, simulation_id, scenarios, n, total::numeric(60, 30), total_squares::numeric(60, 30),
                      cross_products::numeric(60, 30), n_squares
                    from arc_rollup_clusters('\(width)', null, '-infinity', '{score}') order by 1, 2
                    """
                ),
            ]
        } + [
            (
                "by scenario",
                """
                select date_trunc('day', execution_time, 'UTC'), simulation_id, scenario_id, count(*),
                  count(*) filter (where o.status = 'success'), count(*) filter (where o.status = 'timeout'),
                  count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold),
                  sum(reliability_score::numeric)::numeric(60, 30), sum(cost_usd::numeric)::numeric(60, 30)
                \(source) group by 1, 2, 3 order by 1, 2, 3
                """,
                """
                select bucket, simulation_id, scenario_id, runs, successes, timeouts, passes, score::numeric(60, 30),
                  cost::numeric(60, 30)
                from arc_rollup_scenarios(null, null, '-infinity') order by 1, 2, 3
                """
            ),
            (
                "latencies",
                """
                select date_trunc('day', execution_time, 'UTC'), simulation_id, arc_latency_bin(execution_time_ms), count(*)
                from outcomes where execution_time_ms is not null group by 1, 2, 3 order by 1, 2, 3
                """,
                "select bucket, simulation_id, bin, runs from arc_rollup_latency(null, '-infinity') order by 1, 2, 3"
            ),
            (
                "totals",
                """
                select simulation_id, sum(successes), sum(failures), avg(score)::numeric(40, 14), sum(cost)::numeric(60, 30), sum(judged)
                from (
                  select simulation_id, count(*) filter (where status = 'success') as successes,
                    count(*) filter (where status <> 'success') as failures, avg(reliability_score::numeric) as score,
                    sum(cost_usd::numeric) as cost, count(*) filter (where status <> 'cancelled'
                      and (status <> 'success' or reliability_score is not null)) as judged
                  from outcomes group by simulation_id, scenario_id) as scenarios
                group by 1 order by 1
                """,
                """
                select t.simulation_id, successes, errors + timeouts + cancellations, score::numeric(40, 14), cost::numeric(60, 30),
                  (select coalesce(sum(j * a), 0) from unnest(judged, alike) as u(j, a))
                \(totals("")) t
                order by 1
                """
            ),
            (
                "totals without passes",
                "select simulation_id, successes, errors, timeouts, cancellations, scored, score, cost \(totals(", true")) order by 1",
                "select simulation_id, successes, errors, timeouts, cancellations, scored, score, cost \(totals(", false")) order by 1"
            ),
            (
                "compared runs",
                """
                select s.simulation_id, count(o.outcome_id), sum(o.reliability_score::numeric)
                from simulations s left join outcomes o using (simulation_id) group by 1 order by 1
                """,
                """
                select s.simulation_id, count(r.trial), sum(r.reliability_score::numeric)
                from simulations s left join lateral arc_compared_runs(s.simulation_id, s.simulation_id) r on true
                group by 1 order by 1
                """
            ),
            (
                "by day, for everybody",
                """
                select date_trunc('day', execution_time, 'UTC'), count(distinct simulation_id), count(*),
                  avg(reliability_score::numeric)::double precision, sum(cost_usd::numeric)::double precision
                from outcomes group by 1 order by 1
                """,
                "select * from daily_simulation_stats order by 1"
            ),
        ]

    /// Reports every roll-up that says something else than the outcomes.
    static func check(
        _ pool: Pool, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for pair in pairs {
            let truth = try await pool.query(pair.truth).lines
            let answer = try await pool.query(pair.answer).lines
            #expect(answer == truth, "\(pair.name) \(what)", sourceLocation: sourceLocation)
        }
    }
}

extension Store {
    /// Refreshes everything, and checks that nothing waits any more.
    func refreshAll() async throws {
        try await session { session in
            try await session.refreshRollups()
            #expect(try await session.rollupState().waiting == 0)
        }
    }
}
