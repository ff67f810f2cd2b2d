/// How a pool lends connections.
public struct PoolSettings: Sendable, Hashable {
    /// How many connections are kept open, 1…10,000. They are made when they are needed.
    public var size: Int
    /// How many more may be open at times of need; they are closed when they have been idle for two seconds.
    /// 0…10,000.
    public var maxOverflow: Int
    /// How long a task waits for a connection.
    public var timeout: Duration
    /// How old a connection may be when it is lent; nil for any age.
    public var recycle: Duration?
    /// Whether a connection that has been idle for more than a second, or beside which another one broke, is
    /// asked for a sign of life before it is lent.
    public var prePing: Bool
    /// How long a command may take before it is cancelled on the server; nil for no limit.
    public var commandTimeout: Duration?
    /// How many prepared statements a connection keeps, 0 for none; nil is 200, and 0 behind a PgBouncer.
    public var statementCacheSize: Int?
    /// How often work is repeated that failed for a passing reason; see ``Pool/retrying(_:_:)``.
    public var retry: RetryPolicy

    /// 20 connections and 30 more, 30 s of waiting, an hour of life, 60 s for a command, three attempts, unless
    /// said.
    public init(
        size: Int = 20, maxOverflow: Int = 30, timeout: Duration = .seconds(30),
        recycle: Duration? = .seconds(3600), prePing: Bool = true,
        commandTimeout: Duration? = .seconds(60), statementCacheSize: Int? = nil,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.size = size
        self.maxOverflow = maxOverflow
        self.timeout = timeout
        self.recycle = recycle
        self.prePing = prePing
        self.commandTimeout = commandTimeout
        self.statementCacheSize = statementCacheSize
        self.retry = retry
    }

    /// How many connections may be open at once.
    public var limit: Int { size + maxOverflow }

    /// How long a connection may be idle before it has to give a sign of life.
    var pingAfter: Duration { .seconds(1) }

    /// How long a connection beyond `size` may be idle before it is closed.
    var overflowGrace: Duration { .seconds(2) }

    var connection: Connection.Settings {
        Connection.Settings(commandTimeout: commandTimeout, statementCacheSize: statementCacheSize)
    }

    /// - Throws: `invalidOptions`, naming the setting that is out of range.
    func validate() throws(DatabaseError) {
        func check(_ name: String, _ isValid: Bool, _ expected: String, _ given: String)
            throws(DatabaseError)
        {
            guard !isValid else { return }
            throw DatabaseError(.invalidOptions, "The pool's \(name) must be \(expected), not \(given).")
        }
        try check("size", (1...10_000).contains(size), "from 1 to 10,000", "\(size)")
        try check("maxOverflow", (0...10_000).contains(maxOverflow), "from 0 to 10,000", "\(maxOverflow)")
        try check("timeout", timeout > .zero, "longer than 0 s", timeout.shortText)
        if let recycle { try check("recycle", recycle > .zero, "longer than 0 s", recycle.shortText) }
        if let commandTimeout {
            try check("commandTimeout", commandTimeout > .zero, "longer than 0 s", commandTimeout.shortText)
        }
        if let size = statementCacheSize {
            try check("statementCacheSize", size >= 0, "0 or more", "\(size)")
        }
        let attempts = retry.attempts
        try check("retry.attempts", (1...100).contains(attempts), "from 1 to 100", "\(attempts)")
        try check("retry.firstDelay", retry.firstDelay >= .zero, "0 s or longer", retry.firstDelay.shortText)
        try check("retry.jitter", (0...1).contains(retry.jitter), "from 0 to 1", "\(retry.jitter)")
    }
}
