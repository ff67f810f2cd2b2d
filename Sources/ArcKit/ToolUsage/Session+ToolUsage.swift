import Postgres

extension Session {
    /// Calls, errors and times by tool, and the tools that scenarios expect against those that their runs called.
    ///
    /// The server takes the calls out of the trajectories, which are all read, and sends only the sums. `ToolCallSQL` has
    /// the shapes that it knows. Expected tools are a list of names, or of objects with `name` or `tool`.
    ///
    /// - Parameter scope: which outcomes.
    public func toolUsage(_ scope: OutcomeScope = .all) async throws -> ToolUsage {
        try await consistently { session in
            let question = Self.toolUsage(try await session.source(scope))
            let tally = try await session.folding(question, into: ToolTally()) { tally, row in
                try tally.add(&row)
            }
            let expected = try await session.expectedTools(of: tally.scenarios.keys.sorted())
            return ToolUsage(
                totals: tally.totals, scenarios: tally.scenarios, withoutTrajectory: tally.withoutTrajectory,
                expected: expected)
        }
    }

    /// By scenario and tool; where the tool is NULL, the scenario's runs with a trajectory, and all of its runs.
    static func toolUsage(_ source: ScopedSource) -> Question {
        Question(
            """
            select o.scenario_id, t.tool,
              case when t.tool is null then count(o.outcome_id) filter (where o.has_trajectory) else count(*) end,
              sum(t.calls)::bigint, sum(t.answered)::bigint, sum(t.errors)::bigint, sum(t.timed)::bigint, sum(t.ms),
              count(*)
            from (
              select o.outcome_id, o.scenario_id, o.trajectory, o.trajectory is not null as has_trajectory
              \(source.outcomes())
            ) o
            cross join lateral (
              select null as tool, 0 as calls, 0 as answered, 0 as errors, 0 as timed, null::numeric as ms
              union all
              select c.tool, count(*), count(c.failed), count(*) filter (where c.failed), count(c.ms), sum(c.ms)
              from (\(ToolCallSQL.calls(of: "o.trajectory"))) c group by c.tool
            ) t
            group by o.scenario_id, t.tool
            """, source)
    }

    private func expectedTools(of scenarios: [String]) async throws -> [String: Set<String>] {
        let found = try await connection.query(
            """
            select s.scenario_id, array(
              select coalesce(case jsonb_typeof(e) when 'string' then e #>> '{}' end, e ->> 'name', e ->> 'tool')
              from jsonb_array_elements(s.expected_tools) e
              where coalesce(case jsonb_typeof(e) when 'string' then e #>> '{}' end, e ->> 'name', e ->> 'tool')
                is not null) as tools
            from scenarios s
            where s.scenario_id = any ($1) and jsonb_typeof(s.expected_tools) = 'array'
            """, [.texts(scenarios)])
        var expected: [String: Set<String>] = [:]
        for row in found {
            expected[try row.get("scenario_id", as: String.self)] = Set(
                try row.get("tools", as: [String].self))
        }
        return expected
    }
}

/// The rows of the question about tools.
private struct ToolTally: Sendable {
    var totals: [String: [String: ToolTotals]] = [:]
    var scenarios: [String: Int] = [:]
    var withoutTrajectory = 0

    mutating func add(_ row: inout RowReader) throws {
        let scenario = try row.required(String.self)
        let tool = try row.optional(String.self)
        let totals = ToolTotals(
            runs: try row.required(), calls: try row.required(), answered: try row.required(),
            errors: try row.required(), timed: try row.required(), timeMs: try row.optional())
        if let tool {
            self.totals[scenario, default: [:]][tool] = totals
        } else {
            scenarios[scenario] = totals.runs
            withoutTrajectory += try row.required(Int.self) - totals.runs
        }
    }
}
