import Postgres

extension Session {
    /// Compares two simulations, paired by scenario. Of their outcomes nothing is read but scenario, trial, status and
    /// numbers, by one command for both.
    ///
    /// - Parameters:
    ///   - a: the baseline.
    ///   - b: the candidate; differences are B − A.
    ///   - metrics: who knows more metrics; one that is asked for and wasn't recorded is computed.
    /// - Throws: `EvaluationError` with code `invalid` for an option that is out of its range, and for a metric that
    ///   neither has; `notFound` for critical scenarios that aren't there.
    public func compare(
        _ a: SimulationReference, with b: SimulationReference,
        _ options: ComparisonOptions = ComparisonOptions(), metrics: (any MetricSource)? = nil
    ) async throws -> Comparison {
        try await comparisons(a, with: b, [options], metrics: metrics)[0]
    }

    /// As many comparisons of the same two, for one read of their outcomes.
    func comparisons(
        _ a: SimulationReference, with b: SimulationReference, _ options: [ComparisonOptions],
        metrics: (any MetricSource)? = nil
    ) async throws -> [Comparison] {
        for options in options { try options.validate() }
        let both: [Value] = [.text(a.id), .text(b.id)]
        let known = try await connection.query(ComparedSimulation.sql, both)
        func simulation(_ reference: SimulationReference) throws -> ComparedSimulation {
            guard
                let row = try known.first(where: {
                    try $0.get("simulation_id", as: String.self) == reference.id
                })
            else { throw EvaluationError(.notFound, "simulation \(reference.label) is gone") }
            return try ComparedSimulation(row, reference)
        }
        let sides = (a: try simulation(a), b: try simulation(b))
        var runs = ComparedRuns(try await connection.columns(ComparedRuns.sql, both), isSame: a.id == b.id)
        let declarations = try await declarations(
            of: Set(options.map(\.metric)), adding: &runs, a, b, from: metrics)
        // Tags matter where both sides ran the scenario: A's are enough.
        let tags = TaggedScenarios.list(
            try await connection.columns(TaggedScenarios.sql, [.text(a.id)]), of: runs)
        for options in options { try options.checkCritical(scenarios: runs.scenarios, tags: tags.map(\.tag)) }
        let all = runs
        return try await Computation.run {
            try options.map { try ComparisonMaking(all, sides, tags, $0, declarations).comparison() }
        }
    }

    /// What is declared of the numbers that were recorded and of those that are asked for; the latter are computed where runs
    /// lack them.
    private func declarations(
        of asked: Set<String>, adding runs: inout ComparedRuns, _ a: SimulationReference,
        _ b: SimulationReference, from source: (any MetricSource)?
    ) async throws -> MetricDeclarations {
        guard let source else { return MetricDeclarations() }
        let recorded = Set(runs.recorded.map(\.name))
        let wanted = asked.filter { ComparedMetric.recordedName($0) == nil && !ComparedMetric.isBuiltIn($0) }
        let known = recorded.filter { !ComparedMetric.isTaken($0) }.union(wanted)
        let declared = known.isEmpty ? [] : try await source.declarations(of: known)
        for declaration in declared where wanted.contains(declaration.name) {
            let name = declaration.name
            switch declaration.per {
            case .simulation:
                guard !recorded.contains(name) else { continue }
                throw EvaluationError(
                    .invalid,
                    "metric \"\(name)\" is computed for a simulation as a whole: two can't be paired by it",
                    advice: "A metric with `per = \"outcome\"` or `per = \"scenario\"` can be compared.")
            case .scenario: guard !recorded.contains(name) else { continue }
            case .outcome: guard runs.lacks(name) else { continue }
            }
            let ofA = try await source.values(of: name, in: a, session: self)
            runs.add(
                name, a: ofA, b: a.id == b.id ? ofA : try await source.values(of: name, in: b, session: self))
        }
        return MetricDeclarations(declared, otherNames: source.metricNames)
    }
}

/// What is known of metrics beside arc's own.
struct MetricDeclarations: Sendable {
    var byName: [String: MetricDeclaration] = [:]
    /// Names that somebody may have meant who misspelt one.
    var otherNames: [String] = []

    init() {}

    init(_ declarations: [MetricDeclaration], otherNames: [String]) {
        byName = Dictionary(declarations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.otherNames = otherNames
    }
}
