import Postgres

extension Session {
    /// Configuration versions, the best first, with intervals over scenarios, and which of them can't be told apart
    /// (`Leaderboard.rule`).
    ///
    /// - Parameters:
    ///   - scope: which outcomes.
    ///   - measure: what to rank by.
    public func leaderboard(
        _ scope: OutcomeScope = .all, by measure: LeaderboardMeasure = .score
    ) async throws -> Leaderboard {
        let totals = try await runTotals(scope)
        return Leaderboard(totals, versions: try await versions(totals.lazy.map(\.version)), by: measure)
    }
}

extension Leaderboard {
    init(_ totals: [RunTotals], versions: [UniqueID: EvaluatedVersion], by measure: LeaderboardMeasure) {
        let entries = Dictionary(grouping: totals, by: \.version).compactMap { id, totals in
            versions[id].map { Entry($0, PooledTotals(totals), measure) }
        }.sorted(by: Entry.precedes)
        let ranked = entries.prefix { $0.value.value != nil }
        let tests = Self.tests(Array(ranked))
        let adjusted = Multiplicity.holm(tests.map(\.test.p))
        let apart = adjusted.map { $0.map { $0 <= Self.alpha } ?? false }
        let letters = CompactLetters.letters(
            ranked.count, toldApart: zip(tests, apart).filter(\.1).map { ($0.0.better, $0.0.worse) })
        self.measure = measure
        standings = entries.enumerated().map { index, entry in
            entry.standing(
                rank: index < ranked.count ? index + 1 : nil,
                groups: index < ranked.count ? letters[index] : [])
        }
        comparisons = tests.indices.map { index in
            StandingComparison(
                better: entries[tests[index].better].version, worse: entries[tests[index].worse].version,
                difference: tests[index].test.difference.bounded(to: -1...1), p: tests[index].test.p,
                adjustedP: adjusted[index], isToldApart: apart[index])
        }
    }

    /// Every two entries, compared by their scenarios' means.
    private static func tests(_ entries: [Entry]) -> [(better: Int, worse: Int, test: StandingTest)] {
        let scenarios = Set(entries.lazy.flatMap(\.means.keys)).sorted()
        let means = entries.map { entry in scenarios.map { entry.means[$0] ?? .nan } }
        return means.indices.flatMap { better in
            means.indices[(better + 1)...].map { worse in
                (better, worse, StandingTest(means[better], means[worse]))
            }
        }
    }

    /// One version with what is known of its runs.
    private struct Entry {
        let version: EvaluatedVersion
        let totals: PooledTotals
        /// The mean of what is ranked by, of each scenario that has it.
        let means: [String: Double]
        let value: Estimate
        let passRate: Estimate

        init(_ version: EvaluatedVersion, _ totals: PooledTotals, _ measure: LeaderboardMeasure) {
            self.version = version
            self.totals = totals
            passRate = totals.mean(of: \.passRate, n: \.judged, bounds: 0...1)
            let known = { (totals: RunTotals) in measure == .score ? totals.meanScore : totals.passRate }
            value =
                measure == .score
                ? totals.mean(of: \.meanScore, n: \.scored, bounds: 0...1) : passRate
            means = Dictionary(
                totals.scenarios.compactMap { totals in known(totals).map { (totals.scenario, $0) } },
                uniquingKeysWith: { first, _ in first })
        }

        /// The better one first; what isn't known comes last.
        static func precedes(_ one: Entry, _ other: Entry) -> Bool {
            let (first, second) = (one.value.value ?? -1, other.value.value ?? -1)
            return first == second ? EvaluatedVersion.precedes(one.version, other.version) : first > second
        }

        func standing(rank: Int?, groups: [String]) -> Standing {
            let runs = totals.count(\.runs)
            return Standing(
                rank: rank, version: version, value: value, groups: groups, runs: runs,
                errors: totals.count(\.errors), passes: totals.count(\.passes), passRate: passRate,
                costUSD: totals.sum(\.cost)?.doubleValue, costUnknown: runs - totals.count(\.costed),
                meanCostUSD: totals.mean(of: \.meanCost, n: \.costed).value,
                meanLatencyMs: totals.mean(of: \.meanTimeMs, n: \.timed).value,
                latencyUnknown: runs - totals.count(\.timed))
        }
    }
}
