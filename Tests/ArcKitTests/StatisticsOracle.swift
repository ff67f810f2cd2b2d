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

    var means: [MeanCase]
    var proportions: [ProportionCase]
    var passRates: [PassRateCase]
    var quantiles: [QuantileCase]
    var mcnemar: [McNemarCase]
    var pairings: [PairingCase]
    var distributions: [DistributionCase]

    static func read() throws -> StatisticsOracle {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/statistics.json")
        return try JSONDecoder().decode(StatisticsOracle.self, from: Data(contentsOf: file))
    }
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
