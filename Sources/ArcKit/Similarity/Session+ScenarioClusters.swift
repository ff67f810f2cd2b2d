import Postgres

extension Session {
    /// Scenarios in groups of similar ones. The same scenarios give the same groups everywhere: nothing is random.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for a rule that makes no sense, too many scenarios, or none that
    ///   could be compared.
    public func clusterScenarios(_ question: ClusterQuestion) async throws -> ScenarioClusters {
        try Self.check(question)
        let scenarios = try await comparable(question)
        let (method, usable) = try Self.basis(question.basis, scenarios)
        if case .count(let count) = question.rule, count > usable.count {
            throw EvaluationError(
                .invalid, "k must be at most the number of scenarios to group, \(usable.count), got \(count)")
        }
        let groups = try await Computation.run { Self.groups(Self.matrix(usable, method), question.rule) }
        var answer = ScenarioClusters(
            clusters: [], members: [], method: method, leftOut: scenarios.count - usable.count)
        var runs: [String: Runs]?
        if let simulation = question.simulation { runs = try await self.runs(of: simulation) }
        for (number, group) in Self.ordered(groups, usable).enumerated() {
            answer.add(group, number: number + 1, of: usable, method, runs)
        }
        return answer
    }

    private static func check(_ question: ClusterQuestion) throws(EvaluationError) {
        switch question.rule {
        case .count(let count) where count < 1:
            throw EvaluationError(.invalid, "k must be 1 or more, got \(count)")
        case .threshold(let value) where !(-1...1).contains(value):
            throw EvaluationError(.invalid, "threshold must be between -1 and 1, got \(value)")
        default: break
        }
        for tag in question.tags {
            try EvaluationError.refuseNUL(in: tag, "tags", of: "the scenarios to group")
        }
    }

    // MARK: - What is compared

    private func comparable(_ question: ClusterQuestion) async throws -> [ComparableScenario] {
        try await check(tags: question.tags)
        var among = SimilarityQuestion(text: "")
        among.tags = question.tags
        among.simulation = question.simulation
        let condition = Condition(among, from: 1)
        let withEmbeddings = question.basis != .trigram
        let found = try await connection.stream(
            """
            select s.scenario_id, s.name, s.task_prompt\(withEmbeddings ? ", s.scenario_embedding" : "")
            from scenarios s where true\(condition.sql) limit \(ClusterQuestion.most + 1)
            """, condition.parameters, into: [ComparableScenario]()
        ) { found, row in
            guard case .text(let id) = row[0], case .text(let name) = row[1] else { return }
            var scenario = ComparableScenario(id: id, name: name)
            if case .text(let prompt) = row[2] { scenario.prompt = Trigrams(prompt) }
            if withEmbeddings {
                scenario.embedding = StoredEmbedding.values(row[3]).flatMap(Embedding.init(stored:))
            }
            found.append(scenario)
        }
        guard found.count <= ClusterQuestion.most else {
            throw EvaluationError(
                .invalid, "there are more than \(ClusterQuestion.most) scenarios to group",
                advice: "Group those of a simulation, or of some tags.")
        }
        return found.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    }

    private static func basis(
        _ wanted: SimilarityQuestion.Basis, _ scenarios: [ComparableScenario]
    ) throws(EvaluationError) -> (method: SimilarityMethod, usable: [ComparableScenario]) {
        let embedded = scenarios.filter { $0.embedding != nil }
        let texts = scenarios.filter { !($0.prompt?.isEmpty ?? true) }
        let byTexts = wanted == .trigram || wanted == .auto && texts.count > embedded.count
        let usable = byTexts ? texts : embedded
        guard !usable.isEmpty else {
            let lack =
                switch wanted {
                case .auto: "an embedding or a prompt with words"
                case .embedding: "an embedding"
                case .trigram: "a prompt with words"
                }
            throw EvaluationError(
                .invalid, "there is nothing to group: none of \(scenarios.count) scenarios has \(lack)",
                advice:
                    "Set embeddings (arc.set_embedding, arc.embed_scenarios), or record the scenarios' task_prompt."
            )
        }
        return (byTexts ? .trigram : .exact, usable)
    }

    // MARK: - Groups

