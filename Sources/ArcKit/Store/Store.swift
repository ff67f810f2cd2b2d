public import Postgres

/// arc's store: sessions on pooled connections to one database.
public final class Store: Sendable {
    /// The pool that every session's connection comes from.
    public let pool: Pool

    /// Where outcomes wait while a database is away; nil where they don't.
    public let spools: SpoolFolders?
    /// This database's, once its id is known.
    let knownSpool = SpoolSlot()

    let known = Known()
    let delivery: Delivery
    private let absence: Absence
    private let recorder: Recorder

    /// The session of the transaction that the current task runs in. Child tasks inherit it, so everything that a
    /// script calls inside `arc.transaction` takes part in that transaction.
    @TaskLocal private static var current: (store: ObjectIdentifier, session: Session)?

    /// A store on that pool.
    ///
    /// - Parameters:
    ///   - spools: where outcomes wait while the database is away; nil where they don't.
    ///   - tellAbsence: is told why, each time that outcomes begin to go to the spool.
    public init(
        _ pool: Pool, spools: SpoolFolders? = nil,
        tellAbsence: @escaping @Sendable (DatabaseError) -> Void = { _ in }
    ) {
        self.pool = pool
        self.spools = spools
        let delivery = Delivery(pool: pool, known: known)
        let slot = knownSpool
        let absence = Absence(tell: tellAbsence) {
            guard let spool = slot.spool else { return }
            _ = try await spool.replay { simulation, outcomes in
                _ = try await delivery.record(outcomes, late: simulation)
            }
        }
        self.delivery = delivery
        self.absence = absence
        recorder = Recorder(
            write: { batch, simulation in
                try await absence.end(isUrgent: false)
                return try await delivery.write(batch, in: simulation)
            },
            spill: { outcomes, simulation, reason in
                guard let spool = slot.spool else { throw reason }
                try await spool.append(outcomes, in: simulation)
                absence.begin(reason)
            })
    }

    /// Lends a session: the current transaction's, where the task is in one, else one on a pooled connection.
    ///
    /// - Parameters:
    ///   - safety: what is known about doing `body` twice. Where a repeat is safe, it is begun once more after a
    ///     failure that may pass; never inside a transaction, whose earlier commands can't be repeated here.
    ///   - body: may run several times, as `safety` allows.
    /// - Throws: what `body` throws; `EvaluationError` with code `schema` where the database has no schema of arc's;
    ///   `DatabaseError` where no connection can be had.
    public func session<Result: Sendable>(
        _ safety: RepeatSafety = .write, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await explaining {
            if let current = Self.current, current.store == ObjectIdentifier(self) {
                return try await body(current.session)
            }
            // What waits in the spool comes before what is done next.
            try? await absence.end(isUrgent: true)
            return try await pool.retrying(safety) { connection in
                try await body(Session(connection: connection, known: known, isInTransaction: false))
            }
        }
    }

    /// Lends a session for questions whose answers may be a moment old. What is read in order to write goes through
    /// `session(.read)`.
    public func read<Result: Sendable>(
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await session(.read, body)
    }

    /// Runs `body` in one transaction: all of it happens, or, where it throws, none. Within another transaction of
    /// the same task it joins that one.
    ///
    /// - Parameter safety: as for `session`; `.transaction` where `body` does nothing outside the database.
    public func transaction<Result: Sendable>(
        _ safety: RepeatSafety = .write, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await session(safety) { session in
            try await session.atomically { session in
                try await Self.$current.withValue((ObjectIdentifier(self), session)) {
                    try await body(session)
                }
            }
        }
    }

    /// Records outcomes, all of them or none; returns when they are durable. Those that several tasks record at about
    /// the same time are written together. Inside a transaction they are part of it.
    ///
    /// - Throws: as `Session.record`.
    public func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: [String]? = nil
    ) async throws -> RecordingReport {
        if Self.current?.store == ObjectIdentifier(self) {
            return try await session { try await $0.record(outcomes, in: simulation, places: places) }
        }
        return try await explaining {
            // Once the database is away nobody could tell which spool is its own.
            if knownSpool.spool == nil { _ = try await spool() }
            return try await recorder.record(outcomes, in: simulation, places: places)
        }
    }

    private func explaining<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as DatabaseError where error.server?.sqlState == "42P01" {
            throw await explain(error)
        }
    }

    /// A missing table of arc's means that nothing was deployed yet: say so instead.
    private func explain(_ error: DatabaseError) async -> any Error {
        let deployed = try? await pool.retrying(.read) { try await SchemaDeployer.inspect($0) != nil }
        guard deployed == false else { return error }
        return EvaluationError(
            .schema, "this database has no arc schema", advice: "Run `arc db deploy` once to create it.",
            underlying: error)
    }
}
