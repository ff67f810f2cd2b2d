public import Postgres

/// The failures of one category.
public struct FailureCategory: AnswerRow {
    /// The category; nil where nobody told one.
    public let category: String?
    /// How many runs failed in this way.
    public let failures: Int
    /// How many of all failures that is, 0…1.
    public let share: Double
    /// How many runs there are, without those that somebody cancelled.
    public let runs: Int
    /// How many of the runs it is, over scenarios, with its interval.
    public let rate: Estimate
    /// In how many scenarios it occurred.
    public let scenarios: Int
    /// When it occurred last.
    public let last: Timestamp

    /// category, failures, share, runs, rate, rate_low, rate_high, scenarios, last_failure.
    public static let columns: [AnswerColumn<Self>] =
        [
            AnswerColumn("category", text: \.category), AnswerColumn("failures", count: \.failures),
            AnswerColumn("share", number: \.share), AnswerColumn("runs", count: \.runs),
        ] + estimate("rate", "rate_low", "rate_high", \.rate) + [
            AnswerColumn("scenarios", count: \.scenarios), AnswerColumn("last_failure", time: \.last),
        ]
}

/// A scenario in which runs failed.
public struct FailingScenario: AnswerRow {
    /// The scenario.
    public let scenario: String
    /// How many of its runs failed.
    public let failures: Int
    /// How many runs it has, without those that somebody cancelled.
    public let runs: Int
    /// The share of runs that failed, with Wilson's interval over the scenario's runs.
    public let rate: Estimate
    /// The category of most of its failures; nil where nobody told it. Of equally frequent ones the first by name.
    public let category: String?
    /// When a run failed last.
    public let last: Timestamp

    /// scenario_id, failures, runs, rate, rate_low, rate_high, category, last_failure.
    public static let columns: [AnswerColumn<Self>] =
        [
            AnswerColumn("scenario_id", text: \.scenario), AnswerColumn("failures", count: \.failures),
            AnswerColumn("runs", count: \.runs),
        ] + estimate("rate", "rate_low", "rate_high", \.rate) + [
            AnswerColumn("category", text: \.category), AnswerColumn("last_failure", time: \.last),
        ]
}

/// A tool that failed runs had called last with an error.
public struct FailingTool: AnswerRow {
    /// The tool; nil for the failed runs in whose trajectory no call failed, or that have none.
    public let tool: String?
    /// How many failed runs it is.
    public let failures: Int
    /// How many of all failures that is, 0…1.
    public let share: Double
    /// In how many scenarios.
    public let scenarios: Int

    /// tool, failures, share, scenarios.
    public static let columns: [AnswerColumn<Self>] = [
        AnswerColumn("tool", text: \.tool), AnswerColumn("failures", count: \.failures),
        AnswerColumn("share", number: \.share), AnswerColumn("scenarios", count: \.scenarios),
    ]
}

/// Failures whose messages say the same (`MessageClusters`).
public struct MessageCluster: AnswerRow {
    /// The most frequent template of their messages (`MessageTemplate`); nil for failures without a message.
    public let template: String?
    /// How many templates their messages have.
    public let templates: Int
    /// How many failures it has.
    public let failures: Int
    /// How many of all failures that is, 0…1.
    public let share: Double
    /// In how many scenarios they occurred.
    public let scenarios: Int
    /// The category of most of them; nil where nobody told it. Of equally frequent ones the first by name.
    public let category: String?
    /// When the first occurred.
    public let first: Timestamp
    /// When the last occurred.
    public let last: Timestamp
    /// The message of the last.
    public let example: String?
    /// The outcome of the last.
    public let outcome: UniqueID

    /// template, templates, failures, share, scenarios, category, first_failure, last_failure, example, outcome_id.
    public static let columns: [AnswerColumn<Self>] = [
        AnswerColumn("template", text: \.template), AnswerColumn("templates", count: \.templates),
        AnswerColumn("failures", count: \.failures),
        AnswerColumn("share", number: \.share), AnswerColumn("scenarios", count: \.scenarios),
        AnswerColumn("category", text: \.category), AnswerColumn("first_failure", time: \.first),
        AnswerColumn("last_failure", time: \.last), AnswerColumn("example", text: \.example),
        AnswerColumn("outcome_id", value: { .uuid($0.outcome) }),
    ]
}

/// What failed, from several sides. A failure is a run that ended in an error or a timeout; a wrong answer is none.
public struct Failures: Sendable {
    /// How many runs there are, without those that somebody cancelled.
    public let runs: Int
    /// How many of them failed.
    public let failures: Int
    /// The share of runs that failed, each scenario counting once.
    public let rate: Estimate
    /// By category, the most frequent first.
    public let byCategory: [FailureCategory]
    /// By scenario, those with the most failures first.
    public let byScenario: [FailingScenario]
    /// By what the message says, the most frequent first.
    public let clusters: [MessageCluster]
    /// By tool, the most frequent first; nil where it wasn't asked for.
    public let byTool: [FailingTool]?
}
