import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let count = ParameterType.integer(0...Int64(Int32.max))

    /// Shares of yes and no, and their differences.
    var proportionBindings: [Binding] {
        [
            proportion, proportionDifference, mcNemar, flakiness,
            Binding(
                "arc.stats.cohen_h",
                "Cohen's h, the size of the difference of two proportions: 2 arcsin √first − 2 arcsin √second; 0.2 is small, 0.5 medium, 0.8 large.",
                [
                    .required("first", .number(0...1), "a proportion"),
                    .required("second", .number(0...1), "another"),
                ],
                returns: (.number(-4...4), "h, above 0 where the first is the larger"),
                example: "assert(math.abs(arc.stats.cohen_h(0.6, 0.5) - 0.201358) < 1e-6)",
                .immediate { arguments in
                    let shares = (arguments.number("first") ?? 0, arguments.number("second") ?? 0)
                    return [.optional(EffectSize.cohenH(shares.0, shares.1))]
                }),
        ]
    }

    private var proportion: Binding {
        Binding(
            "arc.stats.proportion",
            "The share of independent trials that succeeded, with an interval. Several trials of a scenario aren't independent: for them there is arc.stats.mean.",
            [
                .required("successes", Self.count, "how many succeeded"),
                .required("n", Self.count, "of how many"),
                .optional(
                    "options",
                    .record(
                        "ProportionOptions",
                        [
                            .optional(
                                "method", .choice(["wilson", "clopper_pearson", "jeffreys", "beta"]),
                                "which interval: Wilson's unless said, the exact one, Jeffreys' or a Beta posterior's"
                            ),
                            .optional(
                                "prior", .list(StatisticsParameter.positive),
                                "the Beta prior's two parameters; {1, 1} unless said"),
                            StatisticsParameter.confidence,
                        ]), "which interval"),
            ],
            returns: (.table, StatisticsParameter.estimate),
            example: """
                local share = arc.stats.proportion(84, 200)
                print(share.value, share.low, share.high)
                print(arc.stats.proportion(0, 10, { method = "clopper_pearson" }).high)
                """,
            .immediate { arguments in
                let options = arguments.fields("options")
                let prior = try options.list("prior") == nil ? [1, 1] : options.knownNumbers("prior")
                guard prior.count == 2 else { throw options.wrong("prior", "two numbers, such as {1, 1}") }
                let successes = Int(arguments.integer("successes") ?? 0)
                let n = Int(arguments.integer("n") ?? 0)
                guard successes <= n else {
                    throw arguments.wrong("successes", "at most n, which is \(n)")
                }
                let confidence = options.confidence
                let estimate =
                    switch options.string("method") {
                    case "clopper_pearson":
                        Proportion.clopperPearson(successes, of: n, confidence: confidence)
                    case "jeffreys": Proportion.jeffreys(successes, of: n, confidence: confidence)
                    case "beta":
                        Proportion.betaPosterior(
                            successes, of: n, prior: (prior[0], prior[1]), confidence: confidence)
                    default: Proportion.wilson(successes, of: n, confidence: confidence)
                    }
                return [.table(estimate.table)]
            })
    }

    private var proportionDifference: Binding {
        let side = { (name: String, of: String) in
            Parameter.required(
                name,
                .record(
                    "Passes",
                    [
                        .required("passes", Self.count, "how many passed"),
                        .required("n", Self.count, "of how many independent ones"),
                    ]), of)
        }
        return Binding(
            "arc.stats.proportion_difference",
            "The difference b − a of two proportions of different, independent units, with Newcombe's interval. For the same scenarios on both sides there is arc.stats.paired.",
            [
                side("a", "the baseline"), side("b", "the candidate"),
                .optional(
                    "options", .record("ConfidenceOptions", [StatisticsParameter.confidence]),
                    "which interval"),
            ],
            returns: (.table, StatisticsParameter.estimate),
            example: """
                local d = arc.stats.proportion_difference({ passes = 30, n = 50 }, { passes = 40, n = 50 })
                assert(d.low > 0 and d.value < 0.21)
                """,
            .immediate { arguments in
                func passes(_ side: String) -> (passes: Int, n: Int) {
                    let fields = arguments.fields(side)
                    return (Int(fields.integer("passes") ?? 0), Int(fields.integer("n") ?? 0))
                }
                return [
                    .table(
                        Newcombe.difference(
                            a: passes("a"), b: passes("b"), confidence: arguments.fields("options").confidence
                        ).table)
                ]
            })
    }

    private var mcNemar: Binding {
        Binding(
            "arc.stats.mcnemar",
            "McNemar's exact two-sided p-value that two sides pass equally often on the same units, of those on which they disagree.",
            [
                .required("only_a", Self.count, "units that passed in a alone"),
                .required("only_b", Self.count, "units that passed in b alone"),
            ],
            returns: (.number(0...1), "the p-value; 1 where they never disagree"),
            example: "assert(arc.stats.mcnemar(5, 0) == 0.0625)",
            .immediate { arguments in
                let table = McNemar(
                    both: 0, onlyA: Int(arguments.integer("only_a") ?? 0),
                    onlyB: Int(arguments.integer("only_b") ?? 0), neither: 0)
                return [.optional(table.p)]
            })
    }

    private var flakiness: Binding {
        Binding(
            "arc.stats.flakiness",
            "How unsteady each scenario's verdict is: the probability that two runs of it disagree, the surest to be flaky first, by the interval's lower end.",
            [
                .required("frame", .frame, "the outcomes, all of the same configuration"),
                .optional(
                    "options",
                    .record(
                        "FlakinessOptions",
                        [
                            StatisticsParameter.by,
                            .optional(
                                "passed", .string,
                                "the column that says whether a run passed; passed unless said"),
                            StatisticsParameter.confidence,
                        ]), "which columns"),
            ],
            returns: (.frame, "scenario_id (or what by says), trials, passes, disagreement, low, high"),
            example: """
                local flaky = arc.stats.flakiness(arc.get_scenario_outcomes("latest"))
                print(flaky:head(5))
                """,
            .immediate { arguments in
                guard let frame: Frame = arguments.object("frame") else { return [] }
                let options = arguments.fields("options")
                let groups = try FrameGroups(frame, by: [options.by], for: arguments.function)
                let keys = groups.keyFrame.columns[0]
                let counts = try arguments.passCounts(groups.groups, of: frame)
                // The place stands for the scenario, of which two may have the same text.
                let ranking = Flakiness.ranking(
                    counts.indices.map { (keys[$0].description + "\u{0}\($0)", counts[$0]) },
                    confidence: options.confidence)
                let places = ranking.map { Int32($0.scenario.split(separator: "\u{0}").last ?? "0") ?? 0 }
                func column(_ name: String, _ value: (Flakiness) -> Value) -> Column {
                    Column(name: name, ranking.map(value))
                }
                return [
                    .object(
                        Frame(
                            columns: [
                                keys.gathering(places), column("trials") { .int(Int64($0.count.trials)) },
                                column("passes") { .int(Int64($0.count.passes)) },
                                column("disagreement") { .real($0.disagreement.value) },
                                column("low") { .real($0.disagreement.interval?.low) },
                                column("high") { .real($0.disagreement.interval?.high) },
                            ], count: ranking.count))
                ]
            })
    }
}

extension Value {
    /// A number, or NULL.
    static func real(_ number: Double?) -> Value { number.map(Value.double) ?? .null }
}
