import ArcKit
import LuaBridge
import Postgres

extension Library {
    /// Comparisons of the same scenarios, and what is drawn at random.
    var resamplingBindings: [Binding] {
        [
            paired, permutation, bootstrap,
            correction(
                "holm",
                "Holm's correction of several p-values: the chance of any false finding stays at most the level that they are held against.",
                Multiplicity.holm),
            correction(
                "benjamini_hochberg",
                "Benjamini's and Hochberg's correction of several p-values: of all findings, at most the level's share is expected to be false.",
                Multiplicity.benjaminiHochberg),
            Binding(
                "arc.stats.cohen_dz",
                "Cohen's d_z of paired differences: their mean over their standard deviation.",
                [
                    .required(
                        "differences", StatisticsParameter.numbers, "one for each pair; NULLs have no part")
                ],
                returns: (.anyNumber, "d_z; nil where the differences have no spread"), remark: .reason,
                example: """
                    assert(arc.stats.cohen_dz({ 0.1, 0.3 }) > 1.4)
                    local nothing, why = arc.stats.cohen_dz { 0.1, 0.1 }
                    assert(nothing == nil and why == "all differences are equal: no deviation")
                    """,
                .immediate { arguments in
                    let differences = try arguments.numbers("differences").compactMap(\.self)
                    return .known(EffectSize.dz(differences)) { EffectSize.whyUndefined(dz: differences) }
                }),
            quantileInterval, intraclass,
        ]
    }

    private var paired: Binding {
        Binding(
            "arc.stats.paired",
            "Compares a column of two frames by scenario: each scenario's runs are averaged first, and what only one side ran is counted and left out.",
            [
                .required("a", .frame, "the baseline's outcomes"),
                .required("b", .frame, "the candidate's"),
                .required("column", .string, "the column that both have; booleans count as 0 and 1"),
                .optional(
                    "options",
                    .record(
                        "PairedOptions",
                        [
                            StatisticsParameter.by, StatisticsParameter.confidence, StatisticsParameter.alpha,
                            StatisticsParameter.power, StatisticsParameter.seed,
                            StatisticsParameter.resamples,
                            .optional(
                                "tolerance", .number(0...Double.greatestFiniteMagnitude),
                                "the largest drop that is no regression; 0 unless said"),
                        ]), "how to compare"),
            ],
            returns: (
                .table,
                "value (b − a), n (matched scenarios), se, low, high, method, note, only_a, only_b, p, unpaired_se, permutation (p, exact, seed, resamples), effect_size, smallest_detectable_effect, regression (verdict, p, upper_bound)"
            ),
            example: """
                local base, now = arc.get_scenario_outcomes("latest"), arc.get_scenario_outcomes("latest")
                local d = arc.stats.paired(base, now, "reliability_score", { tolerance = 0.02 })
                assert(d.value == 0 and d.regression.verdict == "not_found")
                """,
            .waiting { arguments in
                let options = arguments.fields("options")
                return try await Computation.run {
                    let pairing = Pairing(
                        a: try arguments.valuesByUnit("a", options.by),
                        b: try arguments.valuesByUnit("b", options.by))
                    return [.table(pairing.table(options))]
                }
            })
    }

    private var permutation: Binding {
        Binding(
            "arc.stats.permutation",
            "The p-value of paired differences by flipping their signs: exact for few differences and for those in steps, such as of pass rates, else drawn with a seed.",
            [
                .required(
                    "differences", StatisticsParameter.numbers, "one for each pair; NULLs have no part"),
                .optional(
                    "options",
                    .record(
                        "PermutationOptions",
                        [
                            .optional(
                                "alternative", .choice(SignFlip.Alternative.allCases.map(\.rawValue)),
                                "which sums count against chance; two_sided unless said"),
                            StatisticsParameter.seed, StatisticsParameter.resamples,
                        ]), "how to test"),
            ],
            returns: (.table, "p, exact, and, where it isn't, seed and resamples; nil without differences"),
            remark: .reason,
            example: """
                local answer = arc.stats.permutation({ 0.1, -0.2, 0.3, 0.4, 0.05, -0.1, 0.2 })
                assert(answer.p == 0.265625 and answer.exact)
                """,
            .waiting { arguments in
                let options = arguments.fields("options")
                let differences = try arguments.numbers("differences").compactMap(\.self)
                let alternative = options.string("alternative").flatMap(SignFlip.Alternative.init)
                let answer = try await Computation.run {
                    SignFlip.p(
                        differences, alternative: alternative ?? .twoSided, seed: options.seed,
                        resamples: options.resamples)
                }
                guard let answer else {
                    let reason = Moments.whyUnusable(differences, "differences")
                    return [.nil, .string(reason ?? "the draws were ended before they were done")]
                }
                return [.table(answer.table)]
            })
    }

