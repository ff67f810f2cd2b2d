public import Postgres

/// A simulation's progress and figures of the moment. What isn't known is nil.
public struct SimulationStatus: Sendable {
    /// Its id.
    public var id: String
    /// Its name, where it has one.
    public var name: String?
    /// The configuration's name.
    public var configuration: String
    /// The configuration version's number.
    public var configurationVersion: Int
    /// Where it stands.
    public var state: SimulationState
    /// How many scenarios its set has.
    public var totalScenarios: Int
    /// How many of them have every trial recorded.
    public var completedScenarios: Int
    /// How often each scenario is run.
    public var trials: Int
    /// Scenarios × trials.
    public var totalRuns: Int
    /// How many runs are recorded.
    public var completedRuns: Int
    /// The score from which a run passes.
    public var passThreshold: Double
    /// How many runs ended in each status.
    public var statuses: [OutcomeStatus: Int]
    /// The mean of the scenarios' mean scores: as given at completion, else as recorded so far.
    public var averageScore: Double?
    /// How many runs have a score.
    public var scoredRuns: Int
    /// The cost of the runs whose cost is known, in US dollars.
    public var totalCostUSD: Double?
    /// How long it took, in milliseconds, once it has ended.
    public var executionTimeMs: Int64?
    /// When it was created.
    public var createdAt: Timestamp
    /// When it started.
    public var startedAt: Timestamp?
    /// When it ended.
    public var completedAt: Timestamp?

    /// Recorded runs in percent of all, 0…100; nil where there are none to run.
    public var completionPercent: Double? {
        totalRuns > 0 ? 100 * Double(completedRuns) / Double(totalRuns) : nil
    }
}

extension Session {
    /// A simulation's progress and figures of the moment.
    public func status(of simulation: SimulationReference) async throws -> SimulationStatus {
        let row = try await connection.query(
            """
            select s.*, c.name as configuration, v.version_number, coalesce(o.successes, 0) as successes,
              coalesce(o.errors, 0) as errors, coalesce(o.timeouts, 0) as timeouts,
              coalesce(o.cancellations, 0) as cancellations, coalesce(o.scored, 0) as scored,
              o.score::double precision as score, o.cost::double precision as cost
            from simulations s
            join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            left join arc_totals(array[$1::uuid], false) o on o.simulation_id = s.simulation_id
            where s.simulation_id = $1
            """, [.text(simulation.id)]
        ).single()
        return try Self.status(row, simulation)
    }

    private static func status(_ row: Row, _ simulation: SimulationReference) throws -> SimulationStatus {
        SimulationStatus(
            id: simulation.id, name: try row.get("simulation_name", as: String?.self),
            configuration: try row.get("configuration", as: String.self),
            configurationVersion: try row.get("version_number", as: Int.self),
            state: SimulationState(rawValue: try row.get("status", as: String.self)) ?? .pending,
            totalScenarios: try row.get("total_scenarios", as: Int.self),
            completedScenarios: try row.get("completed_scenarios", as: Int.self),
            trials: try row.get("trials", as: Int.self),
            totalRuns: try row.get("total_runs", as: Int.self),
            completedRuns: try row.get("completed_runs", as: Int.self),
            passThreshold: try row.get("pass_threshold", as: Double.self),
            statuses: [
                .success: try row.get("successes", as: Int.self), .error: try row.get("errors", as: Int.self),
                .timeout: try row.get("timeouts", as: Int.self),
                .cancelled: try row.get("cancellations", as: Int.self),
            ],
            averageScore: try row.get("overall_score", as: Double?.self)
                ?? row.get("score", as: Double?.self),
            scoredRuns: try row.get("scored", as: Int.self),
            totalCostUSD: try row.get("total_cost_usd", as: Double?.self)
                ?? row.get("cost", as: Double?.self),
            executionTimeMs: try row.get("execution_time_ms", as: Int64?.self),
            createdAt: try row.get("created_at", as: Timestamp.self),
            startedAt: try row.get("started_at", as: Timestamp?.self),
            completedAt: try row.get("completed_at", as: Timestamp?.self))
    }

    /// Simulations, newest first, with what `arc list` shows.
    ///
    /// - Parameter limit: how many at most; nil for all.
    public func simulations(limit: Int? = nil) async throws -> [SimulationSummary] {
        let rows = try await connection.query(
            """
            with newest as materialized (
              select * from simulations order by created_at desc, simulation_id desc limit $1
            )
            select s.simulation_id::text, s.simulation_name, c.name as configuration, v.version_number, s.status,
              s.completed_runs, s.total_runs, s.created_at, o.passes, o.judged, o.alike, o.cost::double precision as cost
            from newest s
            join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            left join arc_totals((select array_agg(simulation_id) from newest)) o on o.simulation_id = s.simulation_id
            order by s.created_at desc, s.simulation_id desc
            """, [.optional(limit)])
        return try rows.map(SimulationSummary.init)
    }
}

/// A simulation in a list.
public struct SimulationSummary: Sendable {
    /// Its id.
    public let id: String
    /// Its name, where it has one.
    public let name: String?
    /// The configuration's name.
    public let configuration: String
    /// The configuration version's number.
    public let configurationVersion: Int
    /// Where it stands.
    public let state: SimulationState
    /// How many runs are recorded.
    public let completedRuns: Int
    /// How many runs there are to be.
    public let totalRuns: Int
    /// The share of runs that passed, clustered by scenario. A run that somebody cancelled says nothing, and neither does
    /// one that succeeded without a score.
    public let passRate: Estimate
    /// The cost of the runs whose cost is known, in US dollars.
    public let costUSD: Double?
    /// When it was created.
    public let createdAt: Timestamp

    init(_ row: Row) throws {
        id = try row.get("simulation_id", as: String.self)
        name = try row.get("simulation_name", as: String?.self)
        configuration = try row.get("configuration", as: String.self)
        configurationVersion = try row.get("version_number", as: Int.self)
        state = SimulationState(rawValue: try row.get("status", as: String.self)) ?? .pending
        completedRuns = try row.get("completed_runs", as: Int.self)
        totalRuns = try row.get("total_runs", as: Int.self)
        costUSD = try row.get("cost", as: Double?.self)
        createdAt = try row.get("created_at", as: Timestamp.self)
        // Scenarios with as many passes of as many runs are told together.
        let passes = try row.get("passes", as: [Int]?.self) ?? []
        let runs = try row.get("judged", as: [Int]?.self) ?? []
        let alike = try row.get("alike", as: [Int]?.self) ?? []
        let means = passes.indices.flatMap { index in
            let mean = Double(passes[index]) / Double(runs[index])
            return Array(repeating: (mean: mean, trials: runs[index]), count: alike[index])
        }
        passRate = Mean.estimate(means: means, bounds: 0...1)
    }
}
