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
}

extension Session {
    /// Records outcomes and the simulation's progress in one transaction.
    ///
    /// A run is a scenario and a trial. The first outcome of a run counts as progress; a later one replaces it (ids
    /// are ordered in time, the latest wins), and one that is there already changes nothing, so recording may be
    /// repeated safely. A scenario outside the simulation's set is added to it, and a trial beyond its plan extends the plan. A pending simulation starts running.
    ///
    /// - Parameter places: what to call each outcome in a message; "outcome 1", "outcome 2", … where nil.
    /// - Throws: `EvaluationError` with code `invalid` for an outcome out of range or two of the same run, `state`
    ///   where the simulation has ended. Nothing is written then.
    public func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: [String]? = nil
    ) async throws -> RecordingReport {
        let batch = try OutcomeBatch(outcomes, places: places)
        guard !outcomes.isEmpty else {
            return RecordingReport(outcomeIDs: [], recorded: 0, replaced: 0, unchanged: 0)
        }
        do {
            return try await recordOnce(batch, in: simulation)
        } catch let error as DatabaseError where error.isMissingPartition && !isInTransaction {
            // Retention dropped a partition that this process had seen.
            knownDays.forget()
            return try await recordOnce(batch, in: simulation)
        }
    }

    private func recordOnce(
        _ batch: OutcomeBatch, in simulation: SimulationReference
    ) async throws -> RecordingReport {
        try await ensurePartitions(for: batch.days)
        return try await atomically { session in
            let trials = try await session.openForRecording(simulation)
            if let most = batch.runTrials.max(), most > trials {
                try await session.setTrials(most, of: simulation)
            }
            try await session.upsert(batch.outcomes.map(\.scenario))
            try await session.addToSet(batch.scenarioIDs, of: simulation.id)
            let rival = try await session.existingOutcomes(of: batch, in: simulation.id)
            let plan = batch.plan(against: rival)
            try await session.remove(plan.replaced, from: simulation.id)
            try await session.insert(plan.inserted, into: simulation.id)
            let recorded = try await session.countProgress(of: batch, in: simulation.id)
            return RecordingReport(
                outcomeIDs: plan.ids, recorded: recorded,
                replaced: plan.replaced.count, unchanged: batch.outcomes.count - plan.inserted.count)
        }
    }

    /// Makes the day partitions that are missing, in a transaction of its own that ends at once: within the caller's,
    /// everybody else who needs a new day would wait for that one's end.
    private func ensurePartitions(for days: Set<String>) async throws {
        if isInTransaction {
            let missing = try await holdPartitions(of: days.sorted())
            guard !missing.isEmpty else { return }
            // Not one of the pool's: its last one may be the caller's.
            let own = try await Connection.connect(connection.options)
            try await own.query(Self.ensureSQL, [.texts(missing)])
            await own.close()
            _ = try await holdPartitions(of: missing)
        } else {
            let missing = knownDays.missing(of: days)
            guard !missing.isEmpty else { return }
            try await connection.query(Self.ensureSQL, [.texts(missing)])
            knownDays.insert(missing)
        }
    }

    /// Keeps the partitions of these days for the caller's transaction, and returns the days that have none.
    private func holdPartitions(of days: [String]) async throws -> [String] {
        try await connection.query(
            "select day::text as day from arc_hold_partitions($1::date[]) as day", [.texts(days)]
        ).map { try $0.get("day", as: String.self) }
    }

    private static let ensureSQL = "select arc_ensure_partitions($1::date[])"

    /// Locks the simulation, so that its counters are changed by one session at a time, and sees that it is open.
    ///
    /// - Returns: how often each scenario is planned to run.
    private func openForRecording(_ simulation: SimulationReference) async throws -> Int {
        let row = try await connection.query(
            "select status, trials from simulations where simulation_id = $1 for no key update",
            [.text(simulation.id)]
        ).first
        guard let row else {
            throw EvaluationError(.notFound, "simulation \(simulation.label) is gone")
        }
        let name = try row.get("status", as: String.self)
        switch SimulationState(rawValue: name) {
        case .running: break
        case .pending: try await startSimulation(simulation)
        default:
            throw EvaluationError(
                .state, "simulation \(simulation.label) is \(name): nothing more can be recorded in it",
                advice: "Start a new simulation for further runs.")
        }
        return try row.get("trials", as: Int.self)
    }

    /// The outcomes that runs of this batch have already.
    private func existingOutcomes(
        of batch: OutcomeBatch, in simulation: String
    ) async throws -> [OutcomeBatch.Run: [String]] {
        let found = try await connection.query(
            """
            select o.scenario_id, o.trial, o.outcome_id::text
            from unnest($2::text[], $3::integer[]) as g(scenario_id, trial)
            join simulations_scenarios s
              on s.simulation_id = $1 and s.scenario_id = g.scenario_id and g.trial = any (s.recorded_trials)
            join outcomes o on o.simulation_id = $1 and o.scenario_id = g.scenario_id and o.trial = g.trial
            """, [.text(simulation), .texts(batch.runScenarios), .integers(batch.runTrials)])
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
            "delete from outcomes where simulation_id = $1 and outcome_id = any ($2::uuid[])",
            [.text(simulation), .texts(outcomes)])
    }

    private func insert(_ outcomes: [Outcome], into simulation: String) async throws {
        guard !outcomes.isEmpty else { return }
        let rows = outcomes.map(OutcomeBatch.row).joined(separator: ",")
        try await connection.query(
            """
            insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status,
              reliability_score, execution_time_ms, tokens_used, cost_usd, trajectory, modal_call_id, sandbox_id,
              error_code, error_category, error_message, retry_count, metrics)
            select outcome_id, $1, scenario_id, trial, coalesce(execution_time, now()), status,
              reliability_score, execution_time_ms, tokens_used, cost_usd, trajectory, modal_call_id, sandbox_id,
              error_code, error_category, error_message, retry_count, coalesce(metrics, '{}')
            from jsonb_to_recordset($2::jsonb) as r(
              outcome_id uuid, scenario_id text, trial integer, execution_time timestamptz, status text,
              reliability_score double precision, execution_time_ms bigint, tokens_used bigint,
              cost_usd double precision, trajectory jsonb, modal_call_id text, sandbox_id text, error_code text,
              error_category text, error_message text, retry_count integer, metrics jsonb)
            """, [.text(simulation), .text("[\(rows)]")])
    }

    /// Marks the batch's runs as recorded and moves the simulation's counters by those that are new.
    private func countProgress(of batch: OutcomeBatch, in simulation: String) async throws -> Int {
        let counted = try await connection.query(
            """
            with given as (
              select scenario_id, array_agg(trial) as trials
              from unnest($2::text[], $3::integer[]) as g(scenario_id, trial) group by scenario_id
            ), before as (
              select s.scenario_id, cardinality(s.recorded_trials) as runs,
                s.recorded_trials || array(
                  select t from unnest(g.trials) t where t <> all (s.recorded_trials) order by t) as recorded
              from simulations_scenarios s join given g using (scenario_id) where s.simulation_id = $1
            ), wanted as (
              select trials from simulations where simulation_id = $1
            ), after as (
              update simulations_scenarios s set
                recorded_trials = b.recorded,
                status = case when cardinality(b.recorded) >= w.trials then 'completed' else 'running' end,
                started_at = coalesce(s.started_at, now()),
                completed_at = case when cardinality(b.recorded) >= w.trials
                  then coalesce(s.completed_at, now()) end
              from before b, wanted w
              where s.simulation_id = $1 and s.scenario_id = b.scenario_id and b.recorded <> s.recorded_trials
              returning cardinality(b.recorded) - b.runs as new_runs,
                (b.runs < w.trials and cardinality(b.recorded) >= w.trials)::integer as finished
            ), gain as (
              select coalesce(sum(new_runs), 0)::integer as new_runs,
                coalesce(sum(finished), 0)::integer as finished from after
            )
            update simulations set
              completed_runs = completed_runs + gain.new_runs,
              completed_scenarios = completed_scenarios + gain.finished
            from gain where simulation_id = $1
            returning gain.new_runs
            """, [.text(simulation), .texts(batch.runScenarios), .integers(batch.runTrials)])
        return try counted.single().get("new_runs", as: Int.self)
    }

    /// Sets how often each scenario is run, once an import has seen its whole file.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for less than 1.
    public func setTrials(_ trials: Int, of simulation: SimulationReference) async throws {
        try SimulationPlan.validate(trials: trials)
        try await connection.query(
            """
            with finished as (
              update simulations_scenarios set
                status = case when cardinality(recorded_trials) >= $2 then 'completed'
                  when recorded_trials = '{}' then 'pending' else 'running' end,
                completed_at = case when cardinality(recorded_trials) >= $2 then coalesce(completed_at, now()) end
              where simulation_id = $1
              returning cardinality(recorded_trials) >= $2 as done
            )
            update simulations set trials = $2,
              completed_scenarios = (select count(*) from finished where done)
            where simulation_id = $1
            """, [.text(simulation.id), .int(Int64(trials))])
    }
}

extension DatabaseError {
    /// PostgreSQL's "no partition of relation … found for row" (23514 without a constraint's name).
    fileprivate var isMissingPartition: Bool {
        server?.sqlState == "23514" && server?.constraint == nil
    }
}
