public import ArcKit

extension GateResult {
    /// Why the gate says what it says, in a sentence or two.
    public var reason: String {
        switch finding {
        case .scenarios(let matched, let missing):
            guard !missing.isEmpty else {
                return "\(Self.all(matched, "scenario", "scenarios")) of the baseline"
                    + (matched == 1 ? " was run." : " were run.")
            }
            return "\(Figure.count(missing.count, "scenario", "scenarios")) of the baseline's "
                + "\(Figure.count(matched + missing.count)) \(missing.count == 1 ? "was" : "were") not run: "
                + "\(Self.list(missing))."
        case .critical(let matched, let lost):
            guard !lost.isEmpty else {
                return
                    "Of \(Figure.count(matched, "critical scenario", "critical scenarios")) none went from "
                    + "always passing to never."
            }
            return
                "\(Figure.count(lost.count)) of \(Figure.count(matched, "critical scenario", "critical scenarios")) "
                + "went from always passing to never: \(Self.list(lost))."
        case .change(let comparison): return few(comparison.difference.matched) ?? comparison.summary
        case .level(let metric, let estimate, let bound, _):
            return few(estimate.clusters) ?? level(ComparedFigures(metric), estimate, bound)
        }
    }

    private func few(_ scenarios: Int) -> String? {
        guard isUncertain, let minimum = rule?.minimumScenarios, scenarios < minimum else { return nil }
        return "Too little evidence: \(Figure.count(scenarios, "scenario", "scenarios")), and "
            + "\(Figure.count(minimum)) are wanted."
    }

    private func level(_ figures: ComparedFigures, _ estimate: Estimate, _ bound: GateRule.Bound)
        -> String
    {
        let wanted =
            switch bound {
            case .atLeast(let least): "\(figures.limit(least)) at least is wanted"
            case .atMost(let most): "\(figures.limit(most)) at most is wanted"
            }
        guard let value = estimate.value else {
            return
                "Too little evidence: \(figures.label) isn't known (\(estimate.note ?? "no values")); \(wanted)."
        }
        guard let interval = estimate.interval else {
            return "Too little evidence: \(figures.label) is \(figures.value(value)) without an interval "
                + "(\(estimate.note ?? "")); \(wanted)."
        }
        return "\(figures.label) is \(figures.value(value)) "
            + "(interval \(figures.value(interval.low)) … \(figures.value(interval.high)))\(unknown); \(wanted)."
    }

    /// What isn't known, where anything isn't: it may be why nobody can tell.
    private var unknown: String {
        guard case .level(_, _, _, let unknown) = finding, unknown > 0 else { return "" }
        return ", not known of \(Figure.fixed(unknown * 100, decimals: 1)) % of the runs"
    }

    private static func all(_ count: Int, _ one: String, _ several: String) -> String {
        count == 1 ? "The one \(one)" : "All \(Figure.count(count, one, several))"
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    }
}