    private static func matrix(_ scenarios: [ComparableScenario], _ method: SimilarityMethod)
        -> SimilarityMatrix
    {
        method == .trigram
            ? SimilarityMatrix(scenarios.compactMap(\.prompt))
            : SimilarityMatrix(scenarios.compactMap(\.embedding))
    }

    /// The members of each group, and the one that stands for it.
    private static func groups(
        _ matrix: SimilarityMatrix, _ rule: ClusterQuestion.Rule
    ) -> [(medoid: Int, members: [Int])] {
        let numbers =
            switch rule {
            case .count(let count): Medoids(matrix, count: count).groups
            case .threshold(let threshold): CompleteLinkage.groups(matrix, threshold: threshold)
            }
        var members = [[Int]](repeating: [], count: (numbers.max() ?? -1) + 1)
        for (member, group) in numbers.enumerated() { members[group].append(member) }
        // Of two that stand for a group equally well, the first does, by whatever way the group was found.
        return members.compactMap { members in matrix.medoid(of: members).map { ($0, members) } }
    }

    private static func ordered(
        _ groups: [(medoid: Int, members: [Int])], _ scenarios: [ComparableScenario]
    ) -> [(medoid: Int, members: [Int])] {
        // The scenarios are in the order of their ids.
        groups.sorted {
            $0.members.count != $1.members.count ? $0.members.count > $1.members.count : $0.medoid < $1.medoid
        }
    }

    // MARK: - Their runs

    struct Runs: Sendable {
        var values: [Double]
        var errors: Int
    }

    private func runs(of simulation: SimulationReference) async throws -> [String: Runs] {
        let rows = try await connection.query(
            """
            select o.scenario_id,
              count(*) filter (
                where o.status <> 'cancelled' and (o.status <> 'success' or o.reliability_score is not null)) as runs,
              count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold) as passes,
              count(*) filter (where o.status in ('error', 'timeout')) as errors
            from outcomes o join simulations s using (simulation_id)
            where o.simulation_id = $1 group by o.scenario_id
            """, [.text(simulation.id)])
        var found: [String: Runs] = [:]
        for row in rows {
            let (runs, passes) = (try row.get("runs", as: Int.self), try row.get("passes", as: Int.self))
            let values =
                [Double](repeating: 1, count: passes) + [Double](repeating: 0, count: max(0, runs - passes))
            found[try row.get("scenario_id", as: String.self)] = Runs(
                values: values, errors: try row.get("errors", as: Int.self))
        }
        return found
    }
}

/// A scenario with what it can be compared by.
struct ComparableScenario: Sendable {
    let id: String
    let name: String
    var prompt: Trigrams?
    var embedding: Embedding?

    func similarity(to other: ComparableScenario, by method: SimilarityMethod) -> Double {
        if method == .trigram {
            return prompt.flatMap { mine in other.prompt.flatMap { mine.similarity(to: $0) } } ?? 0
        }
        return embedding.flatMap { mine in other.embedding.map { mine.similarity(to: $0) } } ?? 0
    }
}

extension ScenarioClusters {
    fileprivate mutating func add(
        _ group: (medoid: Int, members: [Int]), number: Int, of scenarios: [ComparableScenario],
        _ method: SimilarityMethod, _ runs: [String: Session.Runs]?
    ) {
        let medoid = scenarios[group.medoid]
        var least: Double?
        for place in group.members {
            let scenario = scenarios[place]
            let isMedoid = place == group.medoid
            let similarity = isMedoid ? 1 : scenario.similarity(to: medoid, by: method)
            if !isMedoid { least = min(least ?? similarity, similarity) }
            members.append(
                Member(
                    id: scenario.id, name: scenario.name, cluster: number, isMedoid: isMedoid,
                    similarity: similarity))
        }
        let own = runs.map { runs in group.members.compactMap { runs[scenarios[$0].id] } }
        clusters.append(
            Cluster(
                number: number, size: group.members.count, medoid: medoid.id, name: medoid.name,
                leastSimilarity: least,
                passes: own.map { runs in
                    ClusterPasses(
                        rate: Mean.estimate(runs.map(\.values), bounds: 0...1),
                        errors: runs.reduce(0) { $0 + $1.errors })
                }))
    }
}
