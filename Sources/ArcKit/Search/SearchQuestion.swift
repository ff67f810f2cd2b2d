public import Postgres

/// What is looked for in trajectories, and where.
public struct SearchQuestion: Sendable {
    /// Words that the trajectory has, in any of its texts; `"quoted"` for a phrase within one text, `or` between, `-`
    /// before what it must not have. Case doesn't count. At most 1,000 characters.
    public var text: String?
    /// A JSON path (SQL/JSON) that the trajectory has, or that is true of it.
    public var path: String?
    /// Only the outcomes of this simulation.
    public var simulation: SimulationReference?
    /// Only those of simulations of this configuration (a name), or version (an id).
    public var configuration: String?
    /// Only those of this scenario.
    public var scenario: String?
    /// Only those of scenarios that have each of these tags.
    public var tags: [String] = []
    /// Only those of this status.
    public var status: OutcomeStatus?
    /// Only those whose run began at most this long ago, in seconds.
    public var withinSeconds: Double?
    /// At most so many, the latest first; 1 or more.
    public var limit = 100

    /// What has these words.
    public init(text: String? = nil, path: String? = nil) {
        self.text = text
        self.path = path
    }
}

/// An outcome that a search found.
public struct SearchHit: Sendable {
    /// The outcome's id.
    public let outcomeID: UniqueID
    /// Its simulation's id.
    public let simulationID: UniqueID
    /// Its simulation's name, where it has one.
    public let simulation: String?
    /// Its scenario.
    public let scenario: String
    /// Which of the scenario's runs it is.
    public let trial: Int
    /// When it ran.
    public let executionTime: Timestamp
    /// Whether the agent ran.
    public let status: String
    /// The words between « and », with some of what stands around them; of a path alone, the beginning of what it leads
    /// to; nil of a path that is a condition, and of words that must not be there.
    public let snippet: String?

    init(_ row: Row) throws {
        outcomeID = try row.get("outcome_id", as: UniqueID.self)
        simulationID = try row.get("simulation_id", as: UniqueID.self)
        simulation = try row.get("simulation", as: String?.self)
        scenario = try row.get("scenario_id", as: String.self)
        trial = try row.get("trial", as: Int.self)
        executionTime = try row.get("execution_time", as: Timestamp.self)
        status = try row.get("status", as: String.self)
        snippet = try row.get("snippet", as: String?.self)
    }
}

/// What a search found.
public struct SearchResult: Sendable {
    /// The outcomes, the latest first.
    public let hits: [SearchHit]
    /// Whether there are more than the limit let through.
    public let hasMore: Bool
}
