import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Keeping outcomes for a time")
struct MaintenanceTests {
    private static let old = "2020-01-01 12:00:00+00"

    /// A store that keeps outcomes for 30 days and has some of 2020 and one of today.
    private static func withOldOutcomes(
        on tier: StorageTier, _ body: @Sendable (Store, SimulationReference) async throws -> Void
    ) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a").at(old), .success("new")], in: simulation)
            try await store.record([.success("b").at("2020-01-02 12:00:00+00")], in: simulation)
            try await store.session { try await $0.setRetention(days: 30) }
            try await body(store, simulation)
        }
    }

    private static func scenarios(_ store: Store) async throws -> [String] {
        try await store.pool.query("select scenario_id from outcomes order by 1").lines
    }

    private static func complete(_ simulation: SimulationReference, in store: Store) async throws {
        try await store.session { try await $0.completeSimulation(simulation) }
    }

    @Test(
        "outcomes are kept for ever unless somebody says otherwise",
        arguments: try await ServerUnderTest.tiers())
    func forEver(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a").at("1970-01-01 00:00:00+00")], in: simulation)
            try await Self.complete(simulation, in: store)
            let report = try await store.session { session in
                #expect(try await session.retentionDays() == nil)
                return try await session.maintain()
            }
            #expect(report == MaintenanceReport())
            #expect(try await Self.scenarios(store) == ["a"])
        }
    }

    @Test(
        "maintenance drops the days that are older, and says which",
        arguments: try await ServerUnderTest.tiers())
    func drops(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, simulation in
            let report = try await store.session { session in
                #expect(try await session.expiredDays() == ["2020-01-01", "2020-01-02"])
                return try await session.maintain()
            }
            #expect(report.dropped == ["2020-01-01", "2020-01-02"] && report.inUse == [])
            #expect(try await Self.scenarios(store) == ["new"])
            // Progress is what was run, not what is still kept; and an old day can come back.
            #expect(try await store.status(of: simulation).completedRuns == 3)
            try await store.record([.success("c").at(Self.old)], in: simulation)
            #expect(try await Self.scenarios(store) == ["c", "new"])
        }
    }

    @Test(
        "compressed days are dropped as well",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func compressed() async throws {
        try await Self.withOldOutcomes(on: .timescale) { store, _ in
            try await store.pool.query("select compress_chunk(c) from show_chunks('outcomes') c")
            let report = try await store.session { try await $0.maintain() }
            #expect(report.dropped == ["2020-01-01", "2020-01-02"])
            #expect(try await Self.scenarios(store) == ["new"])
        }
    }

    @Test(
        "what is due is done when a simulation completes, once a day",
        arguments: try await ServerUnderTest.tiers())
    func atCompletion(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, simulation in
            try await Self.complete(simulation, in: store)
            #expect(try await Self.scenarios(store) == ["new"])
            for (age, left) in [("23 hours", ["c", "new"]), ("25 hours", ["new"])] {
                let next = try await store.newSimulation()
                try await store.record([.success("c").at(Self.old)], in: next)
                try await store.pool.query("update arc_schema set maintained_at = now() - interval '\(age)'")
                try await Self.complete(next, in: store)
                #expect(try await Self.scenarios(store) == left, "\(age)")
            }
        }
    }

    @Test(
        "a simulation that completes in a caller's transaction leaves maintenance to a later one",
        arguments: try await ServerUnderTest.tiers())
    func inTransaction(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, simulation in
            try await store.transaction { session in
                try await session.completeSimulation(simulation)
                await refusal(.state) { _ = try await session.maintain() }
            }
            #expect(try await Self.scenarios(store) == ["a", "b", "new"])
        }
    }

    @Test(
        "while somebody reads for long, maintenance gives way again and again, and those who record go on",
        arguments: try await ServerUnderTest.tiers())
    func longReader(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, simulation in
            try await store.pool.withConnection { reader in
                try await reader.transaction { reader in
                    try await reader.query("select count(*) from outcomes")
                    let pauses = Tally()
                    let recorded = Tally()
                    // It asks for the lock without a pause for as long as others record.
                    async let attempts = store.session { session in
                        while recorded.count == 0 {
                            let report = try await session.dropExpired(
                                LockPatience(attempts: 2) { pauses.add() })
                            #expect(report.dropped == [] && report.inUse == ["2020-01-01", "2020-01-02"])
                        }
                    }
                    for trial in 2...6 {
                        // One that is new, one that replaces another.
                        try await store.record(
                            [.success("new", trial: trial), .success("a").at(Self.old)], in: simulation)
                    }
                    recorded.add()
                    try await attempts
                    #expect(pauses.count > 0)
                }
            }
            let report = try await store.session { try await $0.maintain() }
            #expect(report.dropped == ["2020-01-01", "2020-01-02"])
            #expect(try await store.count("select count(*) from outcomes") == 6)
        }
    }

    @Test(
        "a day that was read when it was due is due again in an hour",
        arguments: try await ServerUnderTest.tiers())
    func leftForLater(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, simulation in
            try await store.pool.withConnection { reader in
                try await reader.transaction { reader in
                    try await reader.query("select count(*) from outcomes")
                    try await Self.complete(simulation, in: store)
                }
            }
            #expect(try await Self.scenarios(store) == ["a", "b", "new"])
            let age = try await store.pool.query(
                "select now() - maintained_at between interval '23 hours' and interval '24 hours' from arc_schema"
            )
            #expect(age.lines == ["t"])
        }
    }

    @Test(
        "recorders, makers of days and maintenance side by side lose nothing that is kept",
        arguments: try await ServerUnderTest.tiers())
    func sideBySide(tier: StorageTier) async throws {
        try await Self.withOldOutcomes(on: tier) { store, _ in
            let simulations = [try await store.newSimulation(), try await store.newSimulation()]
            let recorded = Tally()
            async let maintenance = store.session { session in
                while recorded.count == 0 { _ = try await session.dropExpired(.once) }
            }
            try await withThrowingTaskGroup { group in
                for (number, simulation) in simulations.enumerated() {
                    group.addTask {
                        for trial in 1...25 {
                            // An expired day that comes and goes, and one that stays.
                            let late = Outcome.success("late", trial: trial).at(
                                "2020-01-0\(number + 1) 12:00:00+00")
                            try await store.record([late], in: simulation)
                            try await store.record([.success("kept", trial: trial)], in: simulation)
                        }
                    }
                }
                try await group.waitForAll()
            }
            recorded.add()
            try await maintenance
            for simulation in simulations {
                #expect(try await store.status(of: simulation).completedRuns == 50)
            }
            #expect(try await store.count("select count(*) from outcomes where scenario_id = 'kept'") == 50)
        }
    }

    @Test("a retention is days or weeks, within its range")
    func retention() async throws {
        #expect(try Retention.days("365d") == 365)
        #expect(try Retention.days("52w") == 364)
        for text in ["", "0d", "1y", "-3d", "365", "d", "365001d", "99999999999d", "1.5d"] {
            #expect(throws: EvaluationError.self, "\(text)") { try Retention.days(text) }
        }
        try await withStore { store in
            await refusal(.invalid) { try await store.session { try await $0.setRetention(days: 0) } }
            try await store.session { session in
                try await session.setRetention(days: Retention.days.upperBound)
                #expect(try await session.expiredDays() == [])
                try await session.setRetention(days: nil)
                #expect(try await session.retentionDays() == nil)
            }
        }
    }
}
