internal import CPostgres
internal import Synchronization

extension Connection {
    /// Runs one SQL command and returns its result.
    ///
    /// - Parameters:
    ///   - sql: One command, with `$1`, `$2`, … for `parameters`, whose types the server infers.
    ///   - timeout: How long it may take; nil for the connection's `commandTimeout`.
    /// - Throws: `server`, `timedOut`, `cancelled`, `connectionLost`, `invalidOptions` where the number of
    ///   parameters is wrong.
    @discardableResult
    public func query(_ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil)
        async throws(DatabaseError) -> QueryResult
    {
        try await counted(sql, timeout) { exchange throws(DatabaseError) in
            try self.runQuery(sql, parameters, exchange)
        }
    }

    /// Runs one SQL command and returns how many rows it affected.
    ///
    /// - Throws: As `query`.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil)
        async throws(DatabaseError) -> Int
    {
        try await query(sql, parameters, timeout: timeout).affectedRows
    }

    /// Runs several commands, separated by semicolons, without parameters, and returns a result for each.
    ///
    /// The server runs them in one transaction, unless they contain transaction commands of their own.
    /// - Throws: As `query`; the first error ends the script.
    @discardableResult
    public func script(_ sql: String, timeout: Duration? = nil) async throws(DatabaseError) -> [QueryResult] {
        try await counted(sql, timeout) { exchange throws(DatabaseError) in try self.runScript(sql, exchange)
        }
    }

    /// Runs a command of the user's, and counts it and its time.
    func counted<T>(
        _ sql: String, _ timeout: Duration?, limitsEachWait: Bool = false,
        _ body: (Exchange) throws(DatabaseError) -> T
    ) async throws(DatabaseError) -> T {
        let start = ContinuousClock.now
        do throws(DatabaseError) {
            let value = try await interruptible(
                sql: sql, timeout: timeout ?? settings.commandTimeout, limitsEachWait: limitsEachWait, body)
            metrics.record(start.duration(to: .now), succeeded: true)
            return value
        } catch {
            metrics.record(start.duration(to: .now), succeeded: false)
            throw error
        }
    }

    /// Makes sure that the server answers.
    ///
    /// Two seconds are many round trips, and little to whoever waits for a connection of a pool. A server that is too
    /// busy to answer in that time isn't served better by a command; what is lost with the connection is its making.
    ///
    /// - Parameter timeout: How long a server may take; one that takes longer counts as gone.
    /// - Throws: `connectionLost`, `timedOut`, `cancelled`; the connection is broken then.
    public func ping(timeout: Duration = .seconds(2)) async throws(DatabaseError) {
        _ = try await interruptible(timeout: timeout, kind: .ping) { exchange throws(DatabaseError) in
            try self.runScript("", exchange)
        }
    }

    // MARK: - On the connection's thread

    func runScript(_ sql: String, _ exchange: Exchange) throws(DatabaseError) -> [QueryResult] {
        guard let pointer = handle?.pointer else {
            try check(run(exchange) { 0 }, exchange)
            return []
        }
        try refuseNUL(in: sql)
        let results = try run(exchange) { PQsendQuery(pointer, sql) }
        try check(results, exchange)
        var queries: [QueryResult] = []
        for result in results { queries.append(try described(result, exchange)) }
        return queries
    }

    func runQuery(_ sql: String, _ parameters: [Value], _ exchange: Exchange) throws(DatabaseError)
        -> QueryResult
    {
        try refuseNUL(in: sql)
        guard statements.limit > 0 else { return try runDirectly(sql, parameters, exchange) }
        return try withStatement(for: sql, exchange) { statement throws(DatabaseError) in
            try self.run(statement, parameters, exchange)
        }
    }

    /// Calls `body` with the prepared statement of `sql`; once more with a new one where it turns out that the server
    /// has no such statement any more, or that its result has changed since.
    func withStatement<T>(
        for sql: String, _ exchange: Exchange, _ body: (StatementCache.Statement) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> T {
        let statement = try prepared(sql, exchange)
        do throws(DatabaseError) {
            return try body(statement)
        } catch {
            guard Self.isStale(error) else { throw error }
            statements.remove(sql)
            // Inside a transaction the error has failed the transaction; the next attempt finds it fixed.
            guard transactionStatus == .idle, !isBroken else { throw error }
            return try body(try prepared(sql, exchange))
        }
    }

    private func run(_ statement: StatementCache.Statement, _ parameters: [Value], _ exchange: Exchange)
        throws(DatabaseError) -> QueryResult
    {
        let encoded = try encode(parameters, for: statement)
        guard let pointer = handle?.pointer else { throw Self.gone }
        let results = try run(exchange) { Self.send(statement, encoded, on: pointer) }
        try check(results, exchange)
        guard let result = results.last else { throw Self.gone }
        return QueryResult(result, shapes: statement.shapes)
    }

    /// The parameters as that statement takes them.
    func encode(_ parameters: [Value], for statement: StatementCache.Statement) throws(DatabaseError)
        -> ParameterList
    {
        guard statement.parameterTypes.count == parameters.count else {
            throw Self.wrongCount(expected: statement.parameterTypes.count, given: parameters.count)
        }
        return try ParameterList(parameters, types: statement.parameterTypes)
    }

    /// The parameters for a command that isn't prepared. The server is asked for their types only where there is a
    /// value that is written differently for different ones.
    func encode(_ parameters: [Value], of sql: String, _ exchange: Exchange) throws(DatabaseError)
        -> (list: ParameterList, types: [OID])
    {
        var types = parameters.map { $0.isBytes ? OID.bytea : OID.unspecified }
        if parameters.contains(where: ParameterList.dependsOnType) {
            types = try parameterTypes(of: sql, exchange)
            guard types.count == parameters.count else {
                throw Self.wrongCount(expected: types.count, given: parameters.count)
            }
        }
        return (try ParameterList(parameters, types: types), types)
    }

    /// The types that the server infers for the parameters of a command.
    ///
    /// Types are the same in every session of a database, statements aren't: behind a pooler the command itself may run
    /// in another session. So this is a transaction of its own, in one round trip, and leaves the nameless statement to
    /// be overwritten by whatever comes next.
    private func parameterTypes(of sql: String, _ exchange: Exchange) throws(DatabaseError) -> [OID] {
        try shape(of: sql, exchange).parameterTypes
    }

    static func send(
        _ statement: StatementCache.Statement, _ parameters: ParameterList, on pointer: OpaquePointer
    ) -> Int32 {
        parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(
                pointer, statement.name, Int32(parameters.count), values, lengths, formats,
                statement.readsBinary ? 1 : 0)
        }
    }

