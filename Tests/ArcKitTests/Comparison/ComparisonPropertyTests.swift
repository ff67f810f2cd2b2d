import ArcKit
import Foundation
import Postgres
import SeededRandom
import Testing

@Suite("Comparisons of random simulations")
struct ComparisonPropertyTests {
    /// Runs of a few scenarios: unequal numbers of trials, ties, errors, unknown values, days apart, in any order.
    static func runs(_ random: inout SeededGenerator) -> [Outcome] {
        var outcomes: [Outcome] = []
        for scenario in 0..<Int.random(in: 0...12, using: &random) where Bool.random(using: &random) {
            for trial in 1...Int.random(in: 1...4, using: &random) {
                var outcome = Outcome(
                    scenario: Scenario(id: ["é\(scenario)", "Z\(scenario)", "a b\(scenario)"][scenario % 3]),
                    trial: trial, status: OutcomeStatus.allCases.randomElement(using: &random) ?? .success)
                if Int.random(in: 0..<4, using: &random) > 0 {
                    outcome.reliabilityScore = Double(Int.random(in: 0...10, using: &random)) / 10
                }
                if Bool.random(using: &random) {
                    outcome.executionTimeMs = Int64.random(in: 0...3, using: &random)
                }
                if Bool.random(using: &random) { outcome.costUSD = Double.random(in: 0...1, using: &random) }
                if Bool.random(using: &random) {
                    outcome.metrics = .members(("depth", .number(Double.random(in: -1...1, using: &random))))
                }
                outcomes.append(outcome.at("2024-02-\(10 + trial * 3) 0\(scenario % 10):00:00+00"))
            }
        }
        return outcomes.shuffled(using: &random)
    }

    /// The values of a side by scenario, in the order of the trials.
    static func values(_ runs: [Outcome], _ value: (Outcome) -> Double?) -> [String: [Double]] {
        Dictionary(grouping: runs.sorted { $0.trial < $1.trial }, by: \.scenario.id).mapValues {
            $0.compactMap(value)
        }
    }

    static func passed(_ outcome: Outcome) -> Double? {
        switch outcome.status {
        case .success: outcome.reliabilityScore.map { $0 >= 0.7 ? 1 : 0 }
        case .error, .timeout: 0
        case .cancelled: nil
        }
    }

    static let metrics: [(String, @Sendable (Outcome) -> Double?)] = [
        ("score", { $0.reliabilityScore }), ("pass_rate", passed),
        ("latency_ms", { $0.executionTimeMs.map(Double.init) }), ("cost_usd", { $0.costUSD }),
        ("depth", { $0.metrics?["depth"]?.double }),
    ]

    @Test("they agree with pairing by dictionaries, for every metric", arguments: [1, 2, 3, 4] as [UInt64])
    func oracle(_ seed: UInt64) async throws {
        try await withStore { store in
            var random = SeededGenerator(seed: seed)
            for _ in 0..<12 {
                let (a, b) = (Self.runs(&random), Self.runs(&random))
                let (first, second) = (try await store.newSimulation(), try await store.newSimulation())
                try await store.record(a, in: first)
                try await store.record(b, in: second)
                let c = try await store.read { try await $0.compare(first, with: second) }
                for (name, value) in Self.metrics {
                    let pairing = Pairing(a: Self.values(a, value), b: Self.values(b, value))
                    guard let found = c.byMetric.first(where: { $0.metric.name == name })?.difference else {
                        #expect(name == "depth" && pairing.pairs.isEmpty)
                        continue
                    }
                    let expected = pairing.difference()
                    #expect(found.matched == pairing.pairs.count)
                    #expect(Self.agree(found.estimate.value, expected.value))
                    #expect(Self.agree(found.estimate.standardError, expected.standardError))
                    #expect(
                        Self.agree(found.p, pairing.p) && Self.agree(found.effectSize, pairing.effectSize))
                }
                let own = Mean.estimate(
                    Self.values(a, { $0.reliabilityScore }).values.map { $0 }, bounds: 0...1)
                #expect(Self.agree(c.a.mean.value, own.value) && c.a.mean.n == own.n)
                let names = (Set(a.map(\.scenario.id)), Set(b.map(\.scenario.id)))
                #expect(Set(c.onlyA) == names.0.subtracting(names.1))
                #expect(Set(c.onlyB) == names.1.subtracting(names.0))
                #expect(c.difference.matched + c.withoutValue == names.0.intersection(names.1).count)
                #expect(c.byScenario.count == names.0.union(names.1).count)
            }
        }
    }

    /// Sums may differ by their order.
    private static func agree(_ one: Double?, _ other: Double?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return abs(one - other) <= 1e-12 * max(1, abs(other))
    }

    @Test("the other way round, differences have the other sign and all p-values stay")
    func swapped() async throws {
        try await withStore { store in
            var random = SeededGenerator(seed: 9)
            let sides = [try await store.newSimulation(), try await store.newSimulation()]
            for side in sides {
                let runs = (0..<20).flatMap { scenario in
                    (1...2).map {
                        Outcome.success(
                            "s\(scenario)", trial: $0, score: Double.random(in: 0...1, using: &random))
                    }
                }
                try await store.record(runs, in: side)
            }
            let c = try await store.read { try await $0.compare(sides[0], with: sides[1]) }
            let swapped = try await store.read { try await $0.compare(sides[1], with: sides[0]) }
            for (one, other) in zip(c.byMetric, swapped.byMetric) {
                #expect(one.difference.estimate.value.map { -$0 } == other.difference.estimate.value)
                #expect(one.difference.p == other.difference.p)
                #expect(one.difference.correctedP == other.difference.correctedP)
            }
            #expect(c.permutation == swapped.permutation)
            #expect(
                c.flips(.lost).map(\.scenario).sorted() == swapped.flips(.gained).map(\.scenario).sorted())
        }
    }

    @Test("to the last digit the same on every tier, compressed or not")
    func tiers() async throws {
        var figures: [[String]] = []
        for tier in try await ServerUnderTest.tiers() {
            figures += try await withStore(on: tier) { store in
                var random = SeededGenerator(seed: 3)
                let sides = [
                    try await store.newSimulation(name: "a"), try await store.newSimulation(name: "b"),
                ]
                for side in sides {
                    let runs = (0..<8).flatMap { _ in Self.runs(&random) }
                    let latest = Dictionary(runs.map { ("\($0.scenario.id) \($0.trial)", $0) }) { $1 }
                    try await store.record(latest.sorted { $0.key < $1.key }.map(\.value), in: side)
                }
                var figures = [try await Self.figures(store, sides)]
                if tier == .timescale {
                    let compressed = try await store.count(
                        "select count(compress_chunk(c, true)) from show_chunks('outcomes') c")
                    #expect(compressed > 1)
                    figures.append(try await Self.figures(store, sides))
                }
                return figures
            }
        }
        #expect(Set(figures).count == 1)
        #expect(figures[0].count > 8)
    }

    /// Every number, with all its digits.
    private static func figures(_ store: Store, _ sides: [SimulationReference]) async throws -> [String] {
        let c = try await store.read { try await $0.compare(sides[0], with: sides[1]) }
        return c.byMetric.map { "\($0.metric.name) \($0.difference)" } + ["\(c.a.mean) \(c.b.mean)"]
            + c.byScenario.map { "\($0.scenario) \($0.a) \($0.b)" } + ["\(String(describing: c.permutation))"]
    }
}
