import ArcKit
import LuaBridge
import Postgres

extension Library {
    /// A scenario: its id, or a table with what else is known.
    static let scenario = ParameterType.either(
        .string,
        .record(
            "Scenario",
            [
                .required("id", .string, "its id"),
                .optional("name", .string, "a name for people"),
                .optional("task_prompt", .string, "what the agent is asked"),
                .optional("difficulty_level", .string, "how hard it is"),
                .optional("tags", .list(.string), "labels"),
                .optional("expected_tools", .any, "the tools that a good answer uses"),
                .optional(
                    "embedding", .list(.anyNumber),
                    "where a model puts its prompt: at most 1536 numbers, as many as every other scenario's"),
            ]))

    private static let scenarioList = ParameterType.list(scenario)

    private static let plan = ParameterType.record(
        "SimulationPlan",
        [
            .required(
                "config_version_id", .string,
                "a version's id, or a configuration's name for its latest version"),
            .optional(
                "scenarios", scenarioList,
                "the scenarios to run, as ids or tables; others may be added by recording"),
            .optional("trials", .positiveInteger, "how often each scenario is run; 1 unless said"),
            .optional("simulation_name", .string, "a name for people"),
            .optional("pass_threshold", .number(0...1), "the score from which a run passes; 0.7 unless said"),
            .optional("modal_app_id", .string, "its Modal app"),
            .optional("modal_environment", .string, "its Modal environment"),
            .optional("sandbox_instances", .positiveInteger, "how many sandboxes run it"),
        ])

    private static let suiteResult = ParameterType.record(
        "SuiteResult",
        [
            .optional("overall_score", .number(0...1), "the mean score; computed unless given"),
            .optional(
                "total_cost", .number(0 ... .greatestFiniteMagnitude), "US dollars; computed unless given"),
            .optional("execution_time_ms", .integer(0 ... .max), "milliseconds; computed unless given"),
        ])

    var simulationBindings: [Binding] {
        [
            Binding(
                "arc.create_simulation", "Creates a simulation in state pending.",
                [.required("plan", Self.plan, "what to run")],
                returns: (.handle("Simulation"), "the simulation"), effects: [.databaseWrite],
                example: """
                    arc.create_configuration("help-example", "model: small")
                    local sim = arc.create_simulation { config_version_id = "help-example", scenarios = { "s1", "s2" } }
                    assert(sim:get_simulation_status().status == "pending")
                    """,
                .waiting { arguments in [try await create(arguments, starting: false)] }),
            Binding(
                "arc.start_simulation", "Creates a simulation and starts it.",
                [.required("plan", Self.plan, "what to run")],
                returns: (.handle("Simulation"), "the simulation"), effects: [.databaseWrite],
                example: """
                    arc.create_configuration("help-example", "model: small")
                    local sim = arc.start_simulation {
                      config_version_id = "help-example", scenarios = { "s1" }, trials = 2, simulation_name = "help",
                    }
                    assert(sim:get_simulation_status().total_runs == 2)
                    """,
                .waiting { arguments in [try await create(arguments, starting: true)] }),
            Binding(
                "arc.complete_simulation",
                "Ends a simulation as planned. What the result leaves open is computed from the outcomes.",
                [
                    .required("simulation", .simulation, "which one"),
                    .optional(
                        "suite_result", Self.suiteResult, "its final figures, as far as the runner knows them"
                    ),
                ],
                effects: [.databaseWrite],
                example: """
                    arc.create_configuration("help-example", "model: small")
                    local sim = arc.start_simulation { config_version_id = "help-example" }
                    sim:complete_simulation { overall_score = 0.87, total_cost = 2.45 }
                    assert(sim:get_simulation_status().status == "completed")
                    """,
                .waiting { arguments in
                    let fields = arguments.fields("suite_result")
                    let result = SuiteResult(
                        overallScore: fields.number("overall_score"),
                        totalCostUSD: fields.number("total_cost"),
                        executionTimeMs: fields.integer("execution_time_ms"))
                    let handle: SimulationHandle? = arguments.object("simulation")
                    let id = handle?.reference.id ?? arguments.text("simulation")
                    let call = "arc.complete_simulation(\"\(id)\")"
                    try await host.store().ending(call) { session in
                        try await session.completeSimulation(
                            try await session.simulation(arguments, "simulation"), result)
                    }
                    return []
                }),
            Binding(
                "arc.abandon_simulation",
                "Ends a simulation that can't go on, or that nobody wants any more.",
                [
                    .required("simulation", .simulation, "which one"),
                    .required("state", .choice(["failed", "cancelled"]), "what became of it"),
                ],
                effects: [.databaseWrite],
                example: """
                    arc.create_configuration("help-example", "model: small")
                    local sim = arc.start_simulation { config_version_id = "help-example" }
                    sim:abandon_simulation("cancelled")
                    """,
                .waiting { arguments in
                    let state = SimulationState(rawValue: arguments.text("state")) ?? .failed
                    try await host.store().session { session in
                        try await session.abandonSimulation(
                            try await session.simulation(arguments, "simulation"), as: state)
                    }
                    return []
                }),
        ]
    }

    private func create(_ arguments: Arguments, starting: Bool) async throws -> LuaValue {
        let fields = arguments.fields("plan")
        var plan = SimulationPlan(
            configuration: fields.text("config_version_id"),
            scenarios: try (fields.list("scenarios") ?? []).map {
                try Scenario($0, function: arguments.function)
            },
            trials: Int(fields.integer("trials") ?? 1), name: fields.string("simulation_name"))
        plan.passThreshold = fields.number("pass_threshold") ?? plan.passThreshold
        plan.modalAppID = fields.string("modal_app_id")
        plan.modalEnvironment = fields.string("modal_environment")
        plan.sandboxInstances = fields.integer("sandbox_instances").map { Int($0) }
        let wanted = plan
        let reference = try await host.store().transaction(.transaction) { session in
            let id = try await session.createSimulation(wanted)
            let created = try await session.findSimulation(id)
            if starting { try await session.startSimulation(created) }
            return created
        }
        return .object(SimulationHandle(reference))
    }
}

extension Session {
    /// The simulation that an argument names.
    func simulation(_ arguments: Arguments, _ name: String) async throws -> SimulationReference {
        if let handle: SimulationHandle = arguments.object(name) { return handle.reference }
        return try await findSimulation(arguments.text(name))
    }
}

extension Scenario {
    /// A scenario from a script: its id, or a table with `id` and what else is known.
    init(_ value: LuaValue, function: String) throws {
        guard let table = value.table else {
            self.init(id: value.stringValue ?? "")
            return
        }
        let tools = table["expected_tools"]
        self.init(
            id: table["id"].stringValue ?? "", name: table["name"].stringValue,
            taskPrompt: table["task_prompt"].stringValue, difficulty: table["difficulty_level"].stringValue,
            tags: (table["tags"].table?.array ?? []).compactMap(\.stringValue),
            expectedTools: tools.isAbsent ? nil : try JSONValue(tools, function: function))
        if let numbers = table["embedding"].table?.array {
            embedding = try Embedding(
                numbers.compactMap(\.numberValue), place: "\(function): scenario \"\(id)\"")
        }
    }
}
