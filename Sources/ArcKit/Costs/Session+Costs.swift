extension Session {
    /// Tokens, money and time: of everything in a scope, by configuration version, and by scenario and version.
    ///
    /// - Parameter scope: which outcomes.
    public func costs(_ scope: OutcomeScope = .all) async throws -> Costs {
        let totals = try await runTotals(scope, withTimes: true)
        let versions = try await versions(totals.lazy.map(\.version))
        let byVersion = Dictionary(grouping: totals, by: \.version)
        return Costs(
            total: CostFigures(totals, version: nil, scenario: nil),
            byConfiguration: byVersion.compactMap { id, totals in
                versions[id].map { CostFigures(totals, version: $0, scenario: nil) }
            }.sorted { CostFigures.precedes($0, $1) },
            byScenario: totals.map { totals in
                CostFigures([totals], version: versions[totals.version], scenario: totals.scenario)
            }.sorted { CostFigures.precedes($0, $1) })
    }
}

extension CostFigures {
    /// By scenario, and then by version.
    fileprivate static func precedes(_ one: CostFigures, _ other: CostFigures) -> Bool {
        let (first, second) = (one.scenario ?? "", other.scenario ?? "")
        guard first == second, let first = one.version, let second = other.version else {
            return first < second
        }
        return EvaluatedVersion.precedes(first, second)
    }
}
