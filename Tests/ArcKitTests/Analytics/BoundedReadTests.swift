import Postgres
import TestServer
import Testing

@testable import ArcKit

/// Comparisons and searches among many days that they have nothing to do with.
@Suite("What comparisons and searches read")
struct BoundedReadTests {
    /// Two simulations of one day of thirty, each of which has five hundred runs of others; every run has a trajectory that
    /// is kept apart from its row. The roll-ups are up to date.
    private struct Fixture {
        var a: SimulationReference
        var b: SimulationReference

        static let start = "2024-03-01 00:00:00+00"

        init(_ store: Store, on tier: StorageTier) async throws {
            // It would compress these days while they are looked at.
            if tier == .timescale {
                try await store.pool.query("select remove_compression_policy('outcomes')")
            }
            a = try await store.newSimulation(threshold: 0.5)
            b = try await store.newSimulation(threshold: 0.5)
            let other = try await store.newSimulation()
            try await store.pool.query(
                "select arc_ensure_partitions(array(select date '2024-03-01' + n from generate_series(0, 29) n))"
            )
            let insert = """
                insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status,
                  reliability_score, trajectory)
                select gen_random_uuid(), $1, 's' || n % 100, 1 + n / 100,
                  timestamptz '\(Self.start)' + $2 * interval '1 day' + n * $3 * interval '1 second', 'success', 0.6,
                  (select jsonb_build_array(string_agg(md5(n || '.' || k), ' ')) from generate_series(1, 100) k)
                from generate_series(0, $4 - 1) n
                """
            for (simulation, day, seconds, runs) in [
                (a, 12, 170, 500), (b, 12, 170, 500), (other, 0, 172, 15_000),
            ] {
                try await store.pool.query(
                    insert, [.text(simulation.id), .int(Int64(day)), .int(Int64(seconds)), .int(Int64(runs))])
            }
            try await store.refreshAll()
            try await store.pool.query("vacuum analyze")
        }
    }

    /// What the server did to answer.
    private static func reading(
        _ store: Store, _ ask: @Sendable (Session) async throws -> Void
    ) async throws -> (unpacks: Bool, parts: Set<String>, scanned: Set<String>, pages: Int) {
        let recorder = PlanRecorder()
        let connection = try await recorder.connect(store.pool.options)
        let session = Session(connection: connection, known: Known(), isInTransaction: false)
        try await ask(session)
        let before = try await AnalyticPlanTests.pages(connection)
        _ = try recorder.plans()
        try await ask(session)
        let plans = try recorder.plans()
        let pages = try await AnalyticPlanTests.pages(connection) - before
        await connection.close()
        #expect(!plans.isEmpty)
        for plan in plans { #expect(!plan.writesToDisk, "\(plan.query)") }
        return (
            plans.contains { $0.unpacksTrajectories }, plans.reduce(into: []) { $0.formUnion($1.parts) },
            plans.reduce(into: []) { $0.formUnion($1.scannedParts) }, pages
        )
    }

    @Test(
        "a comparison reads the days of its simulations, late runs among them, and no trajectory",
        arguments: try await AnalyticPlanTests.Place.all())
    func compare(place: AnalyticPlanTests.Place) async throws {
        try await withStore(on: place.tier) { store in
            let fixture = try await Fixture(store, on: place.tier)
            if place.isCompressed { try await AnalyticFixture.compress(store) }
            let (a, b) = (fixture.a, fixture.b)
            let one = try await Self.reading(store) { session in
                let comparison = try await session.compare(a, with: b)
                #expect(comparison.b.runs == 500)
            }
            #expect(one.parts.count == 1 && one.pages == 0)
            #expect(!one.unpacks)

            // No refresh has seen it.
            try await store.record([.success("late", score: 1).at("2024-03-15 12:00:00+00")], in: b)
            let late = try await Self.reading(store) { session in
                let comparison = try await session.compare(a, with: b)
                #expect(comparison.b.runs == 501)
            }
            #expect(late.parts.count == 3 && late.scanned.count <= 1 && late.pages == 0)

            // Where it isn't known which days those are, all are looked into by the index.
            try await store.pool.query("update simulations set pass_threshold = 0.7")
            let all = try await Self.reading(store) { session in
                let comparison = try await session.compare(a, with: b)
                #expect(comparison.b.runs == 501 && comparison.b.passThreshold == 0.7)
            }
            #expect(all.parts.count >= 30 && all.scanned.count <= 1 && all.pages == 0)
            #expect(!all.unpacks)
        }
    }

    @Test(
        "a search in a simulation reads its trajectories, and nobody else's",
        arguments: try await ServerUnderTest.tiers())
    func search(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let fixture = try await Fixture(store, on: tier)
            func pages(_ change: @Sendable (inout SearchQuestion) -> Void) async throws -> Int {
                var question = SearchQuestion(text: "nowhere")
                change(&question)
                let asked = question
                let reading = try await Self.reading(store) { session in
                    let result = try await session.search(asked)
                    #expect(result.hits.isEmpty)
                }
                if asked.simulation != nil { #expect(reading.scanned.count <= 1) }
                return reading.pages
            }
            let (a, b) = (fixture.a, fixture.b)
            let one = try await pages { $0.simulation = a }
            let same = try await pages { $0.simulation = b }
            let all = try await pages { $0.withinSeconds = 1e9 }
            // Each has 500 of 16,000 trajectories, most of them in one page.
            #expect(
                (500..<600).contains(one) && (500..<600).contains(same) && all > 20 * one,
                "\(one), \(same), \(all)")
        }
    }
}
