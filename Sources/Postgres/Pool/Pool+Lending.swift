internal import CPostgres
internal import Glibc
internal import Logging
internal import Synchronization

extension Pool {
    typealias Loan = PoolLedger.Loan

    nonisolated(nonsending) func borrow() async throws -> Loan {
        guard !Task.isCancelled else { throw Self.cancelledError }
        let since = time.now()
        var waiter: PoolState.WaiterID?
        while true {
            let now = waiter == nil ? since : time.now()
            let request = ledger.withLock { $0.request(waiter, since: since, now: now) }
            perform(request.effects)
            let loan = if let loan = request.loan { loan } else { try await wait(request.waiter) }
            if try await isAlive(loan) { return loan }
            // What it got was dead: it asks again, with its number and therefore its turn.
            waiter = request.waiter
        }
    }

    /// - Throws: `poolTimeout` after `patience`, or why the server couldn't be reached.
    nonisolated(nonsending) func borrow(within patience: Duration) async throws -> Loan {
        let borrowing = Task { try await self.borrow() }
        let end = time.now().advanced(by: patience)
        let timer = Task {
            try await self.time.sleep(end)
            borrowing.cancel()
        }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await borrowing.value
            } onCancel: {
                borrowing.cancel()
            }
        } catch let error as DatabaseError {
            guard error.code == .cancelled, !Task.isCancelled else { throw error }
            throw ledger.withLock { $0.failure }
                ?? DatabaseError(.poolTimeout, "No connection became free within \(patience.shortText).")
        }
    }

    private nonisolated(nonsending) func wait(_ waiter: PoolState.WaiterID) async throws -> Loan {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let answer = ledger.withLock({ $0.sleep(waiter, continuation) }) {
                    continuation.resume(with: answer)
                }
            }
        } onCancel: {
            perform(ledger.withLock { $0.cancel(waiter) })
        }
    }

    /// Makes sure that a connection can be used, as the state wants; one that can't be is gone afterwards.
    private nonisolated(nonsending) func isAlive(_ loan: Loan) async throws(DatabaseError) -> Bool {
        guard loan.check == .ping || loan.check == .look && loan.member.hasNews else { return true }
        do throws(DatabaseError) {
            try await loan.connection.ping()
            return true
        } catch {
            if error.code == .cancelled {
                await giveBack(loan)
                throw error
            }
            logger.info("a connection of the pool was dead and is replaced")
            change { ledger in
                ledger.counts.broken += 1
                return ledger.state.pingFailed(loan.id, now: time.now())
            }
            return false
        }
    }

    nonisolated(nonsending) func giveBack(_ loan: Loan) async {
        let connection = loan.connection
        var condition = connection.condition
        if condition == .inTransaction {
            logger.warning("a connection came back to the pool inside a transaction, which is rolled back")
            ledger.withLock { $0.counts.rolledBack += 1 }
            await connection.rollback()
            condition = connection.condition
        }
        let now = time.now()
        let effects = ledger.withLock { ledger in
            if condition == .broken { ledger.counts.broken += 1 }
            let actions = ledger.state.release(loan.id, condition, now: now)
            return ledger.resolve(actions, now: now)
        }
        perform(effects)
    }

    static var cancelledError: DatabaseError {
        DatabaseError(.cancelled, "The task was cancelled while it waited for a connection.")
    }
}

extension PoolLedger.Member {
    /// Whether the server has sent something, or closed the connection, since it was used last. Nobody uses it
    /// now, so its socket has nothing to say but that the server is going, or a notification.
    fileprivate var hasNews: Bool {
        guard connection.condition == .usable else { return true }
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }
}

extension Connection {
    /// The number of the socket; -1 once closed.
    var socketNumber: Int32 { handle.map { PQsocket($0.pointer) } ?? -1 }

    /// Has the pool close this connection when it comes back, instead of lending it to somebody else. To be called
    /// after a change of the session that others mustn't meet: `SET`, `LISTEN`, a temporary table, a session-level
    /// advisory lock.
    public nonisolated func retire() { state.withLock { $0.retire() } }

    nonisolated var condition: PoolState.Condition {
        state.withLock { state in
            if state.phase != .open { return .broken }
            if state.transaction != .idle { return .inTransaction }
            return state.isRetired ? .retired : .usable
        }
    }
}
