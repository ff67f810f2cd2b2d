public import Postgres

/// arc's store: sessions on pooled connections to one database.
public final class Store: Sendable {
    /// The pool that every session's connection comes from, but those of a replica.
    public let pool: Pool

    /// The pool of connections to replicas, where `read` finds its answers; nil where the primary answers everything.
    public let replicas: Pool?

    /// Where outcomes wait while a database is away; nil where they don't.
    public let spools: SpoolFolders?
    /// This database's, once its id is known.
    let knownSpool = SpoolSlot()
    let replica = ReplicaProgress()
    private let replicaAbsence: ReplicaAbsence?
    private let replicaIdentity: ReplicaIdentity

    let known = Known()
    let delivery: Delivery
    private let absence: Absence
    private let upkeep: RollupUpkeep
    private let recorder: Recorder

    /// The session of the transaction that the current task runs in. Child tasks inherit it, so everything that a
    /// script calls inside `arc.transaction` takes part in that transaction.
    @TaskLocal private static var current: (store: ObjectIdentifier, session: Session)?

    /// A store on that pool.
    ///
    /// - Parameters:
    ///   - replicas: where questions are answered; nil where the primary answers everything.
    ///   - spools: where outcomes wait while the database is away; nil where they don't.
    ///   - tell: is told when outcomes begin to go to the spool, when they have been brought from there, and when the
    ///     primary begins and ends to answer for replicas that are away.
    public init(
        _ pool: Pool, replicas: Pool? = nil, spools: SpoolFolders? = nil,
        tell: @escaping @Sendable (StoreEvent) -> Void = { _ in }
    ) {
        self.pool = pool
        self.replicas = replicas
        self.spools = spools
        replicaAbsence = replicas.map { ReplicaAbsence($0, tell: tell) }
        replicaIdentity = ReplicaIdentity(primary: pool)
        let delivery = Delivery(pool: pool, known: known, replica: replica)
        let slot = knownSpool
        let absence = Absence(tell: { tell(.begins($0)) }) {
            guard let spool = slot.spool else { return }
            tell(.done(try await delivery.bring(spool, .returned)))
        }
        let upkeep = RollupUpkeep(pool, known: known)
        self.delivery = delivery
        self.absence = absence
        self.upkeep = upkeep
        recorder = Recorder(
            write: { batch, simulation in
                try await absence.end()
                let written = try await delivery.write(batch, in: simulation)
                upkeep.wrote()
                return written
            },
            spill: { outcomes, simulation, reason in
                guard let spool = slot.spool else { throw reason }
                try await spool.append(outcomes, in: simulation)
                absence.begin(reason)
            })
    }

    /// The transaction that the current task runs in, for tasks that aren't its children; nil where it is in none.
    public static var transactionPart: TransactionPart? { current.map(TransactionPart.init) }

    /// What lets another task take part in a transaction, which has to outlast it.
    public struct TransactionPart: Sendable {
        fileprivate let current: (store: ObjectIdentifier, session: Session)

        /// Runs `body` within the transaction.
        public func join<Result: Sendable>(
            _ body: @Sendable () async throws -> Result
        ) async throws -> Result {
            try await Store.$current.withValue(current) { try await body() }
        }
    }

    /// Lends a session: the current transaction's, where the task is in one, else one on a pooled connection.
    ///
    /// - Parameters:
    ///   - safety: what is known about doing `body` twice. Where a repeat is safe, it is begun once more after a
    ///     failure that may pass; never inside a transaction, whose earlier commands can't be repeated here.
    ///   - asFound: whether the connection may be as somebody's own SQL left it. What arc itself asks and writes must
    ///     not meet a temporary table of the name of one of its own.
    ///   - body: may run several times, as `safety` allows.
    /// - Throws: what `body` throws; `EvaluationError` with code `schema` where the database has no schema of arc's;
    ///   `DatabaseError` where no connection can be had.
    public func session<Result: Sendable>(
        _ safety: RepeatSafety = .write, asFound: Bool = false,
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await explaining {
            if let current = Self.current, current.store == ObjectIdentifier(self) {
                return try await body(current.session)
            }
            // What waits in the spool comes before what is done next.
            try await absence.endForWork()
            defer { if safety != .read { replica.wrote() } }
            return try await pool.retrying(safety) { connection in
                if !asFound { try await connection.cleanse() }
                return try await body(Session(connection: connection, known: known, isInTransaction: false))
            }
        }
    }

