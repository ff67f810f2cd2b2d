import ArcKit
import LuaBridge

extension Library {
    private static let compareOptions = ParameterType.record(
        "CompareOptions",
        [
            .optional(
                "metric", .string,
                "what is compared: score (unless said), pass_rate, latency_ms, tokens, cost_usd, pass_hat_2, pass_at_2, …, a recorded number's name, or a metric of a plugin that has one of each outcome or scenario"
            ),
            .optional("confidence", .number(0...1), "the level of every interval; 0.95 unless said"),
            .optional(
                "seed", .integer(0 ... .max), "what decides the permutation test's draws; 1 unless said"),
            .optional("resamples", .positiveInteger, "how many it draws; 10000 unless said"),
            .optional(
                "tolerance", .number(0 ... .greatestFiniteMagnitude),
                "the change for the worse that is put up with, in the metric's unit; unless said, 0.05 for scores and rates, 5 % of A's mean for the rest"
            ),
            .optional(
                "pass_threshold", .number(0...1),
                "the score from which a run passes, on both sides; unless said, each simulation's own"),
            .optional(
                "more_is_better", .boolean,
                "whether more of the metric is better; unless said, as the metric's declaration has it, and not of latency, tokens and cost"
            ),
            .optional("critical", .list(.string), "scenarios that must not go from always passing to never"),
            .optional(
                "critical_tag", .string, "the tag of scenarios that must not either; critical unless said"),
            .optional("largest_k", .integer(1...10_000), "the largest k of pass^k and pass@k; 4 unless said"),
        ])

    var comparisonBindings: [Binding] {
        [
            Binding(
                "arc.compare",
                "Compares two simulations, paired by scenario: overall, by metric, by tag and by scenario, with intervals, tests and a verdict. Differences are b − a.",
                [
                    .required("a", .simulation, "the baseline"),
                    .required("b", .simulation, "the candidate"),
                    .optional("options", Self.compareOptions, "what to compare by"),
                ],
                returns: (
                    .handle(Answer.typeName),
                    "a, b, matched, unmatched, difference, unpaired_se, mcnemar, permutation, effect_size, smallest_detectable_effect, verdict, regressed, too_little_evidence, tolerance, summary, notes, by_metric, by_tag and by_scenario (frames), flips (lost, gained, weakened, strengthened: frames), …; what isn't defined is nil. Printed, it reads as `arc compare` prints it"
                ),
                effects: [.databaseRead],
                example: """
                    local d = arc.compare("baseline", "candidate", { tolerance = 0.05 })
                    print(d)
                    print(d.summary, d.by_scenario:head(5))
                    assert(d.regressed and #d.flips.gained == 0)
                    """,
                .waiting { arguments in
                    let options = Self.comparisonOptions(arguments.fields("options"))
                    let comparison = try await host.store().read { session in
                        try await session.compare(
                            try await session.simulation(arguments, "a"),
                            with: try await session.simulation(arguments, "b"), options,
                            metrics: host.metrics)
                    }
                    return [.object(comparison.answer)]
                })
        ]
    }

    private static func comparisonOptions(_ fields: Arguments) -> ComparisonOptions {
        var options = ComparisonOptions()
        options.metric = fields.string("metric") ?? options.metric
        options.confidence = fields.number("confidence") ?? options.confidence
        options.seed = fields.integer("seed").map { UInt64($0) } ?? options.seed
        options.resamples = fields.integer("resamples").map { Int($0) } ?? options.resamples
        options.tolerance = fields.number("tolerance").map(Tolerance.absolute)
        options.passThreshold = fields.number("pass_threshold")
        options.moreIsBetter = fields.boolean("more_is_better")
        options.critical = Set((fields.list("critical") ?? []).compactMap(\.stringValue))
        options.criticalTag = fields.string("critical_tag") ?? options.criticalTag
        options.largestK = fields.integer("largest_k").map { Int($0) } ?? options.largestK
        return options
    }
}
