import Glibc
import SeededRandom

/// Scenarios of an evaluation that was never made, whose truth is known.
///
/// A scenario's probability to pass is drawn from a beta distribution around the pass rate, so that the intraclass
/// correlation of single trials is exactly what was asked for.
struct Population {
    /// The true pass rate, between 0 and 1.
    var passRate: Double
    /// The true intraclass correlation of trials, between 0 and 1.
    var intraclass: Double

    /// A scenario's probability to pass.
    func ability(_ random: inout SeededGenerator) -> Double {
        guard intraclass > 0 else { return passRate }
        let strength = (1 - intraclass) / intraclass
        let (passing, failing) = (random.gamma(passRate * strength), random.gamma((1 - passRate) * strength))
        return passing + failing > 0 ? passing / (passing + failing) : (random.unit() < passRate ? 1 : 0)
    }

    /// The verdicts of a scenario's trials, as 0 and 1.
    static func trials(_ count: Int, ability: Double, _ random: inout SeededGenerator) -> [Double] {
        (0..<count).map { _ in random.unit() < ability ? 1 : 0 }
    }

    /// An evaluation.
    func evaluation(scenarios: Int, trials: Int, _ random: inout SeededGenerator) -> [[Double]] {
        (0..<scenarios).map { _ in Self.trials(trials, ability: ability(&random), &random) }
    }

    /// Two evaluations of the same scenarios, of which the second passes less often by `drop`. A part of the scenarios
    /// is as hard for the second as for the first, and the others are drawn anew, so that scenarios differ in how the
    /// two differ.
    func pair(
        scenarios: Int, trials: Int, drop: Double, alike: Double, _ random: inout SeededGenerator
    ) -> (a: [[Double]], b: [[Double]]) {
        var (a, b): ([[Double]], [[Double]]) = ([], [])
        for _ in 0..<scenarios {
            let first = ability(&random)
            let second = random.unit() < alike ? first : ability(&random)
            a.append(Self.trials(trials, ability: first, &random))
            b.append(Self.trials(trials, ability: second * (1 - drop / passRate), &random))
        }
        return (a, b)
    }

    /// The true probability that a scenario passes k times out of k: E[p^k].
    func passHat(_ k: Int) -> Double {
        guard intraclass > 0 else { return pow(passRate, Double(k)) }
        let strength = (1 - intraclass) / intraclass
        return (0..<k).reduce(1) { $0 * (passRate * strength + Double($1)) / (strength + Double($1)) }
    }
}

extension SeededGenerator {
    /// A standard normal number, by the polar method (Marsaglia & Bray, SIAM Review 6, 1964).
    mutating func normal() -> Double {
        while true {
            let (x, y) = (2 * unit() - 1, 2 * unit() - 1)
            let square = x * x + y * y
            if square > 0, square < 1 { return x * (-2 * log(square) / square).squareRoot() }
        }
    }

    /// A gamma number of that shape (Marsaglia & Tsang, "A simple method for generating gamma variables", ACM
    /// Transactions on Mathematical Software 26, 2000).
    mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(unit(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            if v > 0, log(1 - unit()) < x * x / 2 + d - d * v + d * log(v) { return d * v }
        }
    }
}
