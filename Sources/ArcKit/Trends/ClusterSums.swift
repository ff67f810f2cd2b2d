import Postgres

/// What a bucket's mean and standard error come from: sums over runs, and over the scenarios' own sums.
///
/// A cell is what was added up together, such as a day of a simulation: each of its scenarios is one cluster there.
struct ClusterSums: Sendable {
    /// How many runs have a value.
    var n: Int
    /// The mean of the runs; nil where there is none.
    var mean: Double?
    /// How many cells have values.
    var cells: Int
    /// How many scenarios the cell with most of them has.
    var scenarios: Int
    /// Over the cells, the sum of √Σ_c (S_c − n_c·x̄)², with S_c the total of a scenario's n_c values.
    var spread: Double
    /// Σ (x − x̄)² over the runs.
    var squares: Double
    /// Whether all values are 0, or all 1, where nothing else is possible.
    var isExtreme: Bool

    /// The mean over runs, with a standard error clustered by scenario: Liang & Zeger's (Biometrika 73, 1986) of an
    /// intercept, C/(C − 1)·Σ_c (S_c − n_c·x̄)²/n², and t on C − 1 degrees of freedom, as `Mean.clustered` weighted by
    /// trials.
    ///
    /// Where a bucket has several cells, the same scenario may be in each of them, and nobody has kept how its values went
    /// together. The root of a sum of squares of sums is at most the sum of the roots (Minkowski), so the cells' standard
    /// errors are added up: never too narrow, exact for cells that vary alike. Of one scenario the runs are what varies:
    /// the naive standard error.
    func estimate(_ metric: TrendQuestion.Metric, confidence: Double = 0.95) -> Estimate {
        var estimate = Estimate(
            value: mean, n: n, clusters: scenarios,
            method: "mean over runs, clustered by scenario, t interval")
        guard mean != nil else { return estimate.noting("no values") }
        if isExtreme, let mean {
            let wilson = Proportion.wilson(mean == 0 ? 0 : scenarios, of: scenarios, confidence: confidence)
            estimate.interval = wilson.interval
            estimate.method = "mean over runs, \(wilson.method) over scenarios"
            return estimate.noting("all values are \(mean == 0 ? 0 : 1): no standard error")
        }
        let count = Double(n)
        guard scenarios > 1 else {
            if cells > 1 {
                return estimate.noting(
                    "its days of simulations have one scenario each: no standard error over scenarios")
            }
            estimate.method = "mean over the runs of one scenario, t interval"
            if n < 2 { return estimate.noting("one value: no standard error") }
            return estimate.withStudentT(
                variance: squares / (count - 1) / count, degreesOfFreedom: count - 1, confidence: confidence
            ).bounded(to: metric.bounds)
        }
        let clusters = Double(scenarios)
        if cells > 1 {
            estimate.method =
                "mean over runs, clustered by scenario within each day of a simulation, t interval"
            estimate = estimate.noting(
                "the standard errors of \(cells) days of simulations are added up: at most as narrow as it should be"
            )
        }
        let root = spread / count
        return estimate.withStudentT(
            variance: clusters / (clusters - 1) * root * root, degreesOfFreedom: clusters - 1,
            confidence: confidence
        ).bounded(to: metric.bounds)
    }
}
