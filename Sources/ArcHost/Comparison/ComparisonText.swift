public import ArcKit

extension Comparison {
    /// The comparison for people: both sides, what it says, metrics, tags, flips, and what must be known to read them.
    public func text(_ format: TableFormat, _ options: TableOptions) -> String {
        // Expanded, nobody could compare anything.
        let format = format == .expanded ? .table : format
        var options = options
        options.countsRows = false
        func line(_ text: String) -> String {
            Paragraph.wrapped(VisibleText.line(text), width: options.width) + "\n"
        }
        func block(_ title: String, _ part: Part) -> String {
            let table = peopleTable(part)
            var options = options
            options.rest = part.rest
            return table.rows.isEmpty ? "" : "\n" + title + "\n" + table.text(format, options)
        }
        let layout = format == .markdown ? "\n" : ""
        var out = sideTable.text(format, options) + "\n" + line(summary) + layout + line(tests)
        out += block("By metric" + layout, .byMetric)
        out += block("By tag" + layout, .byTag)
        out += block("Scenarios that flipped" + layout, .flips)
        let remarks = corrections + notes
        return remarks.isEmpty ? out : out + "\n" + remarks.map { line("- \($0)") }.joined()
    }

    /// One part for people, laid out in that format.
    public func text(_ part: Part, _ format: TableFormat, _ options: TableOptions) -> String {
        peopleTable(part).text(format, options)
    }

    private var figures: ComparedFigures { ComparedFigures(metric) }

    private var sideTable: Table {
        let level = "\(Figure.level(options.confidence)) interval"
        return Table(
            columns: [
                Table.Column(""), Table.Column("simulation"), Table.Column("scenarios", .right),
                Table.Column("runs", .right), Table.Column("errors", .right),
                Table.Column(figures.label, .right), Table.Column(level, .right),
            ],
            rows: [("A", a), ("B", b)].map { name, side in
                [
                    .text(name), .text(side.simulation.label), .text(Figure.count(side.scenarios)),
                    .text(Figure.count(side.runs)), .text(Figure.count(side.errors)),
                    Self.cell(side.mean.value, figures.value),
                    side.mean.interval.map {
                        .text("\(figures.value($0.low)) … \(figures.value($0.high))")
                    } ?? .null,
                ]
            })
    }

    /// The tests, and what else makes the difference worth believing.
    private var tests: String {
        var parts: [String] = []
        if let se = difference.estimate.standardError {
            let unpaired = difference.unpairedStandardError.map { " (unpaired \(figures.size($0)))" } ?? ""
            parts.append("Standard error \(figures.size(se))\(unpaired)")
        }
        if let permutation {
            let how =
                permutation.isExact
                ? "exact" : "\(Figure.count(permutation.resamples ?? 0)) draws, seed \(options.seed)"
            parts.append("permutation \(ComparedFigures.sentence(p: permutation.p)) (\(how))")
        }
        if let mcNemar {
            parts.append(
                "McNemar \(mcNemar.p.map(ComparedFigures.sentence) ?? "p unknown") (both \(mcNemar.both), only A "
                    + "\(mcNemar.onlyA), only B \(mcNemar.onlyB), neither \(mcNemar.neither))")
        }
        if let effect = difference.effectSize { parts.append("d_z \(Figure.fixed(effect, decimals: 2))") }
        if let smallest = difference.smallestDetectableEffect {
            let isPossible = metric.largestDifference.map { smallest <= $0 } ?? true
            parts.append(
                isPossible
                    ? "smallest detectable effect \(figures.size(smallest)) (80 % power)"
                    : "no effect that is possible would be detected (80 % power)")
        }
        guard let first = parts.first else {
            return "Nothing can be tested: \(difference.estimate.note ?? "")."
        }
        return ([first.prefix(1).uppercased() + first.dropFirst()] + parts.dropFirst()).joined(
            separator: "; ") + "."
    }

