import Postgres

/// What recording a batch did.
public struct RecordingReport: Sendable, Hashable {
    /// The ids that the runs' outcomes have now, in the order given: of an older outcome than the stored one, that one's.
    public var outcomeIDs: [String]
    /// How many runs were recorded for the first time; progress grew by as much.
    public var recorded: Int
    /// How many runs had an outcome already, which a newer one replaced.
    public var replaced: Int
    /// How many outcomes were there already, or are older than the one that their run has.
    public var unchanged: Int
    /// How many outcomes wait in the spool, since the database is away; they are on disk.
    public var spooled = 0
}

/// How a batch is written.
struct RecordingManner: Sendable {
    /// Whether an earlier attempt may have been committed without anybody having been told: rows that turn out to be
    /// there already are passed over.
    var isRepeat = false
    /// Whether a simulation that has ended takes outcomes: those that waited in the spool meanwhile.
    var isLate = false
    /// Whether the transaction keeps its days from being dropped: maintenance did so just before.
    var keepsDays = false
}

/// For each outcome of a batch, the id that its run has now, and what was done.
struct WrittenBatch: Sendable {
    enum Deed: Sendable { case recorded, replaced, unchanged }

    var deeds: [(id: String, deed: Deed)] = []

    func report(_ range: Range<Int>) -> RecordingReport {
        var report = RecordingReport(outcomeIDs: [], recorded: 0, replaced: 0, unchanged: 0)
        report.outcomeIDs = deeds[range].map(\.id)
        for written in deeds[range] {
            switch written.deed {
            case .recorded: report.recorded += 1
            case .replaced: report.replaced += 1
            case .unchanged: report.unchanged += 1
            }
        }
        return report
    }
}

