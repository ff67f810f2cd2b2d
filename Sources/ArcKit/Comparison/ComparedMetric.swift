/// A quantity that two simulations are compared by.
public struct ComparedMetric: Sendable, Hashable {
    /// Where a run's or a scenario's value comes from.
    enum Source: Sendable, Hashable {
        case score, verdict, latency, tokens, cost
        /// A number of that name among those that were recorded with the outcomes.
        case recorded(String)
        /// A number of that name that each scenario has.
        case ofScenarios(String)
        /// All of k trials pass, or at least one does: a value for each scenario with k trials or more.
        case allPass(k: Int)
        case anyPasses(k: Int)
    }

    /// What scripts and commands call it.
    public let name: String
    /// What its numbers count: `score`, `ratio`, `ms`, `tokens`, `usd`; nil where nobody said.
    public let unit: String?
    /// Whether more of it is better. Of recorded numbers that no plugin declares nobody knows: more counts as better,
    /// unless somebody says so.
    public let moreIsBetter: Bool
    let source: Source
    private let declaredBounds: ValueBounds

    private init(
        _ name: String, _ unit: String?, moreIsBetter: Bool = true, _ source: Source,
        bounds: ValueBounds = ValueBounds()
    ) {
        self.name = name
        self.unit = unit
        self.moreIsBetter = moreIsBetter
        self.source = source
        declaredBounds = bounds
    }

    /// How well the agent did, 0…1, over the runs that have a score.
    public static let score = ComparedMetric("score", "score", .score)
    /// The share of runs that passed. An error or a timeout didn't; of a success without a score, and of what somebody
    /// cancelled, nobody can tell.
    public static let passRate = ComparedMetric("pass_rate", "ratio", .verdict)
    /// How long a run took, in milliseconds.
    public static let latency = ComparedMetric("latency_ms", "ms", moreIsBetter: false, .latency)
    /// The tokens of a run.
    public static let tokens = ComparedMetric("tokens", "tokens", moreIsBetter: false, .tokens)
    /// What a run cost, in US dollars.
    public static let cost = ComparedMetric("cost_usd", "usd", moreIsBetter: false, .cost)
    /// Those that every outcome may have.
    static let own = [score, passRate, latency, tokens, cost]

    /// The chance that a scenario passes k times out of k.
    static func allPass(_ k: Int) -> ComparedMetric {
        ComparedMetric("pass_hat_\(k)", "ratio", .allPass(k: k))
    }

    /// The chance that it passes at least once in k.
    static func anyPasses(_ k: Int) -> ComparedMetric {
        ComparedMetric("pass_at_\(k)", "ratio", .anyPasses(k: k))
    }

    /// A recorded number, and what is declared of it; one that has the name of something else is told from it by `metrics.`
    /// before it.
    static func recorded(_ name: String, _ declaration: MetricDeclaration? = nil) -> ComparedMetric {
        isTaken(name)
            ? ComparedMetric(prefix + name, nil, .recorded(name))
            : declared(name, declaration, .recorded(name))
    }

    /// A number that each scenario has.
    static func ofScenarios(_ declaration: MetricDeclaration) -> ComparedMetric {
        declared(declaration.name, declaration, .ofScenarios(declaration.name))
    }

    private static func declared(
        _ name: String, _ declaration: MetricDeclaration?, _ source: Source
    ) -> ComparedMetric {
        ComparedMetric(
            name, declaration?.unit, moreIsBetter: declaration?.moreIsBetter ?? true, source,
            bounds: declaration?.bounds ?? ValueBounds())
    }

    /// Whether arc has a metric of that name.
    static func isTaken(_ name: String) -> Bool {
        own.contains { $0.name == name } || passFamily(name) != nil
    }

    /// Whether arc itself knows what the name means, whatever was recorded.
    static func isBuiltIn(_ name: String) -> Bool { isTaken(name) || synonyms[name] != nil }

    /// The name of the recorded number that `metrics.NAME` asks for; nil of another name.
    public static func recordedName(_ name: String) -> String? {
        name.hasPrefix(prefix) && name.count > prefix.count ? String(name.dropFirst(prefix.count)) : nil
    }

    /// What people call the metrics elsewhere: the columns of outcomes, and the names of the bundled plugin.
    private static let synonyms = [
        "reliability": score, "reliability_score": score, "passed": passRate, "latency": latency,
        "execution_time_ms": latency, "tokens_used": tokens, "cost": cost,
    ]
    private static let prefix = "metrics."

    /// The metric of that name among these.
    ///
    /// - Parameters:
    ///   - others: names that might have been meant.
    ///   - place: who asks, for the message; nil where that is plain.
    /// - Throws: `EvaluationError` with code `invalid`, which tells the nearest name, or those that there are.
    static func named(
        _ name: String, among known: [ComparedMetric], or others: [String] = [], place: String? = nil
    ) throws(EvaluationError) -> ComparedMetric {
        if let metric = known.first(where: { $0.name == name }) { return metric }
        if let metric = known.first(where: { $0.isRecorded && prefix + $0.name == name }) { return metric }
        if let metric = synonyms[name] ?? passFamily(name) { return metric }
        throw EvaluationError.unknown(
            "\(place.map { "\($0): " } ?? "")there is no metric \"\(name)\" in these simulations", name,
            among: known.map(\.name) + others,
            code: .invalid)
    }

    /// pass_hat_k or pass_at_k.
    private static func passFamily(_ name: String) -> ComparedMetric? {
        guard let match = name.wholeMatch(of: /pass_(hat|at)_([1-9][0-9]{0,4})/), let k = Int(match.2),
            k <= SimulationPlan.mostTrials
        else { return nil }
        return match.1 == "hat" ? allPass(k) : anyPasses(k)
    }

    /// Whether arc itself knows what its numbers are.
    var isOwn: Bool {
        switch source {
        case .recorded, .ofScenarios: false
        case .score, .verdict, .latency, .tokens, .cost, .allPass, .anyPasses: true
        }
    }

    private var isRecorded: Bool {
        if case .recorded = source { true } else { false }
    }

    /// What people call it: "pass rate", "pass^3".
    public var title: String {
        switch source {
        case .allPass(let k): "pass^\(k)"
        case .anyPasses(let k): "pass@\(k)"
        case .latency: "latency"
        case .cost: "cost"
        default: name.replacing("_", with: " ")
        }
    }

    /// The largest difference that two simulations can have, 1 of scores and rates; nil where there is none.
    public var largestDifference: Double? { bounds.ofDifferences?.upperBound }

    /// The values that are possible.
    var bounds: ValueBounds {
        switch source {
        case .score, .verdict, .allPass, .anyPasses: .rate
        case .latency, .tokens, .cost: ValueBounds()
        case .recorded, .ofScenarios: declaredBounds
        }
    }
}
