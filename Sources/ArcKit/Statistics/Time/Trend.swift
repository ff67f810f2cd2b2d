/// How a figure develops over time, smoothed enough to see whether it moved.
public enum Trend {
    /// One step of an EWMA chart.
    public struct Point: Sendable, Equatable {
        /// The value of this step; nil where there was none.
        public var value: Double?
        /// The exponentially weighted mean up to here; nil before the first value.
        public var average: Double?
        /// What the average should be around: the target or, where none was given, the mean of the values before; nil
        /// where there are none.
        public var center: Double?
        /// The lower control limit of the mean; nil where the deviation isn't known.
        public var low: Double?
        /// The upper control limit.
        public var high: Double?
        /// Whether the mean is outside its limits: the process has moved.
        public var isOutside = false
        /// Whether the value by itself is further from the center than chance explains, however little it moved the mean.
        public var isJump = false
    }

    /// An exponentially weighted moving average with control limits.
    public struct EWMA: Sendable, Equatable {
        /// The steps, one for each value that was given.
        public var points: [Point]
        /// The standard deviation of one value; nil where it isn't known, or each value has its own.
        public var deviation: Double?
    }

    /// The mean of a group of independent units that were seen at the same time, such as a day's scenarios.
    public struct Group: Sendable, Equatable {
        /// The mean.
        public var mean: Double
        /// How many units, at least 1.
        public var units: Int
        /// The variance of one unit around the mean, with units − 1 as its divisor, at least 0; of a single unit it isn't
        /// looked at.
        public var variance: Double

        /// A group from its figures.
        public init(mean: Double, units: Int, variance: Double) {
            self.mean = mean
            self.units = units
            self.variance = variance
        }
    }

    /// The exponentially weighted moving average z = λx + (1 − λ)z of a series, with the limits that it keeps to while
    /// nothing changes: center ± width · √Var(z − center), which are narrow at first and become wider with each step.
    ///
    /// The average begins at the center. Where there is a target, that is it. Where there is none, each step's center is
    /// the mean of the values before it, as one would take it from a first phase without changes: what comes later can't
    /// make an earlier value stand out, and the variance has the part that such a mean is itself uncertain by. So the
    /// first value has no limits, and the second is simply compared with it.
    /// A moving average is slow to see one large jump, so a value that is by itself more than `jump` deviations off is
    /// marked too (the combined Shewhart–EWMA chart).
    ///
    /// The defaults, λ = 0.2, a width of 2.86 and jumps of 3.5 deviations, mark something by chance once in about 330
    /// steps, and find a lasting shift of one deviation after ten on average, of four after 1.3.
    /// Without standard errors every value has the same deviation, estimated by the mean distance of neighbours over
    /// 1.128, which a shift hardly raises. A step without a value keeps the average where it was.
    ///
    /// Source: Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959); starting value,
    /// limits for each step and jumps: Lucas & Saccucci, "Exponentially weighted moving average control schemes:
    /// properties and enhancements", Technometrics 32 (1990); the values before as the target: Hawkins, "Self-starting
    /// CUSUM charts for location and scale", The Statistician 36 (1987).
    ///
    /// - Parameters:
    ///   - values: the series in its order; nil where a step has no value.
    ///   - standardErrors: each value's own, above 0, if they are known; a value without one has no part in averages.
    ///   - center: what the series should be around; the mean of the values before unless said.
    ///   - deviation: the standard deviation of one value, above 0; estimated unless said.
    ///   - lambda: the weight of the newest value, above 0 and at most 1.
    ///   - width: the distance of the limits from the center, in standard deviations of the average, above 0.
    ///   - jump: how many deviations a value by itself may be off, above 0.
    /// - Returns: nil where a value isn't finite, or a parameter is outside its range.
    public static func ewma(
        _ values: [Double?], standardErrors: [Double?]? = nil, center: Double? = nil,
        deviation: Double? = nil, lambda: Double = 0.2, width: Double = 2.86, jump: Double = 3.5
    ) -> EWMA? {
        let known = values.compactMap(\.self)
        guard lambda > 0, lambda <= 1, width > 0, jump > 0, known.allSatisfy(\.isFinite),
            standardErrors.map({ $0.count == values.count }) ?? true
        else { return nil }
        let deviation = standardErrors == nil ? deviation ?? MovingRange.deviation(known) : nil
        let scale = standardErrors == nil ? deviation : 1
        var average = MovingAverage(lambda: lambda, target: center)
        let points = values.indices.map { step -> Point in
            let own = standardErrors.map { $0[step] } ?? 1
            guard let value = values[step], let own, own > 0, own.isFinite else {
                return average.point(without: values[step])
            }
            average.add(value, variance: own * own)
            return average.point(
                value, variance: own * own,
                limits: scale.map { (width: width * $0, jump: jump * $0) })
        }
        return EWMA(points: points, deviation: deviation)
    }

