import Postgres

/// What configurations are ranked by.
public enum LeaderboardMeasure: String, Sendable, CaseIterable {
    /// The mean score of the runs that have one; a run that failed mostly has none, so mind the errors.
    case score
    /// The share of runs that passed; a run that failed didn't.
    case passRate = "pass_rate"
}

/// A version of a configuration in a leaderboard.
public struct Standing: AnswerRow {
    /// The place, from 1; nil where nothing is known of the measure. Equal values have places of their own.
    public let rank: Int?
    /// Which version of which configuration.
    public let version: EvaluatedVersion
    /// The mean over scenarios of what is ranked by.
    public let value: Estimate
    /// The groups of versions that it can't be told apart from, as letters: versions that share one can't. Empty without a
    /// rank, and where there would be too many groups (`CompactLetters.most`): the comparisons tell then.
    public let groups: [String]
    /// How many runs there are, without those that somebody cancelled.
    public let runs: Int
    /// How many of them ended in an error or a timeout.
    public let errors: Int
    /// How many runs of which it is known whether they passed did.
    public let passes: Int
    /// The share of runs that passed.
    public let passRate: Estimate
    /// The cost of the runs whose cost is known, in US dollars; nil where none is.
    public let costUSD: Double?
    /// Of how many runs the cost isn't known.
    public let costUnknown: Int
    /// The mean cost of a run in US dollars, each scenario counting once.
    public let meanCostUSD: Double?
    /// The mean time of a run in milliseconds, each scenario counting once.
    public let meanLatencyMs: Double?
    /// Of how many runs the time isn't known.
    public let latencyUnknown: Int

    /// rank, configuration, version, version_id, value, se, low, high, group, scenarios, n, runs, errors, passes,
    /// pass_rate, pass_low, pass_high, cost_usd, cost_unknown, mean_cost_usd, mean_latency_ms, latency_unknown.
    public static let columns: [AnswerColumn<Self>] =
        [AnswerColumn("rank", count: \.rank)] + EvaluatedVersion.columns(\.version) + [
            AnswerColumn("value", number: \.value.value),
            AnswerColumn("se", number: \.value.standardError),
            AnswerColumn("low", number: \.value.interval?.low),
            AnswerColumn("high", number: \.value.interval?.high),
            AnswerColumn("group", text: { $0.groups.isEmpty ? nil : $0.groups.joined(separator: " ") }),
            AnswerColumn("scenarios", count: \.value.clusters), AnswerColumn("n", count: \.value.n),
            AnswerColumn("runs", count: \.runs), AnswerColumn("errors", count: \.errors),
            AnswerColumn("passes", count: \.passes),
        ] + estimate("pass_rate", "pass_low", "pass_high", \.passRate) + [
            AnswerColumn("cost_usd", number: \.costUSD), AnswerColumn("cost_unknown", count: \.costUnknown),
            AnswerColumn("mean_cost_usd", number: \.meanCostUSD),
            AnswerColumn("mean_latency_ms", number: \.meanLatencyMs),
            AnswerColumn("latency_unknown", count: \.latencyUnknown),
        ]
}

/// Two versions in a leaderboard, compared.
public struct StandingComparison: AnswerRow {
    /// The better one by its own mean.
    public let better: EvaluatedVersion
    /// The other.
    public let worse: EvaluatedVersion
    /// The mean of better − worse: over the scenarios that both ran, or, where they share fewer than two, between the
    /// means of all scenarios of each. Its interval is cut to the differences that are possible, −1…1.
    public let difference: Estimate
    /// The two-sided p-value that there is no difference; nil where nothing can be said.
    public let p: Double?
    /// The same, corrected by Holm for all comparisons of the leaderboard.
    public let adjustedP: Double?
    /// Whether they can be told apart.
    public let isToldApart: Bool

    /// better, better_version, worse, worse_version, scenarios, difference, low, high, p, p_holm, told_apart, method.
    public static let columns: [AnswerColumn<Self>] =
        [
            AnswerColumn("better", text: \.better.configuration),
            AnswerColumn("better_version", count: \.better.number),
            AnswerColumn("worse", text: \.worse.configuration),
            AnswerColumn("worse_version", count: \.worse.number),
            AnswerColumn("scenarios", count: \.difference.clusters),
        ] + estimate("difference", "low", "high", \.difference) + [
            AnswerColumn("p", number: \.p), AnswerColumn("p_holm", number: \.adjustedP),
            AnswerColumn("told_apart", value: { .bool($0.isToldApart) }),
            AnswerColumn("method", text: \.difference.method),
        ]
}

/// Configurations, the best first, and which of them can't be told apart.
public struct Leaderboard: Sendable {
    /// What they are ranked by.
    public let measure: LeaderboardMeasure
    /// The versions, the best first.
    public let standings: [Standing]
    /// Every two of them, compared.
    public let comparisons: [StandingComparison]

    /// The level of the tests.
    static let alpha = 0.05

    /// What "can't be told apart" means, for people.
    public static let rule =
        "Two configurations are told apart where their scenarios' means differ by a paired t test over the scenarios that both ran "
        + "(a sign test where every difference is the same; Welch's t test over all scenarios of each where they share fewer than two), "
        + "at 5 % after Holm's correction for all pairs. Configurations that share a letter of `group` can't be told apart; "
        + "that their intervals overlap, or don't, decides nothing. Where there would be more than 200 letters there are none, and `comparisons` tells."
}
