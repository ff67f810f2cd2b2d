/// What makes the mean difference of two evaluations of the same scenarios uncertain, and thereby what more scenarios
/// or more trials would gain.
///
/// A scenario's difference varies because scenarios differ (`between`, which trials don't lower) and because trials
/// of the same scenario do (`withinA`, `withinB`, each divided by the number of trials):
/// Var(d) = between + withinA/T_A + withinB/T_B, and the standard error over C scenarios is √(Var(d)/C).
///
/// Source: the components of Kish, "Survey sampling", 1965, section 5.4, for pairs; for evaluations: Miller, "Adding
/// error bars to evals", 2024, arXiv:2411.00640, section 5.
public struct PairedDesign: Sendable, Equatable {
    /// The variance over scenarios of the difference that infinitely many trials would show.
    public var between: Double
    /// The variance of one of A's trials around its scenario's mean.
    public var withinA: Double
    /// The variance of one of B's trials around its scenario's mean.
    public var withinB: Double

    /// A design from its variances, none below 0.
    public init(between: Double, withinA: Double, withinB: Double) {
        self.between = between
        self.withinA = withinA
        self.withinB = withinB
    }

    /// The design where both sides' trials are alike.
    ///
    /// - Parameters:
    ///   - deviation: the standard deviation of single trials over all scenarios; √(p(1 − p)) of a pass rate p.
    ///   - intraclass: the share of their variance that lies between scenarios, 0…1 (`IntraclassCorrelation.anova`).
    ///   - correlation: that of the two sides' true scenario means, −1…1: 1 where scenarios are as hard for both.
    /// - Returns: nil where one is outside its range.
    public init?(deviation: Double, intraclass: Double, correlation: Double) {
        guard deviation > 0, deviation.isFinite, (0...1).contains(intraclass), (-1...1).contains(correlation)
        else { return nil }
        let variance = deviation * deviation
        self.init(
            between: 2 * variance * intraclass * (1 - correlation),
            withinA: variance * (1 - intraclass), withinB: variance * (1 - intraclass))
    }

    /// The variances of an evaluation that was made, by moments: what the scenarios' differences vary more than their
    /// trials explain lies between them, and is 0 where they vary less.
    ///
    /// - Parameters:
    ///   - a: A's trials of each matched scenario, at least one each.
    ///   - b: B's, of the same scenarios in the same order.
    /// - Returns: nil for fewer than two scenarios, or where a side has no scenario with a second trial.
    public init?(a: [[Double]], b: [[Double]]) {
        guard a.count == b.count, a.count >= 2, (a + b).allSatisfy({ !$0.isEmpty }),
            let withinA = Self.within(a), let withinB = Self.within(b)
        else { return nil }
        let differences = zip(a, b).map { Moments.mean($1) - Moments.mean($0) }
        guard let deviation = Moments.deviation(differences), deviation.isFinite else { return nil }
        let explained = zip(a, b).reduce(0) {
            $0 + withinA / Double($1.0.count) + withinB / Double($1.1.count)
        }
        let between = deviation * deviation - explained / Double(a.count)
        self.init(between: max(between, 0), withinA: withinA, withinB: withinB)
    }

    /// The pooled variance of trials around their scenarios' means.
    private static func within(_ scenarios: [[Double]]) -> Double? {
        let repeated = scenarios.filter { $0.count >= 2 }
        guard !repeated.isEmpty else { return nil }
        let squares = repeated.reduce(0) { $0 + Moments.squares($1, around: Moments.mean($1)) }
        let within = squares / Double(repeated.reduce(0) { $0 + $1.count - 1 })
        return within.isFinite ? within : nil
    }

    /// The standard deviation of the scenarios' differences with that many trials on each side; nil where it is 0, or
    /// a side has no trials.
    public func deviation(trialsA: Int, trialsB: Int) -> Double? {
        guard trialsA > 0, trialsB > 0 else { return nil }
        let variance = between + withinA / Double(trialsA) + withinB / Double(trialsB)
        return variance > 0 && variance.isFinite ? variance.squareRoot() : nil
    }

    /// The standard error of the mean difference over that many scenarios.
    public func standardError(scenarios: Int, trialsA: Int, trialsB: Int) -> Double? {
        guard scenarios > 0 else { return nil }
        return deviation(trialsA: trialsA, trialsB: trialsB).map { $0 / Double(scenarios).squareRoot() }
    }

    /// The smallest true difference that such an evaluation finds with that probability.
    ///
    /// - Parameters:
    ///   - scenarios: how many, at least 2.
    ///   - trials: how many of each scenario on each side.
    ///   - alpha: the level of the paired t test.
    ///   - power: the probability.
    ///   - sides: which differences count.
    public func smallestDetectableEffect(
        scenarios: Int, trials: Int, alpha: Double = 0.05, power: Double = 0.8, sides: Power.Sides = .two
    ) -> Double? {
        guard scenarios >= 2 else { return nil }
        return standardError(scenarios: scenarios, trialsA: trials, trialsB: trials).flatMap {
            Power.smallestDetectableEffect(
                standardError: $0, degreesOfFreedom: Double(scenarios - 1), alpha: alpha, power: power,
                sides: sides)
        }
    }

    /// How many scenarios with that many trials find an effect with that probability; round it up.
    ///
    /// - Parameters:
    ///   - effect: the true mean difference; its sign doesn't matter.
    ///   - trials: how many of each scenario on each side.
    ///   - alpha: the level of the paired t test.
    ///   - power: the probability.
    ///   - sides: which differences count.
    public func scenarios(
        effect: Double, trials: Int, alpha: Double = 0.05, power: Double = 0.8, sides: Power.Sides = .two
    ) -> Double? {
        deviation(trialsA: trials, trialsB: trials).flatMap {
            Power.pairs(effect: effect, deviation: $0, alpha: alpha, power: power, sides: sides)
        }
    }
}
