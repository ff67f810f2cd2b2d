import ArcKit
import Postgres

/// Made-up outcomes on which a check runs metrics and categorizers: ordinary ones, ones with little known, one, and none.
enum SampleOutcomes {
    /// Frames with the columns of `arc.get_scenario_outcomes`, and what to call them.
    static let frames: [(String, Frame)] = [
        ("ordinary outcomes", Frame(ordinary, passThreshold: 0.7)),
        ("outcomes of which little is known", Frame(sparse, passThreshold: 0.7)),
        ("one outcome", Frame(Array(ordinary.prefix(1)), passThreshold: 0.7)),
        ("no outcomes", Frame([Outcome](), passThreshold: 0.7)),
    ]

    /// Messages of failures.
    static let messages = [
        "", "HTTP 429: rate limit", "tool search failed", "Request timed out", "context length exceeded",
        "connection reset by peer", "Ошибка: файл не найден", "x",
    ]

    private static let ordinary: [Outcome] = (0..<60).map { index in
        var outcome = Outcome(
            scenario: Scenario(id: "scenario-\(index / 3)"), trial: index % 3 + 1,
            status: index % 11 == 0 ? .error : index % 17 == 0 ? .timeout : .success)
        outcome.id = "00000000-0000-7000-8000-\(String(100_000_000_000 + index))"
        outcome.executionTime = Timestamp(microseconds: Int64(index) * 60_000_000)
        outcome.reliabilityScore = outcome.status == .success ? Double(index * 37 % 100) / 100 : nil
        outcome.executionTimeMs = Int64(1000 + index * 7919 % 20_000)
        outcome.tokensUsed = Int64(500 + index * 131 % 3000)
        outcome.costUSD = Double(index * 29 % 70) / 1000
        if outcome.status != .success {
            outcome.errorMessage = messages[index % messages.count]
            outcome.errorCategory = outcome.status == .timeout ? "timeout" : "tool_error"
        }
        return outcome
    }

    private static let sparse: [Outcome] = (0..<8).map { index in
        var outcome = Outcome(
            scenario: Scenario(id: "scenario-\(index % 2)"), trial: index / 2 + 1,
            status: index == 7 ? .cancelled : index % 2 == 0 ? .success : .error)
        if index == 2 { outcome.reliabilityScore = 0.5 }
        return outcome
    }

    /// An order of so many rows that the seed decides.
    static func order(of count: Int, seed: UInt64) -> [Int32] {
        var generator = SplitMix(state: seed)
        return (0..<Int32(count)).shuffled(using: &generator)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }
}