    private var bootstrap: Binding {
        Binding(
            "arc.stats.bootstrap",
            "The mean of a column with an interval by drawing scenarios anew, each with all its runs. It says its seed.",
            [
                .required("frame", .frame, "the outcomes"),
                .required("column", StatisticsParameter.column, "a column, or its name; NULLs have no part"),
                .optional(
                    "options",
                    .record(
                        "BootstrapOptions",
                        [
                            .optional(
                                "method", .choice(["bca", "studentised"]),
                                "bias-corrected and accelerated, unless said, or by standard errors"),
                            StatisticsParameter.by, StatisticsParameter.confidence, StatisticsParameter.seed,
                            StatisticsParameter.resamples,
                        ]), "how to draw"),
            ],
            returns: (.table, StatisticsParameter.estimate),
            example: """
                local outcomes = arc.get_scenario_outcomes("latest")
                local mean = arc.stats.bootstrap(outcomes, "reliability_score", { resamples = 500, seed = 7 })
                print(mean.value, mean.low, mean.high, mean.method)
                """,
            .waiting { arguments in
                guard let frame: Frame = arguments.object("frame") else { return [] }
                let options = arguments.fields("options")
                return try await Computation.run {
                    let values = try arguments.clusters(frame, by: options.by).values
                    let draw =
                        options.string("method") == "studentised"
                        ? Bootstrap.studentised(byScenario:weighting:confidence:resamples:seed:)
                        : Bootstrap.bca(byScenario:weighting:confidence:resamples:seed:)
                    let estimate = draw(
                        values, .scenarios, options.confidence, options.resamples, options.seed)
                    return [.table(estimate.table)]
                }
            })
    }

    private func correction(
        _ name: String, _ summary: String, _ correct: @escaping @Sendable ([Double?]) -> [Double?]
    ) -> Binding {
        Binding(
            "arc.stats.\(name)", summary,
            [
                .required(
                    "p_values", StatisticsParameter.numbers,
                    "the p-values; what isn't known (NULL, arc.null) counts as no question")
            ],
            returns: (.list(.any), "the corrected p-values in the same order, arc.null where unknown"),
            example: """
                local corrected = arc.stats.\(name)({ 0.01, 0.04, arc.null, 0.005 })
                assert(corrected[1] >= 0.01 and corrected[3] == arc.null)
                """,
            .immediate { arguments in
                let values = try arguments.numbers("p_values")
                if let place = values.firstIndex(where: { $0.map { !(0...1).contains($0) } ?? false }) {
                    throw HostError(
                        .argument,
                        "\(arguments.function): p_values[\(place + 1)] must be between 0 and 1, got \(ArgumentCheck.display(.number(values[place] ?? .nan)))"
                    )
                }
                let corrected = correct(values)
                return [
                    .table(LuaTable(array: corrected.map { $0.map(LuaValue.number) ?? .null }, kind: .array))
                ]
            })
    }

