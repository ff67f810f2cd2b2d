import Postgres

/// How many scenarios of a kind were evaluated. It is a count of all there are, not a sample: the share has no interval.
public struct CoverageCell: AnswerRow {
    /// The tag; nil for scenarios without tags, and where the row isn't about a tag.
    public let tag: String?
    /// The difficulty; nil where it isn't known, and where the row isn't about a difficulty.
    public let difficulty: String?
    /// How many scenarios there are.
    public var scenarios = 0
    /// How many of them have a run.
    public var evaluated = 0
    /// How many runs these have.
    public var runs = 0
    /// How many of the runs failed.
    public var errors = 0

    /// How many scenarios have no run.
    public var missing: Int { scenarios - evaluated }
    /// The share of scenarios that have a run, 0…1; nil where there are no scenarios.
    public var share: Double? { scenarios > 0 ? Double(evaluated) / Double(scenarios) : nil }

    /// tag, difficulty, scenarios, evaluated, missing, share, runs, errors.
    public static let columns: [AnswerColumn<Self>] = [
        AnswerColumn("tag", text: \.tag), AnswerColumn("difficulty", text: \.difficulty),
        AnswerColumn("scenarios", count: \.scenarios), AnswerColumn("evaluated", count: \.evaluated),
        AnswerColumn("missing", count: \.missing), AnswerColumn("share", number: \.share),
        AnswerColumn("runs", count: \.runs), AnswerColumn("errors", count: \.errors),
    ]
}

/// A scenario without a run.
public struct MissingScenario: AnswerRow {
    /// The scenario.
    public let scenario: String
    /// Its name for people.
    public let name: String
    /// Its difficulty; nil where it isn't known.
    public let difficulty: String?
    /// Its tags, in order.
    public let tags: [String]

    /// scenario_id, name, difficulty, tags.
    public static let columns: [AnswerColumn<Self>] = [
        AnswerColumn("scenario_id", text: \.scenario), AnswerColumn("name", text: \.name),
        AnswerColumn("difficulty", text: \.difficulty), AnswerColumn("tags", value: { .texts($0.tags) }),
    ]
}

/// Which scenarios were evaluated, and which weren't.
public struct Coverage: Sendable {
    /// All scenarios together.
    public let total: CoverageCell
    /// By tag, those with the most missing scenarios first. A scenario counts under each of its tags.
    public let byTag: [CoverageCell]
    /// By difficulty, in the same order.
    public let byDifficulty: [CoverageCell]
    /// By tag and difficulty, in the same order.
    public let byTagAndDifficulty: [CoverageCell]
    /// The scenarios without a run, by id.
    public let missing: [MissingScenario]
}

/// Scenarios with their runs, added up as they come.
struct CoverageTally: Sendable {
    private struct Key: Hashable, Sendable {
        var tag: String?
        var difficulty: String?
    }

    private var total = CoverageCell(tag: nil, difficulty: nil)
    private var tags: [Key: CoverageCell] = [:]
    private var difficulties: [Key: CoverageCell] = [:]
    private var both: [Key: CoverageCell] = [:]
    private var missing: [MissingScenario] = []

    mutating func add(_ scenario: MissingScenario, runs: Int, errors: Int) {
        if runs == 0 { missing.append(scenario) }
        Self.count(&total, runs, errors)
        Self.count(&difficulties, Key(difficulty: scenario.difficulty), runs, errors)
        for tag in scenario.tags.isEmpty ? [nil] : Set(scenario.tags).map(Optional.some) {
            Self.count(&tags, Key(tag: tag), runs, errors)
            Self.count(&both, Key(tag: tag, difficulty: scenario.difficulty), runs, errors)
        }
    }

    var answer: Coverage {
        Coverage(
            total: total, byTag: Self.ranked(tags), byDifficulty: Self.ranked(difficulties),
            byTagAndDifficulty: Self.ranked(both), missing: missing.sorted { $0.scenario < $1.scenario })
    }

    private static func count(_ cells: inout [Key: CoverageCell], _ key: Key, _ runs: Int, _ errors: Int) {
        count(&cells[key, default: CoverageCell(tag: key.tag, difficulty: key.difficulty)], runs, errors)
    }

    private static func count(_ cell: inout CoverageCell, _ runs: Int, _ errors: Int) {
        cell.scenarios += 1
        cell.evaluated += runs > 0 ? 1 : 0
        cell.runs += runs
        cell.errors += errors
    }

    private static func ranked(_ cells: [Key: CoverageCell]) -> [CoverageCell] {
        func order(_ cell: CoverageCell) -> (Int, Int, String, Int, String) {
            (
                -cell.missing, cell.tag == nil ? 1 : 0, cell.tag ?? "", cell.difficulty == nil ? 1 : 0,
                cell.difficulty ?? ""
            )
        }
        return cells.values.sorted { order($0) < order($1) }
    }
}
