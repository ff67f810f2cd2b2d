import Glibc

extension ChangePoints {
    /// A chart of cumulated sums, and what it found.
    public struct CUSUM: Sendable, Equatable {
        /// The sums after each value, in standard deviations; nil where a step has no value.
        public struct Point: Sendable, Equatable {
            /// What speaks for a rise.
            public var rise: Double
            /// What speaks for a fall.
            public var fall: Double
        }

        /// The steps, one for each value that was given.
        public var points: [Point?]
        /// The changes, in their order.
        public var changes: [Change]
        /// After how many values on average a chart of these settings finds a change where there is none.
        public var averageRunLength: Double?
        /// What kept the chart from telling more, such as values that are all equal at first.
        public var note: String?
    }

    /// Changes of the level by a two-sided cumulative sum chart: what lies further than `allowance` deviations from
    /// the level so far adds up, and a sum above `limit` is a change that began where the sum last was 0.
    ///
    /// The defaults, half a deviation and 4.77, find a change by chance once in about 370 values, and a lasting
    /// shift of one deviation after ten on average (Hawkins & Olwell, "Cumulative sum charts and charting for quality
    /// improvement", 1998).
    /// Where the level isn't given, it is learned from the series itself: each value is compared with all since the
    /// last change by Student's t, which is turned into a normal distance, so that the run length holds from the third
    /// value on (Hawkins, "Self-starting CUSUM charts for location and scale", The Statistician 36, 1987). After a
    /// change the level is learned anew.
    /// As long as all values since then are equal, say k of them, they have no deviation to hold another one against. The
    /// first that differs is then as probable as that of k + 1 values whose order is chance the last one is the odd one,
    /// 1/(k + 1), and counts as the normal distance of that two-sided p-value; `note` says so. With the defaults, ten equal
    /// values and then four at another level are a change, or six and seven; after fewer than five there is none to find.
    ///
    /// Source: Page, "Continuous inspection schemes", Biometrika 41 (1954).
    ///
    /// - Parameters:
    ///   - values: the series in its order; nil where a step has no value.
    ///   - level: what the values should be around and their standard deviation, above 0, if both are known.
    ///   - allowance: half the shift that is to be found soonest, in deviations, at least 0.
    ///   - limit: where a sum is too much for chance, in deviations, above 0.
    /// - Returns: nil where a value isn't finite, or a parameter is outside its range.
    public static func cusum(
        _ values: [Double?], level: (mean: Double, deviation: Double)? = nil, allowance: Double = 0.5,
        limit: Double = 4.77
    ) -> CUSUM? {
        guard values.allSatisfy({ $0?.isFinite ?? true }), allowance >= 0, limit > 0,
            level.map({ $0.mean.isFinite && $0.deviation > 0 && $0.deviation.isFinite }) ?? true
        else { return nil }
        var chart = CUSUM(
            points: [], changes: [], averageRunLength: averageRunLength(allowance: allowance, limit: limit))
        var places: [(index: Int, detectedAt: Int?, isRise: Bool?, probability: Double?)] = []
        var sums = CUSUM.Point(rise: 0, fall: 0)
        var begin = (rise: 0, fall: 0)
        var learned = RunningLevel()
        for (step, value) in values.enumerated() {
            guard let value else {
                chart.points.append(nil)
                continue
            }
            let isKnown = places.isEmpty && level != nil
            let distance =
                if isKnown, let level { (value - level.mean) / level.deviation } else {
                    learned.distance(of: value)
                }
            if !isKnown, chart.note == nil, let equal = learned.equal(before: value) {
                chart.note = note(equal: equal, upTo: step)
            }
            learned.add(value)
            if sums.rise == 0 { begin.rise = step }
            if sums.fall == 0 { begin.fall = step }
            sums.rise = max(0, sums.rise + distance - allowance)
            sums.fall = max(0, sums.fall - distance - allowance)
            chart.points.append(sums)
            guard max(sums.rise, sums.fall) > limit else { continue }
            let isRise = sums.rise >= sums.fall
            let index = isRise ? begin.rise : begin.fall
            places.append((index, step, isRise, nil))
            sums = CUSUM.Point(rise: 0, fall: 0)
            learned = RunningLevel(values[index...step].compactMap(\.self))
        }
        chart.changes = changes(places, in: values, level: level?.mean)
        return chart
    }

