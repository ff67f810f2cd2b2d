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
            select s.*, c.name as configuration, v.version_number, o.*
            from simulations s
            join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            cross join lateral (
              select coalesce(sum(successes), 0)::bigint as successes, coalesce(sum(errors), 0)::bigint as errors,
                coalesce(sum(timeouts), 0)::bigint as timeouts,
                coalesce(sum(cancellations), 0)::bigint as cancellations,
                avg(score) as score, coalesce(sum(scored), 0)::bigint as scored, sum(cost) as cost
              from (
                select count(*) filter (where status = 'success') as successes,
                  count(*) filter (where status = 'error') as errors,
                  count(*) filter (where status = 'timeout') as timeouts,
                  count(*) filter (where status = 'cancelled') as cancellations,
                  avg(reliability_score) as score, count(reliability_score) as scored, sum(cost_usd) as cost
                from outcomes where simulation_id = s.simulation_id group by scenario_id
              ) as by_scenario
            ) as o
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
            select s.simulation_id::text, s.simulation_name, c.name as configuration, v.version_number, s.status,
              s.completed_runs, s.total_runs, s.created_at, o.passes, o.runs, o.cost
            from (select * from simulations order by created_at desc, simulation_id desc limit $1) s
            join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            cross join lateral (
              select array_agg(passes order by scenario_id) as passes, array_agg(runs order by scenario_id) as runs,
                sum(cost) as cost
              from (
                select scenario_id, sum(cost_usd) as cost,
                  count(*) filter (
                    where status <> 'cancelled' and (status <> 'success' or reliability_score is not null)) as runs,
                  count(*) filter (where status = 'success' and reliability_score >= s.pass_threshold) as passes
                from outcomes where simulation_id = s.simulation_id group by scenario_id
              ) as by_scenario
            ) as o
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
        let passes = try row.get("passes", as: [Int]?.self) ?? []
        let runs = try row.get("runs", as: [Int]?.self) ?? []
        let clusters = zip(passes, runs).filter { $1 > 0 }.map { passed, total in
            [Double](repeating: 1, count: passed) + [Double](repeating: 0, count: total - passed)
        }
        passRate = Mean.estimate(clusters, bounds: 0...1)
    }
}
