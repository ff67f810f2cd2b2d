internal import CPostgres
internal import Logging
internal import Synchronization

extension Connection {
    /// Connects without blocking in libpq: every wait is one of ours, with a deadline.
    ///
    /// libpq would try the hosts of a list by itself, but then without any limit to the time that each may take.
    func open() async throws(DatabaseError) {
        try await interruptible(timeout: nil) { exchange throws(DatabaseError) in
            var failures: [(endpoint: Endpoint, failure: ConnectFailure)] = []
            for session in self.options.wantedSessions {
                for endpoint in self.options.endpoints {
                    guard let failure = try self.open(endpoint, session) else { return }
                    failures.append((endpoint, failure))
                    if failure.endsTheSearch { throw self.error(of: [failures.removeLast()]) }
                }
            }
            throw self.error(of: failures)
        }
    }

    /// Tries the addresses of one host, each for as long as `connect_timeout` allows; nil where that succeeded.
    private func open(_ endpoint: Endpoint, _ session: String?) throws(DatabaseError) -> ConnectFailure? {
        let limit = options.connectTimeout
        var failure = ConnectFailure(said: "the name has no address")
        let addresses: [String]
        switch try look(up: endpoint, until: .after(limit)) {
        case .success(let found): addresses = found
        case .failure(let reason): return reason
        }
        for address in addresses {
            var endpoint = endpoint
            if !address.isEmpty { endpoint.hostaddr = address }
            let exchange = Exchange(timeout: limit, deadline: .after(limit))
            switch try connect(options.effective(endpoint, session: session), exchange) {
            case .failure(let reason):
                failure = reason
                if failure.endsTheSearch { return failure }
            case .success(let handle):
                self.handle = handle
                state.withLock { $0.opened() }
                do throws(DatabaseError) {
                    try setUpSession(exchange)
                    return nil
                } catch {
                    close()
                    throw error
                }
            }
        }
        return failure
    }

    /// The addresses of a host that has to be looked up; "" where libpq needs none.
    private func look(up endpoint: Endpoint, until deadline: Deadline) throws(DatabaseError)
        -> Result<[String], ConnectFailure>
    {
        guard endpoint.needsLookup else { return .success([""]) }
        let lookup = HostLookup(endpoint.host)
        while lookup.addresses == nil {
            switch interruption.wait(
                socket: lookup.descriptor, writing: false, until: deadline, interruptible: true)
            {
            case .ready: break
            case .timedOut: return .failure(timedOut("looking up the name took longer than"))
            case .interrupted: throw cancelled
            case .failed(let errno): return .failure(ConnectFailure(said: "poll failed (errno \(errno))"))
            }
        }
        switch lookup.addresses {
        case .success(let found): return .success(found)
        case .failure(let error): return .failure(ConnectFailure(said: error.message))
        case nil: preconditionFailure("the loop ends with an answer")
        }
    }

    private func connect(_ keywords: [String: String], _ exchange: Exchange) throws(DatabaseError)
        -> Result<ConnectionHandle, ConnectFailure>
    {
        let pairs = keywords.sorted { $0.key < $1.key }
        let pointer = withCStrings(pairs.map(\.key)) { keys in
            withCStrings(pairs.map(\.value)) { values in PQconnectStartParams(keys, values, 0) }
        }
        guard let pointer else { throw DatabaseError(.connectionFailed, "Out of memory.") }
        let handle = ConnectionHandle(
            pointer, notices: NoticeSink(logger: logger, redaction: options.redaction))
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        var status = PGRES_POLLING_WRITING
        if PQstatus(pointer) == CONNECTION_BAD { status = PGRES_POLLING_FAILED }
        while status != PGRES_POLLING_OK {
            guard status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING else {
                return .failure(failure(of: pointer))
            }
            let readiness = interruption.wait(
                socket: PQsocket(pointer), writing: status == PGRES_POLLING_WRITING,
                until: exchange.deadline, interruptible: true)
            switch readiness {
            case .ready: status = PQconnectPoll(pointer)
            case .timedOut: return .failure(timedOut("no answer within"))
            case .interrupted: throw cancelled
            case .failed: return .failure(failure(of: pointer))
            }
        }
        PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
        guard PQsetnonblocking(pointer, 1) == 0 else { return .failure(failure(of: pointer)) }
        return .success(handle)
    }

