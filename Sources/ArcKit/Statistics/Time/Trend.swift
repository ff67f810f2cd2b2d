/// How a figure develops over time, smoothed enough to see whether it moved.
public enum Trend {
    /// One step of an EWMA chart.
    public struct Point: Sendable, Equatable {
        /// The value of this step; nil where there was none.
        public var value: Double?
        /// The exponentially weighted mean up to here; nil before the first value.
        public var average: Double?
        /// The lower control limit of the mean; nil where the deviation isn't known.
        public var low: Double?
        /// The upper control limit.
        public var high: Double?
        /// Whether the mean is outside its limits: the process has moved.
        public var isOutside: Bool
    }

    /// An exponentially weighted moving average with control limits.
    public struct EWMA: Sendable, Equatable {
        /// The steps, one for each value that was given.
        public var points: [Point]
        /// What the averages are expected to be around.
        public var center: Double?
        /// The standard deviation of one value; nil where it isn't known, or each value has its own.
        public var deviation: Double?
    }

    /// The exponentially weighted moving average z = λx + (1 − λ)z of a series, with the limits that it keeps to while
    /// nothing changes: center ± width · √Var(z).
    ///
    /// The defaults, λ = 0.2 and a width of 2.86, cross the limits by chance once in about 370 steps (as Shewhart's
    /// three sigmas do), and find a lasting shift of one deviation after ten on average.
    /// Without standard errors every value has the same deviation, estimated by the mean distance of neighbours over
    /// 1.128, which a shift hardly raises. A step without a value keeps the average where it was.
    ///
    /// Source: Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959); Lucas &
    /// Saccucci, "Exponentially weighted moving average control schemes: properties and enhancements", Technometrics
    /// 32 (1990).
    ///
    /// - Parameters:
    ///   - values: the series in its order; nil where a step has no value.
    ///   - standardErrors: each value's own, if they are known; a value without one is left out of the limits.
    ///   - center: what the series should be around; its mean unless said.
    ///   - deviation: the standard deviation of one value, above 0; estimated unless said.
    ///   - lambda: the weight of the newest value, above 0 and at most 1.
    ///   - width: the distance of the limits from the center, in standard deviations of the average, above 0.
    /// - Returns: nil where a value isn't finite, or a parameter is outside its range.
    public static func ewma(
        _ values: [Double?], standardErrors: [Double?]? = nil, center: Double? = nil,
        deviation: Double? = nil,
        lambda: Double = 0.2, width: Double = 2.86
    ) -> EWMA? {
        let known = values.compactMap(\.self)
        guard lambda > 0, lambda <= 1, width > 0, known.allSatisfy(\.isFinite),
            standardErrors.map({ $0.count == values.count }) ?? true
        else { return nil }
        let center = center ?? (known.isEmpty ? nil : Moments.mean(known))
        let deviation = standardErrors == nil ? deviation ?? MovingRange.deviation(known) : nil
        var chart = EWMA(points: [], center: center, deviation: deviation)
        guard let center else {
            chart.points = values.map { _ in Point(isOutside: false) }
            return chart
        }
        var average = center
        var variance: Double? = 0
        var hasBegun = false
        for (step, value) in values.enumerated() {
            if let value {
                hasBegun = true
                average = lambda * value + (1 - lambda) * average
                let own = standardErrors.map { $0[step] } ?? deviation
                variance = own.flatMap { own in
                    variance.map { lambda * lambda * own * own + (1 - lambda) * (1 - lambda) * $0 }
                }
            }
            let reach = hasBegun ? variance.flatMap { $0 > 0 ? width * $0.squareRoot() : nil } : nil
            chart.points.append(
                Point(
                    value: value, average: hasBegun ? average : nil, low: reach.map { center - $0 },
                    high: reach.map { center + $0 },
                    isOutside: reach.map { (average - center).magnitude > $0 } ?? false))
        }
        return chart
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
