/// How much a metric differs between two simulations over the scenarios that both have a value for, each of which counts
/// once: trials are averaged within it first.
public struct PairedDifference: Sendable, Equatable {
    /// A's mean over the matched scenarios; nil where there is none.
    public let a: Double?
    /// B's mean over them.
    public let b: Double?
    /// The mean difference B − A with its standard error and interval, which is cut to the differences that are possible;
    /// `clusters` is how many scenarios are matched.
    public let estimate: Estimate
    /// The two-sided p-value of Student's paired t test; nil without a standard error.
    public let p: Double?
    /// The p-value corrected for the other questions that were asked at once, where there are any.
    public internal(set) var correctedP: Double?
    /// Cohen's d_z: the mean difference over the differences' standard deviation.
    public let effectSize: Double?
    /// The smallest true difference that a comparison of this kind finds in four cases of five, in the metric's unit:
    /// with 80 % power at a two-sided α of 1 − confidence.
    public let smallestDetectableEffect: Double?
    /// What the standard error would be without pairing.
    public let unpairedStandardError: Double?

    /// How many scenarios are matched.
    public var matched: Int { estimate.clusters }

    /// The power that ``smallestDetectableEffect`` is told for.
    public static let power = 0.8

    /// The difference of these pairs.
    ///
    /// - Parameters:
    ///   - ranBoth: how many scenarios both sides ran.
    ///   - effects: what knows the smallest detectable effects.
    init(
        _ pairs: [Pairing<Int>.Pair], of metric: ComparedMetric, ranBoth: Int, confidence: Double,
        effects: SmallestEffects
    ) {
        let pairing = Pairing(matched: pairs)
        var estimate = pairing.difference(confidence: confidence).bounded(to: metric.bounds.ofDifferences)
        if pairs.isEmpty, ranBoth > 0 {
            estimate.note = "no scenario has a known \(metric.name) on both sides"
        }
        self.estimate = estimate
        a = pairs.isEmpty ? nil : Moments.mean(pairs.map(\.a))
        b = pairs.isEmpty ? nil : Moments.mean(pairs.map(\.b))
        p = estimate.standardError == nil ? nil : pairing.p
        effectSize = pairing.effectSize
        smallestDetectableEffect = estimate.standardError.flatMap { error in
            effects.inStandardErrors(pairs: pairs.count).map { $0 * error }
        }
        unpairedStandardError = pairing.unpairedStandardError
    }
}

/// The smallest detectable effects of a comparison in standard errors, each of which takes a while to find: many metrics
/// and tags have the same number of pairs.
final class SmallestEffects {
    private let alpha: Double
    private var known: [Int: Double?] = [:]

    init(alpha: Double) { self.alpha = alpha }

    /// That of so many pairs.
    func inStandardErrors(pairs: Int) -> Double? {
        if let effect = known[pairs] { return effect }
        let effect = Power.smallestDetectableEffect(
            standardError: 1, degreesOfFreedom: Double(pairs - 1), alpha: alpha, power: PairedDifference.power
        )
        known[pairs] = .some(effect)
        return effect
    }
}

extension Pairing {
    /// Pairs that were matched already.
    init(matched pairs: [Pair]) {
        self.pairs = pairs
        onlyA = []
        onlyB = []
    }
}
