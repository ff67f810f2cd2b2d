import ArcKit
import Postgres

/// Questions about what resembles what, and what trajectories hold.
enum SimilarityQuestions {
    static let all = [
        Question("search in a week", plain: "ILIKE on the text") { data in
            var question = SearchQuestion(text: "transfer_to_human")
            (question.withinSeconds, question.limit) = (7 * 86_400, 100)
            return (
                data.sql(
                    """
                    select simulation_id, scenario_id, trial, execution_time from outcomes
                    where execution_time >= now() - interval '7 days' and trajectory::text ilike '%transfer_to_human%'
                    order by execution_time desc limit 100
                    """), data.ask { [question] in try await $0.search(question) }
            )
        },
        Question("similar scenarios", plain: "similarity()") { data in
            (
                data.sql(
                    """
                    select o.scenario_id, similarity(o.task_prompt, s.task_prompt) as similarity
                    from scenarios s join scenarios o on o.scenario_id <> s.scenario_id
                    where s.scenario_id = $1 order by 2 desc, 1 limit 10
                    """, [.text(data.scenario)]),
                data.ask { try await $0.similarScenarios(SimilarityQuestion(scenario: data.scenario)) }
            )
        },
        Question("clusters of a set", plain: "similarity() of all pairs") { data in
            var question = ClusterQuestion(.threshold(0.6))
            question.simulation = data.pair.b
            return (
                data.sql(
                    """
                    with prompts as materialized (
                      select scenario_id, task_prompt from simulation_sets join scenarios using (scenario_id)
                      where simulation_id = $1)
                    select a.scenario_id, b.scenario_id from prompts a join prompts b on a.scenario_id < b.scenario_id
                    where similarity(a.task_prompt, b.task_prompt) >= 0.6
                    """, [.text(data.pair.b.id)]),
                data.ask { [question] in try await $0.clusterScenarios(question) }
            )
        },
    ]
}
