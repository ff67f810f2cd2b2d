public import ArcKit
import LuaBridge

extension Comparison {
    /// The comparison as one JSON object, whose form `docs/schemas/comparison.json` describes. Every field is there; what
    /// isn't defined is null.
    public var json: JSONValue {
        get throws {
            let table = ComparisonTable(comparison: self, unknown: .null).table
            return try JSONValue(.table(table), function: "arc compare")
        }
    }

    /// The comparison in a format: as one object where that is JSON, as its metrics where that holds nothing but rows.
    public func printed(_ format: TableFormat, _ options: TableOptions) throws -> String {
        switch format {
        case .json: try JSON.write(LuaValue(json), .pretty) + "\n"
        case .jsonl, .csv: frame(.byMetric).text(format, options)
        case .table, .expanded, .markdown: text(format, options)
        }
    }

    /// The comparison for a script. Printed, it is what `arc compare` prints.
    var answer: Answer {
        Answer(
            "comparison", ComparisonTable(comparison: self, unknown: .nil).fields,
            memory: byScenario.count * MemoryLayout<ScenarioDifference>.stride
        ) { format, options in try printed(format, options) }
    }
}

/// A comparison as a table, from which a script's and the JSON object are both made.
private struct ComparisonTable {
    typealias Fields = Answer.Fields

    let comparison: Comparison
    /// What stands for what isn't defined: JSON's null, or nothing.
    let unknown: LuaValue

    private var difference: PairedDifference { comparison.difference }

    var fields: Fields { what + figures + verdict + parts }

    var table: LuaTable { record(fields) }

    private func record(_ fields: Fields) -> LuaTable {
        LuaTable(
            fields: fields.map { LuaTable.Field($0.name, $0.value.isNil ? unknown : $0.value) }
                .filter { !$0.value.isNil }, kind: .object)
    }

    private func nested(_ fields: Fields) -> LuaValue { .table(record(fields)) }

    private var what: Fields {
        [
            ("a", side(comparison.a)), ("b", side(comparison.b)), ("metric", .string(comparison.metric.name)),
            ("unit", .optional(comparison.metric.unit)),
            ("more_is_better", .boolean(comparison.moreIsBetter)),
            ("confidence", .number(comparison.options.confidence)), ("matched", .count(difference.matched)),
            (
                "unmatched",
                nested([
                    ("only_a", .count(comparison.onlyA.count)), ("only_b", .count(comparison.onlyB.count)),
                ])
            ),
            (
                "unmatched_scenarios",
                nested([("only_a", .texts(comparison.onlyA)), ("only_b", .texts(comparison.onlyB))])
            ),
            ("without_value", .count(comparison.withoutValue)),
        ]
    }

    private func side(_ side: Comparison.Side) -> LuaValue {
        let mean = side.mean
        let interval = mean.interval.map { nested([("low", .number($0.low)), ("high", .number($0.high))]) }
        return nested([
            ("name", .optional(side.simulation.name)), ("id", .string(side.simulation.id)),
            ("n", .count(mean.n)), ("errors", .count(side.errors)), ("mean", .optional(mean.value)),
            ("se", .optional(mean.standardError)), ("interval", interval ?? .nil),
            ("method", .string(mean.method)), ("note", .optional(mean.note)),
            ("scenarios", .count(side.scenarios)), ("runs", .count(side.runs)),
            ("cancelled", .count(side.cancelled)), ("pass_threshold", .number(side.passThreshold)),
        ])
    }

    private var figures: Fields {
        let estimate = difference.estimate
        let mean = nested([
            ("value", .optional(estimate.value)), ("se", .optional(estimate.standardError)),
            ("low", .optional(estimate.interval?.low)), ("high", .optional(estimate.interval?.high)),
            ("method", .string(estimate.method)), ("p", .optional(difference.p)),
            ("a", .optional(difference.a)), ("b", .optional(difference.b)),
            ("note", .optional(estimate.note)),
        ])
        return [
            ("difference", mean), ("unpaired_se", .optional(difference.unpairedStandardError)),
            ("mcnemar", comparison.mcNemar.map(mcNemar) ?? .nil),
            ("permutation", comparison.permutation.map(permutation) ?? .nil),
            ("effect_size", .optional(difference.effectSize)),
            ("smallest_detectable_effect", .optional(difference.smallestDetectableEffect)),
        ]
    }

    private func mcNemar(_ table: McNemar) -> LuaValue {
        nested([
            ("both", .count(table.both)), ("only_a", .count(table.onlyA)), ("only_b", .count(table.onlyB)),
            ("neither", .count(table.neither)), ("p", .optional(table.p)),
        ])
    }

    private func permutation(_ answer: SignFlip.Answer) -> LuaValue {
        nested([
            ("p", .number(answer.p)), ("seed", .integer(Int64(clamping: comparison.options.seed))),
            ("exact", .boolean(answer.isExact)), ("resamples", answer.resamples.map(LuaValue.count) ?? .nil),
        ])
    }

    private var verdict: Fields {
        let verdict = comparison.verdict
        return [
            ("verdict", .string(verdict.answer.rawValue)),
            ("regressed", .boolean(verdict.answer == .regressed)),
            ("too_little_evidence", .boolean(verdict.answer == .tooLittleEvidence)),
            ("tolerance", .optional(verdict.tolerance)), ("lost_critical", .texts(verdict.lostCritical)),
            ("summary", .string(comparison.summary)), ("notes", .texts(comparison.notes)),
        ]
    }

    private var parts: Fields {
        let flips = ScenarioDifference.Flip.allCases.map { flip in
            (name: flip.rawValue, value: LuaValue.object(comparison.frame(flip)))
        }
        return [
            ("by_tag", .object(comparison.frame(.byTag))),
            ("by_metric", .object(comparison.frame(.byMetric))),
            ("by_scenario", .object(comparison.frame(.byScenario))), ("flips", nested(flips)),
            (
                "corrections",
                nested([
                    ("by_tag", .string("Holm")), ("by_metric", .string("Benjamini-Hochberg")),
                    ("by_scenario", .string("Benjamini-Hochberg")),
                ])
            ),
        ]
    }
}

extension LuaValue {
    fileprivate static func count(_ number: Int) -> LuaValue { .integer(Int64(number)) }
    fileprivate static func texts(_ texts: [String]) -> LuaValue {
        .table(LuaTable(array: texts.map(LuaValue.string), kind: .array))
    }
}
