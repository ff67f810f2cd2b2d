import ArcKit
import Foundation
import Testing

/// The committed answers of scipy and statsmodels, written by Tests/oracle/statistics.py.
struct StatisticsOracle: Decodable {
    struct Figure: Decodable {
        var value: Double?
        var se: Double?
        var low: Double?
        var high: Double?
    }

    struct MeanCase: Decodable {
        var byScenario: [[Double]]
        var confidence: Double
        var naive: Figure
        var trials: Figure
        var scenarios: Figure
        var intraclass: Double?
    }

    struct ProportionCase: Decodable {
        var successes: Int
        var n: Int
        var confidence: Double
        var wilson: [Double]
        var clopperPearson: [Double]
        var jeffreys: [Double]
    }

    struct PassRateCase: Decodable {
        var k: Int
        var counts: [[Int]]
        var confidence: Double
        var leftOut: Int
        var at: Figure
        var hat: Figure
    }

    struct QuantileCase: Decodable {
        var values: [Double]
        var p: Double
        var value: Double?
    }

    struct McNemarCase: Decodable {
        var table: [Int]
        var p: Double
    }

    struct PairingCase: Decodable {
        var a: [String: [Double]]
        var b: [String: [Double]]
        var confidence: Double
        var matched: Int
        var p: Double?
        var unpaired: Double?
        var difference: Figure
    }

    struct DistributionCase: Decodable {
        var function: String
        var arguments: [Double]
        var value: Double
    }

    struct SignFlipCase: Decodable {
        var values: [Double]
        var p: [String: Double]
    }

    struct BootstrapCase: Decodable {
        var byScenario: [[Double]]
        var weighting: String
        var confidence: Double
        var resamples: Int
        var seed: UInt64
        var bca: [Double?]
        var studentised: [Double?]
    }

    struct MultiplicityCase: Decodable {
        var values: [Double?]
        var holm: [Double?]
        var benjaminiHochberg: [Double?]
    }

    struct DifferenceOfProportionsCase: Decodable {
        var a: [Int]
        var b: [Int]
        var confidence: Double
        var value: Double
        var interval: [Double]
        var h: Double
    }

    struct EffectSizeCase: Decodable {
        var values: [Double]
        var dz: Double?
    }

    struct PosteriorCase: Decodable {
        var successes: Int
        var n: Int
        var prior: [Double]
        var confidence: Double
        var figure: Figure
    }

    struct QuantileIntervalCase: Decodable {
        var values: [Double]
        var p: Double
        var confidence: Double
        var interval: [Double]?
    }

    struct WoodruffCase: Decodable {
        var byScenario: [[Double]]
        var p: Double
        var confidence: Double
        var value: Double
        var interval: [Double]?
    }

    struct PowerCase: Decodable {
        var n: Int
        var alpha: Double
        var sides: Int
        var power: Double
        var size: Double
        var achieved: Double
        var shift: Double
        var pairs: Double
        var perArm: Double
    }

    struct DesignCase: Decodable {
        var a: [[Double]]
        var b: [[Double]]
        var design: [Double]?
    }

    struct FlakinessCase: Decodable {
        var passes: Int
        var trials: Int
        var confidence: Double
        var value: Double?
        var interval: [Double]?
    }

    struct EWMACase: Decodable {
        var values: [Double?]
        var standardErrors: [Double]?
        var lambda: Double
        var width: Double
        var center: Double?
        /// Average, center, limits, and 1 where the average is outside and where the value is a jump, else 0.
        var points: [[Double?]]
    }

    struct GroupChartCase: Decodable {
        /// Means, numbers of units, and their variances.
        var groups: [[Double]]
        var points: [[Double?]]
    }

    struct BoundedMeanCase: Decodable {
        var byScenario: [[Double]]
        var confidence: Double
        var interval: [Double]?
    }

    /// A change as the place of its first value, the place where it was seen, and whether it is a rise.
    struct CUSUMChange: Decodable {
        var index: Int
        var detectedAt: Int
        var isRise: Bool

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            index = try list.decode(Int.self)
            detectedAt = try list.decode(Int.self)
            isRise = try list.decode(Bool.self)
        }
    }

    struct CUSUMCase: Decodable {
        var values: [Double]
        var level: [Double]?
        var allowance: Double
        var limit: Double
        var changes: [CUSUMChange]
    }

    struct RunLengthCase: Decodable {
        var allowance: Double
        var limit: Double
        var shift: Double
        var length: Double
    }

    struct ChangePosteriorCase: Decodable {
        var values: [Double]
        var standardErrors: [Double]?
        var rate: Double
        var probabilities: [Double]
        var unchanged: Double
        var changes: [Int]
    }

    var means: [MeanCase]
    var proportions: [ProportionCase]
    var passRates: [PassRateCase]
    var quantiles: [QuantileCase]
    var mcnemar: [McNemarCase]
    var pairings: [PairingCase]
    var distributions: [DistributionCase]
    var signFlips: [SignFlipCase]
    var bootstraps: [BootstrapCase]
    var multiplicity: [MultiplicityCase]
    var differencesOfProportions: [DifferenceOfProportionsCase]
    var effectSizes: [EffectSizeCase]
    var posteriors: [PosteriorCase]
    var quantileIntervals: [QuantileIntervalCase]
    var woodruff: [WoodruffCase]
    var powers: [PowerCase]
    var designs: [DesignCase]
    var flakiness: [FlakinessCase]
    var ewmas: [EWMACase]
    var groupCharts: [GroupChartCase]
    var boundedMeans: [BoundedMeanCase]
    var cusums: [CUSUMCase]
    var runLengths: [RunLengthCase]
    var changePosteriors: [ChangePosteriorCase]

    /// The answers, read once for all tests.
    static func read() throws -> StatisticsOracle { try answers.get() }

    private static let answers = Result {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/statistics.json")
        return try JSONDecoder().decode(StatisticsOracle.self, from: Data(contentsOf: file))
    }
}

/// Whether an interval is the expected one, or both are missing.
func agree(_ interval: Estimate.Interval?, _ expected: [Double?]?, scale: Double = 0) -> Bool {
    let expected = expected ?? [nil, nil]
    return expected.count == 2 && agree(interval?.low, expected[0], scale: scale)
        && agree(interval?.high, expected[1], scale: scale)
}

/// Whether two figures are both unknown, or agree to 10⁻⁹ of the larger.
///
/// A figure that is a difference of larger ones can't be more exact than these: `scale` is their magnitude, of which
/// 10⁻¹³ may be lost.
func agree(_ figure: Double?, _ expected: Double?, scale: Double = 0) -> Bool {
    guard let figure, let expected else { return figure == nil && expected == nil }
    let distance = (figure - expected).magnitude
    return distance <= max(1e-9 * max(figure.magnitude, expected.magnitude), 1e-13 * scale)
}

/// Whether an estimate says what the oracle says, nulls included.
func agree(_ estimate: Estimate, _ figure: StatisticsOracle.Figure, scale: Double) -> Bool {
    agree(estimate.value, figure.value, scale: scale) && agree(estimate.standardError, figure.se)
        && agree(estimate.interval?.low, figure.low, scale: scale)
        && agree(estimate.interval?.high, figure.high, scale: scale)
}
