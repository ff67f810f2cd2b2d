import Postgres

/// A scope whose names and whose moment "so long ago" are resolved: ids and moments remain.
struct ResolvedScope: Sendable {
    /// The ids of the simulations; nil for all of them.
    var simulations: [String]?
    /// The first moment that counts.
    var since: Timestamp?
    /// The first moment that doesn't count any more.
    var before: Timestamp?
    var tags: [String] = []
}

/// The rows of a scope as SQL, for questions to build on: `o` is an outcome, or what was added up of outcomes, `s` its simulation.
///
/// Only the conditions that a scope has become part of the text: a condition such as `$1 is null or …` would keep a
/// prepared statement from excluding partitions.
struct ScopedSource: Sendable {
    /// The values of `$1`, `$2`, …
    private(set) var parameters: [Value] = []
    private var conditions: [String] = []
    private let rows: ScopedRows
    private let tags: [String]

    /// Whether the agent failed to run to its end. A run that somebody cancelled says nothing.
    static let failed = "o.status in ('error', 'timeout')"
    /// Whether the run passed.
    static let passed = "o.status = 'success' and o.reliability_score >= s.pass_threshold"
    /// Whether anybody can tell if the run passed: not of one that was cancelled, nor of a success without a score.
    static let isJudged =
        "o.status <> 'cancelled' and (o.status <> 'success' or o.reliability_score is not null)"

    /// - Parameter rows: what its rows are.
    init(_ scope: ResolvedScope = ResolvedScope(), of rows: ScopedRows = .outcomes) {
        (self.rows, tags) = (rows, scope.tags)
        if let simulations = scope.simulations {
            if simulations.count == 1 {
                require("o.simulation_id = \(bind(.text(simulations[0])))::uuid")
            } else {
                require("o.simulation_id = any (\(bind(.texts(simulations)))::uuid[])")
            }
        }
        if let since = scope.since { require("o.\(rows.time) >= \(bind(.timestamp(since)))::timestamptz") }
        if let before = scope.before { require("o.\(rows.time) < \(bind(.timestamp(before)))::timestamptz") }
        if let scenarios = taggedScenarios() {
            require("o.scenario_id in (select scenario_id from scenarios where \(scenarios))")
        }
    }

    /// Leaves only rows of which this is true.
    mutating func require(_ condition: String) { conditions.append(condition) }

    /// Adds a parameter, and returns what it is called in the SQL.
    mutating func bind(_ value: Value) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    /// The condition on rows of `scenarios` that they have the scope's tags; nil where the scope has none.
    mutating func taggedScenarios() -> String? {
        tags.isEmpty ? nil : "tags @> \(bind(.texts(tags)))::text[]"
    }

    /// `from … where …` of the scope's outcomes alone.
    func outcomes(and more: String? = nil) -> String { "from \(rows.table) o \(filter(more))" }

    /// The same with each outcome's simulation.
    func outcomesWithSimulations(and more: String? = nil) -> String {
        "from \(rows.table) o join simulations s using (simulation_id) \(filter(more))"
    }

    private func filter(_ more: String?) -> String {
        let all = conditions + (more.map { [$0] } ?? [])
        return all.isEmpty ? "" : "where " + all.joined(separator: " and ")
    }
}

/// What the rows of a scope are.
enum ScopedRows: Sendable {
    case outcomes
    /// A day's runs of a simulation and a scenario, added up.
    case runDays

    var table: String { self == .outcomes ? "outcomes" : "rollup_runs_daily" }
    /// The column of the moment that a span of time is about.
    var time: String { self == .outcomes ? "execution_time" : "bucket" }
}

/// A question in SQL.
struct Question: Sendable {
    var sql: String
    var parameters: [Value]

    init(_ sql: String, _ source: ScopedSource) {
        self.sql = sql
        parameters = source.parameters
    }
}

extension Session {
    /// The outcomes of a scope.
    ///
    /// - Throws: as `resolved`.
    func source(_ scope: OutcomeScope) async throws -> ScopedSource {
        ScopedSource(try await resolved(scope))
    }

