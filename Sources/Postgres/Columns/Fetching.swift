internal import CPostgres

extension Connection {
    /// Runs one SQL command and returns its rows as columns.
    ///
    /// The rows are taken in as they arrive, so that nothing but the columns is ever held: about the bytes of the
    /// values, where `query` holds several times as many.
    ///
    /// - Parameters:
    ///   - sql: One command, with `$1`, `$2`, … for `parameters`, whose types the server infers.
    ///   - timeout: How long it may take in all; nil for the connection's `commandTimeout`.
    ///   - byteLimit: The bytes that the columns may take; no more is read then. Nil for no limit.
    /// - Throws: As `query`; `unexpectedResult` for a result that is larger than allowed.
    public func columns(
        _ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil, byteLimit: Int? = nil
    ) async throws(DatabaseError) -> ColumnSet {
        try await counted(sql, timeout) { exchange throws(DatabaseError) in
            var rows: GatheredRows?
            var isTooLarge = false
            let summary = try self.readRows(sql, parameters, exchange) { result, columns in
                let gathered = rows ?? GatheredRows(columns)
                rows = gathered
                gathered.append(result, row: 0)
                guard let byteLimit, gathered.count % 256 == 0, gathered.heldBytes > byteLimit else {
                    return .goOn
                }
                isTooLarge = true
                return .abandon
            }
            if isTooLarge, let byteLimit { throw Self.tooLarge(byteLimit) }
            guard let summary else { throw Self.gone }
            let gathered = rows ?? GatheredRows(summary.columns)
            let values = try self.reread(gathered.finish(), summary.columns, exchange)
            return ColumnSet(summary: summary, values: values, count: gathered.count)
        }
    }

    private static func tooLarge(_ limit: Int) -> DatabaseError {
        DatabaseError(
            .unexpectedResult, "The result takes more than the \(limit) bytes that there is room for.",
            advice: "Ask for fewer rows or columns, or have the database sum them up.")
    }

    /// Without a prepared statement, a type may be new that the rows had.
    private func reread(
        _ values: [ColumnValues], _ columns: [ResultColumn], _ exchange: Exchange
    ) throws(DatabaseError) -> [ColumnValues] {
        guard !types.unknown(among: columns.lazy.map(\.type)).isEmpty else { return values }
        let shapes = try shapes(of: columns.map(\.type), exchange)
        return values.indices.map { index in
            let isNew = columns[index].shape == .other && shapes[index] != .other
            return isNew ? values[index].reread(as: shapes[index]) : values[index]
        }
    }
}

extension Pool {
    /// Runs one command on a connection of the pool and returns its rows as columns; see
    /// ``Connection/columns(_:_:timeout:)``.
    ///
    /// - Throws: As `Connection.columns` and `withConnection`.
    public func columns(_ sql: String, _ parameters: [Value] = [], timeout: Duration? = nil) async throws
        -> ColumnSet
    {
        try await withConnection { try await $0.columns(sql, parameters, timeout: timeout) }
    }
}
