import ArcKit
import Testing

@testable import ArcHost

@Suite("Numbers of a document as people read them")
struct QuantityTests {
    @Test(
        "a difference has its sign, and one of ratios is in percentage points",
        arguments: [
            (-0.158333, "ratio", "-15.8 pp"), (0.05, "ratio", "+5.0 pp"), (0, "ratio", "0.0 pp"),
            (-0.0001, "ratio", "0.0 pp"), (-0.0039, "usd", "-$0.0039"), (2, "usd", "+$2.00"),
            (-4043.6, "ms", "-4.0 s"), (866.7, "tokens", "+867"), (-0.1021, "score", "-0.1021"),
            (0.25, nil, "+0.25"), (.infinity, "ratio", "+Infinity ratio"), (.nan, nil, "NaN"),
        ] as [(Double, String?, String)])
    func differences(_ value: Double, _ unit: String?, _ text: String) {
        #expect(Quantity(unit: unit, isDifference: true).text(value) == text)
        #expect(Quantity(unit: unit).text(0.5).contains("%") == (unit == "ratio"))
    }

    @Test(
        "a p-value is never told to be 0",
        arguments: [
            (0.0174, nil, "0.017"), (3.2e-17, nil, "<0.0001"), (0, nil, "<0.0001"), (1, nil, "1"),
            (0.0174, 4, "0.0174"), (0.00009, 4, "0.0001"), (3.2e-17, 4, "<0.0001"), (1, 4, "1.0000"),
            (0.004, 2, "<0.01"), (0.4, 0, "0"),
        ] as [(Double, Int?, String)])
    func probabilities(_ value: Double, _ decimals: Int?, _ text: String) {
        #expect(Quantity(unit: "p").text(value, decimals: decimals) == text)
    }

    @Test("a gate about a change tells the change with its sign, and the level of both sides without")
    func gates() {
        var gate = Document.Gate(name: "pass_rate", verdict: .fail)
        (gate.metric, gate.unit, gate.n) = ("pass_rate", "ratio", 40)
        (gate.value, gate.low, gate.high) = (0.7, 0.6, 0.8)
        #expect(gate.figures == "pass_rate 70.0 % (60.0 % … 80.0 %), n 40")
        (gate.value, gate.low, gate.high, gate.bound) = (-0.158, -0.261, -0.056, -0.073)
        (gate.tolerance, gate.baseline, gate.candidate, gate.p) = (0.05, 0.875, 0.717, 0.0000001)
        #expect(
            gate.figures
                == "pass_rate -15.8 pp (-26.1 pp … -5.6 pp), bound -7.3 pp, tolerance 5.0 pp, baseline 87.5 %, "
                + "candidate 71.7 %, p <0.0001, n 40")
    }
}
