import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("What runs cost")
struct CostTests {
    @Test("what isn't known has no part, and is counted")
    func counted() async throws {
        try await SmallEvaluation.with { small in
            let costs = try await small.store.ask { try await $0.costs() }
            let chosen = { (rows: [CostFigures]) in
                lines(
                    rows, "version", "scenario_id", "runs", "errors", "passes", "tokens_used",
                    "tokens_unknown", "cost_usd",
                    "cost_unknown", "latency_unknown", "p50_ms", "p95_ms")
            }
            #expect(chosen([costs.total]) == ["||9|3|4|100|8|1.1|5|5|850|1849.9999999999995"])
            #expect(
                chosen(costs.byConfiguration) == [
                    "1||5|2|1|100|4|0.8|3|3|1500|1950", "2||4|1|3||4|0.3|2|2|600|690",
                ])
            #expect(
                chosen(costs.byScenario) == [
                    "1|a|2|0|1|100|1|0.8|0|0|1500|1950", "2|a|2|0|2||2|0.3|0|0|600|690",
                    "1|b|2|2|0||2||2|2||",
                    "2|b|2|1|1||2||2|2||", "1|c|1|0|0||1||1|1||",
                ])
        }
    }

    @Test("a cost per pass is the cost of all runs by the number of those that passed")
    func perPass() async throws {
        try await SmallEvaluation.with { small in
            let costs = try await small.store.ask { try await $0.costs() }
            // Four runs have a cost, all of scenario a, and three of them passed.
            #expect(costs.total.costPerPass.value == 1.1 / 3 && costs.total.costPerPass.n == 4)
            #expect(costs.total.costPerPass.interval == nil)
            #expect(costs.byScenario[2].costPerPass.value == nil)
        }
        let estimate = CostPerPass.estimate([(2, 1, 1), (4, 3, 3), (6, 2, 4)])
        // 12 / 6; deviations 0, −2 and 2; variance 3/2 · 8 / 36; t(2) = 4.302653.
        #expect(estimate.value == 2 && estimate.n == 8 && estimate.clusters == 3)
        #expect(abs((estimate.standardError ?? 0) - (1.0 / 3).squareRoot()) < 1e-15)
        #expect(estimate.interval?.low == 0)
        #expect(abs((estimate.interval?.high ?? 0) - 4.484138) < 1e-6)
        #expect(CostPerPass.estimate([]).value == nil)
        #expect(CostPerPass.estimate([(2, 0, 1), (1, 0, 1)]).value == nil)
        #expect(CostPerPass.estimate([(2, 1, 1), (4, 2, 2)]).standardError == nil)
    }

    @Test("sums are exact however many there are: ten thousand cents are a hundred dollars")
    func exact() async throws {
        try await withStore { store in
            let simulation = try await store.simulation("agent")
            for part in 0..<10 {
                try await store.record(
                    (1...1000).map { trial in
                        Outcome.success("s\(part)", trial: trial, score: 1).took(cost: 0.01, tokens: 3, ms: 7)
                    }, in: simulation)
            }
            let costs = try await store.ask { try await $0.costs(OutcomeScope(simulation: simulation)) }
            #expect(costs.total.costUSD == 100 && costs.total.tokens == 30_000)
            #expect(costs.total.costPerPass.value == 0.01 && costs.total.meanCost.value == 0.01)
        }
    }
}
