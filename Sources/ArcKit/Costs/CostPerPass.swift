/// What a pass costs: all runs are paid for, and only some pass.
enum CostPerPass {
    /// The cost of all runs by the number of passes, Σc / Σp over scenarios, with the standard error of a ratio,
    /// √(C/(C − 1) · Σ (c_i − R·p_i)²) / Σp, and a t interval on C − 1 degrees of freedom, cut at 0.
    ///
    /// Nil where nothing passed. Source: Cochran, "Sampling techniques", 3rd edition (1977), section 6.3, with scenarios
    /// as the clusters.
    ///
    /// - Parameter scenarios: of each scenario, the cost of the runs whose cost is known in US dollars, how many of these
    ///   passed, and how many these are.
    static func estimate(
        _ scenarios: [(cost: Double, passes: Int, runs: Int)], confidence: Double = 0.95
    ) -> Estimate {
        let passes = scenarios.reduce(0) { $0 + $1.passes }
        var estimate = Estimate(
            value: nil, n: scenarios.reduce(0) { $0 + $1.runs }, clusters: scenarios.count,
            method: "ratio of sums, clustered by scenario, t interval")
        guard !scenarios.isEmpty else { return estimate.noting("no run's cost is known") }
        guard passes > 0 else { return estimate.noting("none of the runs whose cost is known passed") }
        let ratio = Moments.sum(scenarios.map(\.cost)) / Double(passes)
        estimate.value = ratio
        guard scenarios.count >= 2 else {
            return estimate.noting("one scenario: no standard error over scenarios")
        }
        let deviations = scenarios.map { $0.cost - ratio * Double($0.passes) }
        let count = Double(scenarios.count)
        let variance =
            count / (count - 1) * Moments.squares(deviations, around: 0) / Double(passes) / Double(passes)
        let scale = scenarios.lazy.map(\.cost.magnitude).max() ?? 0
        guard deviations.contains(where: { $0.magnitude > 1e-14 * scale }) else {
            return estimate.noting("every scenario's passes cost the same: no standard error")
        }
        return estimate.withStudentT(variance: variance, degreesOfFreedom: count - 1, confidence: confidence)
            .bounded(to: 0 ... .greatestFiniteMagnitude)
    }
}
