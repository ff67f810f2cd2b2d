import Postgres

/// What runs took: tokens, money and time. What isn't known has no part, and is counted.
public struct CostFigures: AnswerRow {
    /// The configuration's version; nil of all together.
    public let version: EvaluatedVersion?
    /// The scenario; nil of all together.
    public let scenario: String?
    /// How many runs there are, without those that somebody cancelled.
    public let runs: Int
    /// How many of them ended in an error or a timeout.
    public let errors: Int
    /// How many of them passed.
    public let passes: Int
    /// The tokens of the runs whose tokens are known; nil where none is.
    public let tokens: Int?
    /// Of how many runs the tokens aren't known.
    public let tokensUnknown: Int
    /// The cost of the runs whose cost is known, in US dollars; nil where none is.
    public let costUSD: Double?
    /// Of how many runs the cost isn't known.
    public let costUnknown: Int
    /// The mean cost of a run in US dollars, each scenario counting once.
    public let meanCost: Estimate
    /// What a pass costs in US dollars: the cost of all runs whose cost is known by the number of those that passed.
    public let costPerPass: Estimate
    /// Of how many runs the time isn't known.
    public let latencyUnknown: Int
    /// The median time of a run, in milliseconds.
    public let p50: Double?
    /// The 95th percentile, in milliseconds.
    public let p95: Double?
    /// The 99th percentile, in milliseconds.
    public let p99: Double?

    /// configuration, version, version_id, scenario_id, runs, errors, passes, tokens_used, tokens_unknown, cost_usd,
    /// cost_unknown, mean_cost_usd, mean_cost_low, mean_cost_high, cost_per_pass_usd, cost_per_pass_low,
    /// cost_per_pass_high, latency_unknown, p50_ms, p95_ms, p99_ms.
    public static let columns: [AnswerColumn<Self>] =
        EvaluatedVersion.columns(\.version) + [
            AnswerColumn("scenario_id", text: \.scenario), AnswerColumn("runs", count: \.runs),
            AnswerColumn("errors", count: \.errors), AnswerColumn("passes", count: \.passes),
            AnswerColumn("tokens_used", count: \.tokens),
            AnswerColumn("tokens_unknown", count: \.tokensUnknown),
            AnswerColumn("cost_usd", number: \.costUSD), AnswerColumn("cost_unknown", count: \.costUnknown),
        ] + estimate("mean_cost_usd", "mean_cost_low", "mean_cost_high", \.meanCost)
        + estimate("cost_per_pass_usd", "cost_per_pass_low", "cost_per_pass_high", \.costPerPass) + [
            AnswerColumn("latency_unknown", count: \.latencyUnknown), AnswerColumn("p50_ms", number: \.p50),
            AnswerColumn("p95_ms", number: \.p95), AnswerColumn("p99_ms", number: \.p99),
        ]
}

/// What runs took.
public struct Costs: Sendable {
    /// Everything in the scope together.
    public let total: CostFigures
    /// By version of a configuration, in the order of names and numbers.
    public let byConfiguration: [CostFigures]
    /// By scenario and version, in the order of the scenarios' ids.
    public let byScenario: [CostFigures]
}

extension CostFigures {
    init(_ totals: some Sequence<RunTotals>, version: EvaluatedVersion?, scenario: String?) {
        let pool = PooledTotals(totals)
        let runs = pool.count(\.runs)
        var times: [Double] = []
        times.reserveCapacity(pool.count(\.times.count))
        for totals in pool.scenarios { times.append(contentsOf: totals.times.lazy.map(Double.init)) }
        let percentiles = Quantile.linear([0.5, 0.95, 0.99], selectingFrom: &times)
        self.init(
            version: version, scenario: scenario, runs: runs, errors: pool.count(\.errors),
            passes: pool.count(\.passes), tokens: pool.sum(\.tokens)?.intValue.map { Int($0) },
            tokensUnknown: runs - pool.count(\.counted), costUSD: pool.sum(\.cost)?.doubleValue,
            costUnknown: runs - pool.count(\.costed),
            meanCost: pool.mean(of: \.meanCost, n: \.costed).bounded(to: 0 ... .greatestFiniteMagnitude),
            costPerPass: CostPerPass.estimate(
                pool.scenarios.compactMap { totals in
                    totals.cost.map { ($0.doubleValue, totals.costedPasses, totals.costed) }
                }),
            latencyUnknown: runs - pool.count(\.timed), p50: percentiles?[0], p95: percentiles?[1],
            p99: percentiles?[2])
    }
}

extension EvaluatedVersion {
    /// The columns that say which version a row is about: configuration, version, version_id.
    static func columns<Row>(
        _ version: @escaping @Sendable (Row) -> EvaluatedVersion?
    ) -> [AnswerColumn<Row>] {
        [
            AnswerColumn("configuration", text: { version($0)?.configuration }),
            AnswerColumn("version", count: { version($0)?.number }),
            AnswerColumn("version_id", text: { version($0)?.id }),
        ]
    }
}