    private static func note(equal count: Int, upTo step: Int) -> String {
        "the \(count) values before value \(step + 1) are all equal, so how much values vary by chance isn't known: that "
            + "value \(step + 1) differs counts only as a chance of 1 in \(count + 1)"
    }

    /// After how many independent normal values on average a two-sided CUSUM chart finds a change, where the level is
    /// `shift` deviations from where it should be.
    ///
    /// Source: the integral equation of Page (1954), solved at Gauss–Legendre points as by Goel & Wu, "Determination of
    /// A.R.L. and a contour nomogram for CUSUM charts to control normal mean", Technometrics 13 (1971); both sides
    /// together: Kemp, "The average run length of the cumulative sum chart when a V-mask is used", Journal of the
    /// Royal Statistical Society B 23 (1961).
    ///
    /// - Parameters:
    ///   - allowance: in deviations, at least 0.
    ///   - limit: in deviations, above 0.
    ///   - shift: the true distance from the level, in deviations.
    public static func averageRunLength(allowance: Double, limit: Double, shift: Double = 0) -> Double? {
        guard allowance >= 0, limit > 0, limit <= 20, shift.isFinite,
            let rise = oneSided(allowance - shift, limit), let fall = oneSided(allowance + shift, limit)
        else { return nil }
        let length = 1 / (1 / rise + 1 / fall)
        return length > 0 && length.isFinite ? length : nil
    }

    /// The mean run length from 0 of one sum: L(z) = 1 + L(0) Φ(k − z) + ∫ L(y) φ(y + k − z) dy over 0…limit.
    private static func oneSided(_ allowance: Double, _ limit: Double) -> Double? {
        let points = GaussLegendre.points(48)
        let places = [0.0] + points.map { limit * (1 + $0.place) / 2 }
        let weights = [0.0] + points.map { limit * $0.weight / 2 }
        var rows = places.map { from in
            places.indices.map { to -> Double in
                let off = places[to] + allowance - from
                return -weights[to] * exp(-off * off / 2) / (2 * Double.pi).squareRoot()
            } + [1.0]
        }
        for (row, from) in places.enumerated() {
            rows[row][row] += 1
            guard let stays = Distribution.normal(allowance - from) else { return nil }
            rows[row][0] -= stays
        }
        return LinearSystem.solve(rows)?.first
    }
}

/// The mean and the deviation of the values since the last change.
private struct RunningLevel {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    init(_ values: [Double] = []) {
        for value in values { add(value) }
    }

    mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / count
        squares += distance * (value - mean)
    }

    /// How many values are all equal while a new one, the third or later, differs; nil otherwise.
    func equal(before value: Double) -> Int? {
        count >= 2 && squares == 0 && value != mean ? Int(count) : nil
    }

    /// How far a new value is off, as a standard normal distance; 0 where there is nothing to compare it with.
    func distance(of value: Double) -> Double {
        guard count >= 2, value != mean else { return 0 }
        let (tail, isBelow) = (tail(of: value), value < mean)
        // Beyond what the tail can tell, a value is as far off as can be.
        guard let tail, tail > 0, let distance = Distribution.normalQuantile(tail) else {
            return isBelow ? -38 : 38
        }
        return isBelow ? distance : -distance
    }

    /// The probability that a value is by chance at least as far off on its side.
    private func tail(of value: Double) -> Double? {
        guard squares > 0 else { return 0.5 / (count + 1) }
        let deviation = (squares / (count - 1) * (count + 1) / count).squareRoot()
        return Distribution.studentTTail(
            ((value - mean) / deviation).magnitude, degreesOfFreedom: count - 1)
    }
}
