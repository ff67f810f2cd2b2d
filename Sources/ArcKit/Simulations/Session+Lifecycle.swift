import Postgres

extension Session {
    /// Creates a simulation in state `pending`, with its set of scenarios.
    ///
    /// - Returns: the new simulation's id.
    /// - Throws: `EvaluationError` with code `invalid` for a value out of range, `notFound` for an unknown
    ///   configuration, `exists` where the plan's source was imported before.
    public func createSimulation(_ plan: SimulationPlan) async throws -> String {
        try plan.validate()
        return try await atomically { session in
            let version = try await session.findConfigurationVersion(plan.configuration)
            let id = Identifier.make()
            let created = try await session.connection.query(
                """
                insert into simulations (simulation_id, config_version_id, simulation_name, trials, modal_app_id,
                  modal_environment, sandbox_instances, pass_threshold, source_hash)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                on conflict (source_hash) do nothing
                """,
                [
                    .text(id), .text(version), .optional(plan.name), .int(Int64(plan.trials)),
                    .optional(plan.modalAppID), .optional(plan.modalEnvironment),
                    .optional(plan.sandboxInstances), .double(plan.passThreshold), .optional(plan.sourceHash),
                ])
            guard created.affectedRows == 1 else {
                throw EvaluationError(.exists, "these results were imported before")
            }
            try await session.upsert(plan.scenarios)
            try await session.addToSet(plan.scenarios.map(\.id), of: id)
            return id
        }
    }

    /// The simulation that was imported from a file with that SHA-256, if there is one.
    public func findSimulation(importedFrom hash: String) async throws -> SimulationReference? {
        let found = try await connection.query(
            """
            select simulation_id::text, simulation_name, status, 1 as namesakes from simulations
            where source_hash = $1
            """, [.text(hash)])
        return try found.first.map(Self.reference)
    }

    /// Adds scenarios that aren't in the simulation's set yet; its totals follow. Nobody else may be adding to it: the
    /// caller has made the simulation, or locked it.
    func addToSet(_ scenarios: [String], of simulation: String) async throws {
        guard !scenarios.isEmpty else { return }
        try await connection.query(
            """
            with missing as (
              select u.scenario_id, row_number() over (order by min(u.place)) as place
              from unnest($2::text[]) with ordinality as u(scenario_id, place)
              where not exists (
                select from simulation_sets s where s.simulation_id = $1 and s.scenario_id = u.scenario_id)
              group by u.scenario_id
            ), added as (
              insert into simulation_sets (simulation_id, scenario_id, execution_order, ordinal)
              select $1, m.scenario_id, s.total_scenarios + m.place, s.total_scenarios + m.place - 1
              from missing m, simulations s where s.simulation_id = $1
              returning 1
            )
            update simulations set total_scenarios = total_scenarios + (select count(*) from added)
            where simulation_id = $1 and exists (select from added)
            """, [.text(simulation), .texts(scenarios)])
    }

    /// Moves a simulation to `running`.
    ///
    /// - Throws: `EvaluationError` with code `state` where it has ended.
    public func startSimulation(_ reference: SimulationReference) async throws {
        try await move(reference, to: .running, setting: "started_at = coalesce(started_at, now())")
    }

    /// Ends a simulation as planned. What `result` leaves open is computed from the outcomes: the mean of the
    /// scenarios' mean scores, the sum of the known costs, the time since the start.
    ///
    /// The roll-ups that wait are refreshed then (``refreshRollups(atMost:)``), and once a day the maintenance that is due
    /// follows (``maintain()``).
    ///
    /// - Throws: `EvaluationError` with code `state` where it never ran or has ended, `invalid` for a value out of
    ///   range.
    public func completeSimulation(
        _ reference: SimulationReference, _ result: SuiteResult = SuiteResult()
    ) async throws {
        try result.validate()
        try await move(
            reference, to: .completed,
            setting: """
                completed_at = now(),
                overall_score = coalesce($3, (
                  select score::double precision from arc_totals(array[$1::uuid], false))),
                total_cost_usd = coalesce($4, (select cost::double precision from arc_totals(array[$1::uuid], false))),
                execution_time_ms = coalesce($5, case when $6 then
                  round(extract(epoch from now() - coalesce(started_at, created_at)) * 1000)::bigint end)
                """,
            [
                .optional(result.overallScore), .optional(result.totalCostUSD),
                .optional(result.executionTimeMs), .bool(result.isTimed),
            ])
        await maintainIfDue()
        await refreshRollupsInPassing()
    }

