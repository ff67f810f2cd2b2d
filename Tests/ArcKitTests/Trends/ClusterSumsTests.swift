import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Sums that a trend's intervals come from")
struct ClusterSumsTests {
    /// Sums of cells, each the values of its scenarios, as the database adds them up.
    private static func sums(_ cells: [[[Double]]]) -> ClusterSums {
        let values = cells.flatMap { $0.flatMap(\.self) }
        let mean = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        let roots = cells.map { cell in
            cell.reduce(0.0) { sum, runs in
                let deviation = runs.reduce(0, +) - Double(runs.count) * (mean ?? 0)
                return sum + deviation * deviation
            }.squareRoot()
        }
        return ClusterSums(
            n: values.count, mean: mean, cells: cells.count, scenarios: cells.map(\.count).max() ?? 0,
            spread: roots.reduce(0, +),
            squares: values.reduce(0) { $0 + ($1 - (mean ?? 0)) * ($1 - (mean ?? 0)) },
            isExtreme: !values.isEmpty && (values.allSatisfy { $0 == 0 } || values.allSatisfy { $0 == 1 }))
    }

    private static func cell(_ random: inout SeededGenerator, _ count: Int) -> [[Double]] {
        (0..<count).map { _ in
            let level = random.unit()
            return (0...random.index(below: 4)).map { _ in (level + random.unit()) / 2 }
        }
    }

    @Test("one cell gives what the mean of its trials, clustered by scenario, gives")
    func oneCell() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let cell = Self.cell(&random, 2 + random.index(below: 20))
            let got = Self.sums([cell]).estimate(.score)
            let wanted = Mean.clustered(cell, weighting: .trials).bounded(to: 0...1)
            #expect(got.n == wanted.n && got.clusters == wanted.clusters)
            #expect(abs(try #require(got.value) - (try #require(wanted.value))) < 1e-12)
            #expect(abs(try #require(got.standardError) - (try #require(wanted.standardError))) < 1e-12)
            // Times have no upper bound that an interval could be near.
            let times = Self.sums([cell.map { $0.map { 100 * $0 + 300 } }]).estimate(.latency)
            let plain = Mean.clustered(cell.map { $0.map { 100 * $0 + 300 } }, weighting: .trials)
            #expect(abs(try #require(times.interval?.high) - (try #require(plain.interval?.high))) < 1e-6)
            #expect(times.method == "mean over runs, clustered by scenario, t interval")
        }
    }

    @Test(
        "with as many runs of each scenario a bucket has the interval of an evaluation's mean, near 0 and 1 too"
    )
    func likeMeans() throws {
        var random = SeededGenerator(seed: 3)
        var methods: [String: Int] = [:]
        for round in 0..<600 {
            let runs = 1 + random.index(below: 4)
            let often = [0.5, 0.9, 0.97, 0.04][round % 4]
            let isRate = round % 3 > 0
            let cell = (0..<(2 + random.index(below: 30))).map { _ in
                let level = random.unit() < 0.7 ? often : random.unit()
                return (0..<runs).map { _ in
                    isRate
                        ? (random.unit() < level ? 1.0 : 0)
                        : min(max(level + 0.2 * (random.unit() - 0.5), 0), 1)
                }
            }
            let got = Self.sums([cell]).estimate(isRate ? .passRate : .score)
            let wanted = Mean.estimate(cell, bounds: 0...1)
            #expect(
                agree(got.interval, wanted.interval.map { [$0.low, $0.high] }, scale: 1e3),
                "\(cell): \(got), \(wanted)")
            methods[got.method, default: 0] += 1
        }
        #expect(
            Set(methods.keys) == [
                "mean over runs, clustered by scenario, t interval",
                "mean over runs, clustered by scenario, Korn–Graubard interval",
                "mean, Clopper–Pearson interval over scenarios",
            ] && methods.values.allSatisfy { $0 > 20 }, "\(methods)")
    }

    @Test("several cells near 1 have an interval that stays within what is possible, and isn't cut there")
    func severalCellsNearOne() throws {
        let cell = (0..<20).map { $0 == 3 ? [0.0, 1] : [1.0, 1] }
        let got = Self.sums([cell, cell, cell]).estimate(.passRate)
        let interval = try #require(got.interval),
            one = try #require(Self.sums([cell]).estimate(.passRate).interval)
        #expect(interval.high < 1 && interval.low < 0.975 && got.method.hasSuffix("Korn–Graubard interval"))
        // Added up, three days say no more than one, but there are more runs behind them.
        #expect(interval.low >= one.low && got.note?.contains("3 days of simulations") == true)
    }

    @Test("several cells are never surer than the same values clustered by scenario over all of them")
    func severalCells() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            let scenarios = 2 + random.index(below: 10)
            let cells = (0..<(2 + random.index(below: 5))).map { _ in Self.cell(&random, scenarios) }
            // The same scenarios in each cell.
            let together = (0..<scenarios).map { n in cells.flatMap { $0[n] } }
            let got = try #require(Self.sums(cells).estimate(.score).standardError)
            let exact = try #require(Mean.clustered(together, weighting: .trials).standardError)
            #expect(got >= exact - 1e-12)
            // Other scenarios in each: still no surer.
            let apart = try #require(Mean.clustered(cells.flatMap(\.self), weighting: .trials).standardError)
            #expect(got >= apart - 1e-12)
        }
    }

    @Test("of one scenario the runs are what varies")
    func oneScenario() throws {
        let got = Self.sums([[[0.25, 0.5, 1]]]).estimate(.score)
        let wanted = Mean.naive([0.25, 0.5, 1])
        #expect(abs(try #require(got.standardError) - (try #require(wanted.standardError))) < 1e-12)
        #expect(Self.sums([[[0.5]]]).estimate(.score).standardError == nil)
        #expect(
            Self.sums([[[0.5, 0.25]], [[0.5]]]).estimate(.score).note?.contains("one scenario each") == true)
    }

    @Test("a bucket is as many units as it has scenarios or, of one scenario, runs")
    func groups() throws {
        let cell = [[0.5, 0.75], [1.0, 0.25], [0.25, 0]]
        func group(_ sums: ClusterSums) -> Trend.Group? { sums.group(sums.estimate(.score)) }
        let means = cell.map { ($0[0] + $0[1]) / 2 }
        let several = try #require(group(Self.sums([cell])))
        let deviation = try #require(Moments.deviation(means))
        #expect(several.units == 3 && abs(several.variance - deviation * deviation) < 1e-12)
        let one = try #require(group(Self.sums([[[0.25, 0.5, 1]]])))
        #expect(one.units == 3 && abs(one.variance - 0.145_833_333_333_333_3) < 1e-12)
        #expect(group(Self.sums([[[1, 1], [1]]])) == Trend.Group(mean: 1, units: 2, variance: 0))
        #expect(group(Self.sums([[[0.5, 0.25]], [[0.5]]]))?.units == 1 && group(Self.sums([])) == nil)
    }

    @Test("rates that are all 0 or all 1 have the exact interval over scenarios; no values have nothing")
    func extremes() throws {
        let all = Self.sums([[[1, 1], [1]]]).estimate(.passRate)
        #expect(all.interval == Proportion.clopperPearson(2, of: 2).interval && all.standardError == nil)
        #expect(all.note == "all values are 1: no standard error")
        let none = Self.sums([]).estimate(.passRate)
        #expect(none.value == nil && none.interval == nil && none.n == 0)
    }
}
