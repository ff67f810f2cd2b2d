import Postgres

extension Session {
    /// What failed: by category, by scenario and by what the message says (`MessageClusters`), and by tool where that is asked for.
    ///
    /// Rates are over the runs that nobody cancelled. Those over several scenarios count each scenario once, with the t
    /// interval over scenarios.
    ///
    /// - Parameters:
    ///   - scope: which outcomes.
    ///   - byTool: whether to tell the tools at which runs failed, for which the trajectories of failed runs are read:
    ///     of each the tool of its last call that failed.
    public func failures(_ scope: OutcomeScope = .all, byTool: Bool = false) async throws -> Failures {
        try await consistently { session in
            let source = try await session.source(scope)
            let counts = try await session.rows(of: Self.runCounts(source)) { row in
                (scenario: try row.required(String.self), runs: try row.required(Int.self))
            }
            let runs = Dictionary(counts.map { ($0.scenario, $0.runs) }, uniquingKeysWith: +)
            let tally = try await session.folding(Self.failed(source), into: FailureTally(runs: runs)) {
                tally, row in
                tally.add(
                    FailureTally.Failure(
                        scenario: try row.required(), category: try row.optional(),
                        message: try row.optional(),
                        time: try row.required(), outcome: try row.required()))
            }
            return tally.answer(byTool: byTool ? try await session.failingTools(source) : nil)
        }
    }

    static func runCounts(_ source: ScopedSource) -> Question {
        Question(
            """
            select o.scenario_id, count(*) \(source.outcomes(and: "o.status <> 'cancelled'"))
            group by o.scenario_id
            """, source)
    }

    static func failed(_ source: ScopedSource) -> Question {
        Question(
            """
            select o.scenario_id, o.error_category, o.error_message, o.execution_time, o.outcome_id
            \(source.outcomes(and: ScopedSource.failed))
            """, source)
    }

    private func failingTools(_ source: ScopedSource) async throws -> [FailingTool] {
        let found = try await rows(of: Self.failingTools(source)) { row in
            (
                tool: try row.optional(String.self), failures: try row.required(Int.self),
                scenarios: try row.required(Int.self)
            )
        }
        let total = found.reduce(0) { $0 + $1.failures }
        return found.map { tool in
            FailingTool(
                tool: tool.tool, failures: tool.failures, share: Double(tool.failures) / Double(total),
                scenarios: tool.scenarios)
        }.sorted { one, other in
            (-one.failures, one.tool == nil ? 1 : 0, one.tool ?? "")
                < (-other.failures, other.tool == nil ? 1 : 0, other.tool ?? "")
        }
    }

    static func failingTools(_ source: ScopedSource) -> Question {
        Question(
            """
            select t.tool, count(*), count(distinct o.scenario_id)
            from (select o.scenario_id, o.trajectory \(source.outcomes(and: ScopedSource.failed))) o
            left join lateral (
              select c.tool from (\(ToolCallSQL.calls(of: "o.trajectory"))) c
              where c.failed order by c.place desc, c.part desc limit 1
            ) t on true
            group by t.tool
            """, source)
    }
}
