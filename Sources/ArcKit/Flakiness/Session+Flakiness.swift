import Postgres

extension Session {
    /// Which scenarios pass at one time and fail at another, though the configuration is the same version.
    ///
    /// It reads and adds up what one plain aggregate by scenario does.
    ///
    /// - Parameter scope: which outcomes.
    public func flaky(_ scope: OutcomeScope = .all) async throws -> FlakyRanking {
        let question = Self.verdicts(try await source(scope))
        let verdicts = try await rows(of: question) { try VerdictCounts(&$0) }
        return FlakyRanking(verdicts, versions: try await versions(verdicts.lazy.map(\.version)))
    }

    static func verdicts(_ source: ScopedSource) -> Question {
        Question(
            """
            select s.config_version_id, o.scenario_id, count(*) filter (where \(ScopedSource.passed)),
              count(*) filter (where \(ScopedSource.isJudged)), count(*) filter (where \(ScopedSource.failed))
            \(source.outcomesWithSimulations())
            group by s.config_version_id, o.scenario_id
            """, source)
    }
}

/// How often a scenario passed under a version.
struct VerdictCounts: Sendable {
    let version: UniqueID
    let scenario: String
    let count: PassCount
    let errors: Int

    init(_ row: inout RowReader) throws {
        version = try row.required()
        scenario = try row.required()
        count = PassCount(passes: try row.required(), trials: try row.required())
        errors = try row.required()
    }
}

extension FlakyRanking {
    init(_ verdicts: [VerdictCounts], versions: [UniqueID: EvaluatedVersion]) {
        // Few different counts are shared by many scenarios.
        var estimates: [PassCount: (passRate: Estimate, disagreement: Estimate)] = [:]
        scenarios = verdicts.compactMap { verdict -> FlakyScenario? in
            guard verdict.count.trials >= 2, let version = versions[verdict.version] else { return nil }
            let known =
                estimates[verdict.count]
                ?? (
                    Proportion.clopperPearson(verdict.count.passes, of: verdict.count.trials),
                    Flakiness.of(verdict.count)
                )
            estimates[verdict.count] = known
            return FlakyScenario(
                version: version, scenario: verdict.scenario, passes: verdict.count.passes,
                trials: verdict.count.trials, errors: verdict.errors, passRate: known.passRate,
                disagreement: known.disagreement)
        }.sorted(by: FlakyScenario.precedes)
        single = verdicts.count { $0.count.trials == 1 }
        unjudged = verdicts.count { $0.count.trials == 0 }
    }
}