    /// The same of groups, whose units tell how much chance makes their means vary: the variance of units, pooled over the
    /// groups so far, by the number of units. One that turns out the same in each of its units so says nothing of its
    /// own to be sure of, and what comes later doesn't change what was thought of a step.
    ///
    /// Where no group so far has any variance, it is that of all units around their common mean. A limit holds with the
    /// probability that it would have if the deviation were known, by Student's distribution. Where no group has a second
    /// unit, the means are a series of single values.
    ///
    /// Source: Shewhart's chart of means with pooled deviations, Montgomery, "Introduction to statistical quality
    /// control", 7th edition, 2013, sections 6.3 and 9.1.
    ///
    /// - Parameters:
    ///   - groups: the groups in their order; nil where a step has none.
    ///   - lambda: the weight of the newest value, above 0 and at most 1.
    ///   - width: the distance of the limits from the center, in standard deviations of the average, above 0.
    ///   - jump: how many deviations a mean by itself may be off, above 0.
    /// - Returns: nil where a mean or a variance isn't finite, or a parameter is outside its range.
    public static func ewma(
        of groups: [Group?], lambda: Double = 0.2, width: Double = 2.86, jump: Double = 3.5
    ) -> EWMA? {
        let known = groups.compactMap(\.self)
        guard known.contains(where: { $0.units > 1 }) else {
            return ewma(groups.map { $0?.mean }, lambda: lambda, width: width, jump: jump)
        }
        guard lambda > 0, lambda <= 1, width > 0, jump > 0,
            known.allSatisfy({ $0.mean.isFinite && $0.units > 0 && $0.variance >= 0 && $0.variance.isFinite })
        else { return nil }
        var average = MovingAverage(lambda: lambda, target: nil)
        var pooled = PooledVariance()
        let points = groups.map { group -> Point in
            guard let group else { return average.point(without: nil) }
            pooled.add(group)
            average.add(group.mean, variance: 1 / Double(group.units))
            return average.point(
                group.mean, variance: 1 / Double(group.units),
                limits: pooled.deviation.map { deviation, df in
                    (deviation * limit(width, df), deviation * limit(jump, df))
                })
        }
        return EWMA(points: points)
    }

    /// The standard errors of groups' means by the variance of units pooled over all of them; nil where that isn't known.
    public static func standardErrors(of groups: [Group?]) -> [Double?]? {
        var pooled = PooledVariance()
        for case let group? in groups { pooled.add(group) }
        guard let within = pooled.withinGroups else { return nil }
        return groups.map { group in group.map { (within / Double($0.units)).squareRoot() } }
    }

    /// How many estimated deviations are as improbable as that many known ones.
    private static func limit(_ deviations: Double, _ degreesOfFreedom: Double) -> Double {
        Distribution.normalTail(deviations).flatMap {
            Distribution.studentTQuantile($0, degreesOfFreedom: degreesOfFreedom)
        }.map { max(-$0, deviations) } ?? .infinity
    }
}

/// The deviation of a series whose level may shift.
enum MovingRange {
    /// The mean distance of neighbours over 1.128 (2/√π): the standard deviation of normal values, which a shift of
    /// the level raises by one distance only. Nil of fewer than two values, or where all are equal.
    ///
    /// Source: Montgomery, "Introduction to statistical quality control", 7th edition, 2013, section 6.4.
    static func deviation(_ values: [Double]) -> Double? {
        guard values.count >= 2 else { return nil }
        let distances = zip(values.dropFirst(), values).map { ($0 - $1).magnitude }
        let deviation = Moments.mean(distances) / 1.128_379_167_095_512_6
        return deviation > 0 && deviation.isFinite ? deviation : nil
    }
}
