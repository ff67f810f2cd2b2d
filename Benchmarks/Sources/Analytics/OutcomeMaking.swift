import ArcKit
import Postgres

/// Makes outcomes by SQL on the server, two simulations at once.
struct OutcomeMaking {
    private let store: Store
    /// How many of the latest runs of each running simulation come after the roll-ups were refreshed.
    private static let tail = 200
    private static let agents = 20
    private static let versions = 10

    init(_ store: Store) { self.store = store }

    /// Makes configurations, scenarios and simulations.
    func plan(_ options: AnalyticsOptions) async throws {
        // Plain SQL for what is similar needs it.
        try await store.pool.query("create extension if not exists pg_trgm")
        try await store.session { session in
            for agent in 1...Self.agents {
                for version in 1...Self.versions {
                    _ = try await session.createConfiguration(
                        name: "agent-\(agent)",
                        document: try ConfigurationDocument(
                            yaml: "model: model-\(agent % 5)\nprompt: version \(version) of agent \(agent)\n")
                    )
                }
            }
            try await session.connection.script(Self.text(PackageResources.schema_sql))
            try await session.connection.query(
                """
                select set_config('bench.simulations', $1, false), set_config('bench.trials', $2, false),
                  set_config('bench.days', '120', false), set_config('bench.ends', now()::text, false)
                """, [.text("\(options.simulations)"), .text("\(options.trials)")])
            try await session.connection.script(Self.text(PackageResources.plan_sql))
            try await session.connection.script(Self.text(PackageResources.fill_sql))
        }
    }

    /// Makes every simulation's outcomes but the tails, each in a transaction of its own, and the totals that recording
    /// and completing would have left.
    func fill() async throws {
        let rows = try await store.pool.query(
            "select n, case when is_running then done - \(Self.tail) else done end as runs from bench.simulations order by n"
        )
        let simulations = try rows.map { (try $0.get("n", as: Int.self), try $0.get("runs", as: Int.self)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask {
                    for place in stride(from: half, to: simulations.count, by: 2) {
                        let (number, runs) = simulations[place]
                        try await fill(number, 0...runs - 1)
                        if number.isMultiple(of: 100) {
                            Analytics.say("\(number) of \(simulations.count) simulations")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await store.pool.withConnection { connection in
            try await connection.query("analyze")
            try await connection.script(Self.text(PackageResources.finish_sql))
        }
    }

    /// Makes the runs of the last minutes, after which the roll-ups weren't refreshed.
    func fillTail() async throws {
        let running = try await store.pool.query("select n, done from bench.simulations where is_running")
        for row in running {
            let done = try row.get("done", as: Int.self)
            try await fill(try row.get("n", as: Int.self), done - Self.tail...done - 1)
        }
        try await store.pool.withConnection { connection in
            try await connection.script("set client_min_messages = warning; drop schema bench cascade")
        }
    }

    /// What the compression policy would have done by now.
    func compress() async throws {
        let chunks = try await store.pool.query(
            "select c::text as chunk from show_chunks('outcomes', older_than => interval '7 days') c")
        for row in chunks {
            try await store.pool.query(
                "select compress_chunk($1::regclass, if_not_compressed => true)",
                [.text(try row.get("chunk", as: String.self))])
        }
    }

    private func fill(_ simulation: Int, _ runs: ClosedRange<Int>) async throws {
        try await store.pool.query(
            "select bench.fill($1, $2, $3)",
            [.int(Int64(simulation)), .int(Int64(runs.lowerBound)), .int(Int64(runs.upperBound))])
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
