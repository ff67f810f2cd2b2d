/// Two simulations compared: A, the baseline, and B, the candidate. Differences are B − A.
///
/// The unit of analysis is the scenario: trials are averaged within it first, and scenarios are paired. What isn't
/// defined is nil.
public struct Comparison: Sendable {
    /// One of the two simulations.
    public struct Side: Sendable {
        /// Which one it is.
        public let simulation: SimulationReference
        /// How many scenarios have a run.
        public let scenarios: Int
        /// How many runs are recorded.
        public let runs: Int
        /// How many of them ended in an error or a timeout.
        public let errors: Int
        /// How many somebody cancelled; they say nothing.
        public let cancelled: Int
        /// The score from which a run passes.
        public let passThreshold: Double
        /// The metric's mean over all of the side's scenarios, matched or not. Its `n` counts the runs whose value is known.
        public let mean: Estimate
        /// The share of its runs whose value isn't known, each scenario counting once: runs that say nothing, and those that
        /// were planned and aren't recorded.
        public let unknown: Double
    }

    /// A metric with its difference, and how many runs know it.
    public struct MetricDifference: Sendable {
        /// Which metric.
        public let metric: ComparedMetric
        /// Its difference.
        public internal(set) var difference: PairedDifference
    }

    /// The difference over the scenarios that have a tag.
    public struct TagDifference: Sendable {
        /// The tag.
        public let tag: String
        /// The scenarios' difference in the metric.
        public internal(set) var difference: PairedDifference
    }

    /// What was asked for.
    public let options: ComparisonOptions
    /// The metric that was compared.
    public let metric: ComparedMetric
    /// The baseline.
    public let a: Side
    /// The candidate.
    public let b: Side
    /// The metric's difference over the matched scenarios.
    public let difference: PairedDifference
    /// The scenarios that A ran and B didn't, by their ids.
    public let onlyA: [String]
    /// The scenarios that B ran and A didn't.
    public let onlyB: [String]
    /// How many scenarios both ran whose metric isn't known on one side: they have no part in the difference.
    public let withoutValue: Int
    /// The table of verdicts and McNemar's test. Nil unless every matched scenario has one value a side, 0 or 1.
    public let mcNemar: McNemar?
    /// The sign-flip permutation test of the differences; nil without any.
    public let permutation: SignFlip.Answer?
    /// Whether B got worse.
    public let verdict: RegressionVerdict
    /// Every metric that both sides know, in order, with p-values corrected after Benjamini and Hochberg.
    public let byMetric: [MetricDifference]
    /// Every tag of a scenario that both ran, in order, with p-values corrected after Holm.
    public let byTag: [TagDifference]
    /// Every scenario, the one that changed most for the worse first, those without a difference last.
    public let byScenario: [ScenarioDifference]
    /// What must be known to read it.
    public let notes: [String]

    /// The scenarios that changed in that way, as ``byScenario`` has them.
    public func flips(_ flip: ScenarioDifference.Flip) -> [ScenarioDifference] {
        byScenario.filter { $0.flip == flip }
    }

    /// Whether more of the metric counts as better.
    public var moreIsBetter: Bool { options.moreIsBetter ?? metric.moreIsBetter }
}