    /// What a scope names.
    ///
    /// - Throws: `EvaluationError` with code `notFound` for a configuration that isn't there and a tag that no scenario has,
    ///   `invalid` for a time range that ends before it begins.
    func resolved(_ scope: OutcomeScope) async throws -> ResolvedScope {
        var since = scope.since
        if let seconds = scope.withinSeconds {
            let start = try await connection.query(
                "select now() - $1::double precision * interval '1 second' as start", [.double(seconds)]
            ).single().get("start", as: Timestamp.self)
            since = since.map { max($0, start) } ?? start
        }
        if let first = scope.since, let before = scope.before, first > before {
            throw EvaluationError(
                .invalid, "a time range must begin before it ends, got \(first) to \(before)")
        }
        try await check(tags: scope.tags)
        return ResolvedScope(
            simulations: try await simulations(of: scope), since: since, before: scope.before,
            tags: scope.tags)
    }

    private func simulations(of scope: OutcomeScope) async throws -> [String]? {
        guard let configuration = scope.configuration else { return scope.simulation.map { [$0.id] } }
        let versions = try await versions(of: configuration)
        let found = try await connection.query(
            """
            select simulation_id::text from simulations
            where config_version_id = any ($1::uuid[]) and ($2::uuid is null or simulation_id = $2::uuid)
            order by simulation_id
            """,
            [
                .texts(versions),
                .optional(scope.simulation?.id),
            ])
        return try found.map { try $0.get("simulation_id", as: String.self) }
    }

    /// The rows of a question, each read as it comes.
    func rows<Element: Sendable>(
        of question: Question, _ read: @escaping @Sendable (inout RowReader) throws -> Element
    ) async throws -> [Element] {
        try await folding(question, into: [Element]()) { elements, row in elements.append(try read(&row)) }
    }

    /// What `body` makes of a question's rows, each read as it comes: memory is what `body` keeps.
    func folding<Result: Sendable>(
        _ question: Question, into initial: Result,
        _ body: @escaping @Sendable (inout Result, inout RowReader) throws -> Void
    ) async throws -> Result {
        try await connection.stream(question.sql, question.parameters, into: initial) { result, row in
            var reader = RowReader(row.values)
            try body(&result, &reader)
        }
    }

    /// Runs several questions about outcomes on one snapshot, so that their figures fit together. Within a caller's transaction it is
    /// as consistent as that is.
    ///
    /// Trajectories are taken apart in SQL, and the planner thinks that each has hundreds of steps: it would compile the
    /// question for a second or two, at any number of outcomes.
    func consistently<Result: Sendable>(
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await atomically(isolation: .repeatableRead, readOnly: true) { session in
            try await session.connection.query("select set_config('jit', 'off', true)")
            return try await body(session)
        }
    }
}

/// Reads the values of a row from left to right.
struct RowReader {
    private let values: [Value]
    private var next = 0

    init(_ values: [Value]) { self.values = values }

    /// The next value as a `T`; nil for NULL.
    mutating func optional<T: ValueConvertible>(_ type: T.Type = T.self) throws -> T? {
        defer { next += 1 }
        let value = values[next]
        if value.isNull { return nil }
        guard let converted = T(value: value) else {
            throw DatabaseError(
                .unexpectedResult, "Column \(next + 1) holds \(value.kind), which can't be read as \(T.self)."
            )
        }
        return converted
    }

    /// The bytes of the next value, a bytea; nil for NULL.
    mutating func bytes() throws -> [UInt8]? {
        guard let value = try optional(Value.self) else { return nil }
        guard case .bytes(let bytes) = value else {
            throw DatabaseError(
                .unexpectedResult, "Column \(next) holds \(value.kind), where bytea was expected.")
        }
        return bytes
    }

    /// The next value as a `T`.
    mutating func required<T: ValueConvertible>(_ type: T.Type = T.self) throws -> T {
        let column = next + 1
        guard let value = try optional(type) else {
            throw DatabaseError(
                .unexpectedResult, "Column \(column) is NULL, where \(T.self) was expected.")
        }
        return value
    }
}
