import Postgres

/// A failure with what its category goes by, without its trajectory.
public struct RecordedFailure: Sendable {
    /// The outcome's id.
    public let outcomeID: String
    /// When it ran, as the server writes it: part of the outcome's key.
    public let executionTime: String
    /// The simulation's id.
    public let simulation: String
    /// The scenario's id.
    public let scenario: String
    /// Which of the scenario's runs it is.
    public let trial: Int
    /// `error` or `timeout`.
    public let status: OutcomeStatus
    /// The failure's code.
    public let code: String?
    /// The failure's message.
    public let message: String?
    /// Its category.
    public let category: String?
    /// The categorizer that gave the category; nil where whoever recorded the outcome did, or nobody.
    public let categorizedBy: String?
    /// Whether its trajectory is recorded.
    public let hasTrajectory: Bool

    fileprivate init(_ row: Row) throws {
        outcomeID = try row.get("outcome_id", as: String.self)
        executionTime = try row.get("execution_time", as: String.self)
        simulation = try row.get("simulation_id", as: String.self)
        scenario = try row.get("scenario_id", as: String.self)
        trial = try row.get("trial", as: Int.self)
        status = OutcomeStatus(rawValue: try row.get("status", as: String.self)) ?? .error
        code = try row.get("error_code", as: String?.self)
        message = try row.get("error_message", as: String?.self)
        category = try row.get("error_category", as: String?.self)
        categorizedBy = try row.get("categorized_by", as: String?.self)
        hasTrajectory = try row.get("has_trajectory", as: Bool.self)
    }
}

/// The failures of a scope, so many at a time, by time and id: what is read stays small, whatever there is.
public struct FailureBatches: Sendable {
    private let source: ScopedSource
    private var last: RecordedFailure?
    private var isOver = false

    fileprivate init(_ source: ScopedSource) { self.source = source }

    /// The next failures; none after the last.
    ///
    /// - Parameter limit: how many at most, 1 or more.
    public mutating func next(_ session: Session, limit: Int = 1000) async throws -> [RecordedFailure] {
        guard !isOver else { return [] }
        var source = source
        var rest = ""
        if let last {
            let time = source.bind(.text(last.executionTime))
            let id = source.bind(.text(last.outcomeID))
            // The first condition excludes partitions, and is one that an index serves.
            rest =
                " and o.execution_time >= \(time)::timestamptz and (o.execution_time, o.outcome_id) > (\(time)::timestamptz, \(id)::uuid)"
        }
        let most = source.bind(.int(Int64(limit)))
        // Each status by itself, so that an index gives its rows in order.
        let failures = [OutcomeStatus.error, .timeout].map { status in
            """
            (select o.outcome_id, o.execution_time, o.simulation_id, o.scenario_id, o.trial, o.status, o.error_code,
               o.error_message, o.error_category, o.categorized_by, o.trajectory is not null as has_trajectory
             \(source.outcomes(and: "o.status = '\(status.rawValue)'" + rest))
             order by o.execution_time, o.outcome_id limit \(most)::bigint)
            """
        }
        let rows = try await session.connection.query(
            """
            select outcome_id::text, execution_time::text, simulation_id::text, scenario_id, trial, status, error_code,
              error_message, error_category, categorized_by, has_trajectory
            from (\(failures.joined(separator: " union all "))) o
            order by o.execution_time, o.outcome_id limit \(most)::bigint
            """, source.parameters)
        let batch = try rows.map(RecordedFailure.init)
        last = batch.last
        isOver = batch.count < limit
        return batch
    }
}

/// A failure that gets another category.
public struct CategoryChange: Sendable {
    /// Which failure, as it was read.
    public let failure: RecordedFailure
    /// Its new category; nil for none.
    public let category: String?
    /// The categorizer that knows it.
    public let categorizer: String?

    /// A change of that failure's category.
    public init(_ failure: RecordedFailure, category: String?, categorizer: String?) {
        self.failure = failure
        self.category = category
        self.categorizer = categorizer
    }
}

extension Session {
    /// The failures of a scope, to be read batch by batch. What the scope says of the time counts from now.
    ///
    /// - Throws: `EvaluationError` as questions do.
    public func failureBatches(_ scope: OutcomeScope = .all) async throws -> FailureBatches {
        FailureBatches(try await source(scope))
    }

    /// The trajectories of failures as JSON texts, by the outcomes' ids.
    public func trajectories(of failures: [RecordedFailure]) async throws -> [String: String] {
        try await trajectories(ids: failures.map(\.outcomeID), times: failures.map(\.executionTime))
    }

    /// The trajectories of outcomes as JSON texts, by the outcomes' ids.
    ///
    /// - Parameter times: when each ran, as the server or `Timestamp` writes it: part of an outcome's key.
    public func trajectories(ids: [String], times: [String]) async throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await connection.query(
            """
            select o.outcome_id::text, o.trajectory::text as trajectory
            from unnest($1::uuid[], $2::timestamptz[]) as f(outcome_id, execution_time)
            join outcomes o using (outcome_id, execution_time)
            where o.trajectory is not null
              and o.execution_time between (select min(t) from unnest($2::timestamptz[]) t)
                and (select max(t) from unnest($2::timestamptz[]) t)
            """, [.texts(ids), .texts(times)])
        return try Dictionary(
            rows.map {
                (try $0.get("outcome_id", as: String.self), try $0.get("trajectory", as: String.self))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Gives failures their new categories in one transaction: the caller's where there is one. A failure whose category somebody
    /// has changed since it was read is left alone.
    ///
    /// - Returns: how many were changed.
    public func setCategories(_ changes: [CategoryChange]) async throws -> Int {
        guard !changes.isEmpty else { return 0 }
        return try await atomically { session in
            // In compressed chunks a change unpacks rows, of which TimescaleDB else allows a number that a batch may exceed.
            try await session.connection.query(
                "select set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)")
            let row = try await session.connection.query(
                """
                with changed as (
                  update outcomes o set error_category = nullif(c.category, ''), categorized_by = nullif(c.categorizer, '')
                  from unnest($1::uuid[], $2::timestamptz[], $5::text[], $6::text[], $7::text[])
                    as c(outcome_id, execution_time, before, category, categorizer)
                  where o.outcome_id = c.outcome_id and o.execution_time = c.execution_time
                    and o.execution_time between $3::timestamptz and $4::timestamptz
                    and o.error_category is not distinct from nullif(c.before, '')
                  returning 1
                )
                select count(*) as n from changed
                """,
                Self.keys(changes.map(\.failure)) + [
                    .texts(changes.map { $0.failure.category ?? "" }),
                    .texts(changes.map { $0.category ?? "" }),
                    .texts(changes.map { $0.categorizer ?? "" }),
                ]
            ).single()
            return try row.get("n", as: Int.self)
        }
    }

    /// Ids, times, the first time and the last of failures, which are in the order of their times.
    private static func keys(_ failures: [RecordedFailure]) -> [Value] {
        [
            .texts(failures.map(\.outcomeID)), .texts(failures.map(\.executionTime)),
            .text(failures.first?.executionTime ?? ""), .text(failures.last?.executionTime ?? ""),
        ]
    }
}
