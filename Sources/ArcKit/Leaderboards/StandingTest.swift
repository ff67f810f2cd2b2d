/// Whether two configurations differ, by their scenarios' means.
struct StandingTest {
    /// First − second.
    let difference: Estimate
    /// The two-sided p-value that there is no difference; nil where nothing can be said.
    let p: Double?

    /// - Parameters:
    ///   - first: the mean of each scenario, NaN of those that it didn't run.
    ///   - second: the same of the other, in the same order.
    init(_ first: [Double], _ second: [Double]) {
        var differences: [Double] = []
        var scale = 0.0
        for (one, other) in zip(first, second) where !one.isNaN && !other.isNaN {
            differences.append(one - other)
            scale = max(scale, one.magnitude, other.magnitude)
        }
        if differences.count >= 2 {
            self.init(paired: differences, scale: scale)
        } else {
            self.init(unpaired: first.filter { !$0.isNaN }, second.filter { !$0.isNaN })
        }
    }

    private init(paired differences: [Double], scale: Double) {
        var estimate = Mean.naive(differences, scale: scale, confidence: 0.95)
        estimate.method = "paired difference of scenario means, t test"
        if let value = estimate.value, let error = estimate.standardError {
            p = Distribution.studentTTail(
                (value / error).magnitude, degreesOfFreedom: Double(differences.count - 1)
            ).map { 2 * $0 }
        } else if let value = estimate.value, value.magnitude > 1e-14 * scale {
            // All differ by the same. Without spread there is no t test, but so many signs don't agree by chance.
            estimate.method = "paired difference of scenario means, sign test"
            p = McNemar(both: 0, onlyA: differences.count, onlyB: 0, neither: 0).p
        } else {
            p = 1
        }
        difference = estimate
    }

    /// Source: Welch, "The generalization of 'Student's' problem when several different population variances are
    /// involved", Biometrika 34 (1947), with Satterthwaite's degrees of freedom.
    private init(unpaired first: [Double], _ second: [Double]) {
        let sides = [Mean.naive(first), Mean.naive(second)]
        var estimate = Estimate(
            value: nil, n: first.count + second.count, clusters: first.count + second.count,
            method: "difference of means over different scenarios, Welch's t test")
        if let one = sides[0].value, let other = sides[1].value { estimate.value = one - other }
        let variances = sides.map { ($0.standardError ?? 0) * ($0.standardError ?? 0) }
        let variance = variances[0] + variances[1]
        guard let value = estimate.value, first.count >= 2, second.count >= 2, variance > 0 else {
            difference = estimate.noting("too few scenarios, or no spread: no test")
            p = nil
            return
        }
        let freedom =
            variance * variance
            / (variances[0] * variances[0] / Double(first.count - 1)
                + variances[1] * variances[1] / Double(second.count - 1))
        difference = estimate.withStudentT(
            variance: variance, degreesOfFreedom: freedom, confidence: 0.95)
        p = Distribution.studentTTail(
            (value / variance.squareRoot()).magnitude, degreesOfFreedom: freedom
        ).map { 2 * $0 }
    }
}
