/// A figure that was computed from a sample, with what is known about its uncertainty.
///
/// What isn't defined for the sample is nil: a zero is always a computed zero. `note` says in words why something
/// is missing, or what a reader should know about the figure.
public struct Estimate: Sendable, Equatable {
    /// The bounds of a confidence interval, in the unit of the value.
    public struct Interval: Sendable, Equatable {
        /// The lower bound.
        public var low: Double
        /// The upper bound, at least `low`.
        public var high: Double

        /// An interval from its bounds.
        public init(low: Double, high: Double) {
            self.low = low
            self.high = high
        }
    }

    /// The point estimate, in the unit of the values; nil where the sample doesn't define it.
    public var value: Double?
    /// How many values (trials, or whatever was counted) the estimate rests on.
    public var n: Int
    /// How many scenarios they belong to.
    public var clusters: Int
    /// How many units were given but couldn't be used, such as scenarios with too few trials.
    public var leftOut: Int
    /// The standard error of the value, in its unit.
    public var standardError: Double?
    /// The confidence interval, at the level that was asked for.
    public var interval: Interval?
    /// How value, standard error and interval were computed, in a few words.
    public var method: String
    /// What a reader should know, such as why there is no interval.
    public var note: String?

    /// An estimate from its parts.
    public init(
        value: Double?, n: Int, clusters: Int, leftOut: Int = 0, standardError: Double? = nil,
        interval: Interval? = nil, method: String, note: String? = nil
    ) {
        self.value = value
        self.n = n
        self.clusters = clusters
        self.leftOut = leftOut
        self.standardError = standardError
        self.interval = interval
        self.method = method
        self.note = note
    }
}

extension Estimate {
    /// The same estimate with its interval cut to the values that are possible at all.
    ///
    /// A quantity that can't leave the range can't be in the part that is cut off, so the interval's coverage
    /// stays what it was.
    func bounded(to bounds: ClosedRange<Double>?) -> Estimate {
        guard let bounds, let interval else { return self }
        var cut = self
        cut.interval = Interval(
            low: min(max(interval.low, bounds.lowerBound), bounds.upperBound),
            high: max(min(interval.high, bounds.upperBound), bounds.lowerBound))
        return cut
    }

    /// The same estimate with one more sentence in its note.
    func noting(_ sentence: String?) -> Estimate {
        guard let sentence else { return self }
        var noted = self
        noted.note = [note, sentence].compactMap(\.self).joined(separator: "; ")
        return noted
    }
}

extension Estimate {
    /// The same estimate with a standard error, and Student's t interval around its value.
    ///
    /// Where the variance isn't a positive finite number both stay nil, and the note says so.
    func withStudentT(variance: Double, degreesOfFreedom df: Double, confidence: Double) -> Estimate {
        guard let value, variance > 0, variance.isFinite else {
            return noting("the variance can't be computed: no standard error")
        }
        var complete = self
        let standardError = variance.squareRoot()
        complete.standardError = standardError
        guard let t = Distribution.studentTQuantile((1 + confidence) / 2, degreesOfFreedom: df), t > 0 else {
            return complete.noting("no interval at a confidence of \(confidence): it must be between 0 and 1")
        }
        complete.interval = Interval(low: value - t * standardError, high: value + t * standardError)
        return complete
    }
}
