import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let zeroOrMore = ParameterType.integer(0 ... .max)
    private static let milliseconds = 0...Double(Outcome.counts.upperBound)

    /// The fields of an outcome, as `record_outcome` and importers take them.
    static let outcomeFields: [Parameter] = [
        .optional("simulation_id", .simulation, "the simulation, where none is given beside it"),
        .optional("scenario_id", .string, "the scenario's id, where scenario isn't given"),
        .optional("scenario", Self.scenario, "the scenario, with what is newly known about it"),
        .required("status", .choice(OutcomeStatus.allCases.map(\.rawValue)), "whether the agent ran"),
        .optional("outcome_id", .string, "a UUIDv7 that makes recording idempotent; made where not given"),
        .optional("trial", .positiveInteger, "which of the scenario's runs this is; 1 unless said"),
        .optional("execution_time", .either(.string, .handle("Time")), "when it ran; now unless said"),
        .optional("reliability_score", .number(0...1), "how well the agent did, 0…1"),
        .optional("execution_time_ms", .number(milliseconds), "how long it took, in milliseconds"),
        .optional("tokens_used", .integer(Outcome.counts), "tokens"),
        .optional("cost_usd", .number(Outcome.costs), "US dollars"),
        .optional("trajectory", .json, "the execution trace"),
        .optional("modal_call_id", .string, "the Modal call"),
        .optional("sandbox_id", .string, "the sandbox"),
        .optional("error_code", .string, "the failure's code"),
        .optional("error_category", .string, "the failure's category; categorizers find one where not given"),
        .optional("error_message", .string, "the failure's message"),
        .optional("retry_count", zeroOrMore, "how often the run was tried again"),
        .optional("metrics", .table, "measurements of your own, by name"),
        .optional("place", .string, "what to call it in a message, such as \"record 3\""),
    ]

    static let outcome = ParameterType.record("Outcome", outcomeFields)

    private static let modalResult = ParameterType.partlyJSON([
        .optional(
            "trajectory", .partlyJSON([.optional("full_trajectory", .json, "the execution trace")]),
            "how the run went")
    ])

    private static let modalOptions = ParameterType.record(
        "ModalOptions",
        [
            .optional(
                "scale", .choice(ScoreScale.allCases.map(\.rawValue)),
                "the scale of the scores; 0..1 unless said"),
            .optional("trials_field", .string, "the field that numbers a scenario's runs; trial unless said"),
            .optional("place", .string, "what to call the record in a message"),
        ])

    var recordingBindings: [Binding] {
        [
            Binding(
                "arc.record_outcome", "Records one outcome and the simulation's progress. Safe to repeat.",
                [.required("outcome", Self.outcome, "the outcome, with its simulation_id")],
                returns: (.string, "the outcome's id"), effects: [.databaseWrite],
                example: Self.example(
                    """
                    local id = arc.record_outcome {
                      simulation_id = sim, scenario_id = "s1", status = "success", reliability_score = 0.95,
                    }
                    assert(#id == 36)
                    """),
                .waiting { arguments in
                    let value = arguments["outcome"] ?? .nil
                    return [.string(try await record([value], for: arguments).outcomeIDs[0])]
                }),
            Binding(
                "arc.record_outcomes_batch",
                "Records many outcomes of one simulation in one transaction: all of them or none.",
                [.required("outcomes", .list(Self.outcome), "the outcomes, with their simulation_id")],
                returns: (.list(.string), "the outcomes' ids, in order"), effects: [.databaseWrite],
                example: Self.example(
                    """
                    local ids = arc.record_outcomes_batch {
                      { simulation_id = sim, scenario_id = "s1", status = "success", reliability_score = 1 },
                      { simulation_id = sim, scenario_id = "s2", status = "error", error_message = "tool failed" },
                    }
                    assert(#ids == 2)
                    """),
                .waiting { arguments in
                    let report = try await record(arguments.list("outcomes") ?? [], for: arguments)
                    return [.table(LuaTable(array: report.outcomeIDs.map(LuaValue.string), kind: .array))]
                }),
            Binding(
                "arc.record_scenario_outcome", "Records one result in the Modal form.",
                [
                    .required("simulation", .simulation, "which one"),
                    .required(
                        "scenario_result", Self.modalResult,
                        "the result: scenario, trajectory, reliability_score"),
                    .optional("options", Self.modalOptions, "how to read it"),
                ],
                returns: (.string, "the outcome's id"), effects: [.databaseWrite],
                example: Self.example(
                    """
                    sim:record_scenario_outcome {
                      scenario = { id = "s1" }, trajectory = { status = "success", execution_time_seconds = 3.2 },
                      reliability_score = { overall_score = 0.92 },
                    }
                    """),
                .waiting { arguments in
                    let result = arguments["scenario_result"] ?? .nil
                    return [.string(try await recordModal([result], arguments).outcomeIDs[0])]
                }),
            Binding(
                "arc.record_batch_outcomes",
                "Records many results in the Modal form in one transaction: all of them or none.",
                [
                    .required("simulation", .simulation, "which one"),
                    .required("scenario_results", .list(Self.modalResult), "the results"),
                    .optional("options", Self.modalOptions, "how to read them"),
                ],
                returns: (.list(.string), "the outcomes' ids, in order"), effects: [.databaseWrite],
                example: Self.example(
                    """
                    local ids = sim:record_batch_outcomes {
                      { scenario = { id = "s1" }, trajectory = { status = "success" }, reliability_score = 0.9 },
                      { scenario = { id = "s2" }, trajectory = { status = "timeout" } },
                    }
                    assert(#ids == 2)
                    """),
                .waiting { arguments in
                    let report = try await recordModal(arguments.list("scenario_results") ?? [], arguments)
                    return [.table(LuaTable(array: report.outcomeIDs.map(LuaValue.string), kind: .array))]
                }),
            Binding(
                "arc.outcome_from_modal",
                "The outcome that a result in the Modal form stands for, as importers yield it. Scores of 0 to 100 need their scale said; a failed run's time of 0 is unknown.",
                [
                    .required("result", Self.modalResult, "the result"),
                    .optional("options", Self.modalOptions, "how to read it"),
                ],
                returns: (Self.outcome, "the outcome"),
                example: """
                    local outcome = arc.outcome_from_modal({
                      scenario = { id = "s1" }, trajectory = { status = "error", execution_time_seconds = 0 },
                      reliability_score = 40,
                    }, { scale = "0..100" })
                    assert(outcome.reliability_score == 0.4 and outcome.execution_time_ms == nil)
                    """,
                .immediate { arguments in
                    let outcome = try modal(arguments["result"] ?? .nil, arguments, place: nil)
                    return [.table(try outcome.table(place: arguments.fields("options").string("place")))]
                }),
        ]
    }

    /// An example that needs a running simulation.
    private static func example(_ body: String) -> String {
        """
        arc.create_configuration("help-example", "model: small")
        local sim = arc.start_simulation { config_version_id = "help-example", scenarios = { "s1", "s2" } }
        \(body)
        """
    }

    private func record(_ values: [LuaValue], for arguments: Arguments) async throws -> RecordingReport {
        let places = Self.places(of: values, "outcomes[", "]", arguments)
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(values.count)
        for index in values.indices {
            outcomes.append(try Outcome(values[index], place: places(index), function: arguments.function))
        }
        func simulation(_ value: LuaValue) -> LuaValue { value.table?["simulation_id"] ?? .nil }
        guard let first = values.first.map(simulation), !first.isAbsent else {
            throw HostError(
                .argument,
                "\(places(0)): simulation_id must be a simulation (its handle, name or id), got nothing",
                advice: "Give it in the outcome: simulation_id = sim.")
        }
        guard values.allSatisfy({ simulation($0) == first }) else {
            throw HostError(
                .argument, "\(arguments.function): every outcome must have the same simulation_id",
                advice: "Record the outcomes of each simulation in a call of their own.")
        }
        let store = try await host.store()
        let reference = try await host.recordingTargets.simulation(first, in: store)
        outcomes = try await host.prepared(outcomes) { try await host.passThreshold(of: reference) }
        return try await store.record(outcomes, in: reference, places: places)
    }

    /// The function's name, with the number of the value where there are many.
    private static func places(
        of values: [LuaValue], _ prefix: String, _ suffix: String, _ arguments: Arguments
    ) -> OutcomePlaces {
        let function = arguments.function
        if values.count == 1 { return { _ in function } }
        return { "\(function): \(prefix)\($0 + 1)\(suffix)" }
    }

    private func recordModal(_ values: [LuaValue], _ arguments: Arguments) async throws -> RecordingReport {
        let places = Self.places(of: values, "result ", "", arguments)
        let outcomes = try values.indices.map { try modal(values[$0], arguments, place: places($0)) }
        let store = try await host.store()
        let reference = try await host.recordingTargets.simulation(arguments["simulation"] ?? .nil, in: store)
        let ready = try await host.prepared(outcomes) { try await host.passThreshold(of: reference) }
        return try await store.record(ready, in: reference, places: places)
    }

    private func modal(_ value: LuaValue, _ arguments: Arguments, place: String?) throws -> Outcome {
        let options = arguments.fields("options")
        // The trace is most of a result, and text already where JSON can hold it.
        var result = value.table ?? LuaTable()
        var run = result["trajectory"].table
        let trace = run?["full_trajectory"].object(as: JSONDocument.self)
        if trace != nil {
            run?["full_trajectory"] = .nil
            result["trajectory"] = run.map(LuaValue.table) ?? .nil
        }
        return try ModalResult(
            try JSONValue(.table(result), function: arguments.function), trace: trace?.text,
            place: options.string("place") ?? place ?? arguments.function,
            scale: options.string("scale").flatMap(ScoreScale.init),
            trialField: options.string("trials_field") ?? "trial"
        ).outcome
    }
}
