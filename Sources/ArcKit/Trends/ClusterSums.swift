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
    /// trials. Near 0 and 1, and where all values are 0 or all are 1, scores and rates have the intervals that
    /// `Mean.estimate` gives them.
    ///
    /// Where a bucket has several cells, the same scenario may be in each of them, and nobody has kept how its values went
    /// together. The root of a sum of squares of sums is at most the sum of the roots (Minkowski), so the cells' standard
    /// errors are added up: never too narrow, exact for cells that vary alike. Of one scenario the runs are what varies:
    /// the naive standard error.
    func estimate(_ metric: TrendQuestion.Metric, confidence: Double = 0.95) -> Estimate {
        var estimate = Estimate(value: mean, n: n, clusters: scenarios, method: "mean over runs")
        guard let mean else { return estimate.noting("no values") }
        if isExtreme {
            return estimate.atBound(isLow: mean == 0, confidence: confidence)
                .noting("all values are \(mean == 0 ? 0 : 1): no standard error")
        }
        let count = Double(n)
        guard scenarios > 1 else {
            estimate.method = "mean over the runs of one scenario"
            if cells > 1 {
                return estimate.noting(
                    "its days of simulations have one scenario each: no standard error over scenarios")
            }
            if n < 2 { return estimate.noting("one value: no standard error") }
            return estimate.withInterval(
                of: self, metric, variance: squares / (count - 1) / count, degreesOfFreedom: count - 1,
                confidence)
        }
        let clusters = Double(scenarios)
        estimate.method = "mean over runs, clustered by scenario"
        if cells > 1 {
            estimate.method += " within each day of a simulation"
            estimate = estimate.noting(
                "the standard errors of \(cells) days of simulations are added up, so that the interval isn't too narrow"
            )
        }
        let root = spread / count
        return estimate.withInterval(
            of: self, metric, variance: clusters / (clusters - 1) * root * root,
            degreesOfFreedom: clusters - 1,
            confidence)
    }

    /// What the bucket is to a chart of its means: the units are scenarios or, where there is one, its runs.
    func group(_ estimate: Estimate) -> Trend.Group? {
        guard let mean else { return nil }
        let units = scenarios > 1 ? scenarios : cells > 1 ? 1 : max(n, 1)
        let error = estimate.standardError ?? 0
        return Trend.Group(mean: mean, units: units, variance: error * error * Double(units))
    }
}

extension Estimate {
    /// The same estimate with its standard error, and the interval that fits the metric.
    fileprivate func withInterval(
        of sums: ClusterSums, _ metric: TrendQuestion.Metric, variance: Double, degreesOfFreedom df: Double,
        _ confidence: Double
    ) -> Estimate {
        var complete = withStudentT(variance: variance, degreesOfFreedom: df, confidence: confidence)
            .bounded(to: metric.bounds)
        let single = metric.isRate ? nil : sums.squares / Double(n)
        let near =
            metric.bounds == 0...1
            ? complete.nearBound(0...1, variance: single, degreesOfFreedom: df, confidence: confidence) : nil
        complete.method += near == nil ? ", t interval" : ", Korn–Graubard interval"
        complete.interval = near ?? complete.interval
        return complete
    }
}
