import Postgres

extension Session {
    /// Makes the day partitions that are missing, in a transaction of its own that ends at once: within the caller's,
    /// everybody else who needs a new day would wait for that one's end.
    func ensurePartitions(for days: Set<String>) async throws {
        if isInTransaction {
            let missing = try await holdPartitions(of: days.sorted())
            guard !missing.isEmpty else { return }
            // Not one of the pool's: its last one may be the caller's.
            let own = try await Connection.connect(connection.options)
            try await own.query(Self.ensureSQL, [.texts(missing)])
            await own.close()
            _ = try await holdPartitions(of: missing)
        } else {
            let missing = known.days.missing(of: days)
            guard !missing.isEmpty else { return }
            try await connection.query(Self.ensureSQL, [.texts(missing)])
            known.days.insert(missing)
        }
    }

    /// Keeps the partitions of these days for the caller's transaction, and returns the days that have none.
    private func holdPartitions(of days: [String]) async throws -> [String] {
        try await connection.query(
            "select day::text as day from arc_hold_partitions($1::date[]) as day", [.texts(days)]
        ).map { try $0.get("day", as: String.self) }
    }

    private static let ensureSQL = "select arc_ensure_partitions($1::date[])"
}
