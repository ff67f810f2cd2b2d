internal import CPostgres
internal import Synchronization

/// One conversation with the server: what is asked, and how long it may take.
struct Exchange {
    /// The SQL text, for errors.
    var sql: String?
    /// How long it may take, for errors.
    var timeout: Duration?
    /// When it is given up.
    var deadline: Deadline
    /// Whether cancelling the task ends it.
    var isInterruptible = true
    /// Whether the time limit holds for each wait for the server instead of for all together: a stream of rows takes
    /// as long as whoever reads it.
    var limitsEachWait = false
    var kind = Kind.command

    enum Kind {
        /// What is cancelled on the server when its time is over.
        case command
        /// It only asks for a sign of life: a server that gives none in time is given up at once. To ask it to cancel
        /// would be to wait for another sign of life.
        case ping
        /// It is given up too: a server that is asked to cancel the wait for its standbys says that it has committed,
        /// and only in a warning that no standby may have it (PostgreSQL documentation, "Synchronous Replication").
        case commit
    }

    fileprivate var currentDeadline: Deadline { limitsEachWait ? .after(timeout) : deadline }
}

/// What a conversation does after a result.
enum Verdict {
    /// Wait for the next result.
    case goOn
    /// Cancel the command on the server, for reasons that the caller knows, and read what is left of it.
    case abandon
}

extension Connection {
    /// How long the server has to react to being cancelled before the connection counts as broken.
    private static var grace: Duration { .seconds(10) }

    /// Runs `body` so that cancelling the task interrupts the command it runs.
    func interruptible<T>(
        sql: String? = nil, timeout: Duration?, limitsEachWait: Bool = false,
        kind: Exchange.Kind = .command,
        _ body: (Exchange) throws(DatabaseError) -> T
    ) async throws(DatabaseError) -> T {
        guard !Task.isCancelled else {
            throw DatabaseError(.cancelled, "The task was cancelled before its command began.", sql: sql)
        }
        let exchange = Exchange(
            sql: sql, timeout: timeout, deadline: .after(timeout), limitsEachWait: limitsEachWait,
            kind: kind)
        let ticket = interruption.begin()
        // The closure has to mention self: otherwise it would run on a cooperative thread, and block it.
        let result = await withTaskCancellationHandler {
            self.outcome(of: body, exchange)
        } onCancel: { [interruption] in
            interruption.interrupt(ticket)
        }
        return try result.get()
    }

    private func outcome<T>(
        of body: (Exchange) throws(DatabaseError) -> T, _ exchange: Exchange
    ) -> Result<T, DatabaseError> {
        assertIsolated()
        do throws(DatabaseError) {
            return .success(try body(exchange))
        } catch {
            return .failure(error.sql == nil ? exchange.sql.map { error.about(sql: $0) } ?? error : error)
        }
    }

    /// Sends something and waits for all of its results.
    func run(_ exchange: Exchange, _ send: () -> Int32) throws(DatabaseError) -> [ResultStorage] {
        var results: [ResultStorage] = []
        try converse(exchange, send) { result, stop throws(DatabaseError) in
            results.append(ResultStorage(result))
            try self.discardCopy(result, exchange, &stop)
            return .goOn
        }
        return results
    }

    /// Sends something and hands over each of its results, which `each` has to free, until there are no more.
    ///
    /// - Parameter isOver: nil where libpq's nil ends the conversation; in pipeline mode, whether its end has come.
    func converse(
        _ exchange: Exchange, _ send: () -> Int32, isOver: (() -> Bool)? = nil,
        _ each: (OpaquePointer, inout Stop?) throws(DatabaseError) -> Verdict
    ) throws(DatabaseError) {
        guard let handle, !isBroken else { throw closedError() }
        let pointer = handle.pointer
        // Breaking down lets go of libpq's connection, which is looked at once more in the end.
        defer { withExtendedLifetime(handle) { observe(pointer) } }
        guard send() == 1 else { throw lost(pointer) }
        var stop: Stop?
        var wasStopped = false
        var farewell: DatabaseError?
        do throws(DatabaseError) {
            try flush(exchange, &stop)
            while !(isOver?() ?? false) {
                guard let result = try next(exchange, &stop) else {
                    if isOver == nil { break }
                    if PQstatus(pointer) == CONNECTION_BAD { throw lost(pointer) }
                    continue
                }
                if PQresultStatus(result) == PGRES_FATAL_ERROR {
                    farewell = farewell ?? self.farewell(result)
                    if stop != nil, ResultStorage.sqlState(of: result) == "57014" { wasStopped = true }
                }
                if try each(result, &stop) == .abandon, stop == nil {
                    stop = begin(.abandoned, pointer)
                }
            }
        } catch {
            throw error.code == .connectionLost ? farewell ?? error : error
        }
        try finish(stop, wasStopped: wasStopped, exchange)
    }

