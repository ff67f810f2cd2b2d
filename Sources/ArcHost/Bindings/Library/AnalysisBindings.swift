import ArcKit
import LuaBridge
import Postgres

extension Library {
    var analysisBindings: [Binding] {
        [flakyBinding, leaderboardBinding, toolUsageBinding, costBinding, coverageBinding]
    }

    private var flakyBinding: Binding {
        Binding(
            "arc.flaky",
            "Scenarios that pass at one time and fail at another under the same version of a configuration, the surest to be flaky first. The disagreement is the probability that two trials differ.",
            [ScopeParameters.options("FlakyOptions")],
            returns: (
                .handle(Answer.typeName),
                "scenarios (a frame: \(FlakyScenario.columnList)), single (how many have one trial, which can't disagree) and unjudged (how many have none that passed or failed)"
            ),
            effects: [.databaseRead],
            example: """
                local ranking = arc.flaky { simulation = "latest" }
                print(ranking.scenarios:head(10), ranking.single)
                """,
            .waiting { arguments in
                let ranking = try await host.store().read { session in
                    try await session.flaky(try await session.scope(arguments))
                }
                return [
                    .answer(
                        "flakiness ranking",
                        [
                            ("scenarios", .frame(ranking.scenarios)),
                            ("single", .integer(Int64(ranking.single))),
                            ("unjudged", .integer(Int64(ranking.unjudged))),
                        ])
                ]
            })
    }

    private var leaderboardBinding: Binding {
        Binding(
            "arc.leaderboard", "Configuration versions, the best first. \(Leaderboard.rule)",
            [
                ScopeParameters.options(
                    "LeaderboardOptions",
                    [
                        .optional(
                            "by", .choice(LeaderboardMeasure.allCases.map(\.rawValue)),
                            "what to rank by: the mean score of the runs that have one, unless said, or the share of runs that passed"
                        )
                    ])
            ],
            returns: (
                .handle(Answer.typeName),
                "by, rule and the frames standings (\(Standing.columnList)) and comparisons (\(StandingComparison.columnList))"
            ),
            effects: [.databaseRead],
            example: """
                local board = arc.leaderboard { tags = { "orders" }, by = "pass_rate" }
                print(board.standings, board.rule)
                """,
            .waiting { arguments in
                let measure =
                    arguments.fields("options").string("by").flatMap(LeaderboardMeasure.init) ?? .score
                let board = try await host.store().read { session in
                    try await session.leaderboard(try await session.scope(arguments), by: measure)
                }
                return [
                    .answer(
                        "leaderboard",
                        [
                            ("by", .string(board.measure.rawValue)),
                            ("rule", .string(Leaderboard.rule)),
                            ("standings", .frame(board.standings)),
                            ("comparisons", .frame(board.comparisons)),
                        ])
                ]
            })
    }

    private var toolUsageBinding: Binding {
        Binding(
            "arc.tool_usage",
            "Calls, errors and times by tool, from the trajectories, which stay on the server; and the tools that scenarios expect against those that their runs called.",
            [ScopeParameters.options("ToolUsageOptions")],
            returns: (
                .handle(Answer.typeName),
                "runs (with a trajectory), without_trajectory and the frames tools (\(ToolFigures.columnList)) and expectations (\(ToolExpectation.columnList))"
            ),
            effects: [.databaseRead],
            example: """
                local usage = arc.tool_usage { simulation = "latest" }
                print(usage.tools)
                print(usage.expectations:filter(function(e) return e.expected and e.used < e.runs end))
                """,
            .waiting { arguments in
                let usage = try await host.store().read { session in
                    try await session.toolUsage(try await session.scope(arguments))
                }
                return [
                    .answer(
                        "tool usage",
                        [
                            ("runs", .integer(Int64(usage.runs))),
                            ("without_trajectory", .integer(Int64(usage.withoutTrajectory))),
                            ("tools", .frame(usage.tools)),
                            ("expectations", .frame(usage.expectations)),
                        ])
                ]
            })
    }

    private var costBinding: Binding {
        Binding(
            "arc.cost",
            "Tokens, money and times, of runs that nobody cancelled. What isn't known has no part, and is counted; a cost per pass is the cost of all these runs by the number of those that passed. What cancelled runs took, too, is in a simulation's total_cost_usd (arc.get_simulation_status).",
            [ScopeParameters.options("CostOptions")],
            returns: (
                .handle(Answer.typeName),
                "total (a row) and the frames by_configuration and by_scenario, each with \(CostFigures.columnList); intervals are over scenarios, so a scenario alone has none"
            ),
            effects: [.databaseRead],
            example: """
                local cost = arc.cost { simulation = "latest" }
                print(cost.total.cost_usd, cost.total.cost_unknown, cost.total.cost_per_pass_usd)
                print(cost.by_scenario:sort("-cost_usd"):head(5))
                """,
            .waiting { arguments in
                let costs = try await host.store().read { session in
                    try await session.costs(try await session.scope(arguments))
                }
                return [
                    .answer(
                        "cost",
                        [
                            ("total", .row(costs.total)),
                            ("by_configuration", .frame(costs.byConfiguration)),
                            ("by_scenario", .frame(costs.byScenario)),
                        ])
                ]
            })
    }

    private var coverageBinding: Binding {
        Binding(
            "arc.coverage",
            "Which scenarios have runs, by tag and difficulty, and which have none. It counts all scenarios there are, so shares have no interval.",
            [ScopeParameters.options("CoverageOptions")],
            returns: (
                .handle(Answer.typeName),
                "total (a row) and the frames by_tag, by_difficulty, by_tag_and_difficulty, each with \(CoverageCell.columnList), and missing (\(MissingScenario.columnList))"
            ),
            effects: [.databaseRead],
            example: """
                local coverage = arc.coverage { time_range = "30d", tags = { "orders" } }
                print(coverage.by_tag_and_difficulty, #coverage.missing)
                """,
            .waiting { arguments in
                let coverage = try await host.store().read { session in
                    try await session.coverage(try await session.scope(arguments))
                }
                return [
                    .answer(
                        "coverage",
                        [
                            ("total", .row(coverage.total)),
                            ("by_tag", .frame(coverage.byTag)),
                            ("by_difficulty", .frame(coverage.byDifficulty)),
                            ("by_tag_and_difficulty", .frame(coverage.byTagAndDifficulty)),
                            ("missing", .frame(coverage.missing)),
                        ])
                ]
            })
    }
}
