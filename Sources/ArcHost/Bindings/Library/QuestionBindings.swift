public import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let outcomeOptions = ParameterType.record(
        "OutcomeOptions",
        [
            .optional(
                "status_filter", .choice(OutcomeStatus.allCases.map(\.rawValue)), "only those of this status"),
            .optional("scenario_id", .string, "only those of this scenario"),
            .optional("time_range", .duration, "only runs that began at most this long ago"),
            .optional("limit", .positiveInteger, "at most so many, the latest first"),
            .optional("trajectory", .boolean, "whether the trajectories come along"),
            .optional(
                "columns", .list(.string),
                "only these columns, which is faster; all but the trajectory unless said"),
        ])

    var questionBindings: [Binding] {
        [
            Binding(
                "arc.simulation", "Finds a simulation by name, id, unique prefix of an id, or \"latest\".",
                [.required("reference", .string, "what finds it")],
                returns: (.handle("Simulation"), "the simulation"), effects: [.databaseRead],
                example: #"print(arc.simulation("latest").name)"#,
                .waiting { arguments in
                    let found = try await host.store().read {
                        try await $0.findSimulation(arguments.text("reference"))
                    }
                    return [.object(SimulationHandle(found))]
                }),
            Binding(
                "arc.list_simulations", "Simulations, newest first, with their pass rates and intervals.",
                [
                    .optional(
                        "options",
                        .record(
                            "ListOptions",
                            [.optional("limit", .positiveInteger, "at most so many; all unless said")]),
                        "how many")
                ],
                returns: (
                    .frame,
                    "simulation_id, name, configuration, status, completed_runs, total_runs, pass_rate, pass_low, pass_high, cost_usd, created_at"
                ),
                effects: [.databaseRead], example: "print(arc.list_simulations { limit = 5 })",
                .waiting { arguments in
                    let limit = arguments.fields("options").integer("limit").map { Int($0) }
                    let found = try await host.store().read { try await $0.simulations(limit: limit) }
                    return [.object(Frame(found))]
                }),
            Binding(
                "arc.get_simulation_status", "A simulation's progress and figures of the moment.",
                [.required("simulation", .simulation, "which one")],
                returns: (
                    .handle(Answer.typeName),
                    "simulation_id, name, configuration, status, total_scenarios, completed_scenarios, trials, total_runs, completed_runs, completion_percent, statuses, average_score, total_cost_usd, …"
                ),
                effects: [.databaseRead],
                example: """
                    local status = arc.get_simulation_status("latest")
                    print(("%d of %d runs"):format(status.completed_runs, status.total_runs))
                    """,
                .waiting { arguments in
                    let status = try await host.store().read { session in
                        try await session.status(of: try await session.simulation(arguments, "simulation"))
                    }
                    return [.object(status.answer)]
                }),
            Binding(
                "arc.get_scenario_outcomes", "The outcomes of a simulation, by scenario and trial.",
                [
                    .required("simulation", .simulation, "which one"),
                    .optional("options", Self.outcomeOptions, "which outcomes"),
                ],
                returns: (
                    .frame,
                    "outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score, execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics, modal_call_id, sandbox_id, perhaps trajectory"
                ),
                effects: [.databaseRead],
                example: """
                    local failed = arc.get_scenario_outcomes("latest", { status_filter = "error", time_range = "365d" })
                    print(#failed)
                    """,
                .waiting { arguments in
                    let options = arguments.fields("options")
                    var filter = OutcomeFilter()
                    filter.status = options.string("status_filter").flatMap(OutcomeStatus.init)
                    filter.scenario = options.string("scenario_id")
                    filter.withinSeconds = try options.timeRange()
                    filter.limit = options.integer("limit").map { Int($0) }
                    filter.withTrajectory = options.boolean("trajectory") ?? false
                    filter.columns = options.list("columns")?.compactMap(\.stringValue)
                    let wanted = filter
                    let result = try await host.store().read { session in
                        try await session.outcomes(
                            of: try await session.simulation(arguments, "simulation"), wanted)
                    }
                    return [.object(Frame(result))]
                }),
            Binding(
                "arc.metric",
                "One metric of a simulation: a plugin's by its name, or the mean of a recorded number by `metrics.NAME`. Nothing else is computed.",
                [
                    .required("name", .string, "the metric's name"),
                    .required("simulation", .simulation, "which one"),
                ],
                returns: (
                    .table,
                    "name, label, unit, value, n, errors, se, low, high, method, note; what isn't known is nil"
                ),
                effects: [.databaseRead],
                example: """
                    local rate = arc.metric("pass_rate", "latest")
                    print(rate.value, rate.low, rate.high, rate.n, rate.errors)
                    """,
                .waiting { arguments in
                    let simulation = try await host.store().read { session in
                        try await session.simulation(arguments, "simulation")
                    }
                    return [.table(try await host.metric(arguments.text("name"), of: simulation).table)]
                }),
            Binding(
                "arc.metrics",
                "Every metric of every plugin for a simulation, in the plugins' order. What fails is left out, and named in a second list: plugin, part, message, advice.",
                [.required("simulation", .simulation, "which one")],
                returns: (
                    .list(.table),
                    "name, label, unit, value, n, errors, se, low, high, method; what isn't known is nil"
                ),
                effects: [.databaseRead],
                example: """
                    local metrics, failures = arc.metrics("latest")
                    for _, metric in ipairs(metrics) do print(metric.name, metric.value) end
                    for _, failure in ipairs(failures) do print(failure.message) end
                    """,
                .waiting { arguments in
                    let (name, outcomes) = try await self.outcomes(of: arguments)
                    let found = try await host.plugins.metrics(of: outcomes, simulation: name, on: host)
                    return [
                        .table(LuaTable(array: found.values.map { .table($0.table) }, kind: .array)),
                        .table(LuaTable(array: found.failures.map { .table($0.table) }, kind: .array)),
                    ]
                }),
        ]
    }

    private func outcomes(of arguments: Arguments) async throws -> (simulation: String, outcomes: Frame) {
        let (simulation, result) = try await host.store().read { session in
            let simulation = try await session.simulation(arguments, "simulation")
            return (simulation, try await session.outcomes(of: simulation))
        }
        return (simulation.name ?? simulation.id, Frame(result))
    }
}