    /// Throws what the server answered, if that was an error.
    func check(_ results: [ResultStorage], _ exchange: Exchange) throws(DatabaseError) {
        for result in results {
            switch PQresultStatus(result.pointer) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
                throw serverError(result.pointer)
            case PGRES_COPY_OUT, PGRES_COPY_BOTH: throw Self.copyRefused
            default: break
            }
        }
    }

    // MARK: - Steps

    /// Sends what libpq has gathered to be sent.
    func flush(_ exchange: Exchange, _ stop: inout Stop?) throws(DatabaseError) {
        guard let pointer = handle?.pointer else { throw closedError() }
        while true {
            let pending = PQflush(pointer)
            if pending == 0 { return }
            if pending < 0 { throw lost(pointer) }
            try wait(pointer, writing: true, exchange, &stop)
            // The server may be unable to read on before its own output has been read.
            if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
        }
    }

    /// The next result of the command; nil after its last one.
    private func next(_ exchange: Exchange, _ stop: inout Stop?) throws(DatabaseError) -> OpaquePointer? {
        guard let pointer = handle?.pointer else { throw closedError() }
        while PQisBusy(pointer) == 1 {
            try wait(pointer, writing: false, exchange, &stop)
            if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
        }
        return PQgetResult(pointer)
    }

    /// Where a command turned out to be a COPY that nobody has data for, or wants any of: ends it.
    func discardCopy(_ result: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?) throws(DatabaseError)
    {
        guard let pointer = handle?.pointer else { throw closedError() }
        switch PQresultStatus(result) {
        case PGRES_COPY_IN:
            _ = PQputCopyEnd(pointer, "COPY FROM STDIN has no data here")
            try flush(exchange, &stop)
        case PGRES_COPY_OUT: _ = try readCopy(exchange, &stop) { _ in .goOn }
        default: break
        }
    }

    /// Hands over what a COPY TO STDOUT sends, row by row, until it ends or `each` abandons it: what comes after that is
    /// thrown away.
    ///
    /// - Returns: whether it was read to its end.
    func readCopy(
        _ exchange: Exchange, _ stop: inout Stop?, _ each: (UnsafeRawBufferPointer) -> Verdict
    ) throws(DatabaseError) -> Bool {
        guard let pointer = handle?.pointer else { throw closedError() }
        var isWanted = true
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(pointer, &row, 1)
            defer { PQfreemem(row) }
            if length < 0 { return isWanted }
            if length == 0 {
                try wait(pointer, writing: false, exchange, &stop)
                if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
            } else if isWanted, each(UnsafeRawBufferPointer(start: row, count: Int(length))) == .abandon {
                isWanted = false
                if stop == nil { stop = begin(.abandoned, pointer) }
            }
        }
    }

    /// Waits for the socket. The first time that the deadline passes or the task is cancelled, the command
    /// is cancelled on the server and waited for; it is cancelled again now and then, since a server that
    /// hasn't begun a command ignores that.
    private func wait(_ pointer: OpaquePointer, writing: Bool, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError)
    {
        while true {
            let deadline = stop.map { Deadline.after($0.pause) } ?? exchange.currentDeadline
            let readiness = interruption.wait(
                socket: PQsocket(pointer), writing: writing, until: deadline,
                interruptible: exchange.isInterruptible && stop == nil)
            switch readiness {
            case .ready: return
            case .failed: throw lost(pointer)
            case .timedOut where exchange.kind != .command, .interrupted where exchange.kind == .ping:
                breakDown()
                throw noSign(readiness, exchange)
            case .timedOut where stop == nil: stop = begin(.timedOut, pointer)
            case .interrupted: stop = begin(.cancelled, pointer)
            case .timedOut: try insist(pointer, exchange, &stop)
            }
        }
    }

    private func begin(_ reason: Stop.Reason, _ pointer: OpaquePointer) -> Stop {
        Stop(reason: reason, limit: .now.advanced(by: Self.grace), request: CancelRequest(pointer))
    }

    private func insist(_ pointer: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError)
    {
        guard var current = stop else { return }
        guard ContinuousClock.now < current.limit else {
            breakDown()
            throw stopped(
                current.reason, exchange, hint: "The server didn't react to being cancelled either.")
        }
        current.pause = min(current.pause * 2, .seconds(1))
        if current.request.isDone { current.request = CancelRequest(pointer) }
        stop = current
    }

    /// After a stop: makes sure that no cancel request is still under way to hit the next command, and says
    /// why the command ended. A command that succeeded nevertheless counts as that.
    private func finish(_ stop: Stop?, wasStopped: Bool, _ exchange: Exchange) throws(DatabaseError) {
        guard let stop else { return }
        if !stop.request.waitUntilDone(Self.grace) { breakDown() }
        if wasStopped, stop.reason != .abandoned { throw stopped(stop.reason, exchange) }
    }

    // MARK: - Ends

    /// Takes over what libpq knows about the connection after a command.
    private func observe(_ pointer: OpaquePointer) {
        if PQstatus(pointer) == CONNECTION_BAD { breakDown() }
        let status: TransactionStatus =
            switch PQtransactionStatus(pointer) {
            case PQTRANS_INTRANS: .active
            case PQTRANS_INERROR: .failed
            default: .idle
            }
        state.withLock { $0.observed(status) }
    }

    func breakDown() {
        state.withLock { $0.broke() }
        handle = nil
    }

    private func stopped(_ reason: Stop.Reason, _ exchange: Exchange, hint: String? = nil)
        -> DatabaseError
    {
        guard reason == .timedOut else {
            return DatabaseError(.cancelled, "The command was cancelled.", advice: hint)
        }
        let limit = exchange.timeout.map { " after \($0.shortText)" } ?? ""
        return DatabaseError(
            .timedOut, "The command was cancelled\(limit): it took longer than the command timeout.",
            advice: hint ?? "Make it do less, or allow it more time.")
    }

    private func noSign(_ readiness: Interruption.Readiness, _ exchange: Exchange) -> DatabaseError {
        guard case .timedOut = readiness else {
            return DatabaseError(.cancelled, "The task was cancelled while it waited for a sign of life.")
        }
        let limit = exchange.timeout.map { " within \($0.shortText)" } ?? ""
        if exchange.kind == .commit {
            return DatabaseError(
                .connectionLost,
                "The server didn't confirm the commit\(limit): whether it took effect isn't known.",
                advice: "Where synchronous_standby_names is set, a standby may be missing.")
        }
        return DatabaseError(
            .timedOut, "The server gave no sign of life\(limit).", advice: "Connect anew.")
    }

    func serverError(_ result: OpaquePointer) -> DatabaseError {
        let fields = ServerFields(result: result, redaction: options.redaction)
        guard handle.map({ PQstatus($0.pointer) == CONNECTION_BAD }) ?? true else {
            return DatabaseError(.server, "\(fields.severity): \(fields.message)", server: fields)
        }
        return connectionLost(fields)
    }

    /// What the server says before it ends the session, as when it is shut down; nil for any other error.
    private func farewell(_ result: OpaquePointer) -> DatabaseError? {
        let fields = ServerFields(result: result, redaction: options.redaction)
        guard fields.severity == "FATAL" || fields.severity == "PANIC" else { return nil }
        return connectionLost(fields)
    }

    private func connectionLost(_ fields: ServerFields) -> DatabaseError {
        // Without a SQLSTATE it is libpq that speaks, not the server.
        DatabaseError(
            .connectionLost, "The connection was lost: \(fields.message)",
            advice: "Whether the command took effect isn't known.",
            server: fields.sqlState.isEmpty ? nil : fields)
    }

    func lost(_ pointer: OpaquePointer) -> DatabaseError {
        let said = options.redaction.apply(String(cString: PQerrorMessage(pointer))).trimmed
        let isGone = PQstatus(pointer) == CONNECTION_BAD
        breakDown()
        return DatabaseError(
            .connectionLost, "The connection was lost: \(said.isEmpty ? "the server is gone" : said)",
            advice: isGone ? "Whether the command took effect isn't known." : nil)
    }

    static var copyRefused: DatabaseError {
        DatabaseError(
            .unexpectedResult, "COPY can't be run as a query.", advice: "Select the rows instead.")
    }

    func closedError() -> DatabaseError {
        let isClosed = state.withLock { $0.phase == .closed }
        return DatabaseError(
            .connectionLost,
            isClosed ? "The connection is closed." : "The connection was lost by an earlier command.",
            advice: "Connect anew.")
    }
}
