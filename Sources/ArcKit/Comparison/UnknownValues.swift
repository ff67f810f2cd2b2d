/// How much of a metric isn't known of runs that should know it, so that nothing can be told of them.
///
/// A candidate whose worst runs have no score would else look like one without bad runs.
struct UnknownValues {
    /// For each scenario the share of A's runs whose value is known, and of B's; 0 where a side ran none.
    private let known: (a: [Double], b: [Double])

    /// - Parameters:
    ///   - columns: a value for each run.
    ///   - planned: how many runs of each scenario a side should have.
    init(_ columns: (a: [Double], b: [Double]), _ spans: [ComparedRuns.Span], planned: (a: Int, b: Int)) {
        func share(_ column: [Double], _ rows: Range<Int>, _ planned: Int) -> Double {
            let expected = max(rows.count, planned)
            guard expected > 0 else { return 0 }
            return Double(rows.count { !column[$0].isNaN }) / Double(expected)
        }
        known = (
            spans.map { share(columns.a, $0.a, planned.a) }, spans.map { share(columns.b, $0.b, planned.b) }
        )
    }

    /// - Parameter values: a value for each scenario.
    init(ofScenarios values: (a: [Double], b: [Double])) {
        known = (values.a.map { $0.isNaN ? 0 : 1 }, values.b.map { $0.isNaN ? 0 : 1 })
    }

    /// Of what A knows about the scenarios that both ran, the share that B doesn't, where each scenario counts once: 0 where B
    /// knows as much, 1 where it knows nothing.
    func lost(_ spans: [ComparedRuns.Span]) -> Double {
        let matched = spans.indices.filter { spans[$0].isMatched && known.a[$0] > 0 }
        guard !matched.isEmpty else { return 0 }
        return matched.reduce(0) { $0 + max(0, known.a[$1] - known.b[$1]) } / Double(matched.count)
    }

    /// The share of one side's runs whose value isn't known, where each scenario that it ran counts once.
    func missing(_ spans: [ComparedRuns.Span], isA: Bool) -> Double {
        let ran = spans.indices.filter { !(isA ? spans[$0].a : spans[$0].b).isEmpty }
        guard !ran.isEmpty else { return 0 }
        return ran.reduce(0) { $0 + 1 - (isA ? known.a[$1] : known.b[$1]) } / Double(ran.count)
    }
}
