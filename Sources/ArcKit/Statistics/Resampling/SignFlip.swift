import SeededRandom

/// The permutation test of paired differences: were it all chance, each difference might as well have had the other
/// sign, so the sum that was observed is compared with the sums of all ways to choose the signs.
///
/// It needs no normal distribution, only that the pairs are independent. Source: Fisher, "The design of experiments",
/// 1935, section 21; for a drawn part of the choices: Phipson & Smyth, "Permutation p-values should never be zero",
/// Statistical Applications in Genetics and Molecular Biology 9 (2010).
public enum SignFlip {
    /// Which sums count against chance.
    public enum Alternative: String, Sendable, CaseIterable {
        /// Those as far from 0 as the observed one, on either side.
        case twoSided = "two_sided"
        /// Those at most the observed one: the differences are negative.
        case less
        /// Those at least the observed one: the differences are positive.
        case greater
    }

    /// A p-value, and how it came about.
    public struct Answer: Sendable, Equatable {
        /// The share of the choices of signs whose sum is at least as extreme as the observed one, above 0.
        public var p: Double
        /// Whether all choices were counted. Else some were drawn, and p is (b + 1)/(m + 1), b of m drawn being as
        /// extreme: a valid p-value in itself, which is off the exact one by about √(p(1 − p)/m).
        public var isExact: Bool
        /// The seed that the choices were drawn with; nil of an exact p.
        public var seed: UInt64?
        /// How many choices were drawn; nil of an exact p.
        public var resamples: Int?
    }

    /// The p-value of the hypothesis that positive and negative differences of a size are equally likely.
    ///
    /// It is exact for up to 28 differences that aren't 0, and for any number of them that are multiples of one step
    /// while that costs no more than drawing does: so it is for pass rates of equal numbers of trials. Else signs are
    /// drawn. Sums that differ by rounding alone count as equal. The order of the differences doesn't matter.
    /// Without a difference that isn't 0 the p-value is 1. Nil without differences, where one isn't finite, and where the
    /// task was cancelled while it was drawn.
    ///
    /// - Parameters:
    ///   - differences: one for each pair.
    ///   - alternative: which sums count.
    ///   - scale: the magnitude of the figures that the differences were computed from, if it is known: what is
    ///     mere rounding at that scale (10⁻¹⁴ of it) counts as 0.
    ///   - seed: what decides the drawn signs.
    ///   - resamples: how many choices are drawn, at least 1.
    public static func p(
        _ differences: [Double], alternative: Alternative = .twoSided, scale: Double? = nil,
        seed: UInt64 = Resampling.seed, resamples: Int = Resampling.resamples
    ) -> Answer? {
        guard !differences.isEmpty, resamples > 0, differences.allSatisfy(\.isFinite) else { return nil }
        let rounding = 1e-14 * (scale ?? 0).magnitude
        // In ascending order, so that sums come out the same however the differences were ordered.
        let values = differences.filter { $0.magnitude > rounding }.sorted()
        guard !values.isEmpty else { return Answer(p: 1, isExact: true) }
        if let steps = Steps(values) { return Answer(p: steps.p(alternative), isExact: true) }
        let sums = SignedSums(values, alternative)
        if values.count <= SignedSums.mostEnumerated { return Answer(p: sums.enumerated(), isExact: true) }
        return sums.drawn(resamples, seed: seed).map {
            Answer(p: $0, isExact: false, seed: seed, resamples: resamples)
        }
    }
}

/// Differences that are whole multiples of one step, which makes the distribution of their sum cheap to count.
private struct Steps {
    /// The multiples' magnitudes, in ascending order.
    let sizes: [Int]
    /// The observed sum, in steps.
    let sum: Int

    /// How many additions counting may take: about as long as drawing 10,000 choices for a thousand pairs.
    private static let mostAdditions = 8_000_000.0

    /// The differences as multiples of the largest step that they have in common; nil where there is none that
    /// counting would be worth while with.
    init?(_ values: [Double]) {
        let magnitudes = values.map(\.magnitude)
        guard let least = magnitudes.min() else { return nil }
        let total = magnitudes.reduce(0) { $0 + $1 / least }
        // The smallest difference is 1, 2, 3, … steps.
        let most = min(1000, Self.mostAdditions / (total * Double(values.count)))
        guard most >= 1,
            let parts = (1...Int(most)).first(where: { parts in
                magnitudes.allSatisfy { Self.isWhole($0 / least * Double(parts)) }
            })
        else { return nil }
        let multiples = values.map { Int(($0 / least * Double(parts)).rounded()) }
        sizes = multiples.map { abs($0) }.sorted()
        sum = multiples.reduce(0, +)
    }

    private static func isWhole(_ number: Double) -> Bool {
        (number - number.rounded()).magnitude <= 1e-9 + 1e-12 * number
    }

    /// The sum of all choices is the total less twice what is flipped, so the question is how likely the flipped
    /// ones, each flipped with probability ½, add up to no more than half of what lies between the two.
    func p(_ alternative: SignFlip.Alternative) -> Double {
        switch alternative {
        case .greater: chance(atLeast: sum)
        case .less: chance(atLeast: -sum)
        case .twoSided: sum == 0 ? 1 : min(1, 2 * chance(atLeast: abs(sum)))
        }
    }

