import Postgres
import Synchronization

/// Refreshes the roll-ups in the background while this process records, so that a long simulation's figures of the moment
/// come from what was added up, but for the last minute.
final class RollupUpkeep: Sendable {
    private struct Work {
        var state: UpkeepState
        var task: Task<Void, Never>?
    }

    private let pool: Pool
    private let known: Known
    private let work: Mutex<Work>

    init(_ pool: Pool, known: Known) {
        self.pool = pool
        self.known = known
        work = Mutex(Work(state: UpkeepState(now: .now)))
    }

    /// Outcomes were recorded.
    func wrote() {
        work.withLock { work in
            guard work.state.wrote(now: .now) else { return }
            work.task = Task { await refresh() }
        }
    }

    private func refresh() async {
        // An error is nobody's: what isn't refreshed is read from the outcomes.
        _ = try? await pool.withConnection(within: .seconds(1)) { connection in
            try await connection.cleanse()
            await Session(connection: connection, known: known, isInTransaction: false)
                .refreshRollupsInPassing()
        }
        work.withLock { $0.state.refreshed(now: .now) }
    }

    /// Ends the refresh that is at work, if there is one.
    func close() async {
        let task = work.withLock { work in
            work.state.close()
            return work.task
        }
        task?.cancel()
        await task?.value
    }
}
