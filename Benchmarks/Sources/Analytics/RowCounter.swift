import ArcKit
import Postgres

/// Counts the rows that the server reads for a piece of work, by its own statistics: rows of tables read in sequence, and
/// entries of indexes. A compressed batch of TimescaleDB's, up to 1,000 outcomes, is one row of its table.
struct RowCounter {
    private let store: Store

    /// - Parameter store: one with one connection, on which the work is done.
    init(_ store: Store) { self.store = store }

    /// The rows read while `work` is done once.
    func rows(_ work: () async throws -> Void) async throws -> Int {
        let before = try await total()
        try await work()
        return try await total() - before
    }

    private func total() async throws -> Int {
        try await store.pool.withConnection { connection in
            if await connection.serverVersion >= 150_000 {
                try await connection.query("select pg_stat_force_next_flush()")
            } else {
                // Older servers write their statistics once a second.
                try await Task.sleep(for: .milliseconds(1500))
                try await connection.query("select 1")
                try await Task.sleep(for: .milliseconds(1500))
            }
            return try await connection.query(
                """
                select ((select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables)
                  + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes))::bigint as rows
                """
            ).single().get("rows", as: Int.self)
        }
    }
}
