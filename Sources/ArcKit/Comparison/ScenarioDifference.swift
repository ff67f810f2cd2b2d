/// What became of one scenario.
public struct ScenarioDifference: Sendable {
    /// One side's runs of it.
    public struct Side: Sendable, Equatable {
        /// How many runs there are.
        public var runs: Int
        /// How many of them ended in an error or a timeout.
        public var errors: Int
        /// The mean of the metric over the runs whose value is known.
        public var mean: Double?
        /// The runs of which is known whether they passed.
        public var verdicts: PassCount
    }

    /// A change in how often it passes.
    public enum Flip: String, Sendable, CaseIterable {
        /// Every run of A passed, and none of B.
        case lost
        /// No run of A passed, and every one of B.
        case gained
        /// More than half of A's runs passed, and fewer than half of B's, but it isn't lost.
        case weakened
        /// Fewer than half of A's runs passed, and more than half of B's, but it isn't gained.
        case strengthened
    }

    /// Its id.
    public let scenario: String
    /// A's runs.
    public let a: Side
    /// B's runs.
    public let b: Side
    /// B's mean less A's; nil where either isn't known.
    public let difference: Double?
    /// Whether it passes more often or more seldom, in a way that is worth a look.
    public let flip: Flip?
    /// Whether it is one of the critical ones; of a scenario that A didn't run its tag isn't looked at.
    public let isCritical: Bool
    /// The two-sided p-value of Fisher's exact test that its runs pass equally often on both sides. Nil where a side has
    /// fewer than two verdicts: nothing could be told then.
    public let p: Double?
    /// The p-value corrected for the number of scenarios, after Benjamini and Hochberg.
    public internal(set) var correctedP: Double?

    /// Whether every run of A passed, and of B's none is known to have passed.
    var isLost: Bool {
        flip == .lost
            || a.verdicts.trials > 0 && a.verdicts.passes == a.verdicts.trials && b.runs > 0
                && b.verdicts.trials == 0
    }

    init(_ scenario: String, a: Side, b: Side, isCritical: Bool) {
        self.scenario = scenario
        self.a = a
        self.b = b
        self.isCritical = isCritical
        difference = a.mean.flatMap { a in b.mean.map { $0 - a } }
        flip = Flip(a.verdicts, b.verdicts)
        p = min(a.verdicts.trials, b.verdicts.trials) < 2 ? nil : FisherExact.p(a.verdicts, b.verdicts)
    }
}

extension ScenarioDifference.Flip {
    /// The change from A to B; nil where there is none to speak of, or a side has no verdict.
    init?(_ a: PassCount, _ b: PassCount) {
        guard a.trials > 0, b.trials > 0 else { return nil }
        let (passed, passes) = (a.passes * 2 - a.trials, b.passes * 2 - b.trials)
        switch (passed, passes) {
        case (a.trials, -b.trials): self = .lost
        case (-a.trials, b.trials): self = .gained
        case (1..., ...(-1)): self = .weakened
        case (...(-1), 1...): self = .strengthened
        default: return nil
        }
    }
}
