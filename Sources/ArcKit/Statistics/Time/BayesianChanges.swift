import Glibc

extension ChangePoints {
    /// What is believed of the changes of a series after all of it has been seen.
    public struct Posterior: Sendable, Equatable {
        /// For each step, the probability that the level changed between the value before and this one; nil where the
        /// step has no value, and 0 at the first.
        public var probabilities: [Double?]
        /// The probability that the level never changed.
        public var unchanged: Double
        /// The changes of the most probable division of the series.
        public var changes: [Change]
    }

    /// Where the level of a series most probably changed, and with what probability, over all its divisions into
    /// stretches of constant level.
    ///
    /// The model: before any value but the first the level changes with probability `rate`, independently; a new
    /// level is normal around the mean of the series, with the deviation of the series; a value is normal around the
    /// level with its own standard error or, if there are none, with the common deviation that the mean distance of
    /// neighbours tells. The time is quadratic: 10 ms for 300 values.
    ///
    /// Source: Fearnhead, "Exact and efficient Bayesian inference for multiple changepoint problems", Statistics and
    /// Computing 16 (2006); the model: Barry & Hartigan, "A Bayesian analysis for change point problems", JASA 88
    /// (1993).
    ///
    /// - Parameters:
    ///   - values: the series in its order; nil where a step has no value.
    ///   - standardErrors: each value's own, above 0, if they are known; a value without one is left out.
    ///   - rate: the probability of a change before any value, between 0 and 1; one in fifty unless said.
    /// - Returns: nil where there are fewer than two values, their deviation can't be told, as where all are equal, one isn't
    ///   finite, or the task was cancelled meanwhile.
    public static func bayesian(
        _ values: [Double?], standardErrors: [Double?]? = nil, rate: Double = 0.02
    ) -> Posterior? {
        guard values.allSatisfy({ $0?.isFinite ?? true }), rate > 0, rate < 1,
            standardErrors.map({ $0.count == values.count }) ?? true
        else { return nil }
        let common = MovingRange.deviation(values.compactMap(\.self))
        let known = values.indices.compactMap { step -> (step: Int, value: Double, deviation: Double)? in
            let deviation = standardErrors.map { $0[step] } ?? common
            guard let value = values[step], let deviation, deviation > 0, deviation.isFinite else {
                return nil
            }
            return (step, value, deviation)
        }
        guard known.count >= 2, let spread = Moments.deviation(known.map(\.value)), spread > 0 else {
            return nil
        }
        guard
            let stretches = Stretches(
                known.map(\.value), known.map(\.deviation), levelDeviation: spread, rate: rate),
            let places = stretches.mostProbable()
        else { return nil }
        let chances = stretches.chances()
        var posterior = Posterior(
            probabilities: values.map { _ in nil }, unchanged: stretches.unchanged(), changes: [])
        for (number, one) in known.enumerated() { posterior.probabilities[one.step] = chances[number] }
        let used = Set(known.map(\.step))
        posterior.changes = changes(
            places.map { (known[$0].step, nil, nil, chances[$0]) },
            in: values.indices.map { used.contains($0) ? values[$0] : nil })
        return posterior
    }
}

/// The divisions of a series into stretches of constant level.
private struct Stretches {
    private let count: Int
    private let levelVariance: Double
    private let change: Double
    private let stay: Double
    // Sums over the first values: of the precisions, with the distances from the mean, with their squares, and of the
    // logarithms of the densities' heights.
    private var precisions = [0.0]
    private var distances = [0.0]
    private var squares = [0.0]
    private var heights = [0.0]
    /// The log probability of the values before each place, if a stretch ends there.
    private var before: [Double] = []
    /// The log probability of the values from each place on, if a stretch begins there.
    private var after: [Double] = []

    /// Nil where the task was cancelled.
    init?(_ values: [Double], _ deviations: [Double], levelDeviation: Double, rate: Double) {
        count = values.count
        levelVariance = levelDeviation * levelDeviation
        (change, stay) = (log(rate), log1p(-rate))
        let center = Moments.mean(values)
        for (value, deviation) in zip(values, deviations) {
            let (distance, precision) = (value - center, 1 / (deviation * deviation))
            precisions.append(precisions[precisions.count - 1] + precision)
            distances.append(distances[distances.count - 1] + distance * precision)
            squares.append(squares[squares.count - 1] + distance * distance * precision)
            heights.append(heights[heights.count - 1] + log(precision / (2 * Double.pi)) / 2)
        }
        before = [0]
        for end in 1...count {
            if Task.isCancelled { return nil }
            before.append(
                Self.sum((0..<end).map { before[$0] + ($0 > 0 ? change : 0) + stretch($0, end) }))
        }
        after = [Double](repeating: 0, count: count + 1)
        for start in (0..<count).reversed() {
            if Task.isCancelled { return nil }
            after[start] = Self.sum(
                ((start + 1)...count).map { stretch(start, $0) + ($0 < count ? change + after[$0] : 0) })
        }
    }

    /// The log probability of the values of a stretch, and of its length.
    private func stretch(_ start: Int, _ end: Int) -> Double {
        let precision = precisions[end] - precisions[start]
        let distance = distances[end] - distances[start]
        let spread = 1 + levelVariance * precision
        let fit = squares[end] - squares[start] - levelVariance * distance * distance / spread
        return heights[end] - heights[start] - log(spread) / 2 - fit / 2 + Double(end - start - 1) * stay
    }

    /// For each place the probability of a change there.
    func chances() -> [Double] {
        [0] + (1..<count).map { min(1, exp(before[$0] + change + after[$0] - before[count])) }
    }

    /// The probability of a single stretch.
    func unchanged() -> Double { min(1, exp(stretch(0, count) - before[count])) }

    /// The places of the changes of the most probable division; nil where the task was cancelled.
    func mostProbable() -> [Int]? {
        var best = [0.0]
        var starts = [0]
        for end in 1...count {
            if Task.isCancelled { return nil }
            var (highest, start) = (-Double.infinity, 0)
            for candidate in 0..<end {
                let score = best[candidate] + (candidate > 0 ? change : 0) + stretch(candidate, end)
                if score > highest { (highest, start) = (score, candidate) }
            }
            best.append(highest)
            starts.append(start)
        }
        var places: [Int] = []
        var end = starts[count]
        while end > 0 {
            places.append(end)
            end = starts[end]
        }
        return places.reversed()
    }

    /// The logarithm of the sum of what these are the logarithms of.
    private static func sum(_ logarithms: [Double]) -> Double {
        guard let highest = logarithms.max(), highest > -.infinity else { return -.infinity }
        return highest + log(logarithms.reduce(0) { $0 + exp($1 - highest) })
    }
}
