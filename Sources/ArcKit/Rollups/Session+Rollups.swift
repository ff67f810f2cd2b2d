public import Postgres

/// How far the roll-ups are: what outcomes say, added up by hour and by day.
///
/// Answers are right whatever this says; where much waits they take longer, since they read the outcomes themselves.
public struct RollupState: Sendable, Hashable {
    /// How many pairs of a simulation and an hour (or all of its hours) wait to be computed anew.
    public var waiting: Int
    /// How many simulations these belong to.
    public var simulations: Int
    /// When a refresh last did something; nil where none ever did.
    public var refreshedAt: Timestamp?
}

extension Session {
    /// How far the roll-ups are.
    public func rollupState() async throws -> RollupState {
        let row = try await connection.query(
            """
            select count(distinct (simulation_id, hour)) as waiting, count(distinct simulation_id) as simulations,
              (select nullif(rolled_up_at, '-infinity') from arc_schema) as refreshed_at
            from rollup_changes
            """
        ).single()
        return RollupState(
            waiting: try row.get("waiting", as: Int.self),
            simulations: try row.get("simulations", as: Int.self),
            refreshedAt: try row.get("refreshed_at", as: Timestamp?.self))
    }

    /// Brings the roll-ups up to date in steps of their own transactions, which nobody waits for.
    ///
    /// - Parameters:
    ///   - limit: how many days of simulations at most, about; nil for all.
    ///   - progress: is told after each step how many changes are done with so far.
    /// - Returns: how many changes are done with; nil where somebody else is refreshing.
    /// - Throws: `EvaluationError` with code `state` inside a transaction.
    @discardableResult
    public func refreshRollups(
        atMost limit: Int? = nil, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Int? {
        guard !isInTransaction else {
            throw EvaluationError(
                .state, "roll-ups can't be refreshed inside a transaction",
                advice: "Refresh them on their own.")
        }
        var done = 0
        var rest = limit ?? .max
        while rest > 0 {
            let step = min(rest, Self.daysAtOnce)
            guard let count = try await refreshOnce(step) else { return done > 0 ? done : nil }
            if count == 0 { break }
            done += count
            rest -= step
            progress(done)
        }
        return done
    }

    private func refreshOnce(_ days: Int) async throws -> Int? {
        do {
            let row = try await connection.query(
                "call arc_refresh_alone($1, null)", [.int(Int64(days))]
            ).single()
            return try row.get("done", as: Int?.self)
        } catch {
            // On TimescaleDB the lock is the session's, which outlives a statement that failed.
            _ = try? await connection.query(
                """
                select pg_advisory_unlock(1634886450) from pg_locks
                where locktype = 'advisory' and pid = pg_backend_pid() and objid = 1634886450 and granted
                """)
            throw error
        }
    }

    /// Refreshes the roll-ups after other work, which an error here must not spoil: what isn't refreshed now is refreshed
    /// another time, and read from the outcomes until then.
    func refreshRollupsInPassing() async {
        guard !isInTransaction else { return }
        _ = try? await refreshRollups(atMost: Self.daysInPassing)
    }

    /// Days of simulations in one transaction. One of 5,000 outcomes takes 0.1 s, about.
    private static let daysAtOnce = 20
    private static let daysInPassing = 40
}