extension Session {
    /// Records outcomes and the simulation's progress in one transaction: the caller's where there is one.
    ///
    /// A run is a scenario and a trial. The first outcome of a run counts as progress; a later one replaces it (ids
    /// are ordered in time, the latest wins), and one that is there already changes nothing, so recording may be
    /// repeated safely. A scenario outside the simulation's set is added to it, and a trial beyond its plan extends
    /// the plan. A pending simulation starts running.
    ///
    /// - Parameter places: what to call each outcome in a message; "outcome 1", "outcome 2", … where nil.
    /// - Throws: `EvaluationError` with code `invalid` for an outcome out of range or two of the same run, `state`
    ///   where the simulation has ended. Nothing is written then.
    public func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: OutcomePlaces? = nil
    ) async throws -> RecordingReport {
        let batch = try OutcomeBatch(outcomes, places: places)
        // A refusal by the server would spoil the caller's transaction.
        try batch.checkTexts()
        do {
            return try await write(batch, in: simulation).report(0..<outcomes.count)
        } catch let refused as RefusedOutcome {
            throw batch.complaint(about: refused)
        }
    }

    /// Writes a batch, in the caller's transaction or one of its own.
    func write(
        _ batch: OutcomeBatch, in simulation: SimulationReference,
        _ manner: RecordingManner = RecordingManner()
    ) async throws -> WrittenBatch {
        guard !batch.outcomes.isEmpty else { return WrittenBatch() }
        do {
            return try await writeOnce(batch, in: simulation, manner)
        } catch let error as DatabaseError where error.isMissingPartition && !isInTransaction {
            // Maintenance dropped a day that this process had seen.
            known.days.forget()
            var manner = manner
            manner.keepsDays = true
            return try await writeOnce(batch, in: simulation, manner)
        } catch is OutdatedSet {
            // The database was put back to an earlier state.
            known.sets.forget(simulation.id)
            return try await writeOnce(batch, in: simulation, manner)
        }
    }

    private func writeOnce(
        _ batch: OutcomeBatch, in simulation: SimulationReference, _ manner: RecordingManner
    ) async throws -> WrittenBatch {
        try await ensurePartitions(for: batch.days)
        let set: KnownSet
        if let known = known.sets[simulation.id] {
            set = known
        } else {
            set = try await loadSet(of: simulation.id)
        }
        let (written, grown) = try await atomically { session in
            var set = set
            try await session.write(batch.scenarios(newTo: set), to: &set, of: simulation, manner)
            let repeated = try await session.countRuns(of: batch, by: set, in: simulation, manner)
            if manner.keepsDays { try await session.keepPartitions(for: batch.days) }
            let written = try await session.write(batch, repeated: repeated, in: simulation, manner)
            return (written, set)
        }
        if isInTransaction {
            // What else the caller's transaction does to outcomes has to be noticed by the database itself.
            try await connection.query("select set_config('arc.announced', '', true)")
        } else {
            // What a caller's transaction has written may still be rolled back.
            known.sets.remember(grown, of: simulation.id)
        }
        return written
    }

    // MARK: - Scenarios

    private func loadSet(of simulation: String) async throws -> KnownSet {
        try await connection.stream(
            "select ordinal, scenario_id from simulation_sets where simulation_id = $1", [.text(simulation)],
            into: KnownSet()
        ) { set, row in
            guard case .int(let ordinal) = row[0], case .text(let scenario) = row[1] else { return }
            set.learn(scenario, ordinal: Int(ordinal))
        }
    }

    /// Writes what is new about scenarios, and adds those that are missing to the simulation's set.
    private func write(
        _ scenarios: [Scenario], to set: inout KnownSet, of simulation: SimulationReference,
        _ manner: RecordingManner
    ) async throws {
        guard !scenarios.isEmpty else { return }
        let state = try await connection.query(
            "select status from simulations where simulation_id = $1 for no key update",
            [.text(simulation.id)])
        try Self.check(state.first?.get("status", as: String.self), of: simulation, manner)
        try await upsert(scenarios)
        let missing = scenarios.map(\.id).filter { set.ordinal(of: $0) == nil }
        if !missing.isEmpty {
            try await addToSet(missing, of: simulation.id)
            let added = try await connection.query(
                "select ordinal, scenario_id from simulation_sets where simulation_id = $1 and scenario_id = any ($2)",
                [.text(simulation.id), .texts(missing)])
            for row in added {
                set.learn(
                    try row.get("scenario_id", as: String.self), ordinal: try row.get("ordinal", as: Int.self)
                )
            }
        }
        for scenario in scenarios { set.learn(scenario) }
    }

    private static func check(
        _ name: String?, of simulation: SimulationReference, _ manner: RecordingManner
    ) throws {
        guard let name, let state = SimulationState(rawValue: name) else {
            throw EvaluationError(.notFound, "simulation \(simulation.label) is gone")
        }
        guard state == .pending || state == .running || manner.isLate else {
            throw EvaluationError(
                .state, "simulation \(simulation.label) is \(name): nothing more can be recorded in it",
                advice: "Start a new simulation for further runs.")
        }
    }

    // MARK: - Runs

    /// Counts the batch's runs as recorded, announces their hours to the roll-ups, and returns those runs that were
    /// recorded before.
    private func countRuns(
        of batch: OutcomeBatch, by set: KnownSet, in simulation: SimulationReference,
        _ manner: RecordingManner
    ) async throws -> Set<OutcomeBatch.Run> {
        let bits = batch.bits(by: set)
        let row = try await connection.query(
            """
            select state, outdated, repeated, arc_announce($1, $6) from arc_count_runs($1, $2, $3, $4, $5)
            """,
            [
                .text(simulation.id), .integers(bits.map(\.trial)), .texts(bits.map(\.bits.hex)),
                .int(Int64(set.count)), .bool(manner.isLate), .times(OutcomeBatch.hours(of: batch.outcomes)),
            ]
        ).single()
        try Self.check(try row.get("state", as: String?.self), of: simulation, manner)
        if try row.get("outdated", as: Bool.self) { throw OutdatedSet() }
        let repeated = try row.get("repeated", as: [String].self)
        guard repeated.contains(where: { !$0.isEmpty }) else { return [] }
        var ordinals: [Int: Set<Int>] = [:]
        for (trial, text) in zip(bits.map(\.trial), repeated) {
            ordinals[trial] = Set(RunBits.ordinals(in: text))
        }
        return Set(
            batch.outcomes.lazy.map(\.run).filter { run in
                set.ordinal(of: run.scenario).map { ordinals[run.trial]?.contains($0) == true } ?? false
            })
    }

    // MARK: - Outcomes

    private func write(
        _ batch: OutcomeBatch, repeated: Set<OutcomeBatch.Run>, in simulation: SimulationReference,
        _ manner: RecordingManner
    ) async throws -> WrittenBatch {
        let plan = batch.plan(against: try await outcomes(of: repeated, in: simulation.id))
        try await remove(plan.replaced, from: simulation.id)
        try await insert(plan.inserted, into: simulation.id, manner)
        return WrittenBatch(
            deeds: plan.ids.enumerated().map { index, id in
                guard id.isWritten else { return (id.id, .unchanged) }
                return (id.id, repeated.contains(batch.outcomes[index].run) ? .replaced : .recorded)
            })
    }

    /// The ids of the outcomes that these runs have.
    private func outcomes(
        of runs: Set<OutcomeBatch.Run>, in simulation: String
    ) async throws -> [OutcomeBatch.Run: [String]] {
        guard !runs.isEmpty else { return [:] }
        let runs = Array(runs)
        let found = try await connection.query(
            """
            select o.scenario_id, o.trial, o.outcome_id::text
            from unnest($2::text[], $3::integer[]) as g(scenario_id, trial)
            join outcomes o on o.simulation_id = $1 and o.scenario_id = g.scenario_id and o.trial = g.trial
            """, [.text(simulation), .texts(runs.map(\.scenario)), .integers(runs.map(\.trial))])
        var existing: [OutcomeBatch.Run: [String]] = [:]
        for row in found {
            let run = OutcomeBatch.Run(
                scenario: try row.get("scenario_id", as: String.self),
                trial: try row.get("trial", as: Int.self))
            existing[run, default: []].append(try row.get("outcome_id", as: String.self))
        }
        return existing
    }

    private func remove(_ outcomes: [String], from simulation: String) async throws {
        guard !outcomes.isEmpty else { return }
        try await connection.query(
            """
            with gone as (
              delete from outcomes where simulation_id = $1 and outcome_id = any ($2::uuid[]) returning execution_time
            )
            select arc_note_change($1, hour) from (select distinct arc_hour(execution_time) as hour from gone) as hours
            """, [.text(simulation), .texts(outcomes)])
    }

    private func insert(_ outcomes: [Outcome], into simulation: String, _ manner: RecordingManner)
        async throws
    {
        guard !outcomes.isEmpty else { return }
        let table = manner.isRepeat ? "arc_staged" : "outcomes"
        if manner.isRepeat {
            try await connection.script("create temp table arc_staged (like outcomes) on commit drop")
        }
        let encoder = OutcomeRow(of: simulation)
        do {
            try await connection.copyIn(
                "copy \(table) (\(OutcomeRow.columns)) from stdin (format binary)", rows: outcomes
            ) { encoder.append($0, to: &$1) }
        } catch let error as DatabaseError where error.mayBeOneRows {
            guard let row = error.refusedRow, outcomes.indices.contains(row) else { throw error }
            throw RefusedOutcome(id: outcomes[row].id ?? "", error: error)
        }
        if manner.isRepeat {
            try await connection.script(
                """
                insert into outcomes (\(OutcomeRow.columns)) select \(OutcomeRow.columns) from arc_staged
                on conflict (outcome_id, execution_time) do nothing
                """)
        }
    }
}

