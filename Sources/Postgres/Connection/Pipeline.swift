internal import CPostgres

/// One SQL command with its parameters.
public struct Command: Sendable, Hashable {
    /// One command, with `$1`, `$2`, … for the parameters.
    public var sql: String
    /// The values of `$1`, `$2`, …
    public var parameters: [Value]

    /// That command.
    public init(_ sql: String, _ parameters: [Value] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

extension Connection {
    /// Sends several commands at once and returns their results: all of them take one round trip to the server, plus one
    /// for those that this connection runs for the first time.
    ///
    /// Outside of a transaction the server runs them in one of their own: all of them take effect or none.
    ///
    /// - Parameter timeout: How long all of them together may take; nil for the connection's `commandTimeout`.
    /// - Throws: As ``query(_:_:timeout:)``; the first command that fails ends the others.
    /// Source: PostgreSQL documentation, "Pipeline Mode" (libpq-pipeline-mode).
    public func pipeline(_ commands: [Command], timeout: Duration? = nil) async throws(DatabaseError)
        -> [QueryResult]
    {
        guard !commands.isEmpty else { return [] }
        let text = commands.map(\.sql).joined(separator: ";\n")
        return try await counted(text, timeout) { exchange throws(DatabaseError) in
            for command in commands { try self.refuseNUL(in: command.sql) }
            guard self.statements.limit > 0 else {
                return try self.runUnprepared(commands, exchange)
            }
            return try self.runPrepared(commands, exchange, isFirstTry: true)
        }
    }

    private func runPrepared(_ commands: [Command], _ exchange: Exchange, isFirstTry: Bool)
        throws(DatabaseError) -> [QueryResult]
    {
        var statements: [StatementCache.Statement] = []
        for command in commands { statements.append(try prepared(command.sql, exchange)) }
        var lists: [ParameterList] = []
        for (command, statement) in zip(commands, statements) {
            lists.append(try encode(command.parameters, for: statement))
        }
        do throws(DatabaseError) {
            let results = try run(pipeline: commands, exchange) { index, pointer in
                Self.send(statements[index], lists[index], on: pointer)
            }
            return zip(results, statements).map { QueryResult($0, shapes: $1.shapes) }
        } catch {
            guard isFirstTry, Self.isStale(error) else { throw error }
            for command in commands { self.statements.remove(command.sql) }
            guard transactionStatus == .idle, !isBroken else { throw error }
            return try runPrepared(commands, exchange, isFirstTry: false)
        }
    }

    private func runUnprepared(_ commands: [Command], _ exchange: Exchange) throws(DatabaseError)
        -> [QueryResult]
    {
        var lists: [(list: ParameterList, types: [OID])] = []
        for command in commands { lists.append(try encode(command.parameters, of: command.sql, exchange)) }
        let results = try run(pipeline: commands, exchange) { index, pointer in
            Self.send(commands[index].sql, lists[index], on: pointer)
        }
        var described: [QueryResult] = []
        for result in results { described.append(try self.described(result, exchange)) }
        return described
    }

    /// Sends the commands between entering and leaving libpq's pipeline mode: they are one transaction.
    func run(
        pipeline commands: [Command], _ exchange: Exchange, _ send: (Int, OpaquePointer) -> Int32
    ) throws(DatabaseError) -> [ResultStorage] {
        guard let pointer = handle?.pointer, !isBroken else { throw closedError() }
        guard PQenterPipelineMode(pointer) == 1 else { throw lost(pointer) }
        defer { if let pointer = handle?.pointer { PQexitPipelineMode(pointer) } }
        var results: [ResultStorage] = []
        var failure: DatabaseError?
        var isSynchronised = false
        let sendAll = { () -> Int32 in
            for index in commands.indices where send(index, pointer) != 1 { return 0 }
            return PQpipelineSync(pointer)
        }
        // Every command's results end with a nil of their own.
        try converse(exchange, sendAll, isOver: { isSynchronised }) { result, stop throws(DatabaseError) in
            let storage = ResultStorage(result)
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC: isSynchronised = true
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                let sql = commands.indices.contains(results.count) ? commands[results.count].sql : nil
                let error = self.serverError(result)
                failure = failure ?? sql.map { error.about(sql: $0) } ?? error
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = failure ?? Self.copyRefused
                try self.discardCopy(result, exchange, &stop)
            default: results.append(storage)
            }
            return .goOn
        }
        if let failure { throw failure }
        return results
    }
}
