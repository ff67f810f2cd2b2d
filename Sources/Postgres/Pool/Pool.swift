public import Logging
internal import Synchronization

/// Lends connections to one server: first come, first served.
///
/// Connections are made when they are needed. One that breaks is never lent again, one that comes back inside
/// a transaction is rolled back, and after a restart of the server the pool finds new ones by itself.
public final class Pool: Sendable {
    /// Where the connections go.
    public let options: ConnectionOptions
    /// How they are lent.
    public let settings: PoolSettings

    private let logger: Logger
    private let metrics = CommandMetrics()
    private let ledger: Mutex<Ledger>

    /// Everything that changes, behind one lock; what has to be done is done after it is released.
    private struct Ledger {
        var state: PoolState
        var connections: [PoolState.ConnectionID: Connection] = [:]
        var waiters: [PoolState.WaiterID: CheckedContinuation<Loan, any Error>] = [:]
        var closers: [CheckedContinuation<Void, Never>] = []
        var waiterNumbers = 0
        var waits = 0
        var failedWaits = 0
    }

    /// A connection in somebody's hands.
    private struct Loan {
        let id: PoolState.ConnectionID
        let connection: Connection
        let needsPing: Bool
    }

    /// A pool of connections to the server of `options`; nothing is connected yet.
    ///
    /// - Throws: `invalidOptions` where a setting is out of range.
    public init(
        _ options: ConnectionOptions, settings: PoolSettings = PoolSettings(),
        logger: Logger = Logger(label: "arc.postgres")
    ) throws(DatabaseError) {
        try settings.validate()
        self.options = options
        self.settings = settings
        self.logger = logger
        ledger = Mutex(Ledger(state: PoolState(settings: settings)))
    }

    /// Lends a connection for as long as `body` runs.
    ///
    /// - Throws: What `body` throws; `poolTimeout`, `poolClosed`, `cancelled`; `connectionFailed` and
    ///   `timedOut` where no connection can be made.
    @discardableResult
    public nonisolated(nonsending) func withConnection<T>(
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        let loan = try await borrow()
        do {
            let value = try await body(loan.connection)
            await giveBack(loan)
            return value
        } catch {
            await giveBack(loan)
            throw error
        }
    }

    /// Runs one command on a connection of the pool; see ``Connection/query(_:_:timeout:)``.
    ///
    /// - Throws: As `Connection.query` and `withConnection`.
    @discardableResult
    public func query(_ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil) async throws
        -> QueryResult
    {
        try await withConnection { try await $0.query(sql, parameters, timeout: timeout) }
    }

    /// Runs one command and returns how many rows it affected.
    ///
    /// - Throws: As `query`.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil) async throws
        -> Int
    {
        try await query(sql, parameters, timeout: timeout).affectedRows
    }

    /// Runs `body` inside a transaction on a connection of the pool; see
    /// ``Connection/transaction(isolation:readOnly:_:)``.
    ///
    /// - Throws: As `Connection.transaction` and `withConnection`.
    @discardableResult
    public nonisolated(nonsending) func transaction<T>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false,
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        try await withConnection { connection in
            try await connection.transaction(isolation: isolation, readOnly: readOnly, body)
        }
    }

    /// Whether the pool lends nothing any more.
    public var isClosed: Bool { ledger.withLock { !$0.state.isOpen } }

    /// How the pool stands.
    public var statistics: PoolStatistics {
        let counts = metrics.current
        return ledger.withLock { ledger in
            var statistics = PoolStatistics()
            statistics.inUse = ledger.state.inUseCount
            statistics.idle = ledger.state.idleCount
            statistics.connecting = ledger.state.connectingCount
            statistics.overflow = ledger.state.overflowCount
            statistics.waiting = ledger.state.waitingCount
            statistics.waits = ledger.waits
            statistics.failedWaits = ledger.failedWaits
            statistics.queries = counts.commands
            statistics.failures = counts.failures
            statistics.averageTime = counts.times.average
            statistics.p50 = counts.times.percentile(0.5)
            statistics.p95 = counts.times.percentile(0.95)
            statistics.p99 = counts.times.percentile(0.99)
            return statistics
        }
    }

    /// Closes the pool: nobody gets a connection any more, and work in flight may end. Returns when all
    /// connections have come back. What takes longer than `limit` is cancelled.
    public func close(within limit: Duration = .seconds(10)) async {
        let timer = Task {
            try await Task.sleep(for: limit)
            self.abandon()
        }
        await withCheckedContinuation { continuation in
            change { ledger in
                ledger.closers.append(continuation)
                return ledger.state.close()
            }
        }
        timer.cancel()
    }

    private func abandon() {
        let lent = ledger.withLock { ledger in
            ledger.state.inUseCount > 0 ? Array(ledger.connections.values) : []
        }
        if !lent.isEmpty { logger.warning("closing the pool cancels \(lent.count) connections in use") }
        for connection in lent { connection.cancelRunningCommand() }
        change { $0.state.abandon() }
    }
}

