import ArcKit
import SeededRandom
import Testing

@Suite("Resampling is seeded, and says so")
struct ResamplingTests {
    /// Differences with no step in common.
    private static func differences(_ count: Int, seed: UInt64, center: Double = 0) -> [Double] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in random.unit() - 0.5 + center }
    }

    @Test("the same seed draws the same on every machine, whatever the order of the values")
    func seeds() throws {
        let values = Self.differences(200, seed: 3, center: 0.03)
        let answer = try #require(SignFlip.p(values, seed: 5, resamples: 2000))
        #expect(!answer.isExact && answer.seed == 5 && answer.resamples == 2000)
        #expect(SignFlip.p(values.shuffled(), seed: 5, resamples: 2000) == answer)
        #expect(SignFlip.p(values, seed: 6, resamples: 2000) != answer)
        let interval = Bootstrap.bca(values, resamples: 500, seed: 5)
        #expect(Bootstrap.bca(values.shuffled(), resamples: 500, seed: 5) == interval)
        #expect(Bootstrap.bca(values, resamples: 500, seed: 6).interval != interval.interval)
        #expect(interval.method.contains("500 resamples, seed 5"))
        let studentised = Bootstrap.studentised(values, resamples: 500, seed: 5)
        #expect(Bootstrap.studentised(values.shuffled(), resamples: 500, seed: 5) == studentised)
    }

    @Test("differences in steps are counted exactly, however many there are")
    func steps() throws {
        var random = SeededGenerator(seed: 9)
        let quarters = (0..<1250).map { _ in Double(random.index(below: 9)) / 4 - 1 }
        let answer = try #require(SignFlip.p(quarters))
        #expect(answer.isExact && answer.seed == nil)
        let odd = try #require(SignFlip.p(quarters.map { $0 * 0.1 + 0.3 - 0.3 }))
        #expect(odd.isExact && (odd.p - answer.p).magnitude < 1e-12)
        // Latencies in whole milliseconds have steps too, but far too many.
        #expect(
            try #require(SignFlip.p((0..<100).map { _ in Double(random.index(below: 90_000)) })).isExact
                == false)
    }

    @Test("p is symmetric: turning all differences round swaps less and greater")
    func symmetry() throws {
        for size in [1, 2, 5, 20, 28, 29, 60] {
            let values = Self.differences(size, seed: UInt64(size), center: 0.1)
            let turned = values.map { -$0 }
            let less = try #require(SignFlip.p(values, alternative: .less))
            let greater = try #require(SignFlip.p(turned, alternative: .greater))
            if less.isExact { #expect((less.p - greater.p).magnitude < 1e-12) }
            #expect((less.p - greater.p).magnitude < 0.03 && less.p > 0 && less.p <= 1)
        }
    }

    @Test("differences that are rounding at the scale of what they come from count as none")
    func rounding() throws {
        let noise = Array(repeating: 5e-17, count: 30)
        #expect(try #require(SignFlip.p(noise, scale: 0.3)).p == 1)
        #expect(try #require(SignFlip.p(noise)).p < 1e-8)
        let pairing = Pairing(
            a: Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, [0.3]) }),
            b: Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, [0.1 + 0.2]) }))
        #expect(pairing.signFlip()?.p == 1 && pairing.effectSize == nil)
    }

    @Test("nothing is drawn from nothing")
    func degenerate() {
        #expect(
            SignFlip.p([]) == nil && SignFlip.p([1, .nan]) == nil && SignFlip.p([1], resamples: 0) == nil)
        #expect(SignFlip.p([0, 0])?.p == 1 && SignFlip.p([3])?.p == 1)
        for values in [[], [1], [2, 2, 2], [1, .infinity]] as [[Double]] {
            for estimate in [Bootstrap.bca(values), Bootstrap.studentised(values)] {
                #expect(estimate.interval == nil && estimate.standardError == nil && estimate.note != nil)
            }
        }
        #expect(Bootstrap.bca([1, 2, 4], confidence: 1).interval == nil)
        #expect(Bootstrap.bca([1, 2, 4], resamples: 1).interval == nil)
        #expect(Bootstrap.studentised([0, 1]).note == "too few values differ: no interval by resampling")
    }

    @Test("nothing is said of what was cancelled while it was drawn")
    func cancelled() async {
        let values = Self.differences(5000, seed: 3)
        let isNothing = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let estimates = [Bootstrap.bca(values), Bootstrap.studentised(values)]
            return SignFlip.p(values) == nil
                && ChangePoints.bayesian(Array(values.prefix(50))) == nil
                && estimates.allSatisfy { $0.interval == nil && $0.note == "cancelled" }
        }.value
        #expect(isNothing)
        #expect(SignFlip.p(values, resamples: 100) != nil)
    }

    @Test("a bootstrap moves and grows with its values")
    func equivariance() throws {
        let values = Self.differences(40, seed: 4)
        for method in [
            Bootstrap.bca(_:confidence:resamples:seed:), Bootstrap.studentised(_:confidence:resamples:seed:),
        ] {
            let one = try #require(method(values, 0.9, 300, 2).interval)
            let other = try #require(method(values.map { 1000 + 8 * $0 }, 0.9, 300, 2).interval)
            #expect((other.low - 1000 - 8 * one.low).magnitude < 1e-9)
            #expect((other.high - 1000 - 8 * one.high).magnitude < 1e-9)
        }
    }

    @Test("corrected p-values: none below the raw one, Holm's never below Benjamini's and Hochberg's")
    func multiplicity() {
        var random = SeededGenerator(seed: 12)
        for size in 1..<30 {
            let values: [Double?] = (0..<size).map { _ in
                random.unit() < 0.2 ? nil : random.unit() * random.unit()
            }
            let (holm, hochberg) = (Multiplicity.holm(values), Multiplicity.benjaminiHochberg(values))
            for (place, p) in values.enumerated() {
                guard let p else {
                    #expect(holm[place] == nil && hochberg[place] == nil)
                    continue
                }
                #expect(
                    holm[place]! >= hochberg[place]! - 1e-15 && hochberg[place]! >= p && holm[place]! <= 1)
            }
        }
        #expect(Multiplicity.holm([1.5, -0.1, .nan, 0.5]) == [nil, nil, nil, 0.5])
    }

    @Test("random numbers of a seed are those of SplitMix64, and drawn numbers stay in their ranges")
    func generator() {
        var random = SeededGenerator(seed: 1_234_567)
        // The published outputs for this seed.
        for expected: UInt64 in [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ] {
            #expect(random.next() == expected)
        }
        var counts = [0, 0, 0]
        for _ in 0..<3000 {
            counts[random.index(below: 3)] += 1
            #expect((0..<1).contains(random.unit()))
        }
        #expect(counts.allSatisfy { (900...1100).contains($0) })
    }
}
