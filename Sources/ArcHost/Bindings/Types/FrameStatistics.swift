import ArcKit
import LuaBridge
import Postgres

extension Aggregate {
    /// An aggregate as scripts write it: "count", {"mean", "column"}, {"quantile", "column", 0.95}.
    init(_ value: LuaValue, of frame: Frame, for function: String) throws {
        let parts = value.table?.array ?? [value]
        let word = parts.first?.stringValue ?? ""
        let names = Kind.allCases.map(\.rawValue)
        guard let kind = Kind(name: word) else {
            throw HostError(
                .argument, "\(function): there is no aggregate \(ArgumentCheck.display(parts.first ?? .nil))",
                advice: NearestName.of(word, among: names).map { "Did you mean \"\($0)\"?" }
                    ?? "Write \"count\", or {KIND, COLUMN} with KIND one of \(names.joined(separator: ", "))."
            )
        }
        guard parts.count > 1, let name = parts[1].stringValue else {
            guard kind == .count else {
                throw HostError(
                    .argument, "\(function): \(word) needs a column",
                    advice: "Write {\"\(word)\", \"column\"}.")
            }
            self.init(kind: kind, column: nil)
            return
        }
        self.init(kind: kind, column: try frame.column(name, for: function), function: function)
        guard kind == .quantile else { return }
        guard parts.count > 2, let share = parts[2].numberValue, (0...1).contains(share) else {
            throw HostError(
                .argument, "\(function): quantile needs a share between 0 and 1",
                advice: "Write {\"quantile\", \"\(name)\", 0.95}.")
        }
        self.share = share
    }
}

/// A statistic as a method of frames and of columns.
private struct Statistic {
    let kind: Aggregate.Kind
    let name: String
    let summary: String
    let result: (ParameterType, String)

    init(_ kind: Aggregate.Kind, name: String? = nil, _ summary: String, _ result: (ParameterType, String)) {
        self.kind = kind
        self.name = name ?? kind.rawValue
        self.summary = summary
        self.result = result
    }

    static let all: [Statistic] = [
        Statistic(
            .sum,
            "The sum of the values: an integer of integers, as long as it fits, and an exact decimal of decimals.",
            (.any, "the sum, a number or an `arc.decimal`")),
        Statistic(
            .mean, "The mean of the values, a float, of decimals too; booleans count as 0 and 1.",
            (.anyNumber, "the mean")),
        Statistic(
            .stddev, "The standard deviation of the values as a sample, with n − 1 as its divisor.",
            (.anyNumber, "the standard deviation; nil of fewer than two values")),
        Statistic(.min, "The least value, by the order of `sort`.", (.any, "the value")),
        Statistic(.max, "The greatest value, by the order of `sort`.", (.any, "the value")),
        Statistic(
            .median, "The middle value; between two, their mean.", (.anyNumber, "the median")),
        Statistic(.countDistinct, "How many different values there are.", (.anyInteger, "the number")),
        Statistic(
            .countDistinct, name: "distinct", "How many different values there are: `count_distinct`.",
            (.anyInteger, "the number")),
        Statistic(.nulls, "How many rows are NULL.", (.anyInteger, "the number")),
    ]

    /// What it says of a column whose values are 1, 2, 4.
    var sample: String {
        switch kind {
        case .sum: "7"
        case .mean: "7 / 3"
        case .min: "1"
        case .max: "4"
        case .median: "2"
        case .nulls: "0"
        case .stddev: "(7 / 3) ^ 0.5"
        default: "3"
        }
    }

    private static let nulls = " NULLs have no part; nil where nothing is known."

    private var text: String { kind == .nulls ? summary : summary + Self.nulls }

    var ofFrame: Binding {
        Binding(
            "Frame:\(name)", text,
            [
                .required(
                    "column", .either(.string, .function),
                    "a column's name, or a function of a row and its number that gives the value")
            ],
            returns: result, example: example("arc.frame { n = { 1, 2, 4 } }:\(name)(\"n\")"),
            .waiting { arguments in
                let column = try arguments.frame().column(arguments.text("column"), for: arguments.function)
                return try await value(of: column, arguments.function)
            })
    }

    var ofColumn: Binding {
        Binding(
            "Column:\(name)", text, returns: result,
            example: example("arc.frame { n = { 1, 2, 4 } }.n:\(name)()"),
            .waiting { arguments in
                try await value(of: arguments.receiver(as: Column.self), arguments.function)
            })
    }

    private func example(_ call: String) -> String {
        kind == .stddev ? "assert(math.abs(\(call) - \(sample)) < 1e-12)" : "assert(\(call) == \(sample))"
    }

