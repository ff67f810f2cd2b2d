/// A metric's values by scenario: the mean of each side's runs whose value is known, NaN where there is none.
struct ScenarioValues {
    private(set) var a: [Double] = []
    private(set) var b: [Double] = []
    /// Whether every scenario has at most one value a side, and each is 0 or 1.
    private(set) var areVerdicts = true

    /// The values of a column that has one for each run.
    init(_ column: (a: [Double], b: [Double]), _ spans: [ComparedRuns.Span]) {
        var known: [Double] = []
        func mean(_ column: [Double], _ rows: Range<Int>) -> Double {
            known.removeAll(keepingCapacity: true)
            for row in rows where !column[row].isNaN { known.append(column[row]) }
            if known.count > 1 || known.first.map({ $0 != 0 && $0 != 1 }) == true { areVerdicts = false }
            return Moments.mean(known)
        }
        a.reserveCapacity(spans.count)
        b.reserveCapacity(spans.count)
        for span in spans {
            a.append(mean(column.a, span.a))
            b.append(mean(column.b, span.b))
        }
    }

    /// The values that `value` gives for the counts of each scenario's verdicts.
    init(_ counts: [(a: PassCount, b: PassCount)], _ value: (PassCount) -> Double) {
        a = counts.map { value($0.a) }
        b = counts.map { value($0.b) }
        areVerdicts = false
    }

    /// Values that the scenarios themselves have.
    init(ofScenarios values: (a: [Double], b: [Double])) {
        (a, b) = values
        areVerdicts = (a + b).allSatisfy { $0.isNaN || $0 == 0 || $0 == 1 }
    }

    /// The scenarios that have a value on both sides.
    var pairs: [Pairing<Int>.Pair] { pairs(among: a.indices) }

    /// Those of these places that have a value on both sides.
    func pairs(among places: some Collection<Int>) -> [Pairing<Int>.Pair] {
        var pairs: [Pairing<Int>.Pair] = []
        pairs.reserveCapacity(places.count)
        for place in places where !a[place].isNaN && !b[place].isNaN {
            pairs.append(Pairing<Int>.Pair(scenario: place, a: a[place], b: b[place]))
        }
        return pairs
    }
}
