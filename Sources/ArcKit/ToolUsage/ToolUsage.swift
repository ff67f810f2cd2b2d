import Postgres

/// How a tool was used.
public struct ToolFigures: AnswerRow {
    /// The tool.
    public let tool: String
    /// How often it was called.
    public let calls: Int
    /// In how many runs.
    public let runs: Int
    /// In how many scenarios.
    public let scenarios: Int
    /// Of how many calls it is known whether they failed.
    public let answered: Int
    /// How many of those failed.
    public let errors: Int
    /// The share of the answered calls that failed, each scenario counting once.
    public let errorRate: Estimate
    /// Of how many calls the time is known.
    public let timed: Int
    /// How long these took together, in milliseconds; nil where none is known.
    public let timeMs: Double?
    /// How many of the scenarios that have runs with a trajectory expect it.
    public let expectedIn: Int
    /// In how many runs of those it wasn't called.
    public let missedRuns: Int

    /// The mean time of a call, in milliseconds.
    public var meanTimeMs: Double? { timeMs.map { $0 / Double(timed) } }

    /// tool, calls, runs, scenarios, answered, errors, error_rate, error_low, error_high, timed, time_ms, mean_time_ms,
    /// expected_in, missed_runs.
    public static let columns: [AnswerColumn<Self>] =
        [
            AnswerColumn("tool", text: \.tool), AnswerColumn("calls", count: \.calls),
            AnswerColumn("runs", count: \.runs), AnswerColumn("scenarios", count: \.scenarios),
            AnswerColumn("answered", count: \.answered), AnswerColumn("errors", count: \.errors),
        ] + estimate("error_rate", "error_low", "error_high", \.errorRate) + [
            AnswerColumn("timed", count: \.timed), AnswerColumn("time_ms", number: \.timeMs),
            AnswerColumn("mean_time_ms", number: \.meanTimeMs),
            AnswerColumn("expected_in", count: \.expectedIn),
            AnswerColumn("missed_runs", count: \.missedRuns),
        ]
}

/// A tool of a scenario whose expected tools are known: one that it expects, or one that its runs called all the same.
public struct ToolExpectation: AnswerRow {
    /// The scenario.
    public let scenario: String
    /// The tool.
    public let tool: String
    /// Whether the scenario expects it.
    public let isExpected: Bool
    /// How many of the scenario's runs have a trajectory.
    public let runs: Int
    /// How many of them called it.
    public let used: Int
    /// The share of runs that called it, with the exact interval (Clopper–Pearson) over the scenario's runs.
    public let usage: Estimate

    /// scenario_id, tool, expected, runs, used, usage_rate, usage_low, usage_high.
    public static let columns: [AnswerColumn<Self>] =
        [
            AnswerColumn("scenario_id", text: \.scenario), AnswerColumn("tool", text: \.tool),
            AnswerColumn("expected", value: { .bool($0.isExpected) }), AnswerColumn("runs", count: \.runs),
            AnswerColumn("used", count: \.used),
        ] + estimate("usage_rate", "usage_low", "usage_high", \.usage)
}

/// The tools that runs called, by their trajectories.
public struct ToolUsage: Sendable {
    /// How many runs have a trajectory.
    public let runs: Int
    /// How many runs have none: of their tools nothing is known.
    public let withoutTrajectory: Int
    /// The tools, the most called first, and last those that are expected and were never called.
    public let tools: [ToolFigures]
    /// Expected tools against used ones, by scenario and tool; of scenarios whose expected tools are known.
    public let expectations: [ToolExpectation]
}

/// A tool's calls in one scenario.
struct ToolTotals: Sendable {
    var runs = 0
    var calls = 0
    var answered = 0
    var errors = 0
    var timed = 0
    var timeMs: Numeric?
}

extension ToolUsage {
    /// - Parameters:
    ///   - totals: what is known of each tool, by scenario and tool.
    ///   - scenarios: the number of runs with a trajectory of each scenario.
    ///   - expected: the tools that scenarios expect, of those of which it is known.
    init(
        totals: [String: [String: ToolTotals]], scenarios: [String: Int], withoutTrajectory: Int,
        expected: [String: Set<String>]
    ) {
        runs = scenarios.values.reduce(0, +)
        self.withoutTrajectory = withoutTrajectory
        let seen = scenarios.filter { $0.value > 0 }
        let expected = expected.filter { seen[$0.key] != nil }
        expectations = expected.flatMap { scenario, tools in
            tools.union(totals[scenario].map { Array($0.keys) } ?? []).map { tool in
                let runs = seen[scenario] ?? 0
                let used = totals[scenario]?[tool]?.runs ?? 0
                return ToolExpectation(
                    scenario: scenario, tool: tool, isExpected: tools.contains(tool), runs: runs, used: used,
                    usage: Proportion.clopperPearson(used, of: runs))
            }
        }.sorted { ($0.scenario, $0.tool) < ($1.scenario, $1.tool) }
        var byTool: [String: [(scenario: String, totals: ToolTotals)]] = [:]
        for (scenario, tools) in totals {
            for (tool, totals) in tools { byTool[tool, default: []].append((scenario, totals)) }
        }
        let wanted = Dictionary(grouping: expectations.filter(\.isExpected), by: \.tool)
        tools = Set(byTool.keys).union(wanted.keys).map { tool in
            ToolFigures(
                tool, byTool[tool, default: []].sorted { $0.scenario < $1.scenario },
                wanted: wanted[tool, default: []])
        }.sorted { (-$0.calls, $0.tool) < (-$1.calls, $1.tool) }
    }
}

extension ToolFigures {
    fileprivate init(
        _ tool: String, _ scenarios: [(scenario: String, totals: ToolTotals)], wanted: [ToolExpectation]
    ) {
        func sum(_ count: (ToolTotals) -> Int) -> Int { scenarios.reduce(0) { $0 + count($1.totals) } }
        let answered = scenarios.filter { $0.totals.answered > 0 }
        let rate = Mean.estimate(
            means: answered.map {
                (Double($0.totals.errors) / Double($0.totals.answered), $0.totals.answered)
            },
            bounds: 0...1)
        let times = scenarios.compactMap { $0.totals.timeMs?.doubleValue }
        self.init(
            tool: tool, calls: sum(\.calls), runs: sum(\.runs), scenarios: scenarios.count,
            answered: rate.n, errors: sum(\.errors), errorRate: rate, timed: sum(\.timed),
            timeMs: times.isEmpty ? nil : Moments.sum(times), expectedIn: wanted.count,
            missedRuns: wanted.reduce(0) { $0 + $1.runs - $1.used })
    }
}
