internal import Logging
internal import Synchronization

extension Pool {
    /// Lends a connection for as long as `body` runs, and does so again where that failed for a passing reason and
    /// a repeat is safe; see ``RepeatSafety`` and ``PoolSettings/retry``.
    ///
    /// Each attempt has a connection and therefore a transaction of its own: work inside a transaction that somebody
    /// else began must not come here, since that transaction has ended with its connection.
    ///
    /// - Parameters:
    ///   - safety: what is known about doing `body` twice.
    ///   - patience: how long each attempt waits for a connection; nil for the pool's `timeout`.
    /// - Throws: As `withConnection`, after the last attempt; `cancelled` at once where the task is cancelled while
    ///   it waits for the next one.
    @discardableResult
    public nonisolated(nonsending) func retrying<T>(
        _ safety: RepeatSafety, patience: Duration? = nil,
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        var state = RetryState(settings.retry, safety)
        while true {
            var hasBegun = false
            do {
                return try await withConnection(within: patience) { connection in
                    hasBegun = true
                    return try await body(connection)
                }
            } catch {
                let decision = state.failed(error, hasBegun: hasBegun, random: .random(in: 0...1))
                guard case .again(let delay) = decision, !Task.isCancelled else { throw error }
                logger.info("what failed is tried again in \(delay.shortText): \(error)")
                try await wait(delay, after: error)
                state.begin()
                ledger.withLock { $0.counts.retries += 1 }
            }
        }
    }

    private nonisolated(nonsending) func wait(_ delay: Duration, after error: any Error)
        async throws(DatabaseError)
    {
        do {
            try await time.sleep(time.now().advanced(by: delay))
        } catch _ {
            throw DatabaseError(
                .cancelled, "The task was cancelled while it waited to try again, after: \(error)")
        }
    }
}
