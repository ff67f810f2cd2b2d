import Postgres

/// A scenario's verdicts under one version of a configuration: another version may answer otherwise without being flaky.
public struct FlakyScenario: AnswerRow {
    /// Which version of which configuration.
    public let version: EvaluatedVersion
    /// The scenario.
    public let scenario: String
    /// How many trials passed.
    public let passes: Int
    /// How many trials there are of which it is known whether they passed.
    public let trials: Int
    /// How many runs ended in an error or a timeout; they count as trials that didn't pass.
    public let errors: Int
    /// The share of trials that passed, with the exact interval (Clopper–Pearson) over them.
    public let passRate: Estimate
    /// The probability that two trials disagree, with its interval.
    public let disagreement: Estimate

    /// configuration, version, version_id, scenario_id, passes, trials, errors, pass_rate, pass_low, pass_high,
    /// disagreement, low, high.
    public static let columns: [AnswerColumn<Self>] =
        EvaluatedVersion.columns(\.version) + [
            AnswerColumn("scenario_id", text: \.scenario), AnswerColumn("passes", count: \.passes),
            AnswerColumn("trials", count: \.trials), AnswerColumn("errors", count: \.errors),
        ] + estimate("pass_rate", "pass_low", "pass_high", \.passRate)
        + estimate("disagreement", "low", "high", \.disagreement)

    /// The surest to be flaky first: by the lower end of the disagreement's interval, then by its value, then by trials;
    /// names and ids decide between equals.
    static func precedes(_ one: FlakyScenario, _ other: FlakyScenario) -> Bool {
        let (first, second) = (one.rank, other.rank)
        if first != second { return first > second }
        if one.scenario != other.scenario { return one.scenario < other.scenario }
        return EvaluatedVersion.precedes(one.version, other.version)
    }

    private var rank: (Double, Double, Int) {
        (disagreement.interval?.low ?? -1, disagreement.value ?? -1, trials)
    }
}

/// Scenarios by how flaky they are.
public struct FlakyRanking: Sendable {
    /// Scenarios, by version, that have two trials or more, the surest to be flaky first.
    public let scenarios: [FlakyScenario]
    /// How many scenarios, by version, have a single trial, which can't disagree.
    public let single: Int
    /// How many have no trial of which it is known whether it passed.
    public let unjudged: Int
}
