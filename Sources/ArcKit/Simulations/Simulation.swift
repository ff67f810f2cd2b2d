/// What to start a simulation with.
public struct SimulationPlan: Sendable {
    /// The version of the configuration under evaluation: its id, or the configuration's name for the latest one.
    public var configuration: String
    /// The scenarios to run, in order.
    public var scenarios: [Scenario]
    /// How often each scenario is run.
    public var trials: Int
    /// A name for people.
    public var name: String?
    /// The Modal app it runs in.
    public var modalAppID: String?
    /// The Modal environment it runs in.
    public var modalEnvironment: String?
    /// How many sandboxes run it.
    public var sandboxInstances: Int?
    /// The score from which a run passes, 0…1.
    public var passThreshold: Double
    /// The SHA-256 of the file it is imported from, so that the same file isn't imported twice.
    public var sourceHash: String?

    /// A plan for that configuration; one trial, threshold 0.7 and everything else unknown.
    public init(configuration: String, scenarios: [Scenario] = [], trials: Int = 1, name: String? = nil) {
        self.configuration = configuration
        self.scenarios = scenarios
        self.trials = trials
        self.name = name
        self.passThreshold = 0.7
    }

    func validate() throws(EvaluationError) {
        try Self.validate(trials: trials)
        if let sandboxInstances, !(1...Int(Int32.max)).contains(sandboxInstances) {
            throw EvaluationError(.invalid, "sandbox_instances must be 1 or more, got \(sandboxInstances)")
        }
        if !(0...1).contains(passThreshold) {
            throw EvaluationError(
                .invalid, "pass_threshold must be between 0 and 1, got \(Outcome.plain(passThreshold))")
        }
        if let name, name.isEmpty { throw EvaluationError(.invalid, "a simulation's name must not be empty") }
        var seen: Set<String> = []
        for scenario in scenarios where !seen.insert(scenario.id).inserted {
            throw EvaluationError(
                .invalid, "scenario \"\(scenario.id)\" is given twice",
                advice: "List each scenario once and set trials to run it several times.")
        }
    }

    /// The most trials a scenario may have: times any number of scenarios, the total still counts.
    static let mostTrials = 10_000

    static func validate(trials: Int) throws(EvaluationError) {
        guard (1...mostTrials).contains(trials) else {
            throw EvaluationError(.invalid, "trials must be between 1 and \(mostTrials), got \(trials)")
        }
    }
}

/// A simulation's final figures, as far as its runner knows them; the rest is computed from its outcomes.
public struct SuiteResult: Sendable {
    /// The mean score, 0…1.
    public var overallScore: Double?
    /// The cost of everything, in US dollars.
    public var totalCostUSD: Double?
    /// How long it took from start to end, in milliseconds.
    public var executionTimeMs: Int64?
    /// Whether a time that isn't given is the time since the start; an import took place long after the runs.
    public var isTimed: Bool

    /// Final figures.
    public init(
        overallScore: Double? = nil, totalCostUSD: Double? = nil, executionTimeMs: Int64? = nil,
        isTimed: Bool = true
    ) {
        self.isTimed = isTimed
        self.overallScore = overallScore
        self.totalCostUSD = totalCostUSD
        self.executionTimeMs = executionTimeMs
    }

    func validate() throws(EvaluationError) {
        func refuse(_ field: String, _ expected: String, _ got: Double) -> EvaluationError {
            EvaluationError(.invalid, "\(field) must be \(expected), got \(Outcome.plain(got))")
        }
        if let score = overallScore, !(0...1).contains(score) {
            throw refuse("overall_score", "between 0 and 1", score)
        }
        if let cost = totalCostUSD, !(cost >= 0 && cost.isFinite) {
            throw refuse("total_cost_usd", "0 or more", cost)
        }
        if let time = executionTimeMs, time < 0 {
            throw refuse("execution_time_ms", "0 or more", Double(time))
        }
    }
}

/// A simulation found by name, id, prefix or `latest`.
public struct SimulationReference: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// Its name, where it has one.
    public let name: String?
    /// Where it stands.
    public let state: SimulationState
    /// How many simulations have the name that found this one; the newest was taken.
    public let namesakes: Int

    /// The name, or else the id's first eight digits.
    public var label: String { name ?? String(id.prefix(8)) }
}