extension Frame {
    /// The list that `arc list` shows.
    public convenience init(_ simulations: [SimulationSummary]) {
        func column(_ name: String, _ value: (SimulationSummary) -> Value) -> Column {
            Column(name: name, simulations.map(value))
        }
        func real(_ value: Double?) -> Value { value.map(Value.double) ?? .null }
        func text(_ value: String?) -> Value { value.map(Value.text) ?? .null }
        self.init(
            columns: [
                column("simulation_id") { .text($0.id) }, column("name") { text($0.name) },
                column("configuration") { .text($0.configuration) },
                column("version") { .int(Int64($0.configurationVersion)) },
                column("status") { .text($0.state.rawValue) },
                column("completed_runs") { .int(Int64($0.completedRuns)) },
                column("total_runs") { .int(Int64($0.totalRuns)) },
                column("pass_rate") { real($0.passRate.value) },
                column("pass_low") { real($0.passRate.interval?.low) },
                column("pass_high") { real($0.passRate.interval?.high) },
                column("cost_usd") { real($0.costUSD) },
                column("created_at") { .timestamp($0.createdAt) },
            ], count: simulations.count)
    }
}

extension SimulationStatus {
    /// The status for a script.
    var answer: Answer { Answer("simulation status", fields) }

    /// The same as a table.
    var table: LuaTable { answer.table }

    private var fields: Answer.Fields {
        func time(_ value: Timestamp?) -> LuaValue { value.map { .object(TimeObject($0)) } ?? .nil }
        let statuses = OutcomeStatus.allCases.map {
            LuaTable.Field($0.rawValue, .integer(Int64(self.statuses[$0] ?? 0)))
        }
        return [
            ("simulation_id", .string(id)), ("name", .optional(name)),
            ("configuration", .string(configuration)),
            ("configuration_version", .integer(Int64(configurationVersion))),
            ("status", .string(state.rawValue)), ("total_scenarios", .integer(Int64(totalScenarios))),
            ("completed_scenarios", .integer(Int64(completedScenarios))), ("trials", .integer(Int64(trials))),
            ("total_runs", .integer(Int64(totalRuns))), ("completed_runs", .integer(Int64(completedRuns))),
            ("completion_percent", .optional(completionPercent)), ("pass_threshold", .number(passThreshold)),
            ("statuses", .table(LuaTable(fields: statuses, kind: .object))),
            ("average_score", .optional(averageScore)), ("scored_runs", .integer(Int64(scoredRuns))),
            ("total_cost_usd", .optional(totalCostUSD)), ("execution_time_ms", .optional(executionTimeMs)),
            ("created_at", time(createdAt)), ("started_at", time(startedAt)),
            ("completed_at", time(completedAt)),
        ]
    }
}
