public import Postgres

/// A connection lent for a piece of work on evaluations. Its methods, in the folders of what they concern, each do
/// one thing; several in one `Store.transaction` happen together or not at all.
public struct Session: Sendable {
    /// The connection that everything runs on.
    public let connection: Connection

    /// What the store remembers between sessions.
    let known: Known

    /// Whether this session is within a transaction that its caller ends.
    let isInTransaction: Bool

    /// Runs `body` in a transaction: the caller's where there is one, else one of its own.
    func atomically<Result: Sendable>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false,
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        if isInTransaction { return try await body(self) }
        let known = known
        return try await connection.transaction(isolation: isolation, readOnly: readOnly) { connection in
            try await body(Session(connection: connection, known: known, isInTransaction: true))
        }
    }
}
