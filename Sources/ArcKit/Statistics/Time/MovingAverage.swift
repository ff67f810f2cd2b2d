/// The sums behind an EWMA chart.
///
/// After k values the average is Σ e_j x_j + (1 − E)·c with e_j = λ(1 − λ)^(k − j), E = Σ e_j and the center c. With a
/// target its variance is Σ e_j² σ_j². Where c is the mean of the values before the newest, weighted by w_j = 1/σ_j²
/// with W = Σ w_j, the average and the center have values in common, and their difference Σ e_j x_j − E·c has the
/// variance Σ e_j² σ_j² − 2 (E − λ) E/W + E²/W.
struct MovingAverage {
    private let lambda: Double
    private let target: Double?
    /// What all values are taken as distances from, so that a large common offset costs no digits.
    private var origin: Double?
    /// Σ e_j x_j, E and Σ e_j² σ_j².
    private var sum = 0.0
    private var share = 0.0
    private var variance = 0.0
    /// W, and the weighted mean, of all values but the newest; both are 0 before there are two.
    private var weightBefore = 0.0
    private var meanBefore = 0.0
    /// The newest value and its weight.
    private var newest: (value: Double, weight: Double)?
    private var last = Trend.Point()

    init(lambda: Double, target: Double?) {
        self.lambda = lambda
        self.target = target
        origin = target
    }

    /// Takes a value in.
    ///
    /// - Parameter variance: its own, in whatever unit all variances have.
    mutating func add(_ value: Double, variance own: Double) {
        let origin = self.origin ?? value
        self.origin = origin
        let distance = value - origin
        if let newest {
            weightBefore += newest.weight
            meanBefore += (newest.value - meanBefore) * newest.weight / weightBefore
        }
        newest = (distance, 1 / own)
        sum = lambda * distance + (1 - lambda) * sum
        share = lambda + (1 - lambda) * share
        variance = lambda * lambda * own + (1 - lambda) * (1 - lambda) * variance
    }

    /// The chart's point at the value that was just taken in.
    ///
    /// - Parameters:
    ///   - own: the value's variance.
    ///   - limits: the limits in units of the variances' root; nil where that isn't known.
    mutating func point(
        _ value: Double, variance own: Double, limits: (width: Double, jump: Double)?
    ) -> Trend.Point {
        let origin = origin ?? 0
        guard target != nil || weightBefore > 0 else {
            last = Trend.Point(value: value, average: value)
            return last
        }
        let center = target == nil ? meanBefore : 0
        let uncertain = target == nil ? 1 / weightBefore : 0
        let off = sum - share * center
        let deviation = (variance + share * (2 * lambda - share) * uncertain).squareRoot()
        last = Trend.Point(value: value, average: origin + center + off, center: origin + center)
        if let limits, deviation > 0 {
            let reach = limits.width * deviation
            last.low = origin + center - reach
            last.high = origin + center + reach
            last.isOutside = off.magnitude > reach
            last.isJump =
                (value - origin - center).magnitude > limits.jump * (own + uncertain).squareRoot()
        }
        return last
    }

    /// The chart's point where there is no value, or none that counts.
    func point(without value: Double?) -> Trend.Point {
        var point = last
        point.value = value
        point.isOutside = false
        point.isJump = false
        return point
    }
}

/// The variance of single units in the groups so far.
struct PooledVariance {
    private var within = 0.0
    private var freedom = 0.0
    private var units = 0.0
    private var mean = 0.0
    private var between = 0.0

    mutating func add(_ group: Trend.Group) {
        let count = Double(group.units)
        if group.units > 1 { within += (count - 1) * group.variance }
        freedom += count - 1
        let distance = group.mean - mean
        between += distance * distance * units * count / (units + count)
        units += count
        mean += distance * count / units
    }

    /// The variance of one unit within groups; nil where nothing varies within any.
    var withinGroups: Double? { within > 0 ? within / freedom : nil }

    /// The deviation of one unit and its degrees of freedom: within groups or, where nothing varies within any, around the
    /// mean of all. Nil where no group has a second unit, or everything is equal.
    var deviation: (value: Double, degreesOfFreedom: Double)? {
        guard freedom > 0 else { return nil }
        if let withinGroups { return (withinGroups.squareRoot(), freedom) }
        return between > 1e-28 * mean * mean ? ((between / (units - 1)).squareRoot(), units - 1) : nil
    }
}
