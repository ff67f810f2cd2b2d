public import Postgres

/// What a trend is about: a figure of the outcomes of some simulations, in buckets of time.
public struct TrendQuestion: Sendable {
    /// Which figure.
    public var metric = Metric.score
    /// Only simulations of this configuration: its name, for all of its versions, or the id of one version; nil for all.
    public var configuration: String?
    /// Only scenarios that have each of these tags.
    public var tags: [String] = []
    /// Only this scenario; nil for all.
    public var scenario: String?
    /// How far back, in days, above 0; nil for all time.
    public var days: Double? = 90
    /// The buckets' width: an interval of whole hours, of whole days where a scenario or tags are given.
    public var bucket = "1 day"

    /// Whether scenarios are chosen.
    var isByScenario: Bool { scenario != nil || !tags.isEmpty }

    /// The mean score of all runs by day, for 90 days.
    public init() {}

    /// A figure of a run, of which a bucket has the mean.
    public enum Metric: String, Sendable, CaseIterable {
        /// The score, 0…1, of the runs that have one.
        case score
        /// Whether the run passed, of those that passed or failed.
        case passRate = "pass_rate"
        /// Whether the run ended in an error or timed out.
        case errorRate = "error_rate"
        /// How long the run took, in milliseconds.
        case latency = "latency_ms"
        /// The tokens that the run used.
        case tokens = "tokens_used"
        /// What the run cost, in US dollars.
        case cost = "cost_usd"

        /// What the roll-ups call it.
        var column: String {
            switch self {
            case .score: "score"
            case .passRate: "pass"
            case .errorRate: "error"
            case .latency: "latency"
            case .tokens: "tokens"
            case .cost: "cost"
            }
        }

        /// The values that are possible.
        var bounds: ClosedRange<Double> {
            switch self {
            case .score, .passRate, .errorRate: 0...1
            case .latency, .tokens, .cost: 0...Double.greatestFiniteMagnitude
            }
        }

        /// Whether a run's value is 0 or 1.
        var isRate: Bool { self == .passRate || self == .errorRate }
    }
}

/// How a figure developed.
public struct MetricTrend: Sendable {
    /// A bucket of time.
    public struct Bucket: Sendable {
        /// When it begins.
        public var start: Timestamp
        /// How many runs began in it, without those that somebody cancelled.
        public var runs: Int
        /// How many of those ended in an error or timed out.
        public var errors: Int
        /// The mean of the runs whose value is known.
        public var estimate: Estimate
    }

    /// What was asked.
    public var question: TrendQuestion
    /// The buckets with runs in them, oldest first.
    public var buckets: [Bucket]
    /// The exponentially weighted moving average of the buckets, with its control limits; nil where there are no values.
    public var average: Trend.EWMA?
    /// Where the level changed, looking back; nil where there are too few values or more than ``mostJudged``, or all are
    /// equal.
    public var changes: ChangePoints.Posterior?

    /// Why there is no bucket; nil where there is one.
    public var note: String? {
        guard buckets.isEmpty else { return nil }
        guard let days = question.days else { return "no run is recorded that this is about" }
        let span = days == 1 ? "1 day" : "\(Outcome.plain(days)) days"
        return "no run that this is about began within \(span); time_range says how far to look back"
    }

    /// How many buckets are looked through for changes at most: the time that it takes grows with their square.
    public static let mostJudged = 500
}