    /// What the decoders rely on, and whether this session is one's own.
    private func setUpSession(_ exchange: Exchange) throws(DatabaseError) {
        guard let pointer = handle?.pointer else { return }
        if settings.statementCacheSize == nil {
            let answer = try run(exchange) { PQsendQuery(pointer, "SELECT pg_catalog.pg_backend_pid()") }
            try check(answer, exchange)
            // A pooler between us and the server makes up the number by which commands are cancelled.
            isBehindPooler = answer.last.map { $0.text(0, 0) } != String(PQbackendPID(pointer))
        }
        if isBehindPooler {
            statements = StatementCache(limit: 0)
            logger.info("a pooler stands before the server: statements aren't prepared")
        }
        try applySettings(exchange)
    }

    /// Only what differs is set: PgBouncer refuses start-up options. It keeps track of the first two by itself; setting
    /// the third there would change it for whoever is given the server's connection next.
    func applySettings(_ exchange: Exchange) throws(DatabaseError) {
        guard let pointer = handle?.pointer else { return }
        var wanted = [("TimeZone", "UTC", "'UTC'"), ("DateStyle", "ISO, MDY", "ISO, MDY")]
        if !isBehindPooler { wanted.append(("IntervalStyle", "postgres", "'postgres'")) }
        let commands = wanted.filter { parameterStatus($0.0) != $0.1 }.map { "SET \($0.0) TO \($0.2)" }
        guard !commands.isEmpty else { return }
        let sql = commands.joined(separator: ";")
        try check(run(exchange) { PQsendQuery(pointer, sql) }, exchange)
    }

    // MARK: - Errors

    private var cancelled: DatabaseError {
        DatabaseError(.cancelled, "Connecting to \(options) was cancelled.")
    }

    private func timedOut(_ what: String) -> ConnectFailure {
        ConnectFailure(said: "\(what) \(options.connectTimeout?.shortText ?? "0 s")", isTimeout: true)
    }

    private func failure(of pointer: OpaquePointer) -> ConnectFailure {
        ConnectFailure(
            verbose: options.redaction.applyToParseError(String(cString: PQerrorMessage(pointer))).trimmed)
    }

    private func error(of failures: [(endpoint: Endpoint, failure: ConnectFailure)]) -> DatabaseError {
        let all = failures.map(\.failure)
        var error = described(failures, all)
        error.isAbsence = !all.isEmpty && all.allSatisfy(\.isAbsence)
        if error.isAbsence, let absence = options.absence {
            error.message = absence.message
            error.advice = absence.advice
        }
        return error
    }

    private func described(
        _ failures: [(endpoint: Endpoint, failure: ConnectFailure)], _ all: [ConnectFailure]
    ) -> DatabaseError {
        if let first = all.first, all.count == 1 || Set(all).count == 1 {
            guard !first.isTimeout else {
                return DatabaseError(
                    .timedOut, "The server of \(options) didn't answer: \(first.said).",
                    advice: "Check host and port, or allow more time with connect_timeout=SECONDS.")
            }
            return DatabaseError(
                .connectionFailed, "Can't connect to \(options): \(first.said)", advice: first.advice,
                server: first.server)
        }
        let each = failures.map { "\n  \($0.endpoint.name): \($0.failure.said)" }.joined()
        // What may pass counts before what won't: a server that is just starting may take the next attempt.
        let told = all.first { $0.server != nil } ?? all.first { !$0.isTimeout }
        return DatabaseError(
            all.allSatisfy(\.isTimeout) ? .timedOut : .connectionFailed,
            "Can't connect to any server of \(options):\(each)", advice: told?.advice, server: told?.server)
    }
}

/// Calls `body` with `strings` as a NULL-terminated array of C strings.
func withCStrings<R>(
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
