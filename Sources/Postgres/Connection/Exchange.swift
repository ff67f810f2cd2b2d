internal import CPostgres
internal import Dispatch
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
}

/// Why a command is being stopped, and what has been done to stop it.
private struct Stop {
    let code: DatabaseError.Code
    /// When we stop waiting for the server to react.
    let limit: ContinuousClock.Instant
    var pause = Duration.milliseconds(100)
    var request: CancelRequest
}

extension Connection {
    /// How long the server has to react to being cancelled before the connection counts as broken.
    private static var grace: Duration { .seconds(10) }

    /// Runs `body` so that cancelling the task interrupts the command it runs.
    func interruptible<T>(
        sql: String? = nil, timeout: Duration?, _ body: (Exchange) throws(DatabaseError) -> T
    ) async throws(DatabaseError) -> T {
        guard !Task.isCancelled else {
            throw DatabaseError(.cancelled, "The task was cancelled before its command began.", sql: sql)
        }
        let exchange = Exchange(sql: sql, timeout: timeout, deadline: .after(timeout))
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
            return .failure(exchange.sql.map { error.about(sql: $0) } ?? error)
        }
    }

    /// Sends something and waits for all of its results.
    func run(_ exchange: Exchange, _ send: () -> Int32) throws(DatabaseError) -> [ResultStorage] {
        guard let handle, !isBroken else { throw closedError() }
        defer { observe(handle.pointer) }
        guard send() == 1 else { throw lost(handle.pointer) }
        var stop: Stop?
        var results: [ResultStorage] = []
        try flush(handle.pointer, exchange, &stop)
        while let result = try next(handle.pointer, exchange, &stop) {
            switch PQresultStatus(result.pointer) {
            case PGRES_COPY_IN:
                _ = PQputCopyEnd(handle.pointer, "COPY FROM STDIN has no data here")
                try flush(handle.pointer, exchange, &stop)
            case PGRES_COPY_OUT:
                try discardCopy(handle.pointer, exchange, &stop)
                results.append(result)
            default: results.append(result)
            }
        }
        try finish(stop, results, exchange)
        return results
    }

    /// Throws what the server answered, if that was an error.
    func check(_ results: [ResultStorage], _ exchange: Exchange) throws(DatabaseError) {
        for result in results {
            switch PQresultStatus(result.pointer) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR: throw serverError(result)
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw DatabaseError(
                    .unexpectedResult, "COPY TO STDOUT can't be run as a query.",
                    advice: "Select the rows instead.")
            default: break
            }
        }
    }

    // MARK: - Steps

    private func flush(_ pointer: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError)
    {
        while true {
            let pending = PQflush(pointer)
            if pending == 0 { return }
            if pending < 0 { throw lost(pointer) }
            try wait(pointer, writing: true, exchange, &stop)
            // The server may be unable to read on before its own output has been read.
            if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
        }
    }

    private func next(_ pointer: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError) -> ResultStorage?
    {
        while PQisBusy(pointer) == 1 {
            try wait(pointer, writing: false, exchange, &stop)
            if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
        }
        return PQgetResult(pointer).map(ResultStorage.init)
    }

    private func discardCopy(_ pointer: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError)
    {
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(pointer, &row, 1)
            PQfreemem(row)
            if length < 0 { return }
            if length == 0 {
                try wait(pointer, writing: false, exchange, &stop)
                if PQconsumeInput(pointer) == 0 { throw lost(pointer) }
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
            let deadline = stop.map { Deadline.after($0.pause) } ?? exchange.deadline
            let readiness = interruption.wait(
                socket: PQsocket(pointer), writing: writing, until: deadline,
                interruptible: exchange.isInterruptible && stop == nil)
            switch readiness {
            case .ready: return
            case .failed: throw lost(pointer)
            case .timedOut where stop == nil: stop = begin(stopping: .timedOut, pointer)
            case .interrupted: stop = begin(stopping: .cancelled, pointer)
            case .timedOut: try insist(pointer, exchange, &stop)
            }
        }
    }

    private func begin(stopping code: DatabaseError.Code, _ pointer: OpaquePointer) -> Stop {
        Stop(code: code, limit: .now.advanced(by: Self.grace), request: CancelRequest(pointer))
    }

    private func insist(_ pointer: OpaquePointer, _ exchange: Exchange, _ stop: inout Stop?)
        throws(DatabaseError)
    {
        guard var current = stop else { return }
        guard ContinuousClock.now < current.limit else {
            breakDown()
            throw stopped(current.code, exchange, hint: "The server didn't react to being cancelled either.")
        }
        current.pause = min(current.pause * 2, .seconds(1))
        if current.request.isDone { current.request = CancelRequest(pointer) }
        stop = current
    }

    /// After a stop: makes sure that no cancel request is still under way to hit the next command, and says
    /// why the command ended. A command that succeeded nevertheless counts as that.
    private func finish(_ stop: Stop?, _ results: [ResultStorage], _ exchange: Exchange)
        throws(DatabaseError)
    {
        guard let stop else { return }
        if !stop.request.waitUntilDone(Self.grace) { breakDown() }
        if results.contains(where: { $0.sqlState == "57014" }) { throw stopped(stop.code, exchange) }
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

    private func stopped(_ code: DatabaseError.Code, _ exchange: Exchange, hint: String? = nil)
        -> DatabaseError
    {
        guard code == .timedOut else {
            return DatabaseError(.cancelled, "The command was cancelled.", advice: hint)
        }
        let limit = exchange.timeout.map { " after \($0.shortText)" } ?? ""
        return DatabaseError(
            .timedOut, "The command was cancelled\(limit): it took longer than the command timeout.",
            advice: hint ?? "Make it do less, or allow it more time.")
    }

    private func serverError(_ result: ResultStorage) -> DatabaseError {
        let fields = ServerFields(result: result.pointer, redaction: options.redaction)
        guard handle.map({ PQstatus($0.pointer) == CONNECTION_BAD }) ?? true else {
            return DatabaseError(.server, "\(fields.severity): \(fields.message)", server: fields)
        }
        // Without a SQLSTATE it is libpq that speaks, not the server.
        let isFromServer = !fields.sqlState.isEmpty
        return DatabaseError(
            .connectionLost, "The connection was lost: \(fields.message)",
            advice: "Whether the command took effect isn't known.", server: isFromServer ? fields : nil)
    }

    private func lost(_ pointer: OpaquePointer) -> DatabaseError {
        let said = options.redaction.apply(String(cString: PQerrorMessage(pointer))).trimmed
        let isGone = PQstatus(pointer) == CONNECTION_BAD
        breakDown()
        return DatabaseError(
            .connectionLost, "The connection was lost: \(said.isEmpty ? "the server is gone" : said)",
            advice: isGone ? "Whether the command took effect isn't known." : nil)
    }

    private func closedError() -> DatabaseError {
        let isClosed = state.withLock { $0.phase == .closed }
        return DatabaseError(
            .connectionLost,
            isClosed ? "The connection is closed." : "The connection was lost by an earlier command.",
            advice: "Connect anew.")
    }
}

/// Asks the server to cancel what a connection is doing. libpq blocks while it asks, so that happens on a
/// thread of its own.
final class CancelRequest: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let isFinished = Atomic(false)

    /// Sends the request for the command that runs on `pointer` now.
    init(_ pointer: OpaquePointer) {
        nonisolated(unsafe) let cancel = PQgetCancel(pointer)
        DispatchQueue(label: "arc.postgres.cancel").async { [self] in
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(cancel, &message, Int32(message.count))
            PQfreeCancel(cancel)
            isFinished.store(true, ordering: .releasing)
            done.signal()
        }
    }

    var isDone: Bool { isFinished.load(ordering: .acquiring) }

    /// Waits until the server has taken the request; false if that takes longer than `limit`.
    func waitUntilDone(_ limit: Duration) -> Bool {
        isDone || done.wait(timeout: .now() + .milliseconds(Int(limit.components.seconds * 1000))) == .success
    }
}

extension Duration {
    /// As "60 s" or "0.25 s".
    var shortText: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000) s" }
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction.trimmingTrailingZeros) s"
    }
}

extension Substring {
    fileprivate var trimmingTrailingZeros: Substring {
        var text = self
        while text.last == "0" { text.removeLast() }
        return text
    }
}
