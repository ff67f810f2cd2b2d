import Testing

@testable import ArcKit

@Suite("Plans, flakiness and series agree with scipy, statsmodels and brute force")
struct PlanningOracleTests {
    let oracle: StatisticsOracle

    init() throws { oracle = try StatisticsOracle.read() }

    @Test("power, the smallest detectable effect, pairs and units per arm")
    func powers() {
        for item in oracle.powers {
            let sides: Power.Sides = item.sides == 1 ? .one : .two
            let (n, df) = (Double(item.n), Double(item.n - 1))
            let achieved = Power.power(
                effect: item.size, standardError: 1 / n.squareRoot(), degreesOfFreedom: df, alpha: item.alpha,
                sides: sides)
            #expect(
                agree(achieved, item.achieved, scale: 1e3), "\(item) gave \(String(describing: achieved))")
            let effect = Power.smallestDetectableEffect(
                standardError: 3, degreesOfFreedom: df, alpha: item.alpha, power: item.power, sides: sides)
            #expect(agree(effect, 3 * item.shift, scale: 1e5), "\(item) gave \(String(describing: effect))")
            let pairs = Power.pairs(
                effect: -item.size, deviation: 1, alpha: item.alpha, power: item.power, sides: sides)
            #expect(agree(pairs, item.pairs, scale: 1e5), "\(item) gave \(String(describing: pairs))")
            let perArm = Power.perArm(h: item.size, alpha: item.alpha, power: item.power, sides: sides)
            #expect(
                // statsmodels solves to eight digits.
                ((perArm ?? 0) - item.perArm).magnitude < 1e-6 * item.perArm,
                "\(item) gave \(String(describing: perArm))")
        }
    }

    @Test("what trials and what scenarios contribute to the variance of differences")
    func designs() {
        for item in oracle.designs {
            let design = PairedDesign(a: item.a, b: item.b)
            #expect(agree(design?.between, item.design?[0], scale: 100), "\(item)")
            #expect(agree(design?.withinA, item.design?[1], scale: 100), "\(item)")
            #expect(agree(design?.withinB, item.design?[2], scale: 100), "\(item)")
        }
    }

    @Test("flakiness with its interval")
    func flakiness() {
        for item in oracle.flakiness {
            let estimate = Flakiness.of(
                PassCount(passes: item.passes, trials: item.trials), confidence: item.confidence)
            #expect(agree(estimate.value, item.value, scale: 100), "\(item) gave \(estimate)")
            #expect(agree(estimate.interval, item.interval, scale: 100), "\(item) gave \(estimate)")
        }
    }

    @Test("moving averages with their limits, with gaps and with standard errors")
    func ewmas() throws {
        for item in oracle.ewmas {
            let chart = try #require(
                Trend.ewma(
                    item.values, standardErrors: item.standardErrors, center: item.center,
                    lambda: item.lambda,
                    width: item.width))
            expect(chart.points, item.points)
        }
    }

    @Test("moving averages of groups, with a deviation that is pooled so far")
    func groupCharts() throws {
        #expect(oracle.groupCharts.contains { $0.points.last?[5] == 1 } && oracle.groupCharts.count > 40)
        for item in oracle.groupCharts {
            let groups = item.groups.map { Trend.Group(mean: $0[0], units: Int($0[1]), variance: $0[2]) }
            expect(try #require(Trend.ewma(of: groups)).points, item.points)
        }
    }

    private func expect(_ points: [Trend.Point], _ expected: [[Double?]]) {
        #expect(points.count == expected.count)
        for (point, expected) in zip(points, expected) {
            let figures = [point.average, point.center, point.low, point.high]
            #expect(
                zip(figures, expected).allSatisfy { agree($0, $1, scale: 100) }
                    && point.isOutside == (expected[4] == 1) && point.isJump == (expected[5] == 1),
                "\(expected): got \(point)")
        }
    }

    @Test("changes by cumulative sums, with a level that is known and one that is learned")
    func cusums() throws {
        #expect(oracle.cusums.contains { !$0.changes.isEmpty && $0.level == nil })
        for item in oracle.cusums {
            let chart = try #require(
                ChangePoints.cusum(
                    item.values, level: item.level.map { ($0[0], $0[1]) }, allowance: item.allowance,
                    limit: item.limit))
            #expect(chart.changes.map(\.index) == item.changes.map(\.index), "\(item) gave \(chart)")
            #expect(chart.changes.map(\.detectedAt) == item.changes.map(\.detectedAt))
            #expect(chart.changes.map(\.isRise) == item.changes.map(\.isRise))
        }
    }

    @Test("average run lengths")
    func runLengths() {
        for item in oracle.runLengths {
            let length = ChangePoints.averageRunLength(
                allowance: item.allowance, limit: item.limit, shift: item.shift)
            #expect(agree(length, item.length), "\(item) gave \(String(describing: length))")
        }
    }

    @Test("probabilities of changes, against all divisions of short series")
    func changePosteriors() throws {
        for item in oracle.changePosteriors {
            let posterior = try #require(
                ChangePoints.bayesian(item.values, standardErrors: item.standardErrors, rate: item.rate))
            #expect(
                zip(posterior.probabilities, item.probabilities).allSatisfy { agree($0, $1, scale: 1e4) },
                "\(item) gave \(posterior)")
            #expect(agree(posterior.unchanged, item.unchanged, scale: 1e4))
            #expect(posterior.changes.map(\.index) == item.changes)
        }
    }
}
