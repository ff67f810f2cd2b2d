import SeededRandom
import Testing

@testable import ArcKit

@Suite("Plans, flakiness and series: what follows from what, and what isn't known")
struct PlanningTests {
    @Test("as many pairs as are asked for have the power that was asked for, and one less hasn't")
    func pairs() throws {
        for effect in [0.05, 0.1, 0.3, 0.9] {
            for sides in [Power.Sides.one, .two] {
                let needed = try #require(Power.pairs(effect: effect, deviation: 0.4, sides: sides))
                let count = needed.rounded(.up)
                func power(_ count: Double) throws -> Double {
                    try #require(
                        Power.power(
                            effect: effect, standardError: 0.4 / count.squareRoot(),
                            degreesOfFreedom: count - 1,
                            sides: sides))
                }
                #expect(try power(count) >= 0.8 - 1e-12)
                if count > 3 { #expect(try power(count - 1) < 0.8) }
                let effectOfCount = try #require(
                    Power.smallestDetectableEffect(
                        standardError: 0.4 / count.squareRoot(), degreesOfFreedom: count - 1, sides: sides))
                #expect(effectOfCount <= effect + 1e-12)
            }
        }
    }

    @Test("the usual sum of two quantiles is near the smallest detectable effect, and above it")
    func approximation() throws {
        let effect = try #require(Power.smallestDetectableEffect(standardError: 0.05, degreesOfFreedom: 49))
        #expect((effect - 0.05 * (2.009575 + 0.849)).magnitude < 0.001)
    }

    @Test("more trials help up to what lies between the scenarios, and more scenarios without end")
    func trials() throws {
        let design = try #require(PairedDesign(deviation: 0.5, intraclass: 0.4, correlation: 0.8))
        let effects = try [1, 2, 4, 64].map {
            try #require(design.smallestDetectableEffect(scenarios: 50, trials: $0))
        }
        #expect(effects == effects.sorted(by: >) && effects[3] > 0.5 * effects[0] * 0.3)
        let limit = try #require(
            PairedDesign(between: design.between, withinA: 0, withinB: 0).smallestDetectableEffect(
                scenarios: 50, trials: 1))
        #expect(effects[3] > limit)
        let needed = try [1, 4].map { try #require(design.scenarios(effect: 0.05, trials: $0)) }
        #expect(needed[0] > needed[1])
        #expect(PairedDesign(deviation: 0.5, intraclass: 1.5, correlation: 0) == nil)
        #expect(
            PairedDesign(a: [[1], [0]], b: [[1], [0]]) == nil
                && PairedDesign(a: [[1, 0]], b: [[1, 0]]) == nil)
        #expect(PairedDesign(a: [[1, 0], [1]], b: [[1, 1], []]) == nil)
        #expect(design.smallestDetectableEffect(scenarios: 1, trials: 4) == nil)
        #expect(PairedDesign(between: 0, withinA: 0, withinB: 0).deviation(trialsA: 1, trialsB: 1) == nil)
    }

    @Test("a plan for nothing has no answer")
    func unknown() {
        #expect(Power.pairs(effect: 0, deviation: 1) == nil && Power.pairs(effect: 1, deviation: 0) == nil)
        #expect(Power.perArm(h: 0) == nil && Power.perArm(h: 0.2, power: 0.01) == nil)
        #expect(Power.smallestDetectableEffect(standardError: 0, degreesOfFreedom: 9) == nil)
        #expect(Power.smallestDetectableEffect(standardError: 1, degreesOfFreedom: 0) == nil)
        #expect(Power.power(effect: 1, standardError: .nan, degreesOfFreedom: 9) == nil)
        #expect(EffectSize.cohenH(1.2, 0.5) == nil && EffectSize.dz([1, .nan]) == nil)
        #expect(Proportion.betaPosterior(0, of: 0).value == nil)
        #expect(Proportion.betaPosterior(1, of: 2, prior: (0, 1)).interval == nil)
        #expect(Newcombe.difference(a: (0, 0), b: (1, 2)).note == "A: no trials")
        #expect(Newcombe.difference(a: (1, 2), b: (3, 2)).value == nil)
    }

    @Test("the flakiest comes first, equals by name, in any order of what is given")
    func ranking() {
        let scenarios = [
            ("steady", PassCount(passes: 9, trials: 9)), ("coin b", PassCount(passes: 4, trials: 9)),
            ("coin a", PassCount(passes: 5, trials: 9)), ("once", PassCount(passes: 1, trials: 1)),
            ("few", PassCount(passes: 1, trials: 2)), ("rare", PassCount(passes: 8, trials: 9)),
            ("never", PassCount(passes: 0, trials: 0)),
        ]
        let names = ["coin a", "coin b", "few", "rare", "steady", "never", "once"]
        for _ in 0..<5 {
            let ranking = Flakiness.ranking(scenarios.shuffled())
            #expect(ranking.map(\.scenario) == names)
            #expect(ranking[5].disagreement.value == nil && ranking[6].disagreement.interval == nil)
        }
        #expect(Flakiness.of(PassCount(passes: 3, trials: 2)).value == nil)
    }

    @Test("the ends of a scenario's interval cut off of its posterior what they say")
    func tails() throws {
        var random = SeededGenerator(seed: 31)
        for round in 0..<600 {
            let trials = 2 + random.index(below: [4, 30, 300, 4000][round % 4])
            let passes = random.index(below: trials + 1)
            let estimate = Flakiness.of(PassCount(passes: passes, trials: trials))
            let interval = try #require(estimate.interval)
            let (a, b) = (Double(passes) + 0.5, Double(trials - passes) + 0.5)
            for (end, share) in [(interval.low, 0.025), (interval.high, 0.975)]
            where end > 0 && end != estimate.value {
                let r = end / (1 + (1 - 2 * end).squareRoot())
                let below = try #require(Distribution.beta(r, a, b))
                let above = try #require(Distribution.betaTail(1 - r, a, b))
                #expect((below + above - share).magnitude < 1e-7, "\(passes) of \(trials): \(interval)")
            }
        }
    }

    @Test("a disagreement is at most a half, and within its own interval at every level")
    func withinItsInterval() throws {
        for trials in Array(2..<25) + [1021, 1022] {
            for passes in Set(0...min(trials, 24)).union([trials / 2, (trials + 1) / 2]) {
                for confidence in [0.05, 0.5, 0.95] {
                    let count = PassCount(passes: passes, trials: trials)
                    let estimate = Flakiness.of(count, confidence: confidence)
                    let value = try #require(estimate.value), interval = try #require(estimate.interval)
                    #expect(
                        interval.low <= value && value <= interval.high && interval.high <= 0.5,
                        "\(passes) of \(trials), \(confidence): \(estimate)")
                }
            }
        }
        let coin = Flakiness.of(PassCount(passes: 1, trials: 2))
        #expect(coin.value == 0.5 && coin.interval?.high == 0.5)
        #expect(Flakiness.of(PassCount(passes: 0, trials: 2)).value == 0)
    }

    @Test("passes and failures are equally flaky, to the last digit")
    func symmetry() {
        for trials in 2..<20 {
            for passes in 0...trials {
                let one = Flakiness.of(PassCount(passes: passes, trials: trials))
                #expect(one == Flakiness.of(PassCount(passes: trials - passes, trials: trials)))
            }
        }
    }

    @Test(
        "published average run lengths of a cumulative sum chart",
        arguments: [
            (4.0, 0.0, 168.0), (5, 0, 465), (4, 1, 8.38), (5, 1, 10.4), (4, 0.5, 26.6), (5, 2, 4.01),
        ])
    func runLengths(limit: Double, shift: Double, published: Double) throws {
        let length = try #require(ChangePoints.averageRunLength(allowance: 0.5, limit: limit, shift: shift))
        #expect((length - published).magnitude < 0.006 * published)
    }

    @Test("charts without values, of one value and of equal values find nothing and break nothing")
    func degenerate() throws {
        for values in [[], [nil], [0.5], [0.5, 0.5, 0.5], [nil, 1, nil, 1]] as [[Double?]] {
            let chart = try #require(ChangePoints.cusum(values))
            #expect(chart.changes.isEmpty && chart.points.count == values.count)
            #expect(ChangePoints.bayesian(values) == nil)
            let average = try #require(Trend.ewma(values))
            #expect(average.points.count == values.count && average.points.allSatisfy { !$0.isOutside })
            #expect(average.deviation == nil && average.points.allSatisfy { $0.low == nil })
        }
        #expect(ChangePoints.cusum([1, .nan]) == nil && Trend.ewma([.infinity]) == nil)
        #expect(Trend.ewma([1], lambda: 0) == nil && ChangePoints.bayesian([1, 2], rate: 1) == nil)
        #expect(ChangePoints.averageRunLength(allowance: -1, limit: 4) == nil)
    }

    @Test("a step of four deviations is found where it is, by all three, and steady noise isn't a step")
    func step() throws {
        var random = SeededGenerator(seed: 8)
        let noise = (0..<60).map { _ in (random.unit() + random.unit() + random.unit() - 1.5) * 0.1 }
        let stepped = noise.enumerated().map { $0 < 40 ? 0.8 + $1 : 0.6 + $1 }
        let chart = try #require(ChangePoints.cusum(stepped))
        #expect(chart.changes.count == 1 && !chart.changes[0].isRise)
        #expect((36...40).contains(chart.changes[0].index) && chart.changes[0].detectedAt! < 46)
        #expect(
            (chart.changes[0].before - 0.8).magnitude < 0.05
                && (chart.changes[0].after - 0.6).magnitude < 0.05)
        let posterior = try #require(ChangePoints.bayesian(stepped))
        #expect(posterior.changes.map(\.index) == [40] && posterior.unchanged < 1e-6)
        #expect(posterior.changes[0].probability! > 0.9)
        let average = try #require(Trend.ewma(stepped, center: 0.8))
        #expect(average.points[..<40].allSatisfy { !$0.isOutside } && average.points[45].isOutside)
        let quiet = try #require(ChangePoints.bayesian(noise))
        #expect(quiet.changes.isEmpty && quiet.unchanged > 0.5)
        #expect(try #require(ChangePoints.cusum(noise)).changes.isEmpty)
    }

    @Test("equal values, and then others: what they are worth is found or, where it isn't much, said")
    func equalBeginning() throws {
        let long = try #require(
            ChangePoints.cusum(Array(repeating: 0.9, count: 10) + Array(repeating: 0.6, count: 6)))
        #expect(long.changes.map(\.index) == [10] && long.changes.map(\.detectedAt) == [13])
        #expect(long.changes[0].before == 0.9 && !long.changes[0].isRise)
        let short = try #require(ChangePoints.cusum([0.9, 0.9, 0.9, 0.6, 0.6, 0.6]))
        #expect(short.changes.isEmpty)
        #expect(
            short.note
                == "the 3 values before value 4 are all equal, so how much values vary by chance isn't known: that "
                + "value 4 differs counts only as a chance of 1 in 4")
        // One value that is a little off is no change, and where the level is known there is nothing to say.
        let blip = try #require(ChangePoints.cusum([1, 1, nil, 1, 1, 0.95, 1, 1, 1, 1, 1]))
        #expect(blip.changes.isEmpty && blip.note?.contains("4 values before value 6") == true)
        for values in [[0.9, 0.8, 0.9, 0.9], [0.9, 0.9, 0.9], []] as [[Double?]] {
            #expect(try #require(ChangePoints.cusum(values)).note == nil)
        }
        let known = try #require(ChangePoints.cusum([0.9, 0.9, 0.9, 0.6], level: (0.9, 0.02)))
        #expect(known.note == nil && known.changes.map(\.index) == [3])
    }

    /// Which of some days of scenarios a chart marks.
    private static func marked(_ days: [[Double]]) throws -> [Int] {
        let groups = days.map { day in
            let deviation = Moments.deviation(day) ?? 0
            return Trend.Group(mean: Moments.mean(day), units: day.count, variance: deviation * deviation)
        }
        let points = try #require(Trend.ewma(of: groups)).points
        return points.indices.filter { points[$0].isOutside || points[$0].isJump }
    }

    @Test("of few buckets the one that dropped is marked, and none before it", arguments: 2...20)
    func lastBucket(buckets: Int) throws {
        // 20 scenarios a day, of which one or two fail, and on the last day fifteen.
        func day(_ failures: Int) -> [Double] { (0..<20).map { $0 < failures ? 0 : 1 } }
        let steady = (1..<buckets).map { day(1 + $0 % 2) }
        #expect(try Self.marked(steady + [day(15)]) == [buckets - 1])
        #expect(try Self.marked(steady + [day(2)]) == [])
        // None failed before, so that there is no spread but that of the last day; or even that day has none.
        let perfect = (1..<buckets).map { _ in day(0) }
        #expect(try Self.marked(perfect + [day(15)]) == [buckets - 1])
        #expect(try Self.marked(perfect + [day(20)]) == [buckets - 1])
        #expect(try Self.marked(perfect + [day(0)]) == [])
        // What comes last doesn't reach back.
        let rising = steady + [day(15), day(15), day(15)]
        #expect(try Self.marked(rising).first == buckets - 1)
    }

    @Test("where nothing changes, few buckets are marked, however few there are")
    func falseMarks() throws {
        for (scenarios, rate, days) in [(5, 0.8, 10), (20, 0.9, 10), (50, 0.5, 20), (3, 0.5, 4)] {
            var random = SeededGenerator(seed: UInt64(scenarios))
            var marks = 0
            for _ in 0..<400 {
                marks += try Self.marked(
                    (0..<days).map { _ in (0..<scenarios).map { _ in random.unit() < rate ? 1 : 0 } }
                ).count
            }
            // One in about 330 steps of normal values, after the first.
            let share = Double(marks) / Double(400 * (days - 1))
            #expect(share < 0.012, "\(scenarios) scenarios of \(rate): \(share)")
        }
    }

    @Test("a chart without a target compares each value with those before it, whatever comes later")
    func nothingComesBack() throws {
        let values = [0.8, 0.82, 0.79, 0.81, 0.8, 0.5]
        let errors = values.map { _ in Double?(0.02) }
        let whole = try #require(Trend.ewma(values, standardErrors: errors)).points
        for count in 1...values.count {
            let part = try #require(
                Trend.ewma(Array(values.prefix(count)), standardErrors: Array(errors.prefix(count))))
            #expect(part.points == Array(whole.prefix(count)))
        }
        #expect(whole.map(\.isJump) == [false, false, false, false, false, true])
        #expect(whole[0].low == nil && whole[1].center == 0.8 && whole[5].isOutside)
        // A value whose error isn't known has no part in averages.
        let gap = try #require(Trend.ewma([0.8, 0.1, 0.82], standardErrors: [0.02, nil, 0.02])).points
        #expect(gap[1].value == 0.1 && gap[1].average == 0.8 && gap[2].center == 0.8 && !gap[2].isOutside)
        #expect(Trend.ewma(of: [Trend.Group(mean: .nan, units: 2, variance: 0)]) == nil)
        #expect(Trend.ewma([1], jump: 0) == nil)
    }

    @Test("a scenario that all lost is a regression though nothing varies; one scenario is no evidence")
    func regression() {
        func sides(_ count: Int, _ b: Double) -> Pairing<Int> {
            Pairing(
                a: Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, [1]) }),
                b: Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, [b]) }))
        }
        #expect(sides(10, 0).regression(tolerance: 0.1).verdict == .regressed)
        #expect(sides(10, 0.95).regression(tolerance: 0.1).verdict == .notFound)
        #expect(sides(10, 1).regression().verdict == .notFound)
        #expect(sides(4, 0).regression().verdict == .notFound)
        #expect(sides(1, 0).regression().verdict == .tooLittleEvidence)
        let mixed = Pairing(
            a: Dictionary(uniqueKeysWithValues: (0..<6).map { ($0, [1.0]) }),
            b: Dictionary(uniqueKeysWithValues: (0..<6).map { ($0, [0.1 * Double($0 % 3)]) }))
        let found = mixed.regression(tolerance: 0.05)
        #expect(found.verdict == .regressed && found.upperBound! < 0 && found.p! < 0.05)
        // Four pairs can't be significant by their signs alone.
        #expect(
            Pairing(a: [1: [1], 2: [1], 3: [1], 4: [1]], b: [1: [0.0], 2: [0.1], 3: [0], 4: [0]]).regression()
                .verdict
                == .notFound)
        #expect(mixed.regression(tolerance: 0.9).verdict == .notFound)
        #expect(found.smallestDetectableDrop! > 0)
    }
}
