public import ArcKit
import Postgres

extension Comparison {
    /// The part of a comparison that is a table of its own.
    public enum Part: String, Sendable, CaseIterable {
        /// A row for each metric.
        case byMetric = "by_metric"
        /// A row for each tag.
        case byTag = "by_tag"
        /// A row for each scenario.
        case byScenario = "by_scenario"
        /// A row for each scenario that passes more often or more seldom.
        case flips
    }

    /// A part as a frame, with every digit.
    public func frame(_ part: Part) -> Frame {
        switch part {
        case .byMetric: metricFrame
        case .byTag: tagFrame
        case .byScenario: frame(ofScenarios: Array(byScenario.indices))
        case .flips: frame(ofScenarios: ScenarioDifference.Flip.allCases.flatMap(places(of:)))
        }
    }

    /// The scenarios that changed in that way as a frame.
    func frame(_ flip: ScenarioDifference.Flip) -> Frame { frame(ofScenarios: places(of: flip)) }

    private func places(of flip: ScenarioDifference.Flip) -> [Int] {
        byScenario.indices.filter { byScenario[$0].flip == flip }
    }

    private var metricFrame: Frame {
        let rows = byMetric
        return Self.frame(
            Array(rows.indices),
            [("metric", { .text(rows[$0].metric.name) }), ("unit", { .optional(rows[$0].metric.unit) })]
                + Self.differenceColumns(rows.map(\.difference)))
    }

    private var tagFrame: Frame {
        let rows = byTag
        return Self.frame(
            Array(rows.indices),
            [("tag", { .text(rows[$0].tag) })] + Self.differenceColumns(rows.map(\.difference)))
    }

    /// Columns with what makes a row's value; a row goes by its number, so that nothing is copied for it.
    private typealias Columns = [(String, (Int) -> Value)]

    private static func frame(_ rows: [Int], _ columns: Columns) -> Frame {
        Frame(columns: columns.map { Column(name: $0.0, rows.map($0.1)) }, count: rows.count)
    }

    private static func differenceColumns(_ rows: [PairedDifference]) -> Columns {
        [
            ("matched", { .int(Int64(rows[$0].matched)) }), ("a", { .optional(rows[$0].a) }),
            ("b", { .optional(rows[$0].b) }), ("difference", { .optional(rows[$0].estimate.value) }),
            ("se", { .optional(rows[$0].estimate.standardError) }),
            ("low", { .optional(rows[$0].estimate.interval?.low) }),
            ("high", { .optional(rows[$0].estimate.interval?.high) }), ("p", { .optional(rows[$0].p) }),
            ("corrected_p", { .optional(rows[$0].correctedP) }),
            ("effect_size", { .optional(rows[$0].effectSize) }),
            ("smallest_detectable_effect", { .optional(rows[$0].smallestDetectableEffect) }),
            ("note", { .optional(rows[$0].estimate.note) }),
        ]
    }

    private func frame(ofScenarios places: [Int]) -> Frame {
        let rows = byScenario
        func count(_ number: Int) -> Value { .int(Int64(number)) }
        return Self.frame(
            places,
            [
                ("scenario_id", { .text(rows[$0].scenario) }), ("a", { .optional(rows[$0].a.mean) }),
                ("b", { .optional(rows[$0].b.mean) }), ("difference", { .optional(rows[$0].difference) }),
                ("flip", { .optional(rows[$0].flip?.rawValue) }),
                ("critical", { .bool(rows[$0].isCritical) }),
                ("a_passes", { count(rows[$0].a.verdicts.passes) }),
                ("a_verdicts", { count(rows[$0].a.verdicts.trials) }),
                ("b_passes", { count(rows[$0].b.verdicts.passes) }),
                ("b_verdicts", { count(rows[$0].b.verdicts.trials) }), ("a_runs", { count(rows[$0].a.runs) }),
                ("b_runs", { count(rows[$0].b.runs) }), ("a_errors", { count(rows[$0].a.errors) }),
                ("b_errors", { count(rows[$0].b.errors) }), ("p", { .optional(rows[$0].p) }),
                ("corrected_p", { .optional(rows[$0].correctedP) }),
            ])
    }
}

extension Value {
    fileprivate static func optional(_ number: Double?) -> Value { number.map(Value.double) ?? .null }
    fileprivate static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .null }
}
