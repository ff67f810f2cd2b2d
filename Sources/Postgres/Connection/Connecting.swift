internal import CPostgres
internal import Synchronization

extension Connection {
    /// Connects without blocking in libpq: every wait is one of ours, with a deadline.
    func open() async throws(DatabaseError) {
        try await interruptible(timeout: options.connectTimeout) { exchange throws(DatabaseError) in
            var handle = try self.connect(self.options.effective, exchange)
            if self.options.hostComesFromService, self.needsTLS(handle) {
                handle = try self.connect(
                    self.options.effective.merging(["sslmode": "require"]) { $1 }, exchange)
            }
            self.handle = handle
            self.state.withLock { $0.opened() }
            do throws(DatabaseError) {
                try self.setUpSession(exchange)
            } catch {
                self.close()
                throw error
            }
        }
    }

    /// Whether a service file led to a host that isn't local, over a connection that isn't encrypted.
    private func needsTLS(_ handle: ConnectionHandle) -> Bool {
        let values = ConnectionOptions.values(of: handle.pointer)
        let host = values["hostaddr"] ?? values["host"] ?? ""
        let isLocal = host.split(separator: ",").allSatisfy(ConnectionOptions.isLocal)
        return !isLocal && values["sslmode"] == "prefer" && PQsslInUse(handle.pointer) == 0
    }

    private func connect(_ keywords: [String: String], _ exchange: Exchange) throws(DatabaseError)
        -> ConnectionHandle
    {
        let pairs = keywords.sorted { $0.key < $1.key }
        let pointer = withCStrings(pairs.map(\.key)) { keys in
            withCStrings(pairs.map(\.value)) { values in PQconnectStartParams(keys, values, 0) }
        }
        guard let pointer else { throw DatabaseError(.connectionFailed, "Out of memory.") }
        let handle = ConnectionHandle(
            pointer, notices: NoticeSink(logger: logger, redaction: options.redaction))
        var status = PGRES_POLLING_WRITING
        if PQstatus(pointer) == CONNECTION_BAD { status = PGRES_POLLING_FAILED }
        while status != PGRES_POLLING_OK {
            guard status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING else {
                throw failure(of: pointer)
            }
            let readiness = interruption.wait(
                socket: PQsocket(pointer), writing: status == PGRES_POLLING_WRITING,
                until: exchange.deadline, interruptible: true)
            switch readiness {
            case .ready: status = PQconnectPoll(pointer)
            case .timedOut: throw connectingTimedOut()
            case .interrupted: throw DatabaseError(.cancelled, "Connecting to \(options) was cancelled.")
            case .failed: throw failure(of: pointer)
            }
        }
        guard PQsetnonblocking(pointer, 1) == 0 else { throw failure(of: pointer) }
        return handle
    }

    /// What the decoders rely on. Only what differs is set: PgBouncer refuses start-up options, but keeps
    /// track of these settings itself.
    private func setUpSession(_ exchange: Exchange) throws(DatabaseError) {
        let wanted = [("TimeZone", "UTC"), ("DateStyle", "ISO, MDY"), ("IntervalStyle", "postgres")]
        let commands = wanted.filter { parameterStatus($0.0) != $0.1 }.map { "SET \($0.0) TO '\($0.1)'" }
            .map { $0.replacing("'ISO, MDY'", with: "ISO, MDY") }
        guard !commands.isEmpty, let handle else { return }
        let sql = commands.joined(separator: ";")
        let results = try run(exchange) { PQsendQuery(handle.pointer, sql) }
        try check(results, exchange)
    }

    private func connectingTimedOut() -> DatabaseError {
        let seconds = options.connectTimeout.map { " within \($0.shortText)" } ?? ""
        return DatabaseError(
            .timedOut, "The server of \(options) didn't answer\(seconds).",
            advice: "Check host and port, or allow more time with connect_timeout=SECONDS.")
    }

    private func failure(of pointer: OpaquePointer) -> DatabaseError {
        let said = options.redaction.applyToParseError(String(cString: PQerrorMessage(pointer))).trimmed
        return DatabaseError(
            .connectionFailed, "Can't connect to \(options): \(said.isEmpty ? "no reason given" : said)",
            advice: Self.advice(onFailure: said))
    }

    /// libpq gives no codes here, so its words decide.
    private static func advice(onFailure said: String) -> String? {
        if said.contains("does not support SSL") {
            return "The host isn't local, so TLS is required. If the network is trusted, add sslmode=disable."
        }
        if said.contains("Connection refused") || said.contains("No such file or directory") {
            return "Check the host and the port."
        }
        if said.contains("password authentication failed") || said.contains("no password supplied") {
            return "Check user and password; a password may also come from PGPASSWORD or ~/.pgpass."
        }
        if said.contains("could not translate host name") { return "Check the host's name." }
        if said.contains("too many clients") || said.contains("remaining connection slots") {
            return "The server has no connection left: use a smaller pool, or raise max_connections."
        }
        return nil
    }
}

/// Calls `body` with `strings` as a NULL-terminated array of C strings.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
) -> R {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes += string.utf8.map { CChar(bitPattern: $0) } + [0]
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } } + [nil]
        return pointers.withUnsafeBufferPointer { pointers in
            guard let base = pointers.baseAddress else { preconditionFailure("never empty") }
            return body(base)
        }
    }
}