    /// Ends a simulation that can't go on, or that nobody wants any more.
    ///
    /// - Parameter state: `failed` or `cancelled`.
    /// - Throws: `EvaluationError` with code `invalid` for any other state, `state` where it has ended.
    public func abandonSimulation(
        _ reference: SimulationReference, as state: SimulationState
    ) async throws {
        guard state == .failed || state == .cancelled else {
            throw EvaluationError(
                .invalid, "a simulation is abandoned as failed or cancelled, not as \(state.rawValue)")
        }
        try await move(reference, to: state, setting: "completed_at = now()")
    }

    /// Moves to `next` where the state of the moment allows it: the condition is in the statement, so of two
    /// sessions that try at once one is told that it came too late.
    private func move(
        _ reference: SimulationReference, to next: SimulationState, setting: String, _ extra: [Value] = []
    ) async throws {
        let origins = SimulationState.allCases.filter { $0.canBecome(next) }.map(\.rawValue)
        let allowed = next == .running ? origins + [next.rawValue] : origins
        let list = allowed.map { "'\($0)'" }.joined(separator: ", ")
        let moved = try await connection.query(
            """
            update simulations set status = $2, \(setting)
            where simulation_id = $1 and status in (\(list))
            """, [.text(reference.id), .text(next.rawValue)] + extra)
        guard moved.affectedRows == 1 else {
            let now = try await findSimulation(reference.id)
            throw EvaluationError(
                .state, "simulation \(now.label) is \(now.state.rawValue) and cannot become \(next.rawValue)",
                advice: "The states are pending, running, then completed, failed or cancelled.")
        }
    }

    /// Finds a simulation by `latest`, its id, its name (the newest of that name), or a prefix of its id that no
    /// other has (4 digits or more).
    ///
    /// - Throws: `EvaluationError` with code `notFound` or `ambiguous`, which names those that come near.
    public func findSimulation(_ text: String) async throws -> SimulationReference {
        try EvaluationError.refuseNUL(in: text, "the name or id", of: "a simulation")
        let columns = "simulation_id::text, simulation_name, status"
        let newestFirst = "order by created_at desc, simulation_id desc"
        let found: QueryResult
        if text == "latest" {
            found = try await connection.query(
                "select \(columns), 1 as namesakes from simulations \(newestFirst) limit 1")
        } else {
            found = try await connection.query(
                """
                select \(columns), 1 as namesakes from simulations where simulation_id::text = lower($1)
                union all
                (select \(columns), (count(*) over ())::integer from simulations
                 where simulation_name = $1 \(newestFirst) limit 1)
                """, [.text(text)])
        }
        if let row = found.first { return try Self.reference(row) }
        if text.wholeMatch(of: /[0-9a-fA-F-]{4,35}/) != nil, let match = try await findByPrefix(text) {
            return match
        }
        if text.hasPrefix(Self.tagPrefix) {
            return try await findSimulation(tagged: String(text.dropFirst(Self.tagPrefix.count)))
        }
        throw try await unknownSimulation(text)
    }

    private func findByPrefix(_ prefix: String) async throws -> SimulationReference? {
        let found = try await connection.query(
            """
            select simulation_id::text, simulation_name, status, 1 as namesakes from simulations
            where simulation_id::text like lower($1) || '%' order by created_at desc limit 6
            """, [.text(prefix)])
        guard found.count <= 1 else {
            let ids = try found.map { try $0.get("simulation_id", as: String.self) }
            throw EvaluationError(
                .ambiguous, "several simulations have an id that begins with \(prefix)",
                advice: "Give more digits: " + ids.joined(separator: ", "))
        }
        return try found.first.map(Self.reference)
    }

    private func unknownSimulation(_ text: String) async throws -> EvaluationError {
        if text == "latest" {
            return EvaluationError(
                .notFound, "there is no simulation yet",
                advice: "Import results (`arc import FILE`) or start one (arc.start_simulation).")
        }
        let recent = try await connection.query(
            """
            select coalesce(simulation_name, simulation_id::text) as label from simulations
            order by created_at desc limit 10000
            """)
        let labels = try recent.map { try $0.get("label", as: String.self) }
        let near = NearestName.of(text, among: labels + ["latest"])
        let newest = "The newest are: \(labels.prefix(5).joined(separator: ", ")). `arc list` shows all."
        return EvaluationError(
            .notFound, "there is no simulation with the name, id or id prefix \"\(text)\"",
            advice: labels.isEmpty
                ? "There is none at all yet: import results with `arc import FILE`."
                : near.map { "Did you mean \"\($0)\"?" } ?? newest)
    }

    static func reference(_ row: Row) throws -> SimulationReference {
        let state = try row.get("status", as: String.self)
        return SimulationReference(
            id: try row.get("simulation_id", as: String.self),
            name: try row.get("simulation_name", as: String?.self),
            state: SimulationState(rawValue: state) ?? .pending,
            namesakes: try row.get("namesakes", as: Int.self))
    }
}
