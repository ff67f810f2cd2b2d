public import ArcKit
import LuaBridge

extension Document.Gate {
    /// What a gate says, with the figures that it says it by.
    init(_ result: GateResult) {
        self.init(name: result.name, verdict: result.verdict, reason: result.reason)
        switch result.finding {
        case .scenarios(let matched, _), .critical(let matched, _): n = matched
        case .change(let comparison):
            let (difference, verdict) = (comparison.difference, comparison.verdict)
            take(comparison.metric, difference.estimate)
            (baseline, candidate, n) = (difference.a, difference.b, difference.matched)
            // The end of the one-sided interval, with the sign that the value has.
            bound = verdict.atLeast.map { comparison.moreIsBetter ? -$0 : $0 }
            tolerance = verdict.tolerance
            p = comparison.permutation?.p
        case .level(let metric, let estimate, let limit, _):
            take(metric, estimate)
            (candidate, n) = (estimate.value, estimate.clusters)
            bound =
                switch limit {
                case .atLeast(let least): least
                case .atMost(let most): most
                }
        }
    }

    private mutating func take(_ metric: ComparedMetric, _ estimate: Estimate) {
        (self.metric, unit) = (metric.name, metric.unit)
        (value, low, high) = (estimate.value, estimate.interval?.low, estimate.interval?.high)
    }
}

extension GateResult {
    /// The gate for a script, as `doc:gate` takes it; what isn't known isn't there.
    var table: LuaTable {
        let gate = Document.Gate(self)
        let texts: [(name: String, value: LuaValue)] = [
            ("name", .string(gate.name)), ("verdict", .string(gate.verdict.rawValue)),
            ("pass", .boolean(gate.verdict == .pass)), ("reason", .optional(gate.reason)),
            ("metric", .optional(gate.metric)), ("unit", .optional(gate.unit)),
        ]
        let figures = Document.Gate.quantities.map { ($0.name, LuaValue.optional(gate[keyPath: $0.path])) }
        let all = texts + figures + [("n", gate.n.map { .integer(Int64($0)) } ?? .nil)]
        return LuaTable(
            fields: all.filter { !$0.value.isNil }.map { LuaTable.Field($0.name, $0.value) }, kind: .object)
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

    /// The gates as rows for programs, with every digit.
    public var table: Table { Document.table(gates.map { Document.Gate($0) }) }

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
