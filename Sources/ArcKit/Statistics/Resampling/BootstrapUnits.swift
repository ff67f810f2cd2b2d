import SeededRandom

/// What a bootstrap draws from: each scenario's distance from the mean, times its weight, and the weight.
///
/// Around the mean, so that a large common offset costs no digits.
struct BootstrapUnits {
    /// The mean of the sample, to which all distances are.
    let mean: Double
    /// The weighted distances, in ascending order.
    let distances: [Double]
    /// The weights in the same order; empty where all are 1.
    let weights: [Double]
    /// The distances without weights.
    private let bare: [Double]
    /// Below this, a distance is rounding.
    private let rounding: Double

    init(_ scenarios: [[Double]], _ weighting: Mean.Weighting, mean: Double) {
        self.mean = mean
        let units = scenarios.map { values -> (distance: Double, weight: Double) in
            let weight = weighting == .scenarios ? 1 : Double(values.count)
            return ((Moments.mean(values) - mean) * weight, weight)
        }.sorted { ($0.distance, $0.weight) < ($1.distance, $1.weight) }
        distances = units.map(\.distance)
        weights = units.allSatisfy { $0.weight == 1 } ? [] : units.map(\.weight)
        bare = units.map { $0.distance / $0.weight }
        rounding = 1e-12 * bare.reduce(0) { max($0, $1.magnitude) }
    }

    /// The means of that many drawn samples; nil where the task was cancelled.
    func means(_ count: Int, seed: UInt64) -> [Double]? {
        draw(count, seed: seed, squares: false) { mean + $0.distance / $0.weight }
    }

    /// For each drawn sample, by how many of its own standard errors its mean is off; infinite where it has none. Nil where
    /// the task was cancelled.
    func studentised(_ count: Int, seed: UInt64) -> [Double]? {
        let units = Double(distances.count)
        return draw(count, seed: seed, squares: true) { sums in
            let off = sums.distance / sums.weight
            // The sum of (distance − off · weight)² over the drawn units.
            let squares = sums.squares - 2 * off * sums.products + off * off * sums.weightSquares
            let standardError = (units / (units - 1) * max(squares, 0)).squareRoot() / sums.weight
            if sums.highest - sums.lowest > rounding, standardError > 0 { return off / standardError }
            return off.magnitude <= rounding ? 0 : off > 0 ? .infinity : -.infinity
        }
    }

    /// Which shares of the drawn means the BCa interval's ends are at; nil where all lie on one side of the mean.
    func bcaShares(_ means: [Double], tail: Double) -> (low: Double, high: Double)? {
        let below = means.count { $0 < mean - rounding }
        let equal = means.count { ($0 - mean).magnitude <= rounding }
        let share = (Double(below) + Double(equal) / 2) / Double(means.count)
        guard let bias = Distribution.normalQuantile(share), let z = Distribution.normalQuantile(tail),
            let acceleration
        else { return nil }
        func corrected(_ z: Double) -> Double? {
            Distribution.normal(bias + (bias + z) / (1 - acceleration * (bias + z)))
        }
        guard let low = corrected(z), let high = corrected(-z) else { return nil }
        return (low, high)
    }

    /// Efron's acceleration, a sixth of the skewness of the means that leave out one scenario each.
    private var acceleration: Double? {
        let total = weights.isEmpty ? Double(distances.count) : Moments.sum(weights)
        let sum = Moments.sum(distances)
        let without = distances.indices.map {
            (sum - distances[$0]) / (total - (weights.isEmpty ? 1 : weights[$0]))
        }
        let center = Moments.mean(without)
        let (squares, cubes) = without.reduce((0.0, 0.0)) { sums, mean in
            let distance = center - mean
            return (sums.0 + distance * distance, sums.1 + distance * distance * distance)
        }
        guard squares > 0 else { return nil }
        return cubes / (6 * squares * squares.squareRoot())
    }

    private typealias Sums = (
        distance: Double, weight: Double, squares: Double, products: Double, weightSquares: Double,
        lowest: Double, highest: Double
    )

    /// What becomes of the sums of each of that many samples; nil where the task was cancelled.
    @inline(__always)
    private func draw(
        _ count: Int, seed: UInt64, squares: Bool, _ figure: (Sums) -> Double
    ) -> [Double]? {
        var random = SeededGenerator(seed: seed)
        var look = CancellationLook()
        var figures: [Double] = []
        figures.reserveCapacity(count)
        for _ in 0..<count {
            if look.isTimeToStop(after: distances.count) { return nil }
            figures.append(figure(drawn(&random, squares: squares)))
        }
        return figures
    }

    /// The sums over as many units as there are, each drawn from all: a random word decides two of them, each by its
    /// half times the number of units, so that none's probability is off by more than 2⁻³².
    @inline(__always)
    private func drawn(_ random: inout SeededGenerator, squares: Bool) -> Sums {
        let count = UInt64(distances.count)
        var sums: Sums = (
            0, weights.isEmpty ? Double(count) : 0, 0, 0, 0, .infinity, -.infinity
        )
        distances.withUnsafeBufferPointer { distances in
            weights.withUnsafeBufferPointer { weights in
                func add(_ half: UInt64) {
                    let index = Int(truncatingIfNeeded: (half &* count) >> 32)
                    let distance = distances[index]
                    sums.distance += distance
                    if squares {
                        sums.squares += distance * distance
                        sums.lowest = min(sums.lowest, bare[index])
                        sums.highest = max(sums.highest, bare[index])
                    }
                    guard !weights.isEmpty else { return }
                    let weight = weights[index]
                    sums.weight += weight
                    if squares {
                        sums.products += distance * weight
                        sums.weightSquares += weight * weight
                    }
                }
                for _ in 0..<(distances.count / 2) {
                    let word = random.next()
                    add(word & 0xFFFF_FFFF)
                    add(word >> 32)
                }
                if distances.count % 2 == 1 { add(random.next() & 0xFFFF_FFFF) }
            }
        }
        if squares, weights.isEmpty {
            sums.products = sums.distance
            sums.weightSquares = Double(count)
        }
        return sums
    }
}
