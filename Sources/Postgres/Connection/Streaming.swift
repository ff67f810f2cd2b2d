internal import CPostgres

/// One row of a result that is read as it arrives; it is gone when the closure that got it returns.
public struct StreamedRow: ~Copyable {
    /// The columns, from left to right.
    public let columns: [ResultColumn]
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer, _ columns: [ResultColumn]) {
        self.pointer = pointer
        self.columns = columns
    }

    /// The value in a column, from 0. Out of range is a programming error and traps.
    public subscript(column: Int) -> Value {
        let description = columns[column]
        return withBytes(column) { bytes in
            guard let bytes else { return .null }
            return description.isBinary
                ? BinaryDecoder.decode(bytes, description.shape)
                : TextDecoder.decode(bytes, description.shape)
        }
    }

    /// All values, from left to right.
    public var values: [Value] { columns.indices.map { self[$0] } }

    /// Calls `body` with the bytes of a value as the server sent them, without copying; nil for NULL.
    /// `ResultColumn.isBinary` tells their format. The bytes are valid inside `body` only.
    public func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        precondition(columns.indices.contains(column), "column \(column) of \(columns.count)")
        return try body(ResultStorage.bytes(of: pointer, 0, Int32(truncatingIfNeeded: column)))
    }
}

extension Connection {
    /// Runs one SQL command and hands over its rows one at a time as they arrive, so that a result of any size needs
    /// the memory of one row.
    ///
    /// `body` runs on the connection's own thread, while the server waits for it: it may block, and no other command
    /// runs on this connection meanwhile. When it throws, the command is cancelled on the server and the connection
    /// stays usable. With prepared statements turned off, the values of types that aren't built in come as text.
    ///
    /// - Parameters:
    ///   - sql: One command, with `$1`, `$2`, … for `parameters`.
    ///   - initial: What `body` works on.
    ///   - timeout: How long the server may take before each piece of the result; nil for the connection's
    ///     `commandTimeout`.
    ///   - body: Takes one row.
    /// - Returns: what `body` made of `initial`.
    /// - Throws: What `body` throws; `server`, `timedOut`, `cancelled`, `connectionLost`, `invalidOptions`.
    public func stream<Result: Sendable>(
        _ sql: String, _ parameters: [Value] = [], into initial: Result, timeout: Duration? = nil,
        _ body: @Sendable (inout Result, borrowing StreamedRow) throws -> Void
    ) async throws -> Result {
        try await streamed(sql, parameters, into: initial, timeout: timeout, body).value
    }

    /// Runs one SQL command and hands over its rows as `stream` does; tells its columns as well, which a command
    /// without rows has too, and what the server said of it.
    ///
    /// - Throws: As `stream`.
    public func streamed<Result: Sendable>(
        _ sql: String, _ parameters: [Value] = [], into initial: Result, timeout: Duration? = nil,
        _ body: @Sendable (inout Result, borrowing StreamedRow) throws -> Void
    ) async throws -> (value: Result, summary: CommandSummary) {
        var failure: (any Error)?
        let answer = try await counted(sql, timeout, limitsEachWait: true) { exchange throws(DatabaseError) in
            var value = initial
            let summary = try self.readRows(sql, parameters, exchange) { result, columns in
                do {
                    try body(&value, StreamedRow(result, columns))
                    return .goOn
                } catch {
                    failure = error
                    return .abandon
                }
            }
            return (value: value, summary: summary)
        }
        if let failure { throw failure }
        guard let summary = answer.summary else { throw Self.gone }
        return (answer.value, summary)
    }

    /// Runs a command, and hands over its rows in libpq's single-row mode: each as a result of its own.
    ///
    /// - Returns: what the server said of the command; nil where `each` abandoned it.
    func readRows(
        _ sql: String, _ parameters: [Value], _ exchange: Exchange,
        _ each: (OpaquePointer, [ResultColumn]) -> Verdict
    ) throws(DatabaseError) -> CommandSummary? {
        try refuseNUL(in: sql)
        guard statements.limit > 0 else {
            let encoded = try encode(parameters, of: sql, exchange)
            return try rows(exchange, shapes: nil, each) { Self.send(sql, encoded, on: $0) }
        }
        return try withStatement(for: sql, exchange) { statement throws(DatabaseError) in
            let encoded = try self.encode(parameters, for: statement)
            return try self.rows(exchange, shapes: statement.shapes, each) {
                Self.send(statement, encoded, on: $0)
            }
        }
    }

    private func rows(
        _ exchange: Exchange, shapes: [TypeShape]?, _ each: (OpaquePointer, [ResultColumn]) -> Verdict,
        _ send: (OpaquePointer) -> Int32
    ) throws(DatabaseError) -> CommandSummary? {
        guard let pointer = handle?.pointer else { throw Self.gone }
        var columns: [ResultColumn]?
        var summary: CommandSummary?
        var isWanted = true
        let sendAndSplit = { () -> Int32 in
            let sent = send(pointer)
            return sent == 1 ? PQsetSingleRowMode(pointer) : sent
        }
        var failure: DatabaseError?
        try converse(exchange, sendAndSplit) { result, stop throws(DatabaseError) in
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                guard isWanted else { return .goOn }
                let known = columns ?? self.columns(of: result, shapes)
                columns = known
                isWanted = each(result, known) == .goOn
                return isWanted ? .goOn : .abandon
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                // After a row that nobody wants any more, being cancelled is no error.
                if isWanted { failure = failure ?? self.serverError(result) }
                return .goOn
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = Self.copyRefused
                try self.discardCopy(result, exchange, &stop)
                return .goOn
            default:
                summary = CommandSummary(
                    of: result, columns: columns ?? self.columns(of: result, shapes))
                return .goOn
            }
        }
        if let failure { throw failure }
        return summary
    }

    private func columns(of result: OpaquePointer, _ shapes: [TypeShape]?) -> [ResultColumn] {
        let shapes =
            shapes
            ?? (0..<PQnfields(result)).map { types[OID(UInt32(PQftype(result, $0)))] ?? .other }
        return shapes.enumerated().map { ResultColumn(of: result, column: $0, shape: $1) }
    }
}
