import ArcKit
import Foundation
import Testing

/// τ-bench's published trajectories of gpt-4o on the airline domain, which lie beside the project where they are
/// available at all.
private enum Airline {
    struct Record: Decodable {
        var task_id: Int
        var trial: Int
        var reward: Double
    }

    static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../shared/data/tau-bench/gpt-4o-airline.json").standardizedFileURL
    static let isThere = FileManager.default.fileExists(atPath: file.path)

    /// The rewards by scenario and trial.
    static func rewards() throws -> [[Double]] {
        let records = try JSONDecoder().decode([Record].self, from: Data(contentsOf: file))
        return Dictionary(grouping: records, by: \.task_id).sorted { $0.key < $1.key }
            .map { $0.value.sorted { $0.trial < $1.trial }.map(\.reward) }
    }
}

/// Whether a figure is the one that was published, to its last printed digit.
private func shows(_ figure: Double?, _ published: Double, digits: Int = 6) -> Bool {
    guard let figure else { return false }
    return (figure - published).magnitude <= 0.51 * pow(10, -Double(digits))
}

@Suite(
    "τ-bench's airline results",
    .enabled(if: Airline.isThere, "../shared/data/tau-bench/gpt-4o-airline.json isn't there"))
struct StatisticsAirlineTests {
    let rewards: [[Double]]
    let counts: [PassCount]

    init() throws {
        rewards = try Airline.rewards()
        counts = rewards.map { PassCount($0.map { $0 == 1 }) }
    }

    @Test("the mean with its naive and its clustered standard error")
    func mean() {
        let naive = Mean.naive(rewards.flatMap(\.self))
        #expect(naive.n == 200)
        #expect(shows(naive.value, 0.42) && shows(naive.standardError, 0.0349874, digits: 7))
        for estimate in [
            Mean.estimate(rewards, bounds: 0...1), Mean.clustered(rewards, weighting: .trials),
        ] {
            #expect(estimate.n == 200 && estimate.clusters == 50)
            #expect(shows(estimate.value, 0.42) && shows(estimate.standardError, 0.0522162, digits: 7))
            #expect(shows(estimate.interval?.low, 0.315068) && shows(estimate.interval?.high, 0.524932))
        }
    }

    @Test("the intraclass correlation and the scenarios that are neither always right nor always wrong")
    func correlation() {
        #expect(shows(IntraclassCorrelation.anova(rewards), 0.404584))
        #expect(counts.count { $0.passes > 0 && $0.passes < $0.trials } == 26)
    }

    @Test("pass^1…4 and pass@1…4")
    func passRates() {
        for (k, hat, at) in [
            (1, 0.42, 0.42), (2, 0.273333, 0.566667), (3, 0.22, 0.66), (4, 0.2, 0.72),
        ] {
            #expect(shows(PassRates.passHat(k, of: counts).value, hat))
            #expect(shows(PassRates.passAt(k, of: counts).value, at))
        }
        let fifth = PassRates.passAt(5, of: counts)
        #expect(fifth.value == nil && fifth.leftOut == 50)
    }

    @Test("trial 0 against trial 3, paired")
    func paired() {
        let table = McNemar(rewards.map { (a: $0[0] == 1, b: $0[3] == 1) })
        #expect(table == McNemar(both: 14, onlyA: 7, onlyB: 7, neither: 22))
        #expect(table.p == 1)
        let trials = { (trial: Int) in
            Dictionary(uniqueKeysWithValues: rewards.enumerated().map { ($0, [$1[trial]]) })
        }
        let pairing = Pairing(a: trials(0), b: trials(3))
        #expect(shows(pairing.difference().standardError, 0.0755929, digits: 7))
        #expect(shows(pairing.unpairedStandardError, 0.0997139, digits: 7))
    }
}

@Suite("Published reference values")
struct StatisticsReferenceTests {
    @Test("84 of 200, 0 of 10 and 1 of 1")
    func proportions() {
        let table: [(Estimate, Double, Double)] = [
            (Proportion.wilson(84, of: 200), 0.353736, 0.489279),
            (Proportion.clopperPearson(84, of: 200), 0.350744, 0.491664),
            (Proportion.jeffreys(84, of: 200), 0.353152, 0.489145),
            (Proportion.wilson(0, of: 10), 0, 0.277533),
            (Proportion.clopperPearson(0, of: 10), 0, 0.308497),
            (Proportion.wilson(1, of: 1), 0.206549, 1),
            (Proportion.clopperPearson(1, of: 1), 0.025, 1),
        ]
        for (estimate, low, high) in table {
            #expect(shows(estimate.interval?.low, low) && shows(estimate.interval?.high, high), "\(estimate)")
        }
    }

    @Test("McNemar's exact p of (5, 0), (1, 8) and (10, 3)")
    func mcnemar() {
        for (onlyA, onlyB, p) in [(5, 0, 0.0625), (1, 8, 0.0390625), (10, 3, 0.0922852)] {
            #expect(shows(McNemar(both: 9, onlyA: onlyA, onlyB: onlyB, neither: 2).p, p, digits: 7))
        }
    }

    @Test("Holm's and Benjamini's and Hochberg's corrections of four p-values")
    func multiplicity() {
        let values: [Double?] = [0.01, 0.04, 0.03, 0.005]
        for (corrected, expected) in [
            (Multiplicity.holm(values), [0.03, 0.06, 0.06, 0.02]),
            (Multiplicity.benjaminiHochberg(values), [0.02, 0.04, 0.04, 0.02]),
        ] {
            #expect(zip(corrected, expected).allSatisfy { shows($0, $1) }, "\(corrected)")
        }
    }

    @Test("Cohen's h of 0.6 and 0.5, and how many per arm find it")
    func cohen() throws {
        let h = try #require(EffectSize.cohenH(0.6, 0.5))
        #expect(shows(h, 0.201358))
        #expect(shows(Power.perArm(h: h), 387.168, digits: 3))
    }

    @Test("the sign-flip permutation of seven differences")
    func signFlip() {
        let answer = SignFlip.p([0.1, -0.2, 0.3, 0.4, 0.05, -0.1, 0.2])
        #expect(answer?.p == 0.265625 && answer?.isExact == true)
        #expect(answer?.seed == nil && answer?.resamples == nil)
    }

    @Test("the 95th percentile of 1, 2, 3, 4")
    func quantile() {
        #expect(shows(Quantile.linear(0.95, of: [4, 2, 1, 3]), 3.85))
    }
}
