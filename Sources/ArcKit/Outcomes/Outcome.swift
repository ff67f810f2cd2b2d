public import Postgres

/// What one run of an agent on a scenario produced. What isn't known is nil, never 0.
public struct Outcome: Sendable {
    /// A UUIDv7 that makes recording idempotent; nil makes a new one.
    public var id: String?
    /// The scenario, with whatever is newly known about it.
    public var scenario: Scenario
    /// Which of the scenario's runs in the simulation this is, from 1.
    public var trial: Int
    /// When it ran; nil means now.
    public var executionTime: Timestamp?
    /// Whether the agent ran.
    public var status: OutcomeStatus
    /// How well it did, 0…1.
    public var reliabilityScore: Double?
    /// How long it took, in milliseconds.
    public var executionTimeMs: Int64?
    /// The tokens it used.
    public var tokensUsed: Int64?
    /// What it cost, in US dollars.
    public var costUSD: Double?
    /// The execution trace, as JSON text.
    public var trajectory: String?
    /// The Modal call it ran in.
    public var modalCallID: String?
    /// The sandbox it ran in.
    public var sandboxID: String?
    /// The failure's code: an exception's name, an HTTP status.
    public var errorCode: String?
    /// The failure's category, `[a-z][a-z0-9_]*`.
    public var errorCategory: String?
    /// The categorizer that gave the category, as PLUGIN/NAME; nil where the category is one's own, or there is none.
    public var categorizedBy: String?
    /// The failure's message.
    public var errorMessage: String?
    /// How often the run was tried again, 0 or more.
    public var retryCount: Int
    /// Measurements of the user's own, as a JSON object.
    public var metrics: JSONValue?

    /// A run of that scenario with that status; everything else unknown.
    public init(scenario: Scenario, trial: Int = 1, status: OutcomeStatus) {
        self.scenario = scenario
        self.trial = trial
        self.status = status
        self.retryCount = 0
    }

    /// Checks every range that the schema enforces, so that a bad value is named before anything is written.
    ///
    /// - Parameter place: what to call this outcome in a message, such as "record 3".
    /// - Throws: `EvaluationError` with code `invalid`, which names the field, its range and the value.
    public func validate(as place: String) throws(EvaluationError) {
        try checkRanges(as: place)
        try checkTexts(as: place)
    }

    /// Checks what can be told without looking into texts and documents.
    func checkRanges(as place: @autoclosure () -> String) throws(EvaluationError) {
        func refuse(_ field: String, _ expected: String, _ got: String) -> EvaluationError {
            EvaluationError(.invalid, "\(place()): \(field) must be \(expected), got \(got)")
        }
        if scenario.id.isEmpty { throw refuse("scenario_id", "a non-empty text", "\"\"") }
        let length = scenario.id.utf8.count
        if length > Self.longestScenarioID {
            throw refuse("scenario_id", "at most \(Self.longestScenarioID) bytes long", "\(length) bytes")
        }
        if let id, !Identifier.isVersion7(id) {
            throw refuse("outcome_id", "a UUID of version 7, which sorts by time", "\"\(id)\"")
        }
        if !(1...SimulationPlan.mostTrials).contains(trial) {
            throw refuse("trial", "between 1 and \(SimulationPlan.mostTrials)", "\(trial)")
        }
        if let score = reliabilityScore, !(0...1).contains(score) {
            throw refuse("reliability_score", "between 0 and 1", "\(Self.plain(score))")
        }
        if let time = executionTimeMs, !Self.counts.contains(time) {
            throw refuse("execution_time_ms", "between 0 and \(Self.counts.upperBound)", "\(time)")
        }
        if let tokens = tokensUsed, !Self.counts.contains(tokens) {
            throw refuse("tokens_used", "between 0 and \(Self.counts.upperBound)", "\(tokens)")
        }
        if let cost = costUSD, !Self.costs.contains(cost) {
            throw refuse(
                "cost_usd", "between 0 and \(Self.plain(Self.costs.upperBound))", "\(Self.plain(cost))")
        }
        if retryCount < 0 || retryCount > Int32.max {
            throw refuse("retry_count", "0 or more, less than 2^31", "\(retryCount)")
        }
        if let time = executionTime, !Self.times.contains(time.microseconds) {
            throw refuse("execution_time", "in the years 1 to 9999", "\(time)")
        }
        if let category = errorCategory, !Self.isCategory(category) {
            throw refuse(
                "error_category", "lower-case letters, digits and _, beginning with a letter",
                "\"\(category)\"")
        }
        if let metrics, !metrics.isNull {
            guard case .object = metrics else { throw refuse("metrics", "an object", metrics.kind) }
        }
    }

    /// Checks what PostgreSQL would refuse in a text or a document.
    func checkTexts(as place: String) throws(EvaluationError) {
        if let trajectory, !JSONValue.isWellFormed(trajectory) {
            throw EvaluationError(
                .invalid, "\(place): trajectory must be JSON of one value, got \"\(trajectory.prefix(40))\"")
        }
        try refuseNUL(in: place)
    }

    private static func isCategory(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// What an index takes of a text, with room for what stands beside it (2,704 bytes for a whole row of a B-tree:
    /// PostgreSQL documentation, "B-Tree Indexes").
    private static let longestScenarioID = 2000

    /// The milliseconds or tokens that a run may have taken: sums over every run that fits into a database stay exact. The
    /// database refuses others of everybody (`arc_notice_outcomes`), and likewise costs and times.
    public static let counts: ClosedRange<Int64> = 0...1_000_000_000_000
    /// What a run may cost, in US dollars.
    public static let costs: ClosedRange<Double> = 0...1e9

    /// The times whose days both storage tiers can hold, in microseconds from 2000.
    private static let times = start(ofYear: 1)..<start(ofYear: 10_000)

    private static func start(ofYear year: Int) -> Int64 {
        Int64(CalendarDate(year: year, month: 1, day: 1).days) * 86_400_000_000
    }

    /// 92, not 92.0: as the user wrote it.
    static func plain(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? "\(number)"
    }
}
