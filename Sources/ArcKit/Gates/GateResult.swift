/// What a gate says, and what it says it by.
public struct GateResult: Sendable {
    /// What a gate says.
    public enum Verdict: String, Sendable, CaseIterable {
        /// The condition holds.
        case pass
        /// It doesn't.
        case fail
        /// Nobody can tell.
        case tooLittleEvidence = "too_little_evidence"
    }

    /// What was found.
    public enum Finding: Sendable {
        /// How many of the baseline's scenarios the candidate ran, and which it didn't, by their ids.
        case scenarios(matched: Int, missing: [String])
        /// How many critical scenarios both ran, and which went from always passing to never.
        case critical(matched: Int, lost: [String])
        /// A metric beside the baseline's.
        case change(Comparison)
        /// A metric of the candidate's own, and the share of its runs whose value isn't known.
        case level(ComparedMetric, Estimate, GateRule.Bound, unknown: Double)
    }

    /// The gate's name.
    public let name: String
    /// What it says.
    public let verdict: Verdict
    /// What it says it by.
    public let finding: Finding
    /// The rule; nil of what holds for every policy.
    public let rule: GateRule?
    /// Whether nobody can tell, whatever the policy makes of it.
    public let isUncertain: Bool

    init(
        _ name: String, _ verdict: Verdict, _ finding: Finding, rule: GateRule? = nil,
        otherwise consequence: GatePolicy.Consequence? = nil
    ) {
        self.name = name
        self.finding = finding
        self.rule = rule
        isUncertain = verdict == .tooLittleEvidence
        self.verdict =
            switch (isUncertain, consequence) {
            case (true, .pass): .pass
            case (true, .fail): .fail
            default: verdict
            }
    }
}

extension GatePolicy {
    /// The gates of a candidate.
    ///
    /// - Parameters:
    ///   - base: the comparison that knows the critical scenarios; nil where there is no baseline.
    ///   - comparisons: one for each rule.
    func results(_ base: Comparison?, _ comparisons: [Comparison]) -> [GateResult] {
        (base.map(standing) ?? [])
            + zip(rules, comparisons).map { rule, comparison in
                rule.result(comparison, otherwise: rule.tooLittleEvidence ?? tooLittleEvidence)
            }
    }

    /// What holds for every policy: what isn't there can't have passed, and what is critical may not be lost.
    private func standing(_ base: Comparison) -> [GateResult] {
        let matched = base.a.scenarios - base.onlyA.count
        let isWhole = base.onlyA.isEmpty || missingScenarios == .pass
        var results = [
            GateResult(
                Self.missingName, isWhole ? .pass : .fail,
                .scenarios(matched: matched, missing: base.onlyA))
        ]
        let critical = base.byScenario.count { $0.isCritical && $0.a.runs > 0 && $0.b.runs > 0 }
        if critical > 0 {
            let lost = base.verdict.lostCritical
            results.append(
                GateResult(
                    Self.criticalName, lost.isEmpty ? .pass : .fail,
                    .critical(matched: critical, lost: lost)))
        }
        return results
    }
}

extension GateRule {
    fileprivate func result(
        _ comparison: Comparison, otherwise consequence: GatePolicy.Consequence?
    ) -> GateResult {
        if let bound {
            let estimate = comparison.b.mean
            let isEnough = estimate.clusters >= minimumScenarios ?? 0
            return GateResult(
                name, isEnough ? Self.verdict(comparison, bound) : .tooLittleEvidence,
                .level(comparison.metric, estimate, bound, unknown: comparison.b.unknown), rule: self,
                otherwise: consequence)
        }
        let isEnough = comparison.difference.matched >= minimumScenarios ?? 0
        let verdict: GateResult.Verdict =
            switch comparison.verdict.answer {
            case .regressed: .fail
            case .noRegression: isEnough ? .pass : .tooLittleEvidence
            case .tooLittleEvidence: .tooLittleEvidence
            }
        return GateResult(name, verdict, .change(comparison), rule: self, otherwise: consequence)
    }

    /// A bound is reached where the whole interval lies on its good side, and missed where it lies on the other. Without an
    /// interval nobody can tell, but where all values are equal. Runs whose value isn't known count as bad as can be, where
    /// the metric has such an end: a bound that is reached without them alone isn't.
    private static func verdict(_ comparison: Comparison, _ bound: Bound) -> GateResult.Verdict {
        guard let interval = comparison.b.mean.interval else { return .tooLittleEvidence }
        let (unknown, bounds) = (comparison.b.unknown, comparison.metric.bounds)
        func withUnknown(_ end: Double, _ worst: Double?) -> Double {
            worst.map { end + unknown * ($0 - end) } ?? end
        }
        switch bound {
        case .atLeast(let least):
            return interval.high < least
                ? .fail : withUnknown(interval.low, bounds.low) >= least ? .pass : .tooLittleEvidence
        case .atMost(let most):
            return interval.low > most
                ? .fail : withUnknown(interval.high, bounds.high) <= most ? .pass : .tooLittleEvidence
        }
    }
}

extension Sequence<GateResult.Verdict> {
    /// What they say together: one that fails weighs more than one that nobody can tell.
    public var together: GateResult.Verdict {
        let verdicts = Set(self)
        if verdicts.contains(.fail) { return .fail }
        return verdicts.contains(.tooLittleEvidence) ? .tooLittleEvidence : .pass
    }
}

extension Sequence<GateResult> {
    /// What they say together.
    public var verdict: GateResult.Verdict { map(\.verdict).together }
}