// MARK: - Lending

extension Pool {
    private nonisolated(nonsending) func borrow() async throws -> Loan {
        guard !Task.isCancelled else {
            throw DatabaseError(.cancelled, "The task was cancelled before it got a connection.")
        }
        let deadline = ContinuousClock.now.advanced(by: settings.timeout)
        var loan = try await nextLoan(isFirst: false, deadline)
        while loan.needsPing {
            do throws(DatabaseError) {
                try await loan.connection.ping()
                return loan
            } catch {
                if error.code == .cancelled {
                    await giveBack(loan)
                    throw error
                }
                logger.info("a connection of the pool was dead and is replaced")
                let dead = loan.id
                change { $0.state.pingFailed(dead) }
                loan = try await nextLoan(isFirst: true, deadline)
            }
        }
        return loan
    }

    private nonisolated(nonsending) func nextLoan(isFirst: Bool, _ deadline: ContinuousClock.Instant)
        async throws -> Loan
    {
        let waiter = ledger.withLock { ledger in
            ledger.waiterNumbers += 1
            return PoolState.WaiterID(number: ledger.waiterNumbers)
        }
        if let loan = idleLoan(waiter) { return loan }
        let timer = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            self.giveUp(waiter, self.timeoutError())
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                change { ledger in
                    ledger.waiters[waiter] = continuation
                    let actions = ledger.state.request(waiter, isFirst: isFirst, now: .now)
                    ledger.waits += ledger.state.waitingCount > 0 ? 1 : 0
                    return actions
                }
                // Cancelled before it was entered: the handler has looked for it in vain.
                if Task.isCancelled { giveUp(waiter, Self.cancelledError) }
            }
        } onCancel: {
            giveUp(waiter, Self.cancelledError)
        }
    }

    /// The short way, without suspending: a connection is free.
    private func idleLoan(_ waiter: PoolState.WaiterID) -> Loan? {
        let (loan, effects) = ledger.withLock { ledger -> (Loan?, [Effect]) in
            guard ledger.state.idleCount > 0 else { return (nil, []) }
            var actions = ledger.state.requestIdle(waiter, now: .now)
            var loan: Loan?
            if case .lend(let id, _, let needsPing)? = actions.last, let connection = ledger.connections[id] {
                loan = Loan(id: id, connection: connection, needsPing: needsPing)
                actions.removeLast()
            }
            return (loan, Self.resolve(actions, &ledger))
        }
        perform(effects)
        return loan
    }

    private func giveUp(_ waiter: PoolState.WaiterID, _ error: DatabaseError) {
        let continuation = ledger.withLock { ledger -> CheckedContinuation<Loan, any Error>? in
            guard ledger.state.giveUp(waiter) else { return nil }
            ledger.failedWaits += 1
            return ledger.waiters.removeValue(forKey: waiter)
        }
        continuation?.resume(throwing: error)
    }

    private nonisolated(nonsending) func giveBack(_ loan: Loan) async {
        if !loan.connection.isBroken, loan.connection.transactionStatus != .idle {
            logger.warning("a connection came back to the pool inside a transaction, which is rolled back")
            await loan.connection.rollback()
        }
        let isUsable = !loan.connection.isBroken
        change { $0.state.release(loan.id, isUsable: isUsable, now: .now) }
    }

    private func timeoutError() -> DatabaseError {
        let now = statistics
        return DatabaseError(
            .poolTimeout,
            "No connection became free within \(settings.timeout.shortText): \(now.inUse) of "
                + "\(settings.limit) are in use, \(now.connecting) are being opened, and "
                + "\(now.waiting) more wait.",
            advice: "Run fewer tasks at once, keep connections for a shorter time, or use a larger pool.")
    }

    private static var cancelledError: DatabaseError {
        DatabaseError(.cancelled, "The task was cancelled while it waited for a connection.")
    }
}

