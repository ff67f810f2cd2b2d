import Postgres

extension Connection {
    /// Waits until so many sessions of this database are in pg_sleep.
    func waitForSleepers(_ count: Int64) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let rows = try await query(
                """
                select count(*) as n from pg_stat_activity
                where datname = current_database() and wait_event = 'PgSleep'
                """)
            if rows.first?[0] == .int(count) { return }
            guard ContinuousClock.now < deadline else {
                throw Program.Timeout(description: "pg_sleep: not \(count)")
            }
        }
    }
}