    private var corrections: [String] {
        let tags = byTag.count { $0.difference.p != nil }
        let metrics = byMetric.count { $0.difference.p != nil }
        // One question needs no correction.
        func line(_ name: String, _ count: Int, _ method: String) -> [String] {
            count < 2 ? [] : ["p by \(name) is corrected for \(count) questions after \(method)"]
        }
        return line("metric", metrics, "Benjamini and Hochberg") + line("tag", tags, "Holm")
    }

    private func peopleTable(_ part: Part) -> Table {
        switch part {
        case .byMetric:
            Self.differences(
                "metric", "p (BH)",
                byMetric.map { ($0.metric.name, $0.difference, ComparedFigures($0.metric)) })
        case .byTag: Self.differences("tag", "p (Holm)", byTag.map { ($0.tag, $0.difference, figures) })
        case .byScenario: scenarioTable(byScenario, withP: true)
        case .flips: scenarioTable(ScenarioDifference.Flip.allCases.flatMap(flips), withP: false)
        }
    }

    private static func differences(
        _ name: String, _ p: String, _ rows: [(String, PairedDifference, ComparedFigures)]
    ) -> Table {
        Table(
            columns: [
                Table.Column(name), Table.Column("n", .right), Table.Column("A", .right),
                Table.Column("B", .right), Table.Column("B − A", .right), Table.Column(p, .right),
            ],
            rows: rows.map { name, difference, figures in
                [
                    .text(name), .integer(Int64(difference.matched)), cell(difference.a, figures.value),
                    cell(difference.b, figures.value), cell(difference.estimate, figures),
                    cell(difference.correctedP, ComparedFigures.p),
                ]
            })
    }

    /// A difference with half the width of its interval, or with its ends where it was cut to what is possible.
    private static func cell(_ difference: Estimate, _ figures: ComparedFigures) -> Cell {
        guard let value = difference.value else { return .null }
        guard let interval = difference.interval else { return .text(figures.change(value)) }
        let (below, above) = (value - interval.low, interval.high - value)
        return .text(
            (above - below).magnitude <= 1e-9 * max(above, below)
                ? "\(figures.change(value)) ± \(figures.size((interval.high - interval.low) / 2))"
                : "\(figures.change(value)) (\(figures.change(interval.low)) … \(figures.change(interval.high)))"
        )
    }

    private static func cell(_ value: Double?, _ text: (Double) -> String) -> Cell {
        value.map { .text(text($0)) } ?? .null
    }

    private func scenarioTable(_ scenarios: [ScenarioDifference], withP: Bool) -> Table {
        func passes(_ count: PassCount) -> String {
            count.trials == 0 ? Cell.nullSign : "\(count.passes)/\(count.trials)"
        }
        return Table(
            columns: [
                Table.Column("scenario"), Table.Column("A", .right), Table.Column("B", .right),
                Table.Column("B − A", .right), Table.Column("passed", .right),
            ] + (withP ? [Table.Column("p (BH)", .right)] : []) + [Table.Column("flip")],
            rows: scenarios.map { scenario in
                [
                    .text(scenario.scenario), Self.cell(scenario.a.mean, figures.value),
                    Self.cell(scenario.b.mean, figures.value), Self.cell(scenario.difference, figures.change),
                    .text("\(passes(scenario.a.verdicts))→\(passes(scenario.b.verdicts))"),
                ] + (withP ? [Self.cell(scenario.correctedP, ComparedFigures.p)] : []) + [
                    .text(
                        [scenario.flip?.rawValue, scenario.isCritical ? "critical" : nil].compactMap(\.self)
                            .joined(separator: ", "))
                ]
            })
    }
}

extension Comparison.Part {
    /// How to get what its table leaves out, from the command line and in a script.
    fileprivate var rest: String {
        let frame = self == .flips ? Self.byScenario : self
        return
            "Everything: --\(rawValue.replacing("_", with: "-")) --format csv, or the field \(frame.rawValue)."
    }
}
