import Postgres

/// What embedding scenarios did.
public struct EmbeddingReport: Sendable, Hashable {
    /// How many scenarios got an embedding.
    public var embedded = 0
    /// How many have none, since their prompt isn't known.
    public var withoutPrompt = 0
}

extension Store {
    /// How many texts the program gets at once: many, since it may take long to begin.
    private static let batch = 1000

    /// Gives an embedding to every scenario that lacks one and whose prompt is known.
    ///
    /// What has been embedded stays where the program fails later.
    ///
    /// - Parameters:
    ///   - settings: the program that makes them.
    ///   - replacing: whether all embeddings are made anew. Those that are there go once the program has made the first
    ///     ones, so that embeddings of two models never stand side by side; scenarios without a prompt have none then.
    ///   - progress: is told how many were embedded, and of how many.
    /// - Throws: `EvaluationError` with code `program` where the program fails, `invalid` where its embeddings have another
    ///   length than those that are there.
    public func embedScenarios(
        by settings: EmbeddingSettings, replacing: Bool = false,
        progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> EmbeddingReport {
        let coverage = try await session(.read) { try await $0.embeddingCoverage() }
        let program = EmbeddingProgram(settings: settings)
        var report = EmbeddingReport()
        var isClearing = replacing
        var last = ""
        while true {
            let (after, everyone) = (last, isClearing)
            let rows = try await session(.read) { session in
                try await session.connection.query(
                    """
                    select scenario_id, task_prompt from scenarios
                    where task_prompt is not null and scenario_id > $1 \(everyone ? "" : "and scenario_embedding is null")
                    order by scenario_id limit $2
                    """, [.text(after), .int(Int64(Self.batch))])
            }
            let scenarios = try rows.map {
                (
                    id: try $0.get("scenario_id", as: String.self),
                    prompt: try $0.get("task_prompt", as: String.self)
                )
            }
            guard let final = scenarios.last else {
                report.withoutPrompt = try await session(.read) { try await $0.embeddingCoverage().unknown }
                return report
            }
            let made = try await program.embeddings(
                of: scenarios.map { .init(place: "scenario \"\($0.id)\"", text: $0.prompt) })
            let embeddings = zip(scenarios, made).map { (scenario: $0.id, embedding: $1) }
            let clearing = isClearing
            try await session(.write) { try await $0.setEmbeddings(embeddings, clearing: clearing) }
            isClearing = false
            last = final.id
            report.embedded += scenarios.count
            let total = replacing ? coverage.embedded + coverage.missing : coverage.missing
            progress(report.embedded, max(total, report.embedded))
        }
    }

    /// The embedding of a text, of the program's making.
    ///
    /// - Throws: As `embedScenarios`.
    public func embedding(of text: String, by settings: EmbeddingSettings) async throws -> Embedding {
        let made = try await EmbeddingProgram(settings: settings).embeddings(
            of: [.init(place: "the text", text: text)])
        return made[0]
    }
}