    /// Lends a session for questions whose answers may be a moment old: on a replica, where there is one that can be
    /// reached and has everything which this process has written, and else on the primary. Inside a transaction it is the
    /// transaction's. What is read in order to write goes through `session(.read)`.
    public func read<Result: Sendable>(
        asFound: Bool = false, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        guard let replicas, let replicaAbsence, Self.current?.store != ObjectIdentifier(self) else {
            return try await session(.read, asFound: asFound, body)
        }
        try? await absence.endForWork()
        if replicaAbsence.isOver, let answer = try await ask(replicas, replicaAbsence, body) { return answer }
        return try await session(.read, asFound: asFound, body)
    }

    /// A replica's answer; nil where the primary has to give it.
    private func ask<Result: Sendable>(
        _ replicas: Pool, _ absence: ReplicaAbsence, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result? {
        let position = try await positionToReach()
        var hasBegun = false
        do {
            return try await explaining {
                try await replicas.withConnection(within: ReplicaAbsence.patience) { connection -> Result? in
                    hasBegun = true
                    try await connection.cleanse()
                    guard try await replicaIdentity.holds(connection) else { return nil }
                    if let position, try await !hasReplayed(connection, position) { return nil }
                    return try await body(
                        Session(connection: connection, known: known, isInTransaction: false))
                }
            }
        } catch let error as DatabaseError {
            if hasBegun {
                // What may pass, such as a row that recovery took away, needn't be waited for: the primary is there.
                guard error.mayPass else { throw error }
            } else {
                guard error.code != .cancelled, error.code != .poolClosed else { throw error }
                // Where some are lent, the others are only busy.
                if replicas.statistics.inUse == 0 { absence.begin(error) }
            }
            return nil
        }
    }

    /// What the read server is; nil where there is none.
    ///
    /// - Throws: `DatabaseError` where it can't be reached; `EvaluationError` where it has another database.
    public func replicaHealth() async throws -> ReplicaHealth? {
        try await replicas?.withConnection(within: ReplicaAbsence.patience) { connection in
            _ = try await replicaIdentity.holds(connection)
            return try await ReplicaHealth(connection)
        }
    }

    /// The place in the primary's log that a replica has to have reached for this process to find there what it wrote;
    /// nil where it wrote nothing.
    private func positionToReach() async throws -> Value? {
        switch replica.question {
        case .none: return nil
        case .replayed(let position): return .text(position)
        case .position(let writes):
            let position = try await pool.retrying(.read) { connection in
                try await connection.query("select pg_current_wal_insert_lsn()::text").single().get(
                    "pg_current_wal_insert_lsn", as: String.self)
            }
            replica.learned(position, writes: writes)
            return .text(position)
        }
    }

    /// Of a server that isn't a standby, such as a logical replica, nobody can tell.
    private func hasReplayed(_ connection: Connection, _ position: Value) async throws -> Bool {
        let row = try await connection.query(
            "select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, not pg_is_in_recovery()) as has",
            [position]
        ).single()
        return try row.get("has", as: Bool.self)
    }

    /// Closes all connections; what is at work may take that long to end.
    public func close(within limit: Duration = .seconds(10)) async {
        await upkeep.close()
        await replicas?.close(within: limit)
        await pool.close(within: limit)
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

    /// As `session(.write)`, for the work that ends a simulation, which can't wait in the spool as its outcomes can.
    ///
    /// - Parameter call: what ends it later, for people.
    /// - Throws: as `session`; where the database is away, with the advice what is safe and what to do later.
    public func ending<Result: Sendable>(
        _ call: String, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        do {
            return try await session(.write, body)
        } catch var error as DatabaseError {
            guard error.mayPass, Self.current?.store != ObjectIdentifier(self) else { throw error }
            let waits = knownSpool.spool?.isWaiting == true
            let safe =
                waits
                ? "The outcomes are safe: they wait in the spool on this machine's disk."
                : "The outcomes that were recorded are safe."
            let next = "Once the database is back, `\(call)` completes the simulation"
            error.advice = [
                error.advice, safe + " " + next + (waits ? ", after they have been recorded." : "."),
            ].compactMap(\.self).joined(separator: "\n")
            throw error
        }
    }

    /// Refreshes the roll-ups that wait after work that was one transaction, such as an import; no error of it matters.
    public func refreshRollupsInPassing() async {
        try? await session(.write) { await $0.refreshRollupsInPassing() }
    }

    /// Records outcomes, all of them or none; returns when they are durable. Those that several tasks record at about
    /// the same time are written together. Inside a transaction they are part of it.
    ///
    /// - Throws: as `Session.record`.
    public func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: OutcomePlaces? = nil
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