    private var quantileInterval: Binding {
        Binding(
            "arc.stats.quantile_interval",
            "A quantile of a column with an interval: by order statistics where each scenario ran once, else one that holds though runs of a scenario resemble each other.",
            [
                .required("frame", .frame, "the outcomes"),
                .required("column", StatisticsParameter.column, "a column, or its name; NULLs have no part"),
                .required("p", .number(0...1), "which: 0.5 is the median"),
                .optional(
                    "options",
                    .record("QuantileOptions", [StatisticsParameter.by, StatisticsParameter.confidence]),
                    "how to cluster"),
            ],
            returns: (.table, StatisticsParameter.estimate),
            example: """
                local outcomes = arc.get_scenario_outcomes("latest")
                local median = arc.stats.quantile_interval(outcomes, "execution_time_ms", 0.5)
                print(median.value, median.low, median.high)
                """,
            .immediate { arguments in
                guard let frame: Frame = arguments.object("frame") else { return [] }
                let options = arguments.fields("options")
                let p = arguments.number("p") ?? 0.5
                let values = try arguments.clusters(frame, by: options.by).values
                let estimate =
                    values.allSatisfy { $0.count == 1 }
                    ? Quantile.estimate(p, of: values.flatMap(\.self), confidence: options.confidence)
                    : Quantile.estimate(p, byScenario: values, confidence: options.confidence)
                return [.table(estimate.table)]
            })
    }

    private var intraclass: Binding {
        Binding(
            "arc.stats.intraclass",
            "The intraclass correlation of a column: 1 where runs of a scenario always agree, 0 where they agree no more than runs of different ones.",
            [
                .required("frame", .frame, "the outcomes"),
                .required("column", StatisticsParameter.column, "a column, or its name; NULLs have no part"),
                .optional("options", .record("ByOptions", [StatisticsParameter.by]), "how to cluster"),
            ],
            returns: (.anyNumber, "at most 1; nil where no scenario ran twice, or nothing differs"),
            remark: .reason,
            example:
                #"print(arc.stats.intraclass(arc.get_scenario_outcomes("latest"), "reliability_score"))"#,
            .immediate { arguments in
                guard let frame: Frame = arguments.object("frame") else { return [] }
                let values = try arguments.clusters(frame, by: arguments.fields("options").by).values
                return .known(IntraclassCorrelation.anova(values)) {
                    IntraclassCorrelation.whyUndefined(values)
                }
            })
    }
}

extension Arguments {
    /// The known values of each known unit of analysis of a side.
    fileprivate func valuesByUnit(_ side: String, _ unit: String) throws -> [String: [Double]] {
        guard let frame: Frame = object(side) else { return [:] }
        let found = try clusters(frame, by: unit)
        let known = zip(found.keys, found.values).filter { !$0.0.isNull }
        return Dictionary(known.map { ($0.0.description, $0.1) }) { $0 + $1 }
    }
}

extension SignFlip.Answer {
    /// The answer for a script.
    var table: LuaTable {
        LuaTable([
            "p": .number(p), "exact": .boolean(isExact),
            "seed": .optional(seed.map { Int64(clamping: $0) }),
            "resamples": .optional(resamples.map(Int64.init)),
        ])
    }
}

extension Pairing<String> {
    /// The comparison for a script.
    fileprivate func table(_ options: Arguments) -> LuaTable {
        let estimate = difference(confidence: options.confidence)
        let regression = regression(
            tolerance: options.number("tolerance") ?? 0, alpha: options.alpha, seed: options.seed)
        return LuaTable([
            "value": .optional(estimate.value), "n": .integer(Int64(estimate.n)),
            "se": .optional(estimate.standardError), "low": .optional(estimate.interval?.low),
            "high": .optional(estimate.interval?.high), "method": .string(estimate.method),
            "note": .optional(estimate.note), "only_a": .integer(Int64(onlyA.count)),
            "only_b": .integer(Int64(onlyB.count)), "p": .optional(p),
            "unpaired_se": .optional(unpairedStandardError),
            "permutation": signFlip(seed: options.seed, resamples: options.resamples)
                .map { .table($0.table) } ?? .nil,
            "effect_size": .optional(effectSize),
            "smallest_detectable_effect": .optional(
                smallestDetectableEffect(alpha: options.alpha, power: options.power)),
            "regression": .table(
                LuaTable([
                    "verdict": .string(regression.verdict.rawValue), "p": .optional(regression.p),
                    "upper_bound": .optional(regression.upperBound),
                    "smallest_detectable_drop": .optional(regression.smallestDetectableDrop),
                ])),
        ])
    }
}
