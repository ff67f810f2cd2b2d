import ArcKit

/// How often an interval held what it promises.
public struct Tally: Sendable {
    /// What was simulated.
    public let name: String
    /// Which population and how much of it.
    public let setting: String
    /// How many evaluations had an interval.
    public private(set) var intervals = 0
    /// How many of these held the truth.
    public private(set) var covered = 0
    /// How many intervals lay below the truth.
    public private(set) var tooLow = 0
    /// How many evaluations had none.
    public private(set) var missing = 0
    private var width = 0.0

    init(_ name: String, _ setting: String) {
        self.name = name
        self.setting = setting
    }

    mutating func count(_ interval: Estimate.Interval?, truth: Double) {
        guard let interval else {
            missing += 1
            return
        }
        intervals += 1
        width += interval.high - interval.low
        if interval.low <= truth + 1e-12, truth - 1e-12 <= interval.high {
            covered += 1
        } else if interval.high < truth {
            tooLow += 1
        }
    }

    /// The share of the intervals that held the truth; nil without any.
    public var coverage: Double? { intervals > 0 ? Double(covered) / Double(intervals) : nil }

    /// The mean width of the intervals.
    public var meanWidth: Double? { intervals > 0 ? width / Double(intervals) : nil }
}

/// How often a decision was made.
public struct Rate: Sendable {
    /// What was decided.
    public let name: String
    /// Which population and how much of it.
    public let setting: String
    /// How often it may be decided where there is nothing; nil where it should be decided.
    public let limit: Double?
    /// How many evaluations were simulated.
    public private(set) var evaluations = 0
    /// In how many of them it was decided.
    public private(set) var decisions = 0

    init(_ name: String, _ setting: String, limit: Double?) {
        self.name = name
        self.setting = setting
        self.limit = limit
    }

    mutating func count(_ decided: Bool) {
        evaluations += 1
        if decided { decisions += 1 }
    }

    /// The share of the evaluations in which it was decided.
    public var share: Double { Double(decisions) / Double(max(evaluations, 1)) }
}
