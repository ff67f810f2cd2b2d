import Postgres

/// The runs of two simulations, scenario by scenario: of each scenario A's runs by their trials, then B's.
///
/// What isn't known of a run is NaN, so that the columns are plain numbers to walk along.
struct ComparedRuns {
    /// Where the rows of a scenario are.
    struct Span {
        var a: Range<Int>
        var b: Range<Int>
        /// Whether both sides ran it.
        var isMatched: Bool { !a.isEmpty && !b.isEmpty }
    }

    /// The scenarios' ids, in ascending order of their bytes.
    let scenarios: [String]
    /// The rows of each scenario.
    let spans: [Span]
    private let numbers: TextNumbers
    /// Each number's place among the scenarios.
    private let places: [Int]
    let statuses: [OutcomeStatus]
    let scores: [Double]
    let latencies: [Double]
    let tokens: [Double]
    let costs: [Double]
    /// The recorded numbers by their names, in the names' order, then those that were computed.
    private(set) var recorded: [(name: String, values: [Double])]
    /// The numbers that scenarios have, by their names, for each scenario in order.
    private(set) var ofScenarios: [String: (a: [Double], b: [Double])] = [:]
    private let trials: [Int64]

    /// What reads the runs of two simulations, `$1` and `$2`, in any order; nothing else of an outcome is read, and of the
    /// days only those within which both ran.
    static let sql = """
        select is_b, scenario_id, trial, status, reliability_score, execution_time_ms, tokens_used, cost_usd, metrics
        from arc_compared_runs($1, $2)
        """

    /// The runs among rows of ``sql``.
    ///
    /// - Parameter isSame: whether both simulations are one, whose runs then stand on both sides.
    init(_ rows: ColumnSet, isSame: Bool) {
        var numbers = TextNumbers()
        let scenario = Self.scenarios(of: rows.values[1], &numbers)
        let sorted = numbers.inOrder()
        var places = [Int](repeating: 0, count: sorted.count)
        for (place, number) in sorted.enumerated() { places[number] = place }
        let (order, spans) = Self.order(
            scenario, places, isB: rows.values[0].doubles() ?? [], trials: rows.values[2].integers() ?? [],
            isSame: isSame)
        self.spans = spans
        self.places = places
        self.numbers = numbers
        scenarios = sorted.map { numbers[$0] }
        statuses = Self.statuses(of: rows.values[3], order)
        scores = Self.column(rows.values[4], order)
        latencies = Self.column(rows.values[5], order)
        tokens = Self.column(rows.values[6], order)
        costs = Self.column(rows.values[7], order)
        recorded = Self.recorded(rows.values[8], order)
        let trials = rows.values[2].integers() ?? []
        self.trials = order.map { trials[$0] }
    }

    /// The place of the scenario of that id; nil where neither side ran it.
    func place(of id: UnsafeRawBufferPointer) -> Int? { numbers.known(id).map { places[$0] } }

    /// The number of each row's scenario.
    private static func scenarios(of ids: ColumnValues, _ numbers: inout TextNumbers) -> [Int] {
        var found: [Int] = []
        found.reserveCapacity(ids.count)
        ids.forEachBytes { _, id in
            // A scenario's trials mostly come one after the other.
            if let last = found.last, numbers.isText(last, id) {
                found.append(last)
            } else {
                found.append(numbers.number(of: id))
            }
        }
        return found
    }

    /// The rows by scenario, side and trial, and where the rows of each scenario then are. A run has one outcome, so
    /// that no two rows agree in all three.
    private static func order(
        _ scenario: [Int], _ places: [Int], isB: [Double], trials: [Int64], isSame: Bool
    ) -> (rows: [Int], spans: [Span]) {
        // A counting sort by scenario and side.
        var starts = [Int](repeating: 0, count: places.count * 2 + 1)
        let groups = scenario.indices.map { places[scenario[$0]] * 2 + (isB[$0] == 1 && !isSame ? 1 : 0) }
        for group in groups { starts[group + 1] += 1 }
        for group in starts.indices.dropFirst() { starts[group] += starts[group - 1] }
        var next = starts
        var order = [Int](repeating: 0, count: groups.count)
        for (row, group) in groups.enumerated() {
            order[next[group]] = row
            next[group] += 1
        }
        var spans: [Span] = []
        spans.reserveCapacity(places.count)
        for place in places.indices {
            let (a, middle, end) = (starts[place * 2], starts[place * 2 + 1], starts[place * 2 + 2])
            for side in [a..<middle, middle..<end] { sort(&order, side, by: trials) }
            spans.append(Span(a: a..<middle, b: isSame ? a..<middle : middle..<end))
        }
        return (order, spans)
    }

