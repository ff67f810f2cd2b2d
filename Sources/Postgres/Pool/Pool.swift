public import Logging
internal import Synchronization

/// Lends connections to one server: first come, first served.
///
/// Connections are made when they are needed. One that breaks is never lent again, and after a restart of the
/// server the pool finds new ones by itself: who waits then is served as soon as the server is back, within the
/// pool's timeout.
///
/// A connection goes from hand to hand. A transaction that is still open when it comes back is rolled back, and
/// with it what the transaction had: `SET LOCAL`, transaction-level advisory locks, cursors. Whatever else belongs
/// to a session (`SET`, `LISTEN`, temporary tables, session-level advisory locks) stays, since undoing it would
/// cost every lending a round trip: who leaves such a thing behind says so with ``Connection/retire()``, and
/// nobody else is lent that connection.
public final class Pool: Sendable {
    /// Where the connections go.
    public let options: ConnectionOptions
    /// How they are lent.
    public let settings: PoolSettings

    let logger: Logger
    let metrics = CommandMetrics()
    let time: Timekeeper
    let ledger: Mutex<PoolLedger>

    /// A pool of connections to the server of `options`; nothing is connected yet.
    ///
    /// - Throws: `invalidOptions` where a setting is out of range.
    public convenience init(
        _ options: ConnectionOptions, settings: PoolSettings = PoolSettings(),
        logger: Logger = Logger(label: "arc.postgres")
    ) throws(DatabaseError) {
        try self.init(options, settings: settings, logger: logger, time: .real)
    }

    /// As above, in a time of the caller's.
    init(_ options: ConnectionOptions, settings: PoolSettings, logger: Logger, time: Timekeeper)
        throws(DatabaseError)
    {
        try settings.validate()
        self.options = options
        self.settings = settings
        self.logger = logger
        self.time = time
        ledger = Mutex(PoolLedger(settings: settings))
    }

    /// Lends a connection for as long as `body` runs.
    ///
    /// - Throws: What `body` throws; `poolTimeout`, `poolClosed`, `cancelled`; `connectionFailed` and
    ///   `timedOut` where no connection can be made.
    @discardableResult
    public nonisolated(nonsending) func withConnection<T>(
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        try await withConnection(within: nil, body)
    }

    /// As above, for who has something better to do than to wait as long as the pool's `timeout`.
    ///
    /// - Parameter patience: How long to wait for a connection at most; nil for the pool's `timeout`.
    /// - Throws: As above; where no connection could be opened meanwhile, why.
    @discardableResult
    public nonisolated(nonsending) func withConnection<T>(
        within patience: Duration?, _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        let loan = if let patience { try await borrow(within: patience) } else { try await borrow() }
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
        let commands = metrics.current
        return ledger.withLock { $0.statistics(commands) }
    }

    /// Closes the pool: nobody gets a connection any more, and work in flight may end. Returns when all
    /// connections are closed. What takes longer than `limit` is cancelled.
    public func close(within limit: Duration = .seconds(10)) async {
        let end = time.now().advanced(by: limit)
        let timer = Task {
            try await time.sleep(end)
            abandon()
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
        let lent = ledger.withLock { $0.state.isOpen ? [] : $0.members.values.map(\.connection) }
        if !lent.isEmpty { logger.warning("closing the pool cancels \(lent.count) connections in use") }
        for connection in lent { connection.cancelRunningCommand() }
        change { ledger in
            ledger.isAbandoned = true
            return ledger.state.abandon()
        }
    }
}
