public import ArcKit

extension Comparison {
    /// What the comparison says, in one or two sentences.
    public var summary: String {
        let figures = ComparedFigures(metric)
        let count = Figure.count(difference.matched, "matched scenario", "matched scenarios")
        if !verdict.lostCritical.isEmpty {
            let shown = verdict.lostCritical.prefix(3).joined(separator: ", ")
            let rest = verdict.lostCritical.count > 3 ? ", …" : ""
            return "Regressed: "
                + Figure.count(verdict.lostCritical.count, "critical scenario", "critical scenarios")
                + " went from always passing to never (\(shown)\(rest)); \(change(figures)) on \(count)."
        }
        guard difference.estimate.value != nil else {
            return "Too little evidence: \(difference.estimate.note ?? "nothing can be compared")."
        }
        let tolerance = verdict.tolerance.map(figures.plain) ?? "unknown"
        switch verdict.answer {
        case .regressed:
            return "Regressed: \(change(figures)) on \(count), beyond the tolerance of \(tolerance)."
        case .noRegression:
            return "No regression beyond \(tolerance): \(change(figures)) on \(count). \(seen(figures))"
        case .tooLittleEvidence:
            return "Too little evidence for a tolerance of \(tolerance): \(change(figures)) on \(count). "
                + (lost(figures) ?? seen(figures))
        }
    }

    /// "score is 0.1021 lower (95 % interval …, permutation p = 0.0096)".
    private func change(_ figures: ComparedFigures) -> String {
        guard let value = difference.estimate.value else { return "\(figures.label) isn't known" }
        let direction = value == 0 ? "the same" : "\(figures.size(value)) \(value < 0 ? "lower" : "higher")"
        guard let interval = difference.estimate.interval else { return "\(figures.label) is \(direction)" }
        let level = Figure.level(options.confidence)
        // The test that the verdict asks beside the interval.
        let p = permutation.map { ", permutation \(ComparedFigures.sentence(p: $0.p))" } ?? ""
        return "\(figures.label) is \(direction) (\(level) interval \(figures.change(interval.low)) … "
            + "\(figures.change(interval.high))\(p))"
    }

    /// What B doesn't know, where that could hide too much; runs that aren't there or say nothing.
    private func lost(_ figures: ComparedFigures) -> String? {
        guard verdict.hidesTooMuch, let hidden = verdict.hidden else { return nil }
        let share = Figure.fixed(verdict.lostShare * 100, decimals: 1)
        return
            "The candidate has no \(figures.label) for \(share) % of what the baseline has one for, which could hide a "
            + "change of \(figures.size(hidden))."
    }

    /// What could have been seen at all.
    private func seen(_ figures: ComparedFigures) -> String {
        guard let detectable = verdict.detectable else {
            return "How small an effect it could have seen can't be told."
        }
        return "The smallest effect that it could have seen is \(figures.size(detectable)) (80 % power)."
    }
}

/// A metric's figures as people read them.
struct ComparedFigures {
    /// What the metric is called.
    let label: String
    private let unit: String?
    private let metric: Document.Metric

    init(_ metric: ComparedMetric) {
        label = metric.title
        unit = metric.unit
        var figure = Document.Metric(name: metric.name)
        figure.unit = metric.unit
        self.metric = figure
    }

    /// A value.
    func value(_ value: Double) -> String {
        let isPlain = unit == "score" || unit == nil && value.magnitude < 10
        return isPlain ? Figure.fixed(value, decimals: 4) : metric.display(value)
    }

    /// What somebody gave, without digits that nobody gave.
    func plain(_ size: Double) -> String {
        unit == "score" || unit == nil ? Figure.significant(size, digits: 4) : self.size(size)
    }

    /// A bound that somebody gave.
    func limit(_ value: Double) -> String {
        unit == "ratio" ? Figure.significant(value * 100, digits: 4) + " %" : plain(value)
    }

    /// A change's size, without its direction; of rates in percentage points.
    func size(_ change: Double) -> String {
        unit == "ratio"
            ? Quantity(unit: unit, isDifference: true).size(change) : value(change.magnitude)
    }

    /// A change with its sign.
    func change(_ change: Double) -> String { (change < 0 ? "-" : change > 0 ? "+" : "") + size(change) }

    /// A p-value: two digits, and no smaller than anybody can tell.
    static func p(_ p: Double) -> String { Quantity(unit: "p").text(p) }

    /// A p-value within a sentence: "p = 0.0096", "p < 0.0001".
    static func sentence(p: Double) -> String {
        let text = self.p(p)
        return text.hasPrefix("<") ? "p < \(text.dropFirst())" : "p = \(text)"
    }
}
