import IntervalCoverage
import Testing

/// A smaller version of what docs/statistics.md has in full, with the same seeds.
@Suite("Intervals hold what they promise, and gates err no more often than they may")
struct IntervalCoverageTests {
    /// What 400 evaluations can say of 95 %: four standard errors below.
    private static let lowest = 0.905

    @Test("the intervals that arc gives by itself hold the truth in 95 of 100 evaluations, or more often")
    func coverage() throws {
        let simulation = IntervalSimulation(evaluations: 400, resamples: 0)
        let tallies = simulation.intervals() + simulation.differences()
        let own = tallies.filter { tally in
            [
                "mean of an evaluation (arc's own)", "paired difference", "flakiness of a scenario", "pass^",
                "pass@",
                "share of a scenario's runs", "Newcombe", "Clopper–Pearson", "quantile by order statistics",
            ].contains { tally.name.hasPrefix($0) }
        }
        #expect(own.count > 40)
        for tally in own {
            guard let coverage = tally.coverage else { continue }
            #expect(coverage >= Self.lowest, "\(tally.name), \(tally.setting): \(coverage)")
        }
        // Or the simulation would see nothing: an interval that takes trials for independent is far too short.
        let naive = tallies.filter { $0.name.hasPrefix("naive") && $0.missing < 20 }
        #expect(!naive.isEmpty && naive.allSatisfy { ($0.coverage ?? 0) < 0.9 })
    }

    @Test("where nothing changed, tests and gates find something in at most 5 of 100 comparisons")
    func falsePositives() {
        let rates = DecisionSimulation(evaluations: 400).falsePositives()
        #expect(rates.count > 30)
        for rate in rates where !rate.name.hasPrefix("one-sided") {
            // Four standard errors above what is allowed.
            #expect(rate.share <= 0.05 + 0.044, "\(rate.name), \(rate.setting): \(rate.share)")
        }
    }

    @Test("a trend marks few buckets where nothing changes, and the last one where it dropped")
    func trends() {
        let rates = DecisionSimulation(evaluations: 2000).trends()
        #expect(rates.count == 12)
        for rate in rates {
            // Of 400 trends; three buckets of innocent ones are 800 in all.
            if let limit = rate.limit {
                #expect(rate.share <= limit + 0.01, "\(rate.name), \(rate.setting): \(rate.share)")
            } else {
                #expect(rate.share > 0.6, "\(rate.name), \(rate.setting): \(rate.share)")
            }
        }
    }

    @Test("the smallest drop that a gate should find is found in about 80 of 100 comparisons")
    func power() {
        for rate in DecisionSimulation(evaluations: 400).power() {
            #expect(rate.share > 0.68 && rate.share < 0.88, "\(rate.name), \(rate.setting): \(rate.share)")
        }
    }
}
