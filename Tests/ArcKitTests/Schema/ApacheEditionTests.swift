import Glibc
import Postgres
import TestServer
import Testing

@testable import ArcKit

/// TimescaleDB's Apache edition, on a server of its own: the edition is a setting of the whole server.
@Suite("TimescaleDB's Apache edition")
struct ApacheEditionTests {
    private static let server = Task {
        try await EphemeralServer(
            settings: ServerSettings(
                preload: ["timescaledb"],
                parameters: ["timescaledb.telemetry_level": "off", "timescaledb.license": "apache"]),
            search: ServerProgramSearch(explicit: getenv("ARC_PG_BIN").map { String(cString: $0) }))
    }

    private static func isThere() async throws -> Bool {
        let connection = try await Connection.connect(try await server.value.options)
        let found = try await connection.query(
            """
            select 1 from pg_available_extensions
            where name = 'timescaledb' and current_setting('shared_preload_libraries') ~ name
            """)
        await connection.close()
        return found.count == 1
    }

    @Test(
        "it is told apart, and outcomes are hypertables by day that are made ahead, replaced and dropped",
        .enabled("it needs TimescaleDB beside the server's programs") { try await isThere() })
    func everything() async throws {
        let pool = try Pool(try await Self.server.value.options)
        let report = try await SchemaDeployTests.deploy(pool)
        #expect(report.features.tier == .timescaleApache)
        #expect(report.features.tier.summary.contains("Apache edition"))
        let store = Store(pool)
        let simulation = try await store.newSimulation()
        for score in [0.25, 0.75] {
            try await store.record(
                [.success("a", score: score).at("2020-01-01 12:00:00+00"), .success("b", score: score)],
                in: simulation)
        }
        let scores = try await pool.query("select scenario_id, reliability_score from outcomes order by 1")
        #expect(scores.lines == ["a|0.75", "b|0.75"])
        #expect(
            try await store.count(
                "select count(*) from timescaledb_information.chunks where hypertable_name = 'outcomes'")
                == 2)
        try await store.session { session in
            try await session.setRetention(days: 30)
            #expect(try await session.maintain().dropped == ["2020-01-01"])
        }
        #expect(try await pool.query("select scenario_id from outcomes").lines == ["b"])
        await pool.close()
    }
}