// MARK: - Doing what the state decided

extension Pool {
    /// An action with the objects that it concerns, to be performed outside of the lock.
    private enum Effect {
        case resume(CheckedContinuation<Loan, any Error>, with: Result<Loan, any Error>)
        case connect(PoolState.ConnectionID)
        case close(Connection)
        case closed([CheckedContinuation<Void, Never>])
    }

    private func change(failure: DatabaseError? = nil, _ transition: (inout Ledger) -> [PoolState.Action]) {
        let effects = ledger.withLock { ledger in
            let actions = transition(&ledger)
            return Self.resolve(actions, &ledger, failure: failure)
        }
        perform(effects)
    }

    private static func resolve(
        _ actions: [PoolState.Action], _ ledger: inout Ledger, failure: DatabaseError? = nil
    ) -> [Effect] {
        var effects: [Effect] = []
        for action in actions {
            switch action {
            case .lend(let id, let waiter, let needsPing):
                guard let continuation = ledger.waiters.removeValue(forKey: waiter),
                    let connection = ledger.connections[id]
                else { preconditionFailure("a connection is lent that doesn't exist, or to nobody") }
                let loan = Loan(id: id, connection: connection, needsPing: needsPing)
                effects.append(.resume(continuation, with: .success(loan)))
            case .connect(let id): effects.append(.connect(id))
            case .close(let id):
                if let connection = ledger.connections.removeValue(forKey: id) {
                    effects.append(.close(connection))
                }
            case .fail(let waiter, let reason):
                guard let continuation = ledger.waiters.removeValue(forKey: waiter) else { continue }
                ledger.failedWaits += 1
                let error = reason == .connectFailed ? failure : nil
                effects.append(.resume(continuation, with: .failure(error ?? closedError)))
            case .drained:
                effects.append(.closed(ledger.closers))
                ledger.closers = []
            }
        }
        return effects
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .resume(let continuation, let result): continuation.resume(with: result)
            case .connect(let id): Task { await self.connect(id) }
            case .close(let connection): Task { await connection.close() }
            case .closed(let closers): for closer in closers { closer.resume() }
            }
        }
    }

    /// Opens a connection for whoever is first in the queue when it is open, so nobody's cancelling ends it.
    private func connect(_ id: PoolState.ConnectionID) async {
        do throws(DatabaseError) {
            let connection = try await Connection.connect(
                options, settings: settings.connection, logger: logger, metrics: metrics)
            change { ledger in
                ledger.connections[id] = connection
                return ledger.state.connected(id, now: .now)
            }
        } catch {
            logger.warning("a connection of the pool could not be opened: \(error)")
            change(failure: error) { $0.state.connectFailed(id) }
        }
    }

    private static var closedError: DatabaseError {
        DatabaseError(.poolClosed, "The pool of connections is closed.")
    }
}
