import Postgres

extension Session {
    /// The sums of a scope's runs by version and scenario, in any order.
    ///
    /// Whole days come from what was added up by the day (`rollup_runs_daily`); from the outcomes come the rest of a span that
    /// begins or ends within a day, and what is noted as changed since. The sums are exact, and so the same.
    ///
    /// - Parameter withTimes: whether the single times come along, for percentiles: 8 bytes a run.
    /// - Throws: as `resolved`.
    func runTotals(_ scope: OutcomeScope, withTimes: Bool = false) async throws -> [RunTotals] {
        let scope = try await resolved(scope)
        guard let days = WholeDays(since: scope.since, before: scope.before) else {
            return try await rows(of: RunTotals.question(ScopedSource(scope), withTimes: withTimes)) {
                try RunTotals(&$0)
            }
        }
        return try await consistently { session in
            let notes = try await session.notes(scope, within: days)
            var stored = ScopedSource(scope.from(days.first, to: days.end), of: .runDays)
            notes.leaveOut(of: &stored)
            var answers = [
                try await session.rows(of: RunTotals.question(ofDays: stored, withTimes: withTimes)) {
                    try RunTotals(&$0)
                }
            ]
            for source in scope.ends(around: days) + notes.sources(scope, within: days) {
                answers.append(
                    try await session.rows(of: RunTotals.question(source, withTimes: withTimes)) {
                        try RunTotals(&$0)
                    })
            }
            return RunTotals.merged(answers)
        }
    }

    /// What is noted of these days of a scope's simulations.
    private func notes(_ scope: ResolvedScope, within days: WholeDays) async throws -> NotedDays {
        let rows = try await connection.query(
            """
            select simulation_id::text as simulation,
              nullif(arc_day(hour), '-infinity') as day
            from rollup_changes
            where ($1::uuid[] is null or simulation_id = any ($1::uuid[])) and (hour = '-infinity' or (
              ($2::timestamptz is null or hour >= $2) and ($3::timestamptz is null or hour < $3)))
            group by 1, 2 order by 1, 2
            """,
            [
                scope.simulations.map(Value.texts) ?? .null, days.first.map(Value.timestamp) ?? .null,
                days.end.map(Value.timestamp) ?? .null,
            ])
        return NotedDays(
            try rows.map {
                (try $0.get("simulation", as: String.self), try $0.get("day", as: Timestamp?.self))
            })
    }
}

/// Days of simulations of which the outcomes may have changed since they were added up.
private struct NotedDays: Sendable {
    /// Simulations of which every day may have changed.
    private let wholes: [String]
    /// Other simulations, each with one of their days.
    private let days: [(simulation: String, day: Timestamp)]

    /// - Parameter notes: simulations with their days; nil for all of them.
    init(_ notes: [(simulation: String, day: Timestamp?)]) {
        let wholes = Set(notes.lazy.filter { $0.day == nil }.map(\.simulation))
        self.wholes = wholes.sorted()
        days = notes.compactMap { note in
            wholes.contains(note.simulation) ? nil : note.day.map { (note.simulation, $0) }
        }
    }

    /// Leaves these days out of what was added up.
    func leaveOut(of source: inout ScopedSource) {
        if !wholes.isEmpty {
            source.require("o.simulation_id <> all (\(source.bind(.texts(wholes)))::uuid[])")
        }
        if !days.isEmpty { source.require("(o.simulation_id, o.bucket) not in \(pairs(in: &source))") }
    }

    /// Their outcomes.
    func sources(_ scope: ResolvedScope, within span: WholeDays) -> [ScopedSource] {
        var sources: [ScopedSource] = []
        var scope = scope.from(span.first, to: span.end)
        if !wholes.isEmpty {
            scope.simulations = wholes
            sources.append(ScopedSource(scope))
        }
        if let first = days.lazy.map(\.day).min(), let last = days.lazy.map(\.day).max() {
            scope.simulations = Set(days.map(\.simulation)).sorted()
            (scope.since, scope.before) = (
                first, Timestamp(microseconds: last.microseconds + WholeDays.microseconds)
            )
            var source = ScopedSource(scope)
            source.require("(o.simulation_id, arc_day(o.execution_time)) in \(pairs(in: &source))")
            sources.append(source)
        }
        return sources
    }

    private func pairs(in source: inout ScopedSource) -> String {
        let simulations = source.bind(.texts(days.map(\.simulation)))
        let days = source.bind(.texts(days.map(\.day.description)))
        return "(select * from unnest(\(simulations)::uuid[], \(days)::timestamptz[]))"
    }
}

extension ResolvedScope {
    /// The same scope of another span.
    fileprivate func from(_ since: Timestamp?, to before: Timestamp?) -> ResolvedScope {
        var scope = self
        (scope.since, scope.before) = (since, before)
        return scope
    }

    /// The outcomes of its span before and after these days.
    fileprivate func ends(around days: WholeDays) -> [ScopedSource] {
        var ends: [ScopedSource] = []
        if let since, let first = days.first, since < first {
            ends.append(ScopedSource(from(since, to: first)))
        }
        if let before, let end = days.end, end < before { ends.append(ScopedSource(from(end, to: before))) }
        return ends
    }
}
