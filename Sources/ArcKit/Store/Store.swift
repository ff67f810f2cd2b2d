public import Postgres
import Synchronization

/// arc's store: sessions on pooled connections to one database.
public final class Store: Sendable {
    /// The pool that every session's connection comes from.
    public let pool: Pool

    /// Where outcomes wait while a database is away; nil where they don't.
    public let spools: SpoolFolders?
    /// This database's, once its id is known.
    let knownSpool = Mutex<Spool?>(nil)

    private let knownDays = KnownDays()
    private let turnstile = Turnstile()

    /// The session of the transaction that the current task runs in. Child tasks inherit it, so everything that a
    /// script calls inside `arc.transaction` takes part in that transaction.
    @TaskLocal private static var current: (store: ObjectIdentifier, session: Session)?

    /// A store on that pool.
    public init(_ pool: Pool, spools: SpoolFolders? = nil) {
        self.pool = pool
        self.spools = spools
    }

    /// Lends a session: the current transaction's, where the task is in one, else one on a pooled connection.
    ///
    /// - Throws: what `body` throws; `EvaluationError` with code `schema` where the database has no schema of arc's;
    ///   `DatabaseError` where no connection can be had.
    public func session<Result: Sendable>(
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        do {
            if let current = Self.current, current.store == ObjectIdentifier(self) {
                return try await body(current.session)
            }
            return try await pool.withConnection { connection in
                try await body(Session(connection: connection, knownDays: knownDays, isInTransaction: false))
            }
        } catch let error as DatabaseError where error.server?.sqlState == "42P01" {
            throw await explain(error)
        }
    }

    /// Runs `body` in one transaction: all of it happens, or, where it throws, none. Within another transaction of
    /// the same task it joins that one.
    public func transaction<Result: Sendable>(
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await session { session in
            try await session.atomically { session in
                try await Self.$current.withValue((ObjectIdentifier(self), session)) {
                    try await body(session)
                }
            }
        }
    }

    /// Records outcomes, as `Session.record`; several tasks that record into one simulation take turns without each
    /// holding a connection meanwhile.
    public func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: [String]? = nil
    ) async throws -> RecordingReport {
        if Self.current?.store == ObjectIdentifier(self) {
            return try await session { try await $0.record(outcomes, in: simulation, places: places) }
        }
        await turnstile.enter(simulation.id)
        defer { turnstile.leave(simulation.id) }
        return try await session { try await $0.record(outcomes, in: simulation, places: places) }
    }

    /// A missing table of arc's means that nothing was deployed yet: say so instead.
    private func explain(_ error: DatabaseError) async -> any Error {
        let deployed = try? await pool.withConnection { try await SchemaDeployer.inspect($0) != nil }
        guard deployed == false else { return error }
        return EvaluationError(
            .schema, "this database has no arc schema", advice: "Run `arc db deploy` once to create it.",
            underlying: error)
    }
}
