import ArcKit
import Postgres

/// Questions that the outcomes themselves answer.
enum OutcomeQuestions {
    static let all = [
        Question("compare two simulations", plain: "fetching their scores", most: 3) { data in
            (
                data.sql(
                    """
                    select simulation_id, scenario_id, trial, reliability_score from outcomes
                    where simulation_id in ($1, $2)
                    """, [.text(data.pair.a.id), .text(data.pair.b.id)]),
                data.ask { try await $0.compare(data.pair.a, with: data.pair.b) }
            )
        },
        Question("flaky scenarios of an agent", plain: "one aggregate", most: 2) { data in
            (
                data.sql(
                    """
                    select config_version_id, scenario_id, count(*),
                      count(*) filter (where o.status = 'success' and reliability_score >= pass_threshold)
                    from outcomes o join simulations s using (simulation_id)
                    where simulation_id in (\(RolledUpQuestions.ofConfiguration)) group by 1, 2
                    """, [.text(data.configuration)]),
                data.ask { try await $0.flaky(OutcomeScope(configuration: data.configuration)) }
            )
        },
        Question("failures of a week", plain: "count by category") { data in
            (
                data.sql(
                    """
                    select error_category, scenario_id, error_message, count(*) from outcomes
                    where status in ('error', 'timeout') and execution_time >= now() - interval '7 days' group by 1, 2, 3
                    """), data.ask { try await $0.failures(OutcomeScope(withinSeconds: week)) }
            )
        },
        Question("latest 20 failures", plain: "the same by SQL") { data in
            (
                data.sql(
                    """
                    select simulation_id, scenario_id, trial, execution_time, status, error_category, error_message
                    from outcomes where status in ('error', 'timeout') order by execution_time desc limit 20
                    """), data.ask { try await $0.recentFailures(limit: 20) }
            )
        },
        Question("tools of a simulation", plain: "steps by tool") { data in
            (
                data.sql(
                    """
                    select coalesce(step ->> 'tool', call -> 'function' ->> 'name') as tool, count(*)
                    from outcomes, jsonb_array_elements(trajectory) as step
                    left join jsonb_array_elements(step -> 'tool_calls') as call on true
                    where simulation_id = $1 group by 1
                    """, [.text(data.pair.b.id)]),
                data.ask { try await $0.toolUsage(OutcomeScope(simulation: data.pair.b)) }
            )
        },
        Question("coverage of 30 days", plain: "scenarios by tag") { data in
            (
                data.sql(
                    """
                    select tag, count(*), count(*) filter (where ran) from (
                      select unnest(tags) as tag, scenario_id in (
                        select scenario_id from outcomes where execution_time >= now() - interval '30 days') as ran
                      from scenarios) as s group by 1
                    """), data.ask { try await $0.coverage(OutcomeScope(withinSeconds: month)) }
            )
        },
    ]

    private static let week = 7 * 86_400.0
    static let month = 30 * 86_400.0
}