/// What this process knows of a simulation's set is more than the database has.
private struct OutdatedSet: Error {}

/// An outcome that the server found fault with.
struct RefusedOutcome: Error {
    let id: String
    let error: DatabaseError
}

extension DatabaseError {
    /// Whether the server found fault with the data: SQLSTATE classes 22 (data exception), 23 (integrity constraint) and
    /// 54 (program limit exceeded). A partition that isn't there is none of the data's.
    var isRefusal: Bool {
        code == .server && !isMissingPartition && ["22", "23", "54"].contains(server?.sqlStateClass)
    }

    /// Whether the server, at work on a row, may have failed because of it: by whatever error a trigger of the user's
    /// raises. A lack of means, a lock, or an end of the server's isn't of that kind.
    fileprivate var mayBeOneRows: Bool {
        guard code == .server, !isMissingPartition, let kind = server?.sqlStateClass else { return false }
        return !["08", "25", "40", "53", "55", "57", "58", "XX"].contains(kind)
    }

    /// PostgreSQL's "no partition of relation … found for row" (23514 without a constraint's name).
    fileprivate var isMissingPartition: Bool {
        server?.sqlState == "23514" && server?.constraint == nil
    }

    /// The row of a COPY, counted from 0, that the server refused, where it said which.
    fileprivate var refusedRow: Int? {
        guard let context = server?.context, let match = context.firstMatch(of: /COPY [^,]+, line (\d+)/)
        else {
            return nil
        }
        return Int(match.1).map { $0 - 1 }
    }
}
