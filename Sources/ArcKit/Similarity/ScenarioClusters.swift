/// How scenarios are to be grouped, and which.
public struct ClusterQuestion: Sendable {
    /// What makes a group.
    public enum Rule: Sendable, Hashable {
        /// So many groups around a scenario each.
        case count(Int)
        /// Groups whose scenarios are all at least so similar to one another, -1…1.
        case threshold(Double)
    }

    /// What makes a group.
    public var rule: Rule
    /// By what scenarios are compared; `auto` takes that of the two which compares more scenarios, embeddings where both
    /// compare as many.
    public var basis = SimilarityQuestion.Basis.auto
    /// Only scenarios of this simulation's set; their pass rates come along.
    public var simulation: SimulationReference?
    /// Only scenarios with all of these tags.
    public var tags: [String] = []

    /// Groups by that rule, of all scenarios.
    public init(_ rule: Rule) { self.rule = rule }

    /// The most scenarios that can be grouped: each is compared with each.
    public static let most = 5000
}

/// Scenarios in groups.
public struct ScenarioClusters: Sendable {
    /// A group.
    public struct Cluster: Sendable {
        /// Its number, from 1: the largest group first, of equals the one whose medoid is first.
        public var number: Int
        /// How many scenarios it has.
        public var size: Int
        /// The scenario that is most similar to the others of the group, which stands for it.
        public var medoid: String
        /// That scenario's name.
        public var name: String
        /// How similar the scenario is that is least similar to the medoid; nil of a group of one.
        public var leastSimilarity: Double?
        /// How the simulation's runs of the group's scenarios went; nil where no simulation was given.
        public var passes: ClusterPasses?
    }

    /// A scenario in its group.
    public struct Member: Sendable, Hashable {
        /// Its id.
        public var id: String
        /// Its name; the id where none was given.
        public var name: String
        /// Its group's number.
        public var cluster: Int
        /// Whether it stands for the group.
        public var isMedoid: Bool
        /// How similar it is to the group's medoid.
        public var similarity: Double
    }

    /// The groups, the largest first.
    public var clusters: [Cluster]
    /// The scenarios, by group and then by id.
    public var members: [Member]
    /// How they were compared: `exact` by embeddings, or `trigram`.
    public var method: SimilarityMethod
    /// How many scenarios have nothing to compare by that method, and are in no group.
    public var leftOut: Int
}

/// How a simulation's runs of some scenarios went.
public struct ClusterPasses: Sendable {
    /// The share of runs that passed, clustered by scenario, with n, and why there is no interval where there is none. A run
    /// that somebody cancelled says nothing, and neither does one that succeeded without a score.
    public var rate: Estimate
    /// How many runs ended in an error or a timeout.
    public var errors: Int
}
