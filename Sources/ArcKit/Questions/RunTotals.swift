import Postgres

/// The sums of a scenario's runs under one version of a configuration. Sums of what has decimals are exact decimals: they
/// don't depend on the order in which a server adds up, so every server gives the same.
struct RunTotals: Sendable {
    let version: UniqueID
    let scenario: String
    /// All runs, without those that somebody cancelled.
    private(set) var runs: Int
    /// Runs that ended in an error or a timeout.
    private(set) var errors: Int
    /// Runs that passed.
    private(set) var passes: Int
    /// Runs of which it is known whether they passed.
    private(set) var judged: Int
    /// Runs with a score.
    private(set) var scored: Int
    private(set) var score: Numeric?
    /// Runs whose cost is known.
    private(set) var costed: Int
    /// How many of these passed.
    private(set) var costedPasses: Int
    private(set) var cost: Numeric?
    /// Runs whose tokens are known.
    private(set) var counted: Int
    private(set) var tokens: Numeric?
    /// Runs whose time is known.
    private(set) var timed: Int
    private(set) var timeMs: Numeric?
    /// The times that are known, in milliseconds and in any order; empty where they weren't asked for.
    private(set) var times: [Int64]

    var meanScore: Double? { score.map { $0.doubleValue / Double(scored) } }
    var meanCost: Double? { cost.map { $0.doubleValue / Double(costed) } }
    var meanTimeMs: Double? { timeMs.map { $0.doubleValue / Double(timed) } }
    var passRate: Double? { judged > 0 ? Double(passes) / Double(judged) : nil }

    /// Adds what is known of other runs.
    mutating func add(_ other: RunTotals) {
        runs += other.runs
        errors += other.errors
        passes += other.passes
        judged += other.judged
        scored += other.scored
        score = Self.sum(score, other.score)
        costed += other.costed
        costedPasses += other.costedPasses
        cost = Self.sum(cost, other.cost)
        counted += other.counted
        tokens = Self.sum(tokens, other.tokens)
        timed += other.timed
        timeMs = Self.sum(timeMs, other.timeMs)
        times += other.times
    }

    /// The sum of what is known.
    static func sum(_ one: Numeric?, _ other: Numeric?) -> Numeric? {
        guard let one, let other else { return one ?? other }
        return one + other
    }

    /// The sums, from outcomes.
    ///
    /// - Parameter withTimes: whether the single times come along, for percentiles: 8 bytes a run.
    static func question(_ source: ScopedSource, withTimes: Bool = false) -> Question {
        let times = withTimes ? "string_agg(int8send(o.execution_time_ms), '')" : "null::bytea"
        return Question(
            """
            select s.config_version_id, o.scenario_id, count(*), count(*) filter (where \(ScopedSource.failed)),
              count(*) filter (where \(ScopedSource.passed)), count(*) filter (where \(ScopedSource.isJudged)),
              count(o.reliability_score), \(exactSum("o.reliability_score")), count(o.cost_usd),
              count(*) filter (where o.cost_usd is not null and \(ScopedSource.passed)), \(exactSum("o.cost_usd")),
              count(o.tokens_used), sum(o.tokens_used), count(o.execution_time_ms), sum(o.execution_time_ms),
              \(times)
            \(source.outcomesWithSimulations(and: "o.status <> 'cancelled'"))
            group by s.config_version_id, o.scenario_id
            """, source)
    }

    /// The sums, from what was added up by the day (`rollup_runs_daily`).
    static func question(ofDays source: ScopedSource, withTimes: Bool = false) -> Question {
        Question(
            """
            select s.config_version_id, o.scenario_id, sum(o.runs), sum(o.errors), sum(o.passes), sum(o.judged),
              sum(o.scored), sum(o.score), sum(o.priced), sum(o.priced_passes), sum(o.cost), sum(o.counted),
              sum(o.tokens), sum(o.timed), sum(o.latency), \(withTimes ? "string_agg(o.times, '')" : "null::bytea")
            \(source.outcomesWithSimulations())
            group by s.config_version_id, o.scenario_id
            """, source)
    }

    /// What is known by several answers about different runs of the same scope.
    static func merged(_ answers: [[RunTotals]]) -> [RunTotals] {
        struct Key: Hashable {
            let version: UniqueID
            let scenario: String
        }
        // The largest is walked through instead of being put into a dictionary.
        let answers = answers.sorted { $0.count > $1.count }
        guard let largest = answers.first else { return [] }
        var others: [Key: RunTotals] = [:]
        for totals in answers.dropFirst().joined() {
            let key = Key(version: totals.version, scenario: totals.scenario)
            if others[key]?.add(totals) == nil { others[key] = totals }
        }
        guard !others.isEmpty else { return largest }
        var merged = largest
        for place in merged.indices {
            let key = Key(version: merged[place].version, scenario: merged[place].scenario)
            if let other = others.removeValue(forKey: key) { merged[place].add(other) }
        }
        return merged + others.values
    }

    /// The sum of a column of doubles, each of which counts with its 15 significant digits, as its cast to numeric has them.
    ///
    /// That cast takes most of an aggregate's time, so what is a whole number of millionths is added up as such, as in roll-ups
    /// (`arc_exact`).
    static func exactSum(_ column: String) -> String {
        """
        arc_exact(count(\(column)), sum((\(column) * 1e6)::bigint) filter (where arc_is_whole(\(column), 1e8)), 0.000001,
          sum(\(column)::numeric) filter (where not arc_is_whole(\(column), 1e8)))
        """
    }

    init(_ row: inout RowReader) throws {
        version = try row.required()
        scenario = try row.required()
        runs = try row.required()
        errors = try row.required()
        passes = try row.required()
        judged = try row.required()
        scored = try row.required()
        score = try row.optional()
        costed = try row.required()
        costedPasses = try row.required()
        cost = try row.optional()
        counted = try row.required()
        tokens = try row.optional()
        timed = try row.required()
        timeMs = try row.optional()
        times = try row.bytes().map(Self.times) ?? []
    }

    /// The whole numbers that `int8send` has made bytes of.
    private static func times(_ bytes: [UInt8]) -> [Int64] {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map { place in
                Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: Int64.self))
            }
        }
    }
}

/// What is known of the runs of several scenarios, and perhaps of several versions: the scenario stays the unit.
struct PooledTotals: Sendable {
    /// One for each scenario, in the order of their ids.
    let scenarios: [RunTotals]

    init(_ totals: some Sequence<RunTotals>) {
        var pooled: [RunTotals] = []
        for totals in totals.sorted(by: { $0.scenario < $1.scenario }) {
            if let last = pooled.indices.last, pooled[last].scenario == totals.scenario {
                pooled[last].add(totals)
            } else {
                pooled.append(totals)
            }
        }
        scenarios = pooled
    }

    func count(_ count: (RunTotals) -> Int) -> Int { scenarios.reduce(0) { $0 + count($1) } }

    /// The exact sum of what is known; nil where nothing is.
    func sum(_ part: (RunTotals) -> Numeric?) -> Numeric? {
        scenarios.reduce(nil) { RunTotals.sum($0, part($1)) }
    }

    /// The mean over scenarios, each counting once, of what `value` knows of `n` runs of each.
    func mean(
        of value: (RunTotals) -> Double?, n: (RunTotals) -> Int, bounds: ClosedRange<Double>? = nil
    ) -> Estimate {
        Mean.estimate(
            means: scenarios.compactMap { totals in value(totals).map { ($0, n(totals)) } }, bounds: bounds)
    }
}