    /// Sends a command that isn't prepared; its result comes as text, since its types aren't known beforehand.
    static func send(
        _ sql: String, _ parameters: (list: ParameterList, types: [OID]), on pointer: OpaquePointer
    ) -> Int32 {
        parameters.list.withPointers { values, lengths, formats in
            PQsendQueryParams(
                pointer, sql, Int32(parameters.list.count), parameters.types.map { Oid($0.rawValue) },
                values, lengths, formats, 0)
        }
    }

    /// One round trip, nothing prepared.
    private func runDirectly(_ sql: String, _ parameters: [Value], _ exchange: Exchange)
        throws(DatabaseError) -> QueryResult
    {
        guard let pointer = handle?.pointer else { throw Self.gone }
        let encoded = try encode(parameters, of: sql, exchange)
        let results = try run(exchange) { Self.send(sql, encoded, on: pointer) }
        try check(results, exchange)
        guard let result = results.last else { throw Self.gone }
        return try described(result, exchange)
    }

    func prepared(_ sql: String, _ exchange: Exchange) throws(DatabaseError)
        -> StatementCache.Statement
    {
        if let statement = statements.statement(for: sql) { return statement }
        guard let pointer = handle?.pointer else { throw Self.gone }
        try makeRoom(exchange)
        let name = statements.nextName()
        try check(run(exchange) { PQsendPrepare(pointer, name, sql, 0, nil) }, exchange)
        let described = try run(exchange) { PQsendDescribePrepared(pointer, name) }
        try check(described, exchange)
        guard let result = described.last else { throw Self.gone }
        let parameterTypes = (0..<PQnparams(result.pointer)).map { OID(PQparamtype(result.pointer, $0)) }
        let shapes = try shapes(of: result.types, exchange)
        let statement = StatementCache.Statement(
            name: name, parameterTypes: parameterTypes, readsBinary: shapes.allSatisfy(\.readsBinary),
            shapes: shapes)
        statements.insert(statement, for: sql)
        return statement
    }

    /// In a failed transaction the server would refuse DEALLOCATE; it has refused to prepare as well then.
    private func makeRoom(_ exchange: Exchange) throws(DatabaseError) {
        guard transactionStatus != .failed else { return }
        let old = statements.makeRoom(isInTransaction: transactionStatus != .idle)
        guard !old.isEmpty else { return }
        guard let pointer = handle?.pointer else { throw Self.gone }
        let text = old.map { "DEALLOCATE \($0)" }.joined(separator: ";")
        _ = try run(exchange) { PQsendQuery(pointer, text) }
    }

    func described(_ result: ResultStorage, _ exchange: Exchange) throws(DatabaseError) -> QueryResult {
        QueryResult(result, shapes: try shapes(of: result.types, exchange))
    }

    /// How columns of these types are read; asks the server about types that are new.
    func shapes(of columns: [OID], _ exchange: Exchange) throws(DatabaseError) -> [TypeShape] {
        let unknown = types.unknown(among: columns)
        if !unknown.isEmpty, transactionStatus != .failed, let pointer = handle?.pointer {
            let answer = try run(exchange) { PQsendQuery(pointer, TypeCatalog.lookUp(unknown)) }
            try check(answer, exchange)
            if let rows = answer.last {
                types.learn((0..<rows.rowCount).map { row in (0..<6).map { rows.text(row, $0) } })
            }
            types.giveUp(on: unknown)
        }
        return columns.map { types[$0] ?? .other }
    }

    // MARK: - Errors

    /// A statement that the server no longer has, or whose result has changed its columns since.
    static func isStale(_ error: DatabaseError) -> Bool {
        guard let fields = error.server else { return false }
        return fields.sqlState == "26000"
            || fields.sqlState == "0A000" && fields.sourceRoutine == "RevalidateCachedQuery"
    }

    private static func wrongCount(expected: Int, given: Int) -> DatabaseError {
        DatabaseError(
            .invalidOptions,
            "The SQL has \(expected) parameter\(expected == 1 ? "" : "s"), but \(given) "
                + "value\(given == 1 ? " was" : "s were") given.")
    }

    func refuseNUL(in sql: String) throws(DatabaseError) {
        guard sql.utf8.contains(0) else { return }
        throw DatabaseError(
            .invalidOptions, "The SQL text holds a NUL character, which PostgreSQL can't read.")
    }

    static var gone: DatabaseError {
        DatabaseError(.connectionLost, "The connection is closed.", advice: "Connect anew.")
    }
}
