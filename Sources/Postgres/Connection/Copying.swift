internal import CPostgres

extension Connection {
    /// Runs a `COPY … FROM STDIN` and sends it `chunks`, which together are what the command's format asks for; where
    /// one ends and the next begins doesn't matter.
    ///
    /// The chunks are asked for on the connection's own thread, each while the server works on the ones before it.
    ///
    /// - Parameter timeout: How long the server may take before it takes more; nil for the connection's
    ///   `commandTimeout`.
    /// - Returns: how many rows were copied.
    /// - Throws: `server`, `timedOut`, `cancelled`, `connectionLost`, `invalidOptions` where the command asks for no data.
    @discardableResult
    public func copyIn(
        _ sql: String, chunks: some Sequence<[UInt8]> & Sendable, timeout: Duration? = nil
    ) async throws -> Int {
        try await copyIn(sql, timeout) { exchange, _ throws(DatabaseError) in
            var iterator = chunks.makeIterator()
            return try self.runCopyIn(sql, exchange) { buffer throws(DatabaseError) in
                guard let chunk = iterator.next() else { return .end }
                buffer += chunk
                return .more
            }
        }
    }

    /// Runs a `COPY … FROM STDIN (FORMAT binary)` and sends it one row for each of `rows`.
    ///
    /// `encode` runs on the connection's own thread, while the server works on the rows before. When it throws, nothing
    /// is copied and the connection stays usable.
    ///
    /// - Parameters:
    ///   - timeout: How long the server may take before it takes more; nil for the connection's `commandTimeout`.
    ///   - encode: Appends one value for each column of the command to the row.
    /// - Returns: how many rows were copied.
    /// - Throws: What `encode` throws; as ``copyIn(_:chunks:timeout:)``.
    @discardableResult
    public func copyIn<Element>(
        _ sql: String, rows: some Sequence<Element> & Sendable, timeout: Duration? = nil,
        _ encode: @Sendable (Element, inout BinaryRow) throws -> Void
    ) async throws -> Int {
        try await copyIn(sql, timeout) { exchange, failure throws(DatabaseError) in
            var iterator = rows.makeIterator()
            var encoder = BinaryCopyEncoder()
            return try self.runCopyIn(sql, exchange) { buffer throws(DatabaseError) in
                do {
                    while encoder.count < CopyStep.chunkSize {
                        guard let element = iterator.next() else {
                            encoder.finish()
                            encoder.move(to: &buffer)
                            return .end
                        }
                        try encoder.append { row in try encode(element, &row) }
                    }
                } catch {
                    failure = error
                    return .fail
                }
                encoder.move(to: &buffer)
                return .more
            }
        }
    }

    /// Runs a `COPY … TO STDOUT` and hands over what it sends, a row at a time in the text formats; in the binary format
    /// ``BinaryCopyDecoder`` reads it.
    ///
    /// `body` runs on the connection's own thread, while the server waits for it. The bytes are valid inside it only.
    /// When it throws, the command is cancelled on the server and the connection stays usable.
    ///
    /// - Parameter timeout: How long the server may take before each piece; nil for the connection's `commandTimeout`.
    /// - Returns: what `body` made of `initial`.
    /// - Throws: What `body` throws; `server`, `timedOut`, `cancelled`, `connectionLost`, `invalidOptions` where the
    ///   command gives no data.
    public func copyOut<Result: Sendable>(
        _ sql: String, into initial: Result, timeout: Duration? = nil,
        _ body: @Sendable (inout Result, UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Result {
        var failure: (any Error)?
        let value = try await counted(sql, timeout, limitsEachWait: true) { exchange throws(DatabaseError) in
            var value = initial
            try self.runCopyOut(sql, exchange) { bytes in
                do {
                    try body(&value, bytes)
                    return .goOn
                } catch {
                    failure = error
                    return .abandon
                }
            }
            return value
        }
        if let failure { throw failure }
        return value
    }

    // MARK: - On the connection's thread

    /// Throws the caller's own error, where there is one, rather than the server's answer to it.
    private func copyIn(
        _ sql: String, _ timeout: Duration?,
        _ body: (Exchange, inout (any Error)?) throws(DatabaseError) -> Int
    ) async throws -> Int {
        var failure: (any Error)?
        do {
            return try await counted(sql, timeout, limitsEachWait: true) { exchange throws(DatabaseError) in
                try body(exchange, &failure)
            }
        } catch {
            throw failure ?? error
        }
    }

    private func runCopyIn(
        _ sql: String, _ exchange: Exchange, _ fill: (inout [UInt8]) throws(DatabaseError) -> CopyStep
    ) throws(DatabaseError) -> Int {
        try refuseNUL(in: sql)
        guard let pointer = handle?.pointer else { throw Self.gone }
        var failure: DatabaseError?
        var copied: Int?
        try converse(exchange, { PQsendQuery(pointer, sql) }) { result, stop throws(DatabaseError) in
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COPY_IN where copied == nil:
                copied = 0
                try self.send(exchange, &stop, fill)
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: failure = failure ?? self.serverError(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT: try self.discardCopy(result, exchange, &stop)
            default: copied = copied.map { $0 + (Int(String(cString: PQcmdTuples(result))) ?? 0) }
            }
            return .goOn
        }
        if let failure { throw failure }
        guard let copied else {
            throw DatabaseError(
                .invalidOptions, "This command takes no data.", advice: "Expected one COPY … FROM STDIN.")
        }
        return copied
    }

    /// Sends what `fill` gives until it ends, the server refuses it, or somebody stops it.
    private func send(
        _ exchange: Exchange, _ stop: inout Stop?, _ fill: (inout [UInt8]) throws(DatabaseError) -> CopyStep
    ) throws(DatabaseError) {
        guard let pointer = handle?.pointer else { throw Self.gone }
        var buffer: [UInt8] = []
        var step = CopyStep.more
        while step == .more, stop == nil {
            buffer.removeAll(keepingCapacity: true)
            step = try fill(&buffer)
            let sent = buffer.withUnsafeBytes { bytes in
                PQputCopyData(
                    pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            // The server has answered with an error already, which comes as the next result.
            if sent != 1 { return try flush(exchange, &stop) }
            try flush(exchange, &stop)
        }
        _ = PQputCopyEnd(pointer, step == .end ? nil : "the data ended early")
        try flush(exchange, &stop)
    }

    private func runCopyOut(
        _ sql: String, _ exchange: Exchange, _ each: (UnsafeRawBufferPointer) -> Verdict
    ) throws(DatabaseError) {
        try refuseNUL(in: sql)
        guard let pointer = handle?.pointer else { throw Self.gone }
        var failure: DatabaseError?
        var hasData = false
        var isWanted = true
        try converse(exchange, { PQsendQuery(pointer, sql) }) { result, stop throws(DatabaseError) in
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COPY_OUT where !hasData:
                hasData = true
                isWanted = try self.readCopy(exchange, &stop, each)
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                if isWanted { failure = failure ?? self.serverError(result) }
            case PGRES_COPY_IN, PGRES_COPY_OUT: try self.discardCopy(result, exchange, &stop)
            default: break
            }
            return .goOn
        }
        if let failure { throw failure }
        guard hasData else {
            throw DatabaseError(
                .invalidOptions, "This command gives no data.", advice: "Expected one COPY … TO STDOUT.")
        }
    }
}

/// What a source of data for COPY did.
private enum CopyStep {
    /// It gave some data, and there is more.
    case more
    /// It gave the last of its data.
    case end
    /// It can't go on; nothing is to be copied.
    case fail

    /// How many bytes are gathered before they are sent.
    static let chunkSize = 1 << 16
}
