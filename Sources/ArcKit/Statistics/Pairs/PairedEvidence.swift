extension Pairing {
    /// The sign-flip permutation test of the scenarios' differences; nil without matched scenarios.
    ///
    /// - Parameters:
    ///   - alternative: which sums count against chance; `less`: B is worse.
    ///   - seed: what decides the drawn signs where the p-value isn't exact.
    ///   - resamples: how many choices of signs are drawn then.
    public func signFlip(
        _ alternative: SignFlip.Alternative = .twoSided, seed: UInt64 = Resampling.seed,
        resamples: Int = Resampling.resamples
    ) -> SignFlip.Answer? {
        SignFlip.p(
            pairs.map(\.difference), alternative: alternative, scale: scale, seed: seed, resamples: resamples)
    }

    /// Cohen's d_z of the scenarios' differences; nil without spread.
    public var effectSize: Double? { EffectSize.dz(pairs.map(\.difference), scale: scale) }

    /// The smallest true difference that this comparison would have found with that probability; nil without a standard
    /// error. See `Power.smallestDetectableEffect`.
    ///
    /// - Parameters:
    ///   - alpha: the level of the paired t test.
    ///   - power: the probability.
    ///   - sides: which differences count.
    public func smallestDetectableEffect(
        alpha: Double = 0.05, power: Double = 0.8, sides: Power.Sides = .two
    ) -> Double? {
        difference().standardError.flatMap {
            Power.smallestDetectableEffect(
                standardError: $0, degreesOfFreedom: Double(pairs.count - 1), alpha: alpha, power: power,
                sides: sides)
        }
    }

    /// The magnitude of the figures that the differences come from.
    var scale: Double? { pairs.lazy.map { max($0.a.magnitude, $0.b.magnitude) }.max() }
}
