import Postgres
import TestServer
import Testing

@testable import ArcKit

/// What answers read, as the server ran them: each question of ``AnalyticQuestion/all`` is asked on a connection whose
/// plans are kept.
@Suite("What answers read")
struct AnalyticPlanTests {
    /// Where outcomes are stored, and whether most of them are compressed.
    struct Place: Sendable, CustomTestStringConvertible {
        var tier: StorageTier
        var isCompressed = false
        var testDescription: String { tier.rawValue + (isCompressed ? ", compressed" : "") }

        static func all() async throws -> [Place] {
            let tiers = try await ServerUnderTest.tiers()
            return tiers.map { Place(tier: $0) }
                + (tiers.contains(.timescale) ? [Place(tier: .timescale, isCompressed: true)] : [])
        }
    }

    /// What happened while a question was answered.
    private struct Reading {
        var plans: [RecordedPlan]
        /// Pages of the tables that hold what is kept apart from outcomes' rows.
        var pages: Int
        var parts: Set<String> { plans.reduce(into: []) { $0.formUnion($1.parts) } }
        var scannedParts: Set<String> { plans.reduce(into: []) { $0.formUnion($1.scannedParts) } }
    }

    private static func read(
        _ place: Place, _ body: @Sendable (AnalyticQuestion, Reading) throws -> Void
    ) async throws {
        try await withStore(on: place.tier) { store in
            let fixture = try await AnalyticFixture.make(store)
            if place.isCompressed { try await AnalyticFixture.compress(store) }
            let recorder = PlanRecorder()
            let connection = try await recorder.connect(store.pool.options)
            let recorded = Session(connection: connection, known: Known(), isInTransaction: false)
            for question in AnalyticQuestion.all {
                // What is planned for the first time reads the catalogue.
                try await question.ask(recorded, fixture)
                let before = try await pages(connection)
                _ = try recorder.plans()
                try await question.ask(recorded, fixture)
                let plans = try recorder.plans()
                try body(question, Reading(plans: plans, pages: try await pages(connection) - before))
            }
            await connection.close()
        }
    }

    /// How many pages of outcomes' values that are kept apart from their rows were read since the server started, but for
    /// compressed ones, where every column is kept so.
    static func pages(_ connection: Connection) async throws -> Int {
        try await connection.query("select pg_stat_force_next_flush()")
        return try await connection.query(
            """
            select coalesce(sum(toast_blks_read + toast_blks_hit), 0)::bigint as pages from pg_statio_user_tables
            where relname like 'outcomes%' or relname like '\\_hyper\\_1\\_%'
            """
        ).single().get("pages", as: Int.self)
    }

    @Test("no answer reads a trajectory that it doesn't need", arguments: try await Place.all())
    func trajectories(place: Place) async throws {
        try await Self.read(place) { question, reading in
            let unpacked = reading.plans.contains(where: \.unpacksTrajectories)
            if question.readsTrajectories {
                #expect(reading.pages > 0, "\(question.name)")
                if place.isCompressed { #expect(unpacked, "\(question.name)") }
            } else {
                #expect(reading.pages == 0, "\(question.name)")
                #expect(!unpacked, "\(question.name)")
            }
        }
    }

    @Test(
        "no answer reads days from end to end that it isn't about, nor sorts on the disk",
        arguments: try await Place.all())
    func plans(place: Place) async throws {
        try await Self.read(place) { question, reading in
            #expect(!reading.plans.isEmpty, "\(question.name)")
            for plan in reading.plans { #expect(!plan.writesToDisk, "\(question.name): \(plan.query)") }
            switch question.reach {
            case .noOutcomes: #expect(reading.parts == [], "\(question.name)")
            // The days at both ends have few rows, which are read as fast in sequence.
            case .simulations:
                #expect(reading.scannedParts.count <= 2, "\(question.name): \(reading.scannedParts)")
            case .days(let days):
                #expect((1...days).contains(reading.parts.count), "\(question.name): \(reading.parts)")
            case .all: #expect(reading.parts.count >= AnalyticFixture.days, "\(question.name)")
            }
        }
    }
}
