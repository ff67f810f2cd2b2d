/// The difference of two proportions of independent trials.
public enum Newcombe {
    /// The difference B − A with Newcombe's hybrid score interval without continuity correction: from the point
    /// estimate to both sides by the root of the squared distances to the ends of the two Wilson intervals.
    ///
    /// Source: Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
    /// methods", Statistics in Medicine 17 (1998), method 10.
    ///
    /// For the same scenarios on both sides use `Pairing`, which is more exact. Several trials of a scenario aren't
    /// independent: count scenarios.
    ///
    /// - Parameters:
    ///   - a: the baseline's passes, of how many.
    ///   - b: the candidate's.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func difference(
        a: (passes: Int, n: Int), b: (passes: Int, n: Int), confidence: Double = 0.95
    ) -> Estimate {
        let sides = [a, b].map { Proportion.wilson($0.passes, of: $0.n, confidence: confidence) }
        var estimate = Estimate(
            value: nil, n: sides[0].n + sides[1].n, clusters: sides[0].clusters + sides[1].clusters,
            method: "difference of proportions, Newcombe's hybrid score interval")
        guard let first = sides[0].value, let second = sides[1].value else {
            return zip(["A", "B"], sides).reduce(estimate) { estimate, side in
                side.1.value == nil
                    ? estimate.noting("\(side.0): \(side.1.note ?? "no proportion")") : estimate
            }
        }
        estimate.value = second - first
        guard let low = sides[0].interval, let high = sides[1].interval else {
            return estimate.noting(sides[0].note)
        }
        func root(_ one: Double, _ other: Double) -> Double { (one * one + other * other).squareRoot() }
        estimate.interval = Estimate.Interval(
            low: second - first - root(second - high.low, low.high - first),
            high: second - first + root(high.high - second, first - low.low))
        return estimate.bounded(to: -1...1)
    }
}
