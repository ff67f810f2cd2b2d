internal import CPostgres

/// How far a transaction is isolated from others; stronger ones may fail with SQLSTATE 40001.
public enum IsolationLevel: String, Sendable, Hashable, CaseIterable {
    /// Every command sees what was committed before it began. The server's default.
    case readCommitted = "READ COMMITTED"
    /// The whole transaction sees what was committed before its first command.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after the other.
    case serializable = "SERIALIZABLE"
}

extension Connection {
    /// Runs `body` inside a transaction: commits when it returns, rolls back when it throws, and also when
    /// the task has been cancelled in the meantime.
    ///
    /// - Parameters:
    ///   - isolation: nil for the server's default.
    ///   - readOnly: Whether the server refuses to write.
    /// - Throws: What `body` throws; `server` where the commit is refused; `cancelled`; `connectionLost`.
    ///   A connection lost while committing leaves open whether the transaction took effect.
    @discardableResult
    public nonisolated(nonsending) func transaction<T>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false,
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        guard transactionStatus == .idle else {
            throw DatabaseError(
                .invalidOptions, "A transaction is open on this connection already.",
                advice: "Use a SAVEPOINT for a transaction inside a transaction.")
        }
        var begin = "BEGIN"
        if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { begin += " READ ONLY" }
        do {
            try await control(begin)
            let value = try await body(self)
            guard !Task.isCancelled else {
                throw DatabaseError(.cancelled, "The task was cancelled; its transaction was rolled back.")
            }
            try await commit()
            return value
        } catch {
            await rollback()
            throw error
        }
    }

    /// Rolls back a transaction that is open. A connection on which that fails counts as broken.
    public func rollback() async {
        guard !isBroken, transactionStatus != .idle else { return }
        do throws(DatabaseError) {
            try end("ROLLBACK", .command)
        } catch {
            breakDown()
        }
    }

    /// COMMIT of a failed transaction succeeds and answers ROLLBACK, which must not pass for a commit.
    private func commit() throws(DatabaseError) {
        let wasFailed = transactionStatus == .failed
        try end(wasFailed ? "ROLLBACK" : "COMMIT", wasFailed ? .command : .commit)
        guard !wasFailed else {
            throw DatabaseError(
                .server, "The transaction was rolled back: one of its commands had failed.",
                advice: "Let the error of a command leave the transaction, or use a SAVEPOINT.")
        }
    }

    private func control(_ sql: String) async throws(DatabaseError) {
        _ = try await interruptible(sql: sql, timeout: settings.commandTimeout) {
            exchange throws(DatabaseError) in
            try self.runScript(sql, exchange)
        }
    }

    /// Ends a transaction whether or not the task is cancelled: cancelling a commit half-way would leave open
    /// what happened.
    private func end(_ sql: String, _ kind: Exchange.Kind) throws(DatabaseError) {
        let timeout = settings.commandTimeout
        _ = interruption.begin()
        let exchange = Exchange(
            sql: sql, timeout: timeout, deadline: .after(timeout), isInterruptible: false, kind: kind)
        _ = try runScript(sql, exchange)
    }
}