    /// Sorts a scenario's rows by their trials, which is what they mostly are.
    private static func sort(_ order: inout [Int], _ range: Range<Int>, by trials: [Int64]) {
        guard range.count > 1 else { return }
        var isSorted = true
        for place in range.dropFirst() where trials[order[place - 1]] > trials[order[place]] {
            isSorted = false
        }
        guard !isSorted else { return }
        order[range].sort { trials[$0] < trials[$1] }
    }

    private static func column(_ values: ColumnValues, _ order: [Int]) -> [Double] {
        guard let numbers = values.doubles() else { return [Double](repeating: .nan, count: order.count) }
        guard let nulls = values.nullFlags() else { return order.map { numbers[$0] } }
        return order.map { nulls[$0] ? .nan : numbers[$0] }
    }

    /// The four statuses begin with different letters.
    private static func statuses(of values: ColumnValues, _ order: [Int]) -> [OutcomeStatus] {
        var statuses = [OutcomeStatus](repeating: .success, count: values.count)
        values.forEachBytes { row, text in
            switch text.first {
            case UInt8(ascii: "e"): statuses[row] = .error
            case UInt8(ascii: "t"): statuses[row] = .timeout
            case UInt8(ascii: "c"): statuses[row] = .cancelled
            default: break
            }
        }
        return order.map { statuses[$0] }
    }

    private static func recorded(_ metrics: ColumnValues, _ order: [Int]) -> [(String, [Double])] {
        var recorded = RecordedNumbers()
        metrics.forEachBytes { row, json in recorded.add(json, row: row) }
        return recorded.names.inOrder().map { number in
            let column = recorded.column(number, rows: order.count)
            return (recorded.name(number), order.map { column[$0] })
        }
    }
}

extension ComparedRuns {
    /// A run's verdict, 1 where it passed and 0 where it didn't; NaN where nobody can tell: of a success without a score,
    /// and of a run that somebody cancelled.
    func verdict(_ row: Int, threshold: Double) -> Double {
        switch statuses[row] {
        case .success: scores[row].isNaN ? .nan : scores[row] >= threshold ? 1 : 0
        case .error, .timeout: 0
        case .cancelled: .nan
        }
    }

    /// The verdicts of all rows, each by the threshold of its side.
    func verdicts(thresholds: (a: Double, b: Double)) -> (a: [Double], b: [Double]) {
        let a = statuses.indices.map { verdict($0, threshold: thresholds.a) }
        return (
            a,
            thresholds.a == thresholds.b ? a : statuses.indices.map { verdict($0, threshold: thresholds.b) }
        )
    }
}

extension ComparedRuns {
    /// The runs whose number of that name isn't recorded.
    func lacks(_ name: String) -> Bool {
        recorded.first { $0.name == name }?.values.contains(where: \.isNaN) ?? true
    }

    /// Takes in a number that was computed for each side, in the place of what is recorded of it.
    mutating func add(_ name: String, a: MetricValues, b: MetricValues) {
        var places: [String: Int] = [:]
        for (place, scenario) in scenarios.enumerated() { places[scenario] = place }
        guard a.trials != nil else {
            func column(_ values: MetricValues) -> [Double] {
                var column = [Double](repeating: .nan, count: scenarios.count)
                for (scenario, value) in zip(values.scenarios, values.values) {
                    if let place = places[scenario] { column[place] = value }
                }
                return column
            }
            ofScenarios[name] = (column(a), column(b))
            return
        }
        var column = [Double](repeating: .nan, count: statuses.count)
        for (values, side) in [(a, \Span.a), (b, \Span.b)] {
            for (index, scenario) in values.scenarios.enumerated() {
                guard let place = places[scenario], let trial = values.trials?[index],
                    let row = spans[place][keyPath: side].first(where: { trials[$0] == trial })
                else { continue }
                column[row] = values.values[index]
            }
        }
        recorded.removeAll { $0.name == name }
        recorded.append((name, column))
    }
}
