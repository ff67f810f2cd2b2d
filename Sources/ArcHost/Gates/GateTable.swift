public import ArcKit
import LuaBridge

extension GateResult {
    /// The gate for a script, as `doc:gate` takes it; what isn't known isn't there.
    var table: LuaTable {
        LuaTable(
            fields: (standing + figures).filter { !$0.value.isNil }.map { LuaTable.Field($0.name, $0.value) },
            kind: .object)
    }

    private typealias Fields = [(name: String, value: LuaValue)]

    private var standing: Fields {
        [
            ("name", .string(name)), ("verdict", .string(verdict.rawValue)),
            ("pass", .boolean(verdict == .pass)),
            ("reason", .string(reason)),
        ]
    }

    private var figures: Fields {
        switch finding {
        case .scenarios(let matched, _), .critical(let matched, _): return [("n", .integer(Int64(matched)))]
        case .change(let comparison):
            let (difference, verdict) = (comparison.difference, comparison.verdict)
            // The end of the one-sided interval, with the sign that the value has.
            let bound = verdict.atLeast.map { comparison.moreIsBetter ? -$0 : $0 }
            return [
                ("metric", .string(comparison.metric.name)), ("unit", .optional(comparison.metric.unit)),
                ("n", .integer(Int64(difference.matched))), ("baseline", .optional(difference.a)),
                ("candidate", .optional(difference.b)),
            ] + Self.estimate(difference.estimate) + [
                ("bound", .optional(bound)), ("tolerance", .optional(verdict.tolerance)),
                ("p", .optional(comparison.permutation?.p)),
            ]
        case .level(let metric, let estimate, let bound, _):
            let limit =
                switch bound {
                case .atLeast(let least): least
                case .atMost(let most): most
                }
            return [
                ("metric", .string(metric.name)), ("unit", .optional(metric.unit)),
                ("n", .integer(Int64(estimate.clusters))), ("candidate", .optional(estimate.value)),
            ] + Self.estimate(estimate) + [("bound", .number(limit))]
        }
    }

    private static func estimate(_ estimate: Estimate) -> Fields {
        [
            ("value", .optional(estimate.value)), ("low", .optional(estimate.interval?.low)),
            ("high", .optional(estimate.interval?.high)),
        ]
    }
}

/// A candidate held against a policy.
public struct GateAnswer: Sendable {
    /// The gates, in order.
    public let gates: [GateResult]
    /// What they were read from; nil where the policy is arc's own.
    public let policy: String?
    /// What the candidate was compared with; nil where no rule needed it.
    public let baseline: SimulationReference?
    /// The simulation in question.
    public let candidate: SimulationReference

    /// What the gates of this candidate say.
    public init(
        _ gates: [GateResult], policy: GatePolicy, baseline: SimulationReference?,
        candidate: SimulationReference
    ) {
        self.gates = gates
        self.policy = policy.source
        self.baseline = baseline
        self.candidate = candidate
    }

    /// The answer as one JSON object: `verdict`, `policy`, `baseline`, `candidate`, `gates`.
    public var jsonText: String {
        get throws {
            func side(_ simulation: SimulationReference?) -> LuaValue {
                guard let simulation else { return .null }
                return .table(
                    LuaTable(
                        fields: [
                            LuaTable.Field("name", simulation.name.map(LuaValue.string) ?? .null),
                            LuaTable.Field("id", .string(simulation.id)),
                        ], kind: .object))
            }
            let table = LuaTable(
                fields: [
                    LuaTable.Field("verdict", .string(gates.verdict.rawValue)),
                    LuaTable.Field("policy", policy.map(LuaValue.string) ?? .null),
                    LuaTable.Field("baseline", side(baseline)), LuaTable.Field("candidate", side(candidate)),
                    LuaTable.Field(
                        "gates", .table(LuaTable(array: gates.map { .table($0.table) }, kind: .array))),
                ], kind: .object)
            return try JSON.write(.table(table), .pretty) + "\n"
        }
    }

    /// The gates as lines for people, and what they say together.
    public func text(_ options: TableOptions) -> String {
        let width = options.width.map { max(20, $0 - 2) }
        let against = baseline.map { " against \($0.label)" } ?? ""
        var lines = [options.paint(.heading, VisibleText.line(candidate.label + against)), ""]
        for gate in gates {
            let text = Paragraph.wrapped(VisibleText.line("\(gate.name): \(gate.reason)"), width: width)
            lines.append("\(gate.sign) " + text.replacing("\n", with: "\n  "))
        }
        return (lines + ["", summary]).joined(separator: "\n") + "\n"
    }

    /// "7 gates: 3 failed, 4 passed."
    private var summary: String {
        let counts = GateResult.Verdict.allCases.reversed().compactMap { verdict -> String? in
            let count = gates.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(Figure.count(count)) \(verdict.word)"
        }
        return Figure.count(gates.count, "gate", "gates") + ": " + counts.joined(separator: ", ") + "."
    }

    /// The gates as a table for people.
    public var peopleTable: Table {
        Table(
            columns: [Table.Column("gate"), Table.Column("says"), Table.Column("why")],
            rows: gates.map { [.text($0.name), .text("\($0.sign) \($0.word)"), .text($0.reason)] })
    }
}

extension GateResult {
    /// A pass that is one by the policy alone shows that nobody can tell.
    fileprivate var sign: String { isUncertain && verdict == .pass ? "?" : verdict.sign }

    fileprivate var word: String {
        isUncertain && verdict != .tooLittleEvidence ? "\(verdict.word), as the policy has it" : verdict.word
    }
}
