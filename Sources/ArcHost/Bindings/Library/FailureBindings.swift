import ArcKit
import LuaBridge
import Postgres

extension Library {
    var failureBindings: [Binding] {
        [
            Binding(
                "arc.failures",
                "What failed, by category, by scenario and by what the message says: messages that differ in numbers, names or few words are one cluster. A failure is a run that ended in an error or a timeout; a wrong answer is none.",
                [
                    ScopeParameters.options(
                        "FailureOptions",
                        [
                            .optional(
                                "by_tool", .boolean,
                                "whether to tell the tools at which runs failed, for which the trajectories of failed runs are read"
                            )
                        ])
                ],
                returns: (
                    .handle(Answer.typeName),
                    """
                    runs, failures, rate, low, high and the frames by_category (\(FailureCategory.columnList)), \
                    by_scenario (\(FailingScenario.columnList)), clusters (\(MessageCluster.columnList)) and \
                    perhaps by_tool (\(FailingTool.columnList))
                    """
                ),
                effects: [.databaseRead],
                example: """
                    local found = arc.failures { simulation = "latest", by_tool = true }
                    print(found.failures, found.runs, found.by_category, found.by_tool)
                    for cluster in found.clusters:rows() do print(cluster.failures, cluster.template) end
                    """,
                .waiting { arguments in
                    let byTool = arguments.fields("options").boolean("by_tool") ?? false
                    let found = try await host.store().read { session in
                        try await session.failures(try await session.scope(arguments), byTool: byTool)
                    }
                    return [.object(found.answer)]
                }),
            Binding(
                "arc.recent_failures", "The latest runs that failed, the latest first.",
                [
                    ScopeParameters.options(
                        "RecentFailureOptions",
                        [.optional("limit", .positiveInteger, "at most so many; 20 unless said")])
                ],
                returns: (
                    .frame,
                    "execution_time, outcome_id, scenario_id, trial, status, error_category, error_code, error_message, execution_time_ms, configuration, version, simulation_id, simulation"
                ),
                effects: [.databaseRead],
                example: """
                    for run in arc.recent_failures({ limit = 5 }):rows() do
                      print(run.execution_time, run.scenario_id, run.error_category, run.error_message)
                    end
                    """,
                .waiting { arguments in
                    let limit = arguments.fields("options").integer("limit").map { Int($0) } ?? 20
                    let found = try await host.store().read { session in
                        try await session.recentFailures(try await session.scope(arguments), limit: limit)
                    }
                    return [.object(Frame(found))]
                }),
            Binding(
                "arc.recategorize",
                "Gives failures that were recorded before to the categorizers again, as `arc recategorize` does. Categories that people gave stay, unless `all` says otherwise.",
                [
                    ScopeParameters.options(
                        "RecategorizeOptions",
                        [
                            .optional("dry_run", .boolean, "whether to change nothing"),
                            .optional(
                                "all", .boolean,
                                "whether to replace categories that people gave too, where a categorizer knows one"
                            ),
                        ])
                ],
                returns: (
                    .handle(Answer.typeName),
                    "dry_run, failures, changed, given (keep what somebody gave them), uncertain (a categorizer failed: they stay as they are), summary and the frame changes (from, to, failures, categorizer, and of the first failure scenario_id, trial, simulation_id, message)"
                ),
                effects: [.databaseWrite],
                example: """
                    local found = arc.recategorize { simulation = "latest", dry_run = true }
                    print(found.summary)
                    for change in found.changes:rows() do print(change.from, change.to, change.failures, change.message) end
                    """,
                .waiting { arguments in
                    let options = arguments.fields("options")
                    var request = RecategorizeRequest()
                    request.scope = try await host.store().read { try await $0.scope(arguments) }
                    request.isDry = options.boolean("dry_run") ?? false
                    request.replacesGiven = options.boolean("all") ?? false
                    return [.object(try await host.recategorize(request).answer)]
                }),
        ]
    }
}

extension Failures {
    /// The failures for a script.
    var answer: Answer {
        Answer(
            "list of failures",
            [
                ("runs", .integer(Int64(runs))), ("failures", .integer(Int64(failures))),
                ("rate", .optional(rate.value)), ("low", .optional(rate.interval?.low)),
                ("high", .optional(rate.interval?.high)), ("by_category", .frame(byCategory)),
                ("by_scenario", .frame(byScenario)), ("clusters", .frame(clusters)),
                ("by_tool", byTool.map(LuaValue.frame) ?? .nil),
            ])
    }
}
