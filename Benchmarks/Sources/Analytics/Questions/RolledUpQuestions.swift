import ArcKit
import Postgres

/// Questions that roll-ups answer.
enum RolledUpQuestions {
    static let all = [
        Question(
            "status of what is running", plain: "the guide's join", most: 0.1, isRolledUp: true
        ) {
            data in
            (
                data.sql("\(progress) where s.status = 'running' \(byTotal)"),
                data.ask { session in
                    for simulation in data.running { _ = try await session.status(of: simulation) }
                }
            )
        },
        Question("status of one", plain: "the guide's join", most: 0.1, isRolledUp: true) {
            data in
            (
                data.sql("\(progress) where s.simulation_id = $1 \(byTotal)", [.text(data.pair.b.id)]),
                data.ask { try await $0.status(of: data.pair.b) }
            )
        },
        Question("24 hours by the hour", plain: "the guide's query", most: 0.05, isRolledUp: true) { data in
            var question = TrendQuestion()
            (question.days, question.bucket) = (1, "1 hour")
            return (
                data.sql(figures("hour", "1 hour", within: "24 hours")),
                data.ask { [question] in try await $0.trend(question) }
            )
        },
        Question("trend of 90 days", plain: "the same by day", most: 0.05, isRolledUp: true) {
            data in
            (
                data.sql(figures("day", "1 day", within: "90 days")),
                data.ask { try await $0.trend(TrendQuestion()) }
            )
        },
        Question("trend of an agent", plain: "the same by day", isRolledUp: true) { data in
            var question = TrendQuestion()
            question.configuration = data.configuration
            return (
                data.sql(
                    figures(
                        "day", "1 day", within: "90 days", and: "and simulation_id in (\(ofConfiguration))"),
                    [.text(data.configuration)]),
                data.ask { [question] in try await $0.trend(question) }
            )
        },
        Question("daily_simulation_stats", plain: "the guide's view", isRolledUp: true) { data in
            (
                data.sql(
                    """
                    select date_trunc('day', execution_time) as day, count(distinct simulation_id) as simulations_run,
                      count(*) as total_scenarios, avg(reliability_score) as avg_reliability, sum(cost_usd) as total_cost
                    from outcomes where execution_time >= now() - interval '30 days' group by day
                    """),
                data.sql("select * from daily_simulation_stats where day >= now() - interval '30 days'")
            )
        },
        Question("performance of one", plain: "the same by hour", isRolledUp: true) { data in
            let simulation: [Value] = [.text(data.pair.b.id)]
            return (
                data.ask { session in
                    _ = try await session.connection.query(
                        """
                        select time_bucket('1 hour', execution_time) as hour, \(simulationFigures)
                        from outcomes where simulation_id = $1 group by hour order by hour
                        """, simulation)
                    _ = try await session.connection.query(
                        """
                        select \(simulationFigures),
                          percentile_cont(0.95) within group (order by execution_time_ms) as p95_latency_ms
                        from outcomes where simulation_id = $1
                        """, simulation)
                }, data.ask { try await $0.performance(of: data.pair.b) }
            )
        },
        Question("list of the latest 20", plain: "the same by SQL", isRolledUp: true) { data in
            (
                data.sql(
                    """
                    select s.*, (select avg(reliability_score) from outcomes o where o.simulation_id = s.simulation_id)
                    from simulations s order by created_at desc limit 20
                    """), data.ask { try await $0.simulations(limit: 20) }
            )
        },
        Question("leaderboard of 30 days", plain: "means by version", isRolledUp: true) { data in
            (
                data.sql(
                    """
                    select config_version_id, count(*), avg(reliability_score), avg(cost_usd),
                      avg(o.execution_time_ms)
                    from outcomes o join simulations s using (simulation_id)
                    where execution_time >= now() - interval '30 days' group by 1 order by 3 desc
                    """),
                data.ask { try await $0.leaderboard(OutcomeScope(withinSeconds: OutcomeQuestions.month)) }
            )
        },
        Question("cost of 30 days", plain: "sums by version", isRolledUp: true) { data in
            (
                data.sql(
                    """
                    select config_version_id, count(*), sum(cost_usd), sum(tokens_used)
                    from outcomes o join simulations s using (simulation_id)
                    where execution_time >= now() - interval '30 days' group by 1
                    """), data.ask { try await $0.costs(OutcomeScope(withinSeconds: OutcomeQuestions.month)) }
            )
        },
    ]

    /// The simulations of a configuration, $1.
    static let ofConfiguration = """
        select simulation_id from simulations join config_versions on version_id = config_version_id
        join configurations using (config_id) where name = $1
        """

    /// The guide's "Simulation Progress Tracking".
    private static let progress = """
        SELECT s.simulation_id, s.total_scenarios, COUNT(o.outcome_id) as completed_scenarios,
          AVG(o.reliability_score) as current_avg_score
        FROM simulations s LEFT JOIN outcomes o ON s.simulation_id = o.simulation_id
        """
    private static let byTotal = "GROUP BY s.simulation_id, s.total_scenarios"

    /// The guide's "Fast Time-Range Queries".
    private static func figures(_ name: String, _ width: String, within: String, and condition: String = "")
        -> String
    {
        """
        SELECT time_bucket('\(width)', execution_time) as \(name), COUNT(*) as scenarios_run,
          AVG(reliability_score) as avg_score, SUM(cost_usd) as total_cost
        FROM outcomes WHERE execution_time >= NOW() - INTERVAL '\(within)' \(condition)
        GROUP BY \(name) ORDER BY \(name) DESC
        """
    }

    private static let simulationFigures = """
        count(*) as runs, count(*) filter (where status = 'error') as errors,
        count(*) filter (where status = 'timeout') as timeouts, avg(reliability_score) as avg_score,
        avg(execution_time_ms) as avg_latency_ms, sum(tokens_used) as tokens_used, sum(cost_usd) as cost_usd
        """
}
