/// The paired table of two evaluations' verdicts on the same units, and McNemar's exact test of whether one passes
/// more often than the other.
public struct McNemar: Sendable, Equatable {
    /// Pairs that passed in both.
    public var both: Int
    /// Pairs that passed in A alone.
    public var onlyA: Int
    /// Pairs that passed in B alone.
    public var onlyB: Int
    /// Pairs that passed in neither.
    public var neither: Int

    /// A table from its counts, none below 0.
    public init(both: Int, onlyA: Int, onlyB: Int, neither: Int) {
        self.both = both
        self.onlyA = onlyA
        self.onlyB = onlyB
        self.neither = neither
    }

    /// The table of pairs of verdicts. The pairs must be independent: one per scenario.
    public init(_ pairs: some Sequence<(a: Bool, b: Bool)>) {
        self.init(both: 0, onlyA: 0, onlyB: 0, neither: 0)
        for pair in pairs {
            switch pair {
            case (true, true): both += 1
            case (true, false): onlyA += 1
            case (false, true): onlyB += 1
            case (false, false): neither += 1
            }
        }
    }

    /// The exact two-sided p-value: twice the smaller tail of the discordant pairs under Binomial(n, ½), at most 1.
    ///
    /// Without discordant pairs it is 1. Nil where a count is negative.
    /// Source: McNemar, "Note on the sampling error of the difference between correlated proportions or
    /// percentages", Psychometrika 12 (1947), with the exact binomial distribution.
    public var p: Double? {
        guard both >= 0, onlyA >= 0, onlyB >= 0, neither >= 0 else { return nil }
        guard onlyA + onlyB > 0 else { return 1 }
        return Distribution.binomial(min(onlyA, onlyB), of: onlyA + onlyB, 0.5).map { min(1, 2 * $0) }
    }
}
