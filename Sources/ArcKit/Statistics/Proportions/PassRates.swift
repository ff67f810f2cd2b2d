/// How many of a scenario's trials passed.
public struct PassCount: Sendable, Hashable {
    /// The number of trials that passed, 0…trials.
    public var passes: Int
    /// The number of trials.
    public var trials: Int

    /// A count from its numbers.
    public init(passes: Int, trials: Int) {
        self.passes = passes
        self.trials = trials
    }

    /// The count of a scenario's verdicts.
    public init(_ verdicts: some Sequence<Bool>) {
        self.init(passes: 0, trials: 0)
        for passed in verdicts {
            trials += 1
            if passed { passes += 1 }
        }
    }
}

/// Pass rates over several trials of a scenario: at least one passes (pass@k), or all do (pass^k).
///
/// Both are averaged over the scenarios, with the standard error of the scenarios' values, and the interval that
/// `Mean.estimate` gives a mean between 0 and 1; near 0 and 1 a scenario is worth no more than one yes or no.
/// Scenarios with fewer than k trials say nothing unbiased about k trials: they are left out, and counted.
public enum PassRates {
    /// The chance that at least one of k trials passes: 1 − C(n − c, k)/C(n, k) per scenario of n trials, c passes.
    ///
    /// Source: Chen et al., "Evaluating large language models trained on code", 2021, arXiv:2107.03374.
    ///
    /// - Parameters:
    ///   - k: the number of trials, at least 1.
    ///   - scenarios: the counts of each scenario.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func passAt(_ k: Int, of scenarios: [PassCount], confidence: Double = 0.95) -> Estimate {
        average("pass@\(k)", k, scenarios, confidence) {
            1 - shareOfDraws(k, from: $0.trials - $0.passes, of: $0.trials)
        }
    }

    /// The chance that all of k trials pass: C(c, k)/C(n, k) per scenario of n trials, c passes.
    ///
    /// Source: Yao et al., "τ-bench: a benchmark for tool-agent-user interaction in real-world domains", 2024,
    /// arXiv:2406.12045.
    ///
    /// - Parameters:
    ///   - k: the number of trials, at least 1.
    ///   - scenarios: the counts of each scenario.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func passHat(_ k: Int, of scenarios: [PassCount], confidence: Double = 0.95) -> Estimate {
        average("pass^\(k)", k, scenarios, confidence) { shareOfDraws(k, from: $0.passes, of: $0.trials) }
    }

    /// C(chosen, k)/C(all, k): the chance that k draws without replacement all come from the chosen ones.
    static func shareOfDraws(_ k: Int, from chosen: Int, of all: Int) -> Double {
        guard chosen >= k else { return 0 }
        return (0..<k).reduce(1) { $0 * Double(chosen - $1) / Double(all - $1) }
    }

    private static func average(
        _ name: String, _ k: Int, _ scenarios: [PassCount], _ confidence: Double,
        _ value: (PassCount) -> Double
    ) -> Estimate {
        guard k >= 1 else {
            return Estimate(value: nil, n: 0, clusters: 0, leftOut: scenarios.count, method: name)
                .noting("k must be at least 1")
        }
        let impossible = scenarios.lazy.filter { !(0...max($0.trials, 0)).contains($0.passes) }.count
        guard impossible == 0 else {
            return Estimate(value: nil, n: 0, clusters: 0, leftOut: scenarios.count, method: name)
                .noting("scenarios with more passes than trials, or fewer than none: \(impossible)")
        }
        let used = scenarios.filter { $0.trials >= k }
        var estimate = Mean.estimate(probabilities: used.map(value), confidence: confidence)
        estimate.n = used.reduce(0) { $0 + $1.trials }
        estimate.leftOut = scenarios.count - used.count
        guard estimate.leftOut > 0 else { return estimate }
        return estimate.noting("scenarios with fewer than \(k) trials, left out: \(estimate.leftOut)")
    }
}
