public import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let vector = ParameterType.list(.anyNumber)

    private static let basis = ParameterType.choice(SimilarityQuestion.Basis.allCases.map(\.rawValue))

    private static let target = ParameterType.either(
        .string,
        .record(
            "SimilarTo",
            [
                .optional("scenario", .string, "a scenario's id"),
                .optional("text", .string, "a text, which prompts are compared with"),
                .optional("embedding", vector, "an embedding, of the model that made the scenarios' own"),
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

    private var embeddingBindings: [Binding] {
        [
            Binding(
                "arc.set_embedding",
                "Sets a scenario's embedding: at most 1536 numbers, as many as every other scenario's.",
                [
                    .required("scenario", .string, "the scenario's id"),
                    .required("embedding", Self.vector, "the numbers"),
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
                                    .required("embedding", Self.vector, "the numbers"),
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

    private var messageBindings: [Binding] {
        [
            Binding(
                "arc.cluster_messages",
                "Groups messages that say the same in slightly different words: by their templates, in which numbers, ids and quotations are masked, and those by their trigrams. The most frequent stands for each group, as in arc.failures.",
                [
                    .required(
                        "messages", .either(.list(.string), .handle("Column")),
                        "the messages; NULL isn't counted"),
                    .optional(
                        "options",
                        .record(
                            "MessageOptions",
                            [
                                .optional(
                                    "threshold", .number(0...1),
                                    "how similar a template is to that which stands for its group; 0.6 unless said"
                                )
                            ]), "how alike"),
                ],
                returns: (.frame, "message, count, variants (different messages), the largest group first"),
                example: """
                    local groups = arc.cluster_messages { "timeout after 30 s", "timeout after 31 s", "no such tool" }
                    assert(#groups == 2 and groups[1].count == 2)
                    """,
                .waiting { arguments in
                    let threshold =
                        arguments.fields("options").number("threshold") ?? MessageClusters.threshold
                    return try await Computation.run {
                        let clusters = MessageClusters(Self.messages(arguments), threshold: threshold)
                        return [.object(Frame(clusters.clusters))]
                    }
                }),
            Binding(
                "arc.trigram_similarity",
                "How much two texts resemble one another: the share of their trigrams that both have, 0…1, as PostgreSQL's pg_trgm has it.",
                [.required("one", .string, "a text"), .required("other", .string, "another text")],
                returns: (.number(0...1), "the similarity; nil where a text has no word"),
                example: #"assert(arc.trigram_similarity("refund a ticket", "refund the ticket") > 0.5)"#,
                .immediate { arguments in
                    let similarity = Trigrams(arguments.text("one")).similarity(
                        to: Trigrams(arguments.text("other")))
                    return [.optional(similarity)]
                }),
        ]
    }

    private static func messages(_ arguments: Arguments) -> [String] {
        if let column: Column = arguments.object("messages") {
            return (0..<column.count).compactMap { String(value: column[$0]) }
        }
        return (arguments.list("messages") ?? []).compactMap(\.stringValue)
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

extension Frame {
    convenience init(_ scenarios: [SimilarScenario]) {
        func column(_ name: String, _ value: (SimilarScenario) -> Value) -> Column {
            Column(name: name, scenarios.map(value))
        }
        self.init(
            columns: [
                column("scenario_id") { .text($0.id) }, column("name") { .text($0.name) },
                column("similarity") { .double($0.similarity) },
                column("method") { .text($0.method.rawValue) },
                column("difficulty_level") { $0.difficulty.map(Value.text) ?? .null },
                column("tags") { .array(ArrayValue($0.tags.map(Value.text))) },
            ], count: scenarios.count)
    }

    convenience init(_ clusters: [MessageClusters.Cluster]) {
        self.init(
            columns: [
                Column(name: "message", clusters.map { .text($0.representative) }),
                Column(name: "count", clusters.map { .int(Int64($0.members.count)) }),
                Column(name: "variants", clusters.map { .int(Int64($0.variants)) }),
            ], count: clusters.count)
    }
}

extension ScenarioClusters {
    /// The groups for a script.
    fileprivate var answer: Answer {
        Answer(
            "grouping",
            [
                ("method", .string(method.rawValue)), ("left_out", .integer(Int64(leftOut))),
                ("clusters", .object(clusterFrame)), ("scenarios", .object(memberFrame)),
            ])
    }

    private var clusterFrame: Frame {
        func column(_ name: String, _ value: (Cluster) -> Value) -> Column {
            Column(name: name, clusters.map(value))
        }
        func real(_ value: Double?) -> Value { value.map(Value.double) ?? .null }
        var columns = [
            column("cluster") { .int(Int64($0.number)) }, column("scenarios") { .int(Int64($0.size)) },
            column("medoid") { .text($0.medoid) }, column("name") { .text($0.name) },
            column("least_similarity") { real($0.leastSimilarity) },
        ]
        if clusters.contains(where: { $0.passes != nil }) {
            columns += [
                column("runs") { $0.passes.map { .int(Int64($0.rate.n)) } ?? .null },
                column("errors") { $0.passes.map { .int(Int64($0.errors)) } ?? .null },
                column("pass_rate") { real($0.passes?.rate.value) },
                column("pass_low") { real($0.passes?.rate.interval?.low) },
                column("pass_high") { real($0.passes?.rate.interval?.high) },
                column("note") { $0.passes?.rate.note.map(Value.text) ?? .null },
            ]
        }
        return Frame(columns: columns, count: clusters.count)
    }

    private var memberFrame: Frame {
        func column(_ name: String, _ value: (Member) -> Value) -> Column {
            Column(name: name, members.map(value))
        }
        return Frame(
            columns: [
                column("scenario_id") { .text($0.id) }, column("name") { .text($0.name) },
                column("cluster") { .int(Int64($0.cluster)) }, column("is_medoid") { .bool($0.isMedoid) },
                column("similarity") { .double($0.similarity) },
            ], count: members.count)
    }
}
