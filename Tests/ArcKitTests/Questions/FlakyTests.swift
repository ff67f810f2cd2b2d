import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Flaky scenarios")
struct FlakyTests {
    @Test("a scenario is flaky within one version of a configuration, the surest first")
    func ranking() async throws {
        try await SmallEvaluation.with { small in
            let ranking = try await small.store.ask { try await $0.flaky() }
            #expect(
                lines(
                    ranking.scenarios, "configuration", "version", "scenario_id", "passes", "trials",
                    "errors",
                    "pass_rate", "disagreement") == [
                        "agent|1|a|1|2|0|0.5|0.5", "agent|2|b|1|2|1|0.5|0.5", "agent|2|a|2|2|0|1|0",
                        "agent|1|b|0|2|2|0|0",
                    ])
            for row in ranking.scenarios {
                let count = PassCount(passes: row.passes, trials: row.trials)
                #expect(row.disagreement == Flakiness.of(count))
                #expect(row.passRate == Proportion.clopperPearson(row.passes, of: row.trials))
            }
            // c has a success without a score and a cancelled run: neither says whether it passed.
            #expect(ranking.single == 0 && ranking.unjudged == 1)
        }
    }

    @Test("more trials make it surer, and single trials are counted")
    func trials() async throws {
        try await withStore { store in
            let simulation = try await store.simulation("agent")
            var outcomes: [Outcome] = [.success("once", score: 1)]
            for trial in 1...8 {
                outcomes.append(.success("often", trial: trial, score: trial % 2 == 0 ? 1 : 0))
                outcomes.append(.success("rarely", trial: trial, score: trial == 1 ? 0 : 1))
                outcomes.append(.success("never", trial: trial, score: 1))
            }
            outcomes += [.success("twice", trial: 1, score: 1), .success("twice", trial: 2, score: 0)]
            try await store.record(outcomes, in: simulation)
            let ranking = try await store.ask { try await $0.flaky(OutcomeScope(simulation: simulation)) }
            #expect(ranking.scenarios.map(\.scenario) == ["often", "twice", "rarely", "never"])
            #expect(ranking.scenarios[0].disagreement.value == 0.5)
            #expect(ranking.scenarios[2].disagreement.value == 0.25)
            #expect(ranking.scenarios[3].disagreement.value == 0)
            #expect((ranking.scenarios[3].disagreement.interval?.high ?? 0) > 0)
            #expect(ranking.single == 1 && ranking.unjudged == 0)
        }
    }
}
