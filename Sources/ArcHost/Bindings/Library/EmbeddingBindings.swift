public import ArcKit
import LuaBridge

extension Library {
    /// An embedding's numbers.
    static let embedding = ParameterType.list(.anyNumber)

    var embeddingBindings: [Binding] {
        [
            Binding(
                "arc.set_embedding",
                "Sets a scenario's embedding: at most 1536 numbers, as many as every other scenario's.",
                [
                    .required("scenario", .string, "the scenario's id"),
                    .required("embedding", Self.embedding, "the numbers"),
                ],
                effects: [.databaseWrite],
                example: """
                    local id = arc.query("select scenario_id from scenarios limit 1")[1].scenario_id
                    arc.set_embedding(id, { 0.1, 0.7, -0.2 })
                    """,
                .waiting { arguments in
                    let scenario = arguments.text("scenario")
                    let embedding = try Embedding(
                        (arguments.list("embedding") ?? []).compactMap(\.numberValue),
                        place: "\(arguments.function): scenario \"\(scenario)\"")
                    try await host.store().session { try await $0.setEmbeddings([(scenario, embedding)]) }
                    return []
                }),
            Binding(
                "arc.set_embeddings", "Sets the embeddings of many scenarios, all or none.",
                [
                    .required(
                        "embeddings",
                        .list(
                            .record(
                                "ScenarioEmbedding",
                                [
                                    .required("scenario_id", .string, "the scenario's id"),
                                    .required("embedding", Self.embedding, "the numbers"),
                                ])), "a scenario and its embedding each")
                ],
                effects: [.databaseWrite],
                example: """
                    local rows = arc.query("select scenario_id from scenarios limit 2")
                    arc.set_embeddings {
                      { scenario_id = rows[1].scenario_id, embedding = { 1, 0 } },
                      { scenario_id = rows[2].scenario_id, embedding = { 0, 1 } },
                    }
                    """,
                .waiting { arguments in
                    let embeddings = try (arguments.list("embeddings") ?? []).enumerated().map {
                        index, value in
                        let id = value.table?["scenario_id"].stringValue ?? ""
                        let numbers = value.table?["embedding"].table?.array ?? []
                        let place = "\(arguments.function): embeddings[\(index + 1)], scenario \"\(id)\""
                        return (id, try Embedding(numbers.compactMap(\.numberValue), place: place))
                    }
                    try await host.store().session { try await $0.setEmbeddings(embeddings) }
                    return []
                }),
            Binding(
                "arc.embed_scenarios",
                "Gives an embedding to every scenario that lacks one and whose prompt is known, by the program that `embed` in arc's config.yaml names: it reads a JSON string a line, and prints a JSON list of numbers a line. For scripts; plugins can't.",
                [
                    .optional(
                        "options",
                        .record(
                            "EmbedOptions",
                            [
                                .optional(
                                    "replace", .boolean,
                                    "whether all are made anew; those that are there go with the first new ones"
                                )
                            ]),
                        "what to make")
                ],
                returns: (
                    .table,
                    "embedded: how many scenarios got one; without_prompt: how many have none, since their prompt isn't known"
                ),
                effects: [.databaseRead, .databaseWrite],
                example: """
                    local ok, report = pcall(arc.embed_scenarios)
                    print(ok and report.embedded or "no program is configured")
                    """,
                .waiting { arguments in
                    let report = try await embed(
                        replacing: arguments.fields("options").boolean("replace") ?? false, arguments.function
                    )
                    return [
                        .table(
                            LuaTable([
                                "embedded": .integer(Int64(report.embedded)),
                                "without_prompt": .integer(Int64(report.withoutPrompt)),
                            ]))
                    ]
                }),
        ]
    }

    private func embed(replacing: Bool, _ function: String) async throws -> EmbeddingReport {
        if case .plugin(let rights) = access {
            throw HostError(
                .capability, "plugin \(rights.name) called \(function), which runs a program: no plugin may",
                advice: "Run `arc -e 'arc.embed_scenarios()'` beforehand.")
        }
        return try await host.embedScenarios(replacing: replacing)
    }
}

extension Host {
    /// Gives an embedding to every scenario that lacks one, by the program that arc's configuration file names.
    ///
    /// - Throws: `HostError` with code `argument` where it names none; else as `Store.embedScenarios`.
    public func embedScenarios(replacing: Bool = false) async throws -> EmbeddingReport {
        guard let settings = try EmbeddingSettings(environment: environment) else {
            throw HostError(
                .argument, "no program that makes embeddings is configured",
                advice:
                    "Name it in \(EmbeddingSettings.path(environment: environment)):\n  embed:\n    command: [python3, embed.py]"
            )
        }
        let show = showProgress
        return try await store().embedScenarios(by: settings, replacing: replacing) {
            show("scenarios", $0, $1)
        }
    }
}
