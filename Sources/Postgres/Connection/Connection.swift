internal import CPostgres
public import Logging
internal import Synchronization

/// One connection to a PostgreSQL server.
///
/// It is an actor on a thread of its own, so waiting for the server never blocks Swift's cooperative
/// threads. Commands run one after the other. Cancelling a task cancels its command on the server and
/// leaves the connection usable; so does a command that takes longer than its timeout.
///
/// A connection has one transaction at a time: whoever uses one from several tasks at once shares it.
public actor Connection {
    /// How a connection behaves.
    public struct Settings: Sendable, Hashable {
        /// How long a command may take before it is cancelled on the server; nil for no limit.
        public var commandTimeout: Duration?
        /// How many prepared statements are kept. 0 prepares nothing, which is what a PgBouncer in
        /// transaction mode needs; results then come as text. nil is 200, and 0 behind a pooler such as PgBouncer,
        /// which costs a round trip when connecting to find out.
        public var statementCacheSize: Int?

        /// 60 s, and statements as the server allows, unless said.
        public init(commandTimeout: Duration? = .seconds(60), statementCacheSize: Int? = nil) {
            self.commandTimeout = commandTimeout
            self.statementCacheSize = statementCacheSize
        }
    }

    /// Where this connection goes.
    public nonisolated let options: ConnectionOptions
    /// How it behaves.
    public nonisolated let settings: Settings

    nonisolated let executor: ConnectionExecutor
    nonisolated let interruption = Interruption()
    nonisolated let logger: Logger
    nonisolated let metrics: CommandMetrics
    nonisolated let state = Mutex(ConnectionState())

    var handle: ConnectionHandle?
    var statements: StatementCache
    var types = TypeCatalog()

    /// Whether a pooler such as PgBouncer stands before the server, so that each transaction may run in another
    /// session. Only known where the settings leave the statement cache to the connection.
    public internal(set) var isBehindPooler = false

    /// The thread of this connection.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(
        _ options: ConnectionOptions, _ settings: Settings, _ logger: Logger, _ metrics: CommandMetrics
    ) {
        self.options = options
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
        executor = ConnectionExecutor(label: "arc.postgres.connection")
        statements = StatementCache(limit: settings.statementCacheSize ?? StatementCache.standardLimit)
    }

    /// Connects to the server of `options`. The session runs in UTC with ISO dates, in UTF-8.
    ///
    /// - Parameter logger: Gets the server's notices.
    /// - Throws: `connectionFailed`, `timedOut` (after `connect_timeout`), `cancelled`.
    public static func connect(
        _ options: ConnectionOptions, settings: Settings = Settings(),
        logger: Logger = Logger(label: "arc.postgres")
    ) async throws(DatabaseError) -> Connection {
        try await connect(options, settings: settings, logger: logger, metrics: CommandMetrics())
    }

    /// As above, counting commands in `metrics`.
    static func connect(
        _ options: ConnectionOptions, settings: Settings, logger: Logger, metrics: CommandMetrics
    ) async throws(DatabaseError) -> Connection {
        let connection = Connection(options, settings, logger, metrics)
        try await connection.open()
        return connection
    }

    /// Whether the connection is of no use any more: lost, or closed.
    public nonisolated var isBroken: Bool { state.withLock { $0.phase != .open } }

    /// Whether the connection is inside a transaction, as of its last command.
    public nonisolated var transactionStatus: TransactionStatus { state.withLock { $0.transaction } }

    /// The server's version, as 150020 for 15.20; 0 once closed.
    public var serverVersion: Int { handle.map { Int(PQserverVersion($0.pointer)) } ?? 0 }

    /// The process id of the server's process for this connection; 0 once closed.
    public var backendPID: Int { handle.map { Int(PQbackendPID($0.pointer)) } ?? 0 }

    /// Whether the connection is encrypted.
    public var usesTLS: Bool { handle.map { PQsslInUse($0.pointer) == 1 } ?? false }

    /// A setting that the server reports, as "server_version" or "TimeZone".
    public func parameterStatus(_ name: String) -> String? {
        guard let handle, let value = PQparameterStatus(handle.pointer, name) else { return nil }
        return String(cString: value)
    }

    /// Cancels the command that is running, if there is one, on the server; whoever waits for it gets
    /// `cancelled`. Doesn't wait.
    public nonisolated func cancelRunningCommand() { interruption.interruptCurrent() }

    /// Ends the connection, after the command that is running.
    public func close() {
        guard state.withLock({ $0.close() }) else { return }
        handle = nil
        statements.removeAll()
    }
}

/// Owns a `PGconn`: libpq's connection ends with this object.
final class ConnectionHandle {
    let pointer: OpaquePointer
    private let notices: NoticeSink

    init(_ pointer: OpaquePointer, notices: NoticeSink) {
        self.pointer = pointer
        self.notices = notices
        PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit { PQfinish(pointer) }
}

/// Hands the server's notices to a logger.
final class NoticeSink: Sendable {
    private let logger: Logger
    private let redaction: Redaction

    init(logger: Logger, redaction: Redaction) {
        self.logger = logger
        self.redaction = redaction
    }

    func receive(_ result: OpaquePointer) {
        let fields = ServerFields(result: result, redaction: redaction)
        let level: Logger.Level =
            switch fields.severity {
            case "WARNING": .warning
            case "NOTICE", "INFO": .info
            default: .debug
            }
        logger.log(level: level, "\(fields.message)", metadata: ["sqlstate": "\(fields.sqlState)"])
    }
}
