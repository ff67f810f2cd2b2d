import ArcKit
import Foundation
import Measuring
import Postgres

/// A database of the benchmark's own: on a throw-away server, or on one that is given.
struct AnalyticsDatabase {
    private let server: EphemeralServer?
    private let administration: Connection?
    private let name: String
    private let options: ConnectionOptions

    /// - Parameter url: the server on which to make the database; nil for one of its own.
    init(url: String?) async throws {
        guard let url, !url.isEmpty else {
            let started = try await EphemeralServer()
            (server, administration, name, options) = (started, nil, "arc", started.options)
            return
        }
        server = nil
        let connection = try await Connection.connect(try ConnectionOptions(url))
        administration = connection
        name = "arc_bench_\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        try await connection.query("create database \(name)")
        options = try ConnectionOptions(url).with(database: name)
    }

    /// A store whose questions may take as long as plain SQL takes over all outcomes.
    func store(connections: Int) throws -> Store {
        Store(
            try Pool(
                options,
                settings: PoolSettings(size: connections, maxOverflow: 0, commandTimeout: .seconds(3600))))
    }

    /// Drops the database, or ends the server.
    func drop() async {
        await server?.stop()
        guard let administration else { return }
        do {
            try await administration.query("drop database if exists \(name) with (force)")
        } catch {
            Analytics.say("the database \(name) is left: \(error)")
        }
        await administration.close()
    }

    /// Makes the outcomes, in the state in which years of recording leave a database: counted, rolled up but for what
    /// came in the last minutes, vacuumed, and on TimescaleDB compressed after a week.
    func fill(_ wanted: AnalyticsOptions) async throws -> AnalyticsReport.Facts {
        let store = try store(connections: 2)
        let clock = ContinuousClock()
        let start = clock.now
        let deployed = try await store.pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
        let making = OutcomeMaking(store)
        try await making.plan(wanted)
        try await making.fill()
        let filled = clock.now
        try await store.session { session in
            _ = try await session.refreshRollups { Analytics.say("rolled up: \($0) changes") }
        }
        let refreshed = clock.now
        try await making.fillTail()
        if deployed.features.tier == .timescale { try await making.compress() }
        try await store.pool.query("vacuum analyze", timeout: .seconds(3600))
        let row = try await store.pool.query(
            """
            select count(*) as outcomes, pg_database_size(current_database()) as bytes,
              current_setting('server_version') as version from outcomes
            """
        ).single()
        let facts = AnalyticsReport.Facts(
            outcomes: try row.get("outcomes", as: Int.self), simulations: wanted.simulations,
            trials: wanted.trials, tier: deployed.features.tier.rawValue,
            server: try row.get("version", as: String.self),
            megabytes: try row.get("bytes", as: Int.self) >> 20,
            secondsToFill: (filled - start) / .seconds(1), secondsToRollUp: (refreshed - filled) / .seconds(1)
        )
        await store.close()
        return facts
    }
}

extension ConnectionOptions {
    /// These options for another database of the same server.
    fileprivate func with(database: String) throws -> ConnectionOptions {
        var components = URLComponents(string: url)
        components?.path = "/" + database
        guard let text = components?.string else { throw WrongResult("\(self) isn't a URL") }
        return try ConnectionOptions(text)
    }
}
