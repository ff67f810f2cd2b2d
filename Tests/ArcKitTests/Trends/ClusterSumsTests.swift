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
            #expect(abs(try #require(got.interval?.high) - (try #require(wanted.interval?.high))) < 1e-9)
        }
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

    @Test("rates that are all 0 or all 1 have Wilson's interval over scenarios; no values have nothing")
    func extremes() throws {
        let all = Self.sums([[[1, 1], [1]]]).estimate(.passRate)
        #expect(all.interval == Proportion.wilson(2, of: 2).interval && all.standardError == nil)
        let none = Self.sums([]).estimate(.passRate)
        #expect(none.value == nil && none.interval == nil && none.n == 0)
    }
}
