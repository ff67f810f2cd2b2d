import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let columnOrFunction = ParameterType.either(
        .either(.string, .handle(Column.typeName)), .either(.table, .function))

    private static let options = ParameterType.record(
        "StatisticsOptions",
        [
            .optional(
                "by", .string, "the column whose values are the unit of analysis; scenario_id unless said"),
            .optional(
                "bounds", .list(.anyNumber),
                "the least and the greatest possible value, as {0, 1} for scores; an interval stays within them"
            ),
        ])

    private static let passOptions = ParameterType.record(
        "PassOptions",
        [
            .optional(
                "by", .string, "the column whose values are the unit of analysis; scenario_id unless said"),
            .optional("passed", .string, "the column that says whether a run passed; passed unless said"),
        ])

    private static let estimate =
        "value, n, se, low, high, method and perhaps note; what can't be told is nil"

    var statisticsBindings: [Binding] {
        [
            Binding(
                "arc.stats.mean",
                "The mean of a column, with a standard error and a 95 % interval clustered by scenario. Booleans count as 0 and 1; what is NULL has no part.",
                [
                    .required("frame", .frame, "the outcomes"),
                    .required(
                        "column", Self.columnOrFunction,
                        "a column's name, or a function of a row that gives the value"),
                    .optional("options", Self.options, "how to cluster"),
                ],
                returns: (.table, Self.estimate),
                example: """
                    local outcomes = arc.get_scenario_outcomes("latest")
                    local mean = arc.stats.mean(outcomes, "reliability_score")
                    print(mean.value, mean.low, mean.high)
                    local slow = arc.stats.mean(outcomes, function(o) return (o.execution_time_ms or 0) > 5000 end)
                    assert(slow.n == #outcomes)
                    """,
                .immediate { arguments in
                    guard let frame: Frame = arguments.object("frame") else { return [] }
                    let groups = try arguments.clusters(frame, by: arguments.fields("options").by)
                    let bounds = try Self.bounds(arguments) ?? (groups.isYesOrNo ? 0...1 : nil)
                    if let bounds,
                        let value = groups.values.joined().first(where: {
                            $0.isFinite && !bounds.contains($0)
                        })
                    {
                        throw HostError(
                            .argument,
                            "\(arguments.function): \(ArgumentCheck.display(.number(value))) is outside of bounds, \(bounds.lowerBound) to \(bounds.upperBound)",
                            advice:
                                "Bounds are what values can be at all; without them an interval may be wider."
                        )
                    }
                    return [.table(Mean.estimate(groups.values, bounds: bounds).table)]
                }),
            passBinding(
                "arc.stats.pass_hat_k", "pass^k: the probability that a scenario passes k times out of k.",
                PassRates.passHat),
            passBinding(
                "arc.stats.pass_at_k", "pass@k: the probability that a scenario passes at least once in k.",
                PassRates.passAt),
            Binding(
                "arc.stats.quantile", "A quantile of a column, by linear interpolation; NULLs have no part.",
                [
                    .required("frame", .frame, "the outcomes"),
                    .required("column", .string, "a column's name"),
                    .required("p", .number(0...1), "which: 0.5 is the median"),
                ],
                returns: (.table, "value, n, method and perhaps note; what can't be told is nil"),
                example: """
                    local p95 = arc.stats.quantile(arc.get_scenario_outcomes("latest"), "execution_time_ms", 0.95)
                    print(p95.value)
                    """,
                .immediate { arguments in
                    guard let frame: Frame = arguments.object("frame") else { return [] }
                    let column = try frame.column(arguments.text("column"))
                    var numbers = try column.numbers(for: arguments.function).known
                    let value = Quantile.linear(arguments.number("p") ?? 0.5, selectingFrom: &numbers)
                        .flatMap { $0.isFinite ? $0 : nil }
                    return [
                        .table(
                            LuaTable([
                                "value": .optional(value), "n": .integer(Int64(numbers.count)),
                                "method": "linear interpolation",
                                "note": value == nil
                                    ? .string(
                                        numbers.isEmpty ? "no values" : "not all values are finite numbers")
                                    : .nil,
                            ]))
                    ]
                }),
        ]
    }

    private func passBinding(
        _ path: String, _ summary: String,
        _ rate: @escaping @Sendable (Int, [PassCount], Double) -> Estimate
    ) -> Binding {
        Binding(
            path, summary + " Unbiased, averaged over the scenarios with at least k runs.",
            [
                .required("frame", .frame, "the outcomes"),
                .required("k", .positiveInteger, "how many runs"),
                .optional("options", Self.passOptions, "which columns"),
            ],
            returns: (.table, Self.estimate),
            example: """
                local outcomes = arc.get_scenario_outcomes("latest")
                print(\(path)(outcomes, 1).value)
                """,
            .immediate { arguments in
                guard let frame: Frame = arguments.object("frame") else { return [] }
                let by = arguments.fields("options").by
                let groups = try FrameGroups(frame, by: [by], for: arguments.function).groups
                let counts = try arguments.passCounts(groups, of: frame).filter { $0.trials > 0 }
                return [.table(rate(Int(arguments.integer("k") ?? 1), counts, 0.95).table)]
            })
    }

    private static func bounds(_ arguments: Arguments) throws -> ClosedRange<Double>? {
        guard let list = arguments.fields("options").list("bounds") else { return nil }
        let numbers = list.compactMap(\.numberValue)
        guard numbers.count == 2, numbers[0] < numbers[1] else {
            throw HostError(
                .argument,
                "\(arguments.function): bounds must be the least and the greatest value, such as {0, 1}")
        }
        return numbers[0]...numbers[1]
    }
}

extension Estimate {
    /// The estimate for a script.
    var table: LuaTable {
        LuaTable([
            "value": .optional(value), "n": .integer(Int64(n)), "se": .optional(standardError),
            "low": .optional(interval?.low), "high": .optional(interval?.high), "method": .string(method),
            "note": .optional(note),
        ])
    }
}