    private func chance(atLeast sum: Int) -> Double {
        let total = sizes.reduce(0, +)
        let most = (total - sum) / 2
        var chances = [Double](repeating: 0, count: most + 1)
        var next = chances
        chances[0] = 1
        var reached = 0
        for size in sizes {
            reached = min(reached + size, most)
            chances.withUnsafeBufferPointer { old in
                next.withUnsafeMutableBufferPointer { new in
                    let kept = min(size, reached + 1)
                    for flipped in 0..<kept { new[flipped] = old[flipped] * 0.5 }
                    for flipped in kept..<(reached + 1) {
                        new[flipped] = (old[flipped] + old[flipped - size]) * 0.5
                    }
                }
            }
            swap(&chances, &next)
        }
        return chances[...reached].reduce(0, +)
    }
}

/// The sums of differences of any kind, by their choices of signs.
struct SignedSums {
    /// The differences, none 0, in ascending order.
    let values: [Double]
    let alternative: SignFlip.Alternative
    /// What a sum must reach, less what rounding may cost it.
    let bound: Double

    /// Both halves' sums are made and sorted: two times 2¹⁴.
    static let mostEnumerated = 28

    init(_ values: [Double], _ alternative: SignFlip.Alternative) {
        self.values = values
        self.alternative = alternative
        let sum = Moments.sum(values)
        let rounding = 1e-12 * values.reduce(0) { $0 + $1.magnitude }
        switch alternative {
        case .twoSided: bound = sum.magnitude - rounding
        case .less: bound = -sum - rounding
        case .greater: bound = sum - rounding
        }
    }

    /// The share of all choices that reach the bound: for each sum of one half, those of the other half that do are
    /// found by going through both in order (Horowitz & Sahni, "Computing partitions with applications to the
    /// knapsack problem", Journal of the ACM 21, 1974).
    func enumerated() -> Double {
        if alternative == .twoSided, bound <= 0 { return 1 }
        let middle = values.count / 2
        let (first, second) = (Self.sums(values[..<middle]), Self.sums(values[middle...]))
        var (reaching, index) = (0, second.count)
        for sum in first {
            while index > 0, sum + second[index - 1] >= bound { index -= 1 }
            reaching += second.count - index
        }
        // The sums lie evenly on both sides of 0.
        let share = Double(reaching) / Double(first.count) / Double(second.count)
        return alternative == .twoSided ? min(1, 2 * share) : share
    }

    /// The sums of all choices, in ascending order.
    private static func sums(_ values: ArraySlice<Double>) -> [Double] {
        var sums = [0.0]
        for value in values {
            sums = sums.map { $0 + value } + sums.map { $0 - value }
        }
        return sums.sorted()
    }

    /// The share of `count` drawn choices that reach the bound, with the observed choice as one more; nil where the task was
    /// cancelled.
    ///
    /// A table has the sums of every eight differences by their 256 choices, so that a random word decides 64 signs
    /// and costs eight additions.
    func drawn(_ count: Int, seed: UInt64) -> Double? {
        guard let tables = Self.tables(values) else { return nil }
        let groups = tables.count / 256
        var random = SeededGenerator(seed: seed)
        var reaching = 0
        var look = CancellationLook()
        return tables.withUnsafeBufferPointer { tables in
            for _ in 0..<count {
                if look.isTimeToStop(after: groups) { return nil }
                let sum = Self.drawnSum(tables, groups, &random)
                if (alternative == .twoSided ? sum.magnitude : sum) >= bound { reaching += 1 }
            }
            return Double(reaching + 1) / Double(count + 1)
        }
    }

    /// The sum of one drawn choice. Four sums run beside each other, for none has to wait for the one before.
    @inline(__always)
    private static func drawnSum(
        _ tables: UnsafeBufferPointer<Double>, _ groups: Int, _ random: inout SeededGenerator
    ) -> Double {
        var (first, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
        var group = 0
        while group + 8 <= groups {
            let word = random.next()
            let at = group &* 256
            first += tables[at &+ Int(word & 255)] + tables[at &+ 1024 &+ Int(word >> 32 & 255)]
            second += tables[at &+ 256 &+ Int(word >> 8 & 255)] + tables[at &+ 1280 &+ Int(word >> 40 & 255)]
            third += tables[at &+ 512 &+ Int(word >> 16 & 255)] + tables[at &+ 1536 &+ Int(word >> 48 & 255)]
            fourth += tables[at &+ 768 &+ Int(word >> 24 & 255)] + tables[at &+ 1792 &+ Int(word >> 56)]
            group &+= 8
        }
        if group < groups {
            var word = random.next()
            while group < groups {
                first += tables[group &* 256 &+ Int(word & 255)]
                word >>= 8
                group &+= 1
            }
        }
        return (first + second) + (third + fourth)
    }

    private static func tables(_ values: [Double]) -> [Double]? {
        var tables: [Double] = []
        tables.reserveCapacity((values.count + 7) / 8 * 256)
        var look = CancellationLook()
        for start in stride(from: 0, to: values.count, by: 8) {
            if look.isTimeToStop(after: 8 * 256) { return nil }
            let group = (0..<8).map { start + $0 < values.count ? values[start + $0] : 0 }
            for choice in 0..<256 {
                tables.append(
                    group.indices.reduce(0) { $0 + (choice >> $1 & 1 == 1 ? -group[$1] : group[$1]) })
            }
        }
        return tables
    }
}
