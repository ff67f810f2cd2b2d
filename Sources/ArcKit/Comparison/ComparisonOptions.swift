/// What to compare two simulations by.
public struct ComparisonOptions: Sendable {
    /// The metric whose difference is judged: `score`, `pass_rate`, `latency_ms`, `tokens`, `cost_usd`, `pass_hat_k` or
    /// `pass_at_k` (k from 2), or the name of a recorded number. See ``ComparedMetric``.
    public var metric = ComparedMetric.score.name
    /// The level of every interval, between 0 and 1; 1 − confidence is the α of what is judged.
    public var confidence = 0.95
    /// What decides the signs that the permutation test draws.
    public var seed = Resampling.seed
    /// How many choices of signs it draws, where it can't count them all.
    public var resamples = Resampling.resamples
    /// The change for the worse that is put up with. Unless said, 0.05 for scores and rates, and 5 % of A's mean for
    /// everything else.
    public var tolerance: Tolerance?
    /// The score from which a run passes, on both sides; unless said, each simulation's own.
    public var passThreshold: Double?
    /// Whether more of the metric is better; unless said, as ``ComparedMetric/moreIsBetter`` has it.
    public var moreIsBetter: Bool?
    /// Scenarios, by their ids, that must not go from always passing to never.
    public var critical: Set<String> = []
    /// The tag of scenarios that must not either; nil for none.
    public var criticalTag: String? = "critical"
    /// The largest k of pass^k and pass@k among the metrics.
    public var largestK = 4
    /// Who asks, for messages: a policy's gate. Nil where that is plain.
    var place: String?

    /// The defaults.
    public init() {}

    /// - Throws: `EvaluationError` with code `invalid`, which names the option, its range and the value.
    public func validate() throws(EvaluationError) {
        func refuse(_ option: String, _ expected: String, _ got: Double) -> EvaluationError {
            EvaluationError(.invalid, "\(option) must be \(expected), got \(Outcome.plain(got))")
        }
        guard confidence > 0, confidence < 1 else {
            throw refuse("confidence", "between 0 and 1, such as 0.95", confidence)
        }
        guard (1...Self.mostResamples).contains(resamples) else {
            throw refuse("resamples", "between 1 and \(Self.mostResamples)", Double(resamples))
        }
        if case .absolute(let size) = tolerance, !(size >= 0 && size.isFinite) {
            throw refuse("tolerance", "0 or more", size)
        }
        if case .relative(let share) = tolerance, !(share >= 0 && share.isFinite) {
            throw refuse("tolerance", "0 % or more", share)
        }
        if let passThreshold, !(0...1).contains(passThreshold) {
            throw refuse("pass_threshold", "between 0 and 1", passThreshold)
        }
        guard (1...SimulationPlan.mostTrials).contains(largestK) else {
            throw refuse("largest k", "between 1 and \(SimulationPlan.mostTrials)", Double(largestK))
        }
    }

    /// A misspelt name must not let a gate pass.
    ///
    /// - Parameters:
    ///   - scenarios: those that either side ran.
    ///   - tags: those of A's scenarios.
    /// - Throws: `EvaluationError` with code `notFound` for a critical scenario that neither side ran, and for a tag other
    ///   than the usual one that no scenario of A has.
    func checkCritical(scenarios: [String], tags: [String]) throws(EvaluationError) {
        if let unknown = critical.subtracting(scenarios).min() {
            throw EvaluationError.unknown(
                "neither simulation has run the critical scenario \"\(unknown)\"", unknown, among: scenarios)
        }
        if let criticalTag, criticalTag != Self().criticalTag, !tags.contains(criticalTag) {
            throw EvaluationError.unknown(
                "no scenario of the baseline has the critical tag \"\(criticalTag)\"", criticalTag,
                among: tags)
        }
    }

    /// More would take minutes and tell nothing.
    private static let mostResamples = 10_000_000
}
