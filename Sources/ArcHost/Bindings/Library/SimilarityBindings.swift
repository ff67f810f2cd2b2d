import ArcKit
import LuaBridge

extension Library {
    private static let basis = ParameterType.choice(SimilarityQuestion.Basis.allCases.map(\.rawValue))

    private static let target = ParameterType.either(
        .string,
        .record(
            "SimilarTo",
            [
                .optional("scenario", .string, "a scenario's id"),
                .optional("text", .string, "a text, which prompts are compared with"),
                .optional("embedding", embedding, "an embedding, of the model that made the scenarios' own"),
            ]))

    private static let similarOptions = ParameterType.record(
        "SimilarOptions",
        [
            .optional("limit", .positiveInteger, "at most so many, the most similar first; 10 unless said"),
            .optional(
                "by", basis,
                "embedding or trigram (of the prompts) alone; auto, unless said: by embeddings, and behind them by trigrams those without"
            ),
            .optional("minimum", .number(-1...1), "only those that are at least so similar"),
            .optional("tags", .list(.string), "only scenarios with all of these tags"),
            .optional("simulation", .simulation, "only scenarios of its set"),
            .optional("exact", .boolean, "whether every embedding is looked at where an index could choose"),
        ])

    private static let clusterOptions = ParameterType.record(
        "ClusterOptions",
        [
            .optional("k", .positiveInteger, "so many groups, each around a scenario"),
            .optional(
                "threshold", .number(-1...1),
                "groups whose scenarios are all at least so similar to one another; give this or k"),
            .optional(
                "by", basis, "embedding or trigram; auto, unless said: whichever compares more scenarios"),
            .optional("simulation", .simulation, "only scenarios of its set, with their pass rates"),
            .optional("tags", .list(.string), "only scenarios with all of these tags"),
        ])

    var similarityBindings: [Binding] { findingBindings + embeddingBindings + messageBindings }

    private var findingBindings: [Binding] {
        [
            Binding(
                "arc.similar_scenarios",
                "The scenarios that resemble one most: by the cosine of their embeddings, and by the trigrams of their prompts where there are none. A cosine and a share of trigrams aren't comparable: method says which it is.",
                [
                    .required(
                        "scenario", Self.target, "a scenario's id, or { text = … } or { embedding = … }"),
                    .optional("options", Self.similarOptions, "how many, by what and among which"),
                ],
                returns: (
                    .frame,
                    "scenario_id, name, similarity, method (exact, hnsw or trigram), difficulty_level, tags; beside it a table of by_embedding, by_trigrams and left_out: how many scenarios were compared, and how many couldn't be"
                ),
                effects: [.databaseRead],
                example: """
                    local id = arc.query("select scenario_id from scenarios where task_prompt is not null limit 1")[1].scenario_id
                    print(arc.similar_scenarios(id, { limit = 3 }))
                    """,
                .waiting { arguments in
                    let found = try await similar(arguments)
                    return [
                        .object(Frame(found.rows)),
                        .table(
                            LuaTable([
                                "by_embedding": .integer(Int64(found.byEmbedding)),
                                "by_trigrams": .integer(Int64(found.byTrigrams)),
                                "left_out": .integer(Int64(found.leftOut)),
                            ])),
                    ]
                }),
            Binding(
                "arc.cluster_scenarios",
                "Groups similar scenarios: k around a scenario each (k-medoids), or groups whose scenarios are all at least so similar (complete linkage). Nothing is random: the same scenarios give the same groups.",
                [.required("options", Self.clusterOptions, "k or threshold, by what and among which")],
                returns: (
                    .handle(Answer.typeName),
                    "clusters (a frame: cluster, scenarios, medoid, name, least_similarity; with a simulation runs, errors, pass_rate, pass_low, pass_high, note), scenarios (a frame: scenario_id, name, cluster, is_medoid, similarity), method, left_out"
                ),
                effects: [.databaseRead],
                example:
                    #"print(arc.cluster_scenarios({ threshold = 0.3, simulation = "latest" }).clusters)"#,
                .waiting { arguments in [.object(try await clusters(arguments).answer)] }),
        ]
    }

    private func similar(_ arguments: Arguments) async throws -> SimilarScenarios {
        let options = arguments.fields("options")
        var question: SimilarityQuestion
        if let scenario = arguments.string("scenario") {
            question = SimilarityQuestion(scenario: scenario)
        } else {
            question = try Self.question(arguments)
        }
        question.basis = options.string("by").flatMap(SimilarityQuestion.Basis.init) ?? .auto
        question.limit = options.integer("limit").map { Int($0) } ?? 10
        question.minimum = options.number("minimum") ?? -1
        question.isExact = options.boolean("exact") ?? false
        question.tags = (options.list("tags") ?? []).compactMap(\.stringValue)
        let store = try await host.store()
        if question.scenario == nil, question.embedding == nil, question.basis != .trigram,
            let text = question.text, let settings = try embeddingSettings(),
            try await store.read({ try await $0.embeddingCoverage().dimensions }) != nil
        {
            question.embedding = try await store.embedding(of: text, by: settings)
        }
        let wanted = question
        return try await store.read { session in
            var question = wanted
            if options["simulation"] != nil {
                question.simulation = try await session.simulation(options, "simulation")
            }
            return try await session.similarScenarios(question)
        }
    }

    private static func question(_ arguments: Arguments) throws -> SimilarityQuestion {
        let fields = arguments.fields("scenario")
        let embedding = try fields.list("embedding").map {
            try Embedding($0.compactMap(\.numberValue), place: arguments.function)
        }
        if let scenario = fields.string("scenario") {
            var question = SimilarityQuestion(scenario: scenario)
            (question.text, question.embedding) = (fields.string("text"), embedding)
            return question
        }
        if let text = fields.string("text") { return SimilarityQuestion(text: text, embedding: embedding) }
        if let embedding { return SimilarityQuestion(embedding: embedding) }
        throw arguments.wrong("scenario", "a scenario's id, or a table with scenario, text or embedding")
    }

    private func clusters(_ arguments: Arguments) async throws -> ScenarioClusters {
        let options = arguments.fields("options")
        var question: ClusterQuestion
        switch (options.integer("k"), options.number("threshold")) {
        case (let count?, nil): question = ClusterQuestion(.count(Int(count)))
        case (nil, let threshold?): question = ClusterQuestion(.threshold(threshold))
        default:
            throw HostError(
                .argument, "\(arguments.function): give k or threshold, one of the two",
                advice: "k = 8 makes eight groups; threshold = 0.8 groups what is at least so similar.")
        }
        question.basis = options.string("by").flatMap(SimilarityQuestion.Basis.init) ?? .auto
        question.tags = (options.list("tags") ?? []).compactMap(\.stringValue)
        let wanted = question
        return try await host.store().read { session in
            var question = wanted
            if options["simulation"] != nil {
                question.simulation = try await session.simulation(options, "simulation")
            }
            return try await session.clusterScenarios(question)
        }
    }

    /// The program that makes embeddings; nil where none is configured, and for plugins.
    private func embeddingSettings() throws -> EmbeddingSettings? {
        guard case .trusted = access else { return nil }
        return try EmbeddingSettings(environment: host.environment)
    }
}