    private func value(of column: Column, _ function: String) async throws -> [LuaValue] {
        let aggregate = Aggregate(kind: kind, column: column, function: function)
        return try await LongWork.run(rows: column.count) {
            [try LuaValue(try aggregate.value(ofAll: column.count))]
        }
    }
}

extension Library {
    private static let shares = Parameter.required(
        "q", .either(.number(0...1), .list(.number(0...1))), "which: 0.5 is the median; or a list of these")

    private static let quantile =
        "A quantile by linear interpolation between the values: definition 7 of Hyndman and Fan, as in R, NumPy and PostgreSQL's percentile_cont. NULLs have no part; NaN where one of the values is NaN; nil where nothing is known."

    var frameStatistics: [Binding] {
        Statistic.all.map(\.ofFrame) + [
            Binding(
                "Frame:quantile", Self.quantile,
                [
                    .required(
                        "column", .either(.string, .function),
                        "a column's name, or a function of a row that gives the value"),
                    Self.shares,
                ],
                returns: (.either(.anyNumber, .list(.anyNumber)), "the quantile, or a list of them"),
                example: """
                    local runs = arc.frame { score = { 1, 2, 3, 4, 5 } }
                    assert(runs:quantile("score", 0.25) == 2)
                    assert(runs:quantile("score", { 0.5, 1 })[2] == 5)
                    """,
                .waiting { arguments in
                    let column = try arguments.frame().column(
                        arguments.text("column"), for: arguments.function)
                    return try await Self.quantiles(of: column, arguments)
                }),
            Binding(
                "Frame:count", "How many rows there are, or how many of them have a value in a column.",
                [.optional("column", .either(.string, .function), "a column's name; all rows unless said")],
                returns: (.anyInteger, "the number"),
                example: "assert(arc.frame { n = { 1, arc.null } }:count(\"n\") == 1)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    guard let name = arguments.string("column") else { return [.integer(Int64(frame.count))] }
                    let values = try frame.column(name, for: arguments.function).values
                    return [.integer(Int64(values.count - values.nullCount))]
                }),
            Binding(
                "Frame:aggregate", "What `agg` computes, of all rows.",
                [
                    .required(
                        "kind", .string,
                        "one of \(Aggregate.Kind.allCases.map(\.rawValue).joined(separator: ", "))"),
                    .optional("column", .string, "a column's name"),
                    .optional("q", .number(0...1), "which quantile"),
                ],
                returns: (.any, "the value"),
                example: "assert(arc.frame { n = { 1, 2 } }:aggregate(\"sum\", \"n\") == 3)",
                .waiting { arguments in
                    let frame = try arguments.frame()
                    let parts = ["kind", "column", "q"].compactMap { arguments[$0] }
                    let aggregate = try Aggregate(
                        .table(LuaTable(array: parts)), of: frame, for: arguments.function)
                    return try await LongWork.run(rows: frame.count) {
                        [try LuaValue(try aggregate.value(ofAll: frame.count))]
                    }
                }),
        ]
    }

    var columnStatistics: [Binding] {
        Statistic.all.map(\.ofColumn) + [
            Binding(
                "Column:quantile", Self.quantile, [Self.shares],
                returns: (.either(.anyNumber, .list(.anyNumber)), "the quantile, or a list of them"),
                example: "assert(arc.frame { n = { 1, 2, 3, 4, 5 } }.n:quantile(0.25) == 2)",
                .waiting { arguments in
                    try await Self.quantiles(of: arguments.receiver(as: Column.self), arguments)
                }),
            Binding(
                "Column:count", "How many values there are; NULLs have no part.",
                returns: (.anyInteger, "the number"),
                example: "assert(arc.frame { n = { 1, arc.null } }.n:count() == 1)",
                .immediate { arguments in
                    let values = try arguments.receiver(as: Column.self).values
                    return [.integer(Int64(values.count - values.nullCount))]
                }),
        ]
    }

    private static func quantiles(of column: Column, _ arguments: Arguments) async throws -> [LuaValue] {
        let function = arguments.function
        let one = arguments.number("q")
        let shares = one.map { [$0] } ?? (arguments.list("q") ?? []).compactMap(\.numberValue)
        return try await LongWork.run(rows: column.count) {
            let isUnknown = column.values.nullCount == column.count
            var known = isUnknown ? [] : try column.numbers(for: function).known
            if let one { return [.optional(Quantile.linear(one, selectingFrom: &known))] }
            guard let found = Quantile.linear(shares, sorting: &known) else { return [.nil] }
            return [.table(LuaTable(array: found.map(LuaValue.number), kind: .array))]
        }
    }
}
