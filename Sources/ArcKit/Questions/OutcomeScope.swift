public import Postgres

/// Which outcomes a question is about. Every condition that is given must hold; without any, it is about all.
public struct OutcomeScope: Sendable, Hashable {
    /// Only those of this simulation.
    public var simulation: SimulationReference?
    /// Only those of this configuration: its name, for all of its versions, or the id of one version.
    public var configuration: String?
    /// Only runs that began at most this long ago, in seconds, by the server's clock.
    public var withinSeconds: Double?
    /// Only runs that began then or later.
    public var since: Timestamp?
    /// Only runs that began before then.
    public var before: Timestamp?
    /// Only those of scenarios that have each of these tags.
    public var tags: [String]

    /// A scope of these conditions.
    public init(
        simulation: SimulationReference? = nil, configuration: String? = nil, withinSeconds: Double? = nil,
        since: Timestamp? = nil, before: Timestamp? = nil, tags: [String] = []
    ) {
        self.simulation = simulation
        self.configuration = configuration
        self.withinSeconds = withinSeconds
        self.since = since
        self.before = before
        self.tags = tags
    }

    /// The outcomes of every simulation.
    public static let all = OutcomeScope()
}
