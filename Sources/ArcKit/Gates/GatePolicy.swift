/// What a candidate has to hold up to before it may be merged.
///
/// Without rules of one's own there is one: the share of runs that passed must not drop, since it is what an agent that
/// fails with an error loses too. A score alone flatters it.
public struct GatePolicy: Sendable, Hashable {
    /// What follows from something that isn't a regression in itself.
    public enum Consequence: String, Sendable, CaseIterable {
        /// It is put up with.
        case pass
        /// It fails the gate.
        case fail
    }

    /// Where the policy was read; nil of one that was made in a script.
    public var source: String?
    /// The simulation that candidates are held against, as commands take it; nil where nothing says.
    public var baseline: String?
    /// The conditions, in order; each has a name of its own.
    public var rules = [GateRule(metric: ComparedMetric.passRate.name)]
    /// Scenarios, by their ids, that must not go from always passing to never.
    public var critical: Set<String> = []
    /// The tag of scenarios that must not either; nil for none.
    public var criticalTag: String? = ComparisonOptions().criticalTag
    /// What follows where the candidate lacks a scenario that the baseline ran.
    public var missingScenarios = Consequence.fail
    /// What follows where nobody can tell; nil where that is what the gate says.
    public var tooLittleEvidence: Consequence?

    /// What the policy was read from; nil where nobody has written one.
    public internal(set) var document: JSONValue?

    /// The policy that holds where nobody has written one.
    public init() {}

    /// The name of a project's policy file.
    public static let fileName = "arc.gates.yaml"

    /// The names of gates that no rule is behind.
    static let missingName = "scenarios"
    static let criticalName = "critical scenarios"

    /// Whether the policy has a rule that needs a baseline.
    public var comparesWithBaseline: Bool { rules.contains { $0.bound == nil } }

    /// - Throws: `EvaluationError` with code `invalid` for two gates of one name.
    func validate() throws(EvaluationError) {
        var seen: Set<String> = [Self.missingName, Self.criticalName]
        for rule in rules where !seen.insert(rule.name).inserted {
            throw EvaluationError(
                .invalid, "\(source.map { "\($0): " } ?? "")two gates are named \"\(rule.name)\"",
                advice: "Give each a `name` of its own.")
        }
    }
}

/// One condition: that a metric doesn't get worse, or that it reaches a bound.
public struct GateRule: Sendable, Hashable {
    /// What a metric must reach whatever the baseline did, in its unit.
    public enum Bound: Sendable, Hashable {
        /// The candidate's mean must be this at least.
        case atLeast(Double)
        /// It must be this at most.
        case atMost(Double)
    }

    /// What it is called.
    public var name: String
    /// The metric, as `arc compare --metric` takes it.
    public var metric: String
    /// Whether more of it is better; nil where the metric itself says.
    public var moreIsBetter: Bool?
    /// The change for the worse that is put up with; nil for the metric's usual one.
    public var tolerance: Tolerance?
    /// The level of intervals, between 0 and 1; 1 − confidence is the share of false alarms.
    public var confidence = ComparisonOptions().confidence
    /// Whether the rule itself says its confidence.
    var saysConfidence = false
    /// How many matched scenarios (of a bound: how many of the candidate's) it takes to say anything.
    public var minimumScenarios: Int?
    /// What must be reached; nil for a comparison with the baseline.
    public var bound: Bound?
    /// What follows where nobody can tell; nil where the policy says.
    public var tooLittleEvidence: GatePolicy.Consequence?

    /// A rule that the metric doesn't get worse by more than its usual tolerance.
    public init(metric: String) {
        name = metric
        self.metric = metric
    }

    /// What the comparison is made by.
    var options: ComparisonOptions {
        var options = ComparisonOptions()
        options.metric = metric
        options.moreIsBetter = moreIsBetter
        options.tolerance = tolerance
        options.confidence = confidence
        options.criticalTag = nil
        return options
    }
}
