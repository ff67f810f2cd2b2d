import Postgres

extension Session {
    /// Makes the day partitions that are missing, in short transactions of their own: within the caller's, everybody
    /// else who needs a new day would wait for that one's end.
    func ensurePartitions(for days: Set<String>) async throws {
        if isInTransaction {
            let missing = try await holdPartitions(of: days.sorted())
            guard !missing.isEmpty else { return }
            // Not one of the pool's: its last one may be the caller's.
            let own = try await Connection.connect(connection.options)
            do {
                try await Self.makePartitions(of: missing, on: own)
            } catch {
                await own.close()
                throw error
            }
            await own.close()
            _ = try await holdPartitions(of: missing)
        } else {
            let missing = known.days.missing(of: days)
            guard !missing.isEmpty else { return }
            try await Self.makePartitions(of: missing, on: connection)
            known.days.insert(missing)
        }
    }

    /// Keeps the partitions of these days for the transaction that is open, and makes in it those that are missing: for
    /// a batch one of whose days maintenance dropped between the making and the use of it. Others who need a new day wait
    /// for this transaction's end then, so it is not the usual way. It must have locked its simulation before: in the
    /// other order it could wait for a transaction that waits for it from another connection.
    func keepPartitions(for days: Set<String>) async throws {
        let missing = try await holdPartitions(of: days.sorted())
        if !missing.isEmpty { try await Self.makePartitions(of: missing, on: connection) }
    }

    /// How many days are made in one transaction. Each takes 10 to 40 ms, and others who need a new day wait for all.
    private static let mostAtOnce = 10

    private static func makePartitions(of days: [String], on connection: Connection) async throws {
        var rest = days[...]
        while !rest.isEmpty {
            try await connection.query(
                "select arc_ensure_partitions($1::date[])", [.texts(Array(rest.prefix(mostAtOnce)))])
            rest = rest.dropFirst(mostAtOnce)
        }
    }

    /// Keeps the partitions of these days for the caller's transaction, and returns the days that have none.
    private func holdPartitions(of days: [String]) async throws -> [String] {
        try await connection.query(
            "select day::text as day from arc_hold_partitions($1::date[]) as day", [.texts(days)]
        ).map { try $0.get("day", as: String.self) }
    }
}
