/// Two evaluations matched by scenario. Each scenario's trials are averaged first, so a scenario is one pair,
/// however often each side ran it.
public struct Pairing<Scenario: Hashable & Comparable & Sendable>: Sendable {
    /// A scenario that both sides ran, with the mean of each side's trials.
    public struct Pair: Sendable {
        /// Which scenario it is.
        public let scenario: Scenario
        /// The mean of A's trials.
        public let a: Double
        /// The mean of B's trials.
        public let b: Double
        /// B − A.
        public var difference: Double { b - a }
    }

    /// The matched scenarios, in ascending order.
    public let pairs: [Pair]
    /// The scenarios that only A has values for, in ascending order.
    public let onlyA: [Scenario]
    /// The scenarios that only B has values for, in ascending order.
    public let onlyB: [Scenario]

    /// Matches two evaluations; a scenario without values counts as not run.
    ///
    /// - Parameters:
    ///   - a: the trials' values of each scenario of A, the baseline.
    ///   - b: the same of B, the candidate.
    public init(a: [Scenario: [Double]], b: [Scenario: [Double]]) {
        let a = a.filter { !$0.value.isEmpty }
        let b = b.filter { !$0.value.isEmpty }
        pairs = a.keys.sorted().compactMap { scenario in
            guard let first = a[scenario], let second = b[scenario] else { return nil }
            return Pair(scenario: scenario, a: Moments.mean(first), b: Moments.mean(second))
        }
        onlyA = a.keys.filter { b[$0] == nil }.sorted()
        onlyB = b.keys.filter { a[$0] == nil }.sorted()
    }

    /// The mean difference B − A over the matched scenarios, with the paired standard error s_d/√C and the t interval
    /// on C − 1 degrees of freedom; unmatched scenarios are counted in `leftOut`.
    ///
    /// Where all differences are equal there is neither standard error nor interval.
    /// Source: Student (1908); for evaluations: Miller, "Adding error bars to evals", 2024, arXiv:2411.00640.
    ///
    /// - Parameter confidence: the level of the interval, between 0 and 1.
    public func difference(confidence: Double = 0.95) -> Estimate {
        var estimate = Mean.naive(pairs.map(\.difference), scale: scale, confidence: confidence)
        estimate.leftOut = onlyA.count + onlyB.count
        estimate.method = "paired difference of scenario means, t interval"
        switch pairs.count {
        case 0: estimate.note = "no scenario was run by both"
        case 1: estimate.note = "one matched scenario: no standard error"
        default: break
        }
        guard estimate.leftOut > 0 else { return estimate }
        return estimate.noting("\(onlyA.count) only in A, \(onlyB.count) only in B, left out")
    }

    /// The two-sided p-value of Student's paired t test that the mean difference is 0; nil without a standard error.
    public var p: Double? {
        let estimate = difference()
        guard let value = estimate.value, let standardError = estimate.standardError else { return nil }
        return Distribution.studentTTail(
            (value / standardError).magnitude, degreesOfFreedom: Double(pairs.count - 1)
        ).map { 2 * $0 }
    }

    /// What the standard error of the difference would be if the same scenario means came from different scenarios,
    /// √(s_a²/C + s_b²/C): against the paired one it shows what pairing gains. Nil for fewer than two pairs.
    public var unpairedStandardError: Double? {
        guard pairs.count >= 2 else { return nil }
        let count = Double(pairs.count)
        let sides = [pairs.map(\.a), pairs.map(\.b)]
        let variance = sides.reduce(0) {
            $0 + Moments.squares($1, around: Moments.mean($1)) / (count - 1) / count
        }
        return variance > 0 && variance.isFinite ? variance.squareRoot() : nil
    }
}
