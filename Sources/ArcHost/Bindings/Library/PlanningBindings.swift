import ArcKit
import LuaBridge

extension Library {
    private static let testOptions = [
        StatisticsParameter.alpha, StatisticsParameter.power, StatisticsParameter.sides,
    ]

    /// What an evaluation can see, and how large it must be to see something.
    var planningBindings: [Binding] {
        [
            Binding(
                "arc.stats.smallest_detectable_effect",
                "The smallest true difference that a comparison with this standard error would probably have found. It says what \"no difference found\" is worth.",
                [
                    .required(
                        "options",
                        .record(
                            "DetectableOptions",
                            [
                                .required(
                                    "se", StatisticsParameter.positive, "the difference's standard error"),
                                .required(
                                    "df", StatisticsParameter.positive,
                                    "its degrees of freedom: the pairs less one"),
                            ] + Self.testOptions), "what was measured")
                ],
                returns: (StatisticsParameter.positive, "the effect, in the unit of the standard error"),
                remark: .reason,
                example: "assert(arc.stats.smallest_detectable_effect { se = 0.05, df = 49 } > 0.14)",
                .immediate { arguments in
                    let options = arguments.fields("options")
                    let (error, df) = (options.number("se") ?? 0, options.number("df") ?? 0)
                    return .known(
                        Power.smallestDetectableEffect(
                            standardError: error, degreesOfFreedom: df, alpha: options.alpha,
                            power: options.power, sides: options.sides)
                    ) {
                        Power.whyUndefined(
                            standardError: error, degreesOfFreedom: df, alpha: options.alpha,
                            power: options.power)
                    }
                }),
            Binding(
                "arc.stats.power", "The probability that a comparison finds a true difference of that size.",
                [
                    .required(
                        "options",
                        .record(
                            "PowerOptions",
                            [
                                .required("effect", .anyNumber, "the true difference, above 0 for one side"),
                                .required("se", StatisticsParameter.positive, "its standard error"),
                                .required("df", StatisticsParameter.positive, "the pairs less one"),
                                StatisticsParameter.alpha, StatisticsParameter.sides,
                            ]), "what is compared")
                ],
                returns: (.number(0...1), "the probability"), remark: .reason,
                example: "assert(arc.stats.power { effect = 0.15, se = 0.05, df = 49 } > 0.8)",
                .immediate { arguments in
                    let options = arguments.fields("options")
                    let (error, df) = (options.number("se") ?? 0, options.number("df") ?? 0)
                    return .known(
                        Power.power(
                            effect: options.number("effect") ?? 0, standardError: error,
                            degreesOfFreedom: df, alpha: options.alpha, sides: options.sides)
                    ) {
                        Power.whyUndefined(standardError: error, degreesOfFreedom: df, alpha: options.alpha)
                    }
                }),
            sampleSize, plan,
        ]
    }

    private var sampleSize: Binding {
        Binding(
            "arc.stats.sample_size",
            "How many pairs find an effect of that size (by effect and deviation), or how many units on each of two sides (by Cohen's h). Round it up.",
            [
                .required(
                    "options",
                    .record(
                        "SampleSizeOptions",
                        [
                            .optional("effect", .anyNumber, "the true mean difference of the pairs"),
                            .optional(
                                "deviation", StatisticsParameter.positive,
                                "the standard deviation of the pairs' differences"),
                            .optional("h", .anyNumber, "Cohen's h of two proportions, instead of these"),
                        ] + Self.testOptions), "what is to be found")
            ],
            returns: (StatisticsParameter.positive, "the number; nil where the effect is 0"),
            remark: .reason,
            example: """
                assert(math.ceil(arc.stats.sample_size { effect = 0.1, deviation = 0.4 }) == 128)
                assert(math.ceil(arc.stats.sample_size { h = arc.stats.cohen_h(0.6, 0.5) }) == 388)
                """,
            .immediate { arguments in
                let options = arguments.fields("options")
                let (alpha, power, sides) = (options.alpha, options.power, options.sides)
                if let h = options.number("h") {
                    guard options["effect"] == nil, options["deviation"] == nil else {
                        throw HostError(
                            .argument, "\(arguments.function) takes effect and deviation, or h, not both",
                            advice: "The former count pairs, the latter units on each of two sides.")
                    }
                    return .known(Power.perArm(h: h, alpha: alpha, power: power, sides: sides)) {
                        Power.whyUndefined(effect: h, alpha: alpha, power: power)
                    }
                }
                guard let effect = options.number("effect"), let deviation = options.number("deviation")
                else {
                    throw HostError(
                        .argument, "\(arguments.function) needs effect and deviation, or h",
                        advice:
                            "The deviation is that of the scenarios' differences: se · √n of arc.stats.paired."
                    )
                }
                return .known(
                    Power.pairs(
                        effect: effect, deviation: deviation, alpha: alpha, power: power, sides: sides)
                ) {
                    Power.whyUndefined(effect: effect, deviation: deviation, alpha: alpha, power: power)
                }
            })
    }

    private var plan: Binding {
        Binding(
            "arc.stats.plan",
            "Plans a comparison on the same scenarios: what more trials or more scenarios gain. Trials of a scenario are alike, so they gain less.",
            [
                .required(
                    "options",
                    .record(
                        "PlanOptions",
                        [
                            .required(
                                "deviation", StatisticsParameter.positive,
                                "the standard deviation of single runs; of a pass rate p it is √(p(1 − p))"),
                            .required(
                                "intraclass", .number(0...1),
                                "how alike runs of a scenario are, as arc.stats.intraclass tells"),
                            .optional(
                                "correlation", .number(-1...1),
                                "how alike both sides find the scenarios hard; 1, just as hard, unless said"),
                            .required("scenarios", .integer(2...10_000_000), "how many scenarios"),
                            .optional(
                                "trials", .integer(1...1_000_000), "how many runs of each; 1 unless said"),
                            .optional("effect", .anyNumber, "the difference that is to be found"),
                        ] + Self.testOptions), "what is planned")
            ],
            returns: (
                .table,
                "se, smallest_detectable_effect and, with an effect, power and scenarios_needed; perhaps note, which says why one of them is missing; nil without a deviation"
            ), remark: .reason,
            example: """
                for trials = 1, 8 do
                  local plan = arc.stats.plan { deviation = 0.5, intraclass = 0.4, correlation = 0.8,
                    scenarios = 50, trials = trials, effect = 0.1 }
                  print(trials, plan.smallest_detectable_effect, math.ceil(plan.scenarios_needed))
                end
                """,
            .immediate { arguments in
                let options = arguments.fields("options")
                guard
                    let design = PairedDesign(
                        deviation: options.number("deviation") ?? 0,
                        intraclass: options.number("intraclass") ?? 0,
                        correlation: options.number("correlation") ?? 1)
                else {
                    return [
                        .nil,
                        .string(
                            Power.whyUndefined(
                                deviation: options.number("deviation") ?? 0, alpha: options.alpha)),
                    ]
                }
                return [.table(design.table(options))]
            })
    }
}

extension PairedDesign {
    /// The plan for a script.
    fileprivate func table(_ options: Arguments) -> LuaTable {
        let scenarios = Int(options.integer("scenarios") ?? 2)
        let trials = Int(options.integer("trials") ?? 1)
        let (alpha, power, sides) = (options.alpha, options.power, options.sides)
        let standardError = standardError(scenarios: scenarios, trialsA: trials, trialsB: trials)
        let effect = options.number("effect")
        let achieved = effect.flatMap { effect in
            standardError.flatMap {
                Power.power(
                    effect: effect, standardError: $0, degreesOfFreedom: Double(scenarios - 1), alpha: alpha,
                    sides: sides)
            }
        }
        let smallest = smallestDetectableEffect(
            scenarios: scenarios, trials: trials, alpha: alpha, power: power, sides: sides)
        let needed = effect.flatMap {
            self.scenarios(effect: $0, trials: trials, alpha: alpha, power: power, sides: sides)
        }
        let isComplete = smallest != nil && (effect == nil || achieved != nil && needed != nil)
        return LuaTable([
            "note": isComplete
                ? .nil
                : .string(
                    standardError == nil
                        ? "runs and scenarios don't vary: no standard error"
                        : Power.whyUndefined(effect: effect, alpha: alpha, power: power)),
            "se": .optional(standardError),
            "smallest_detectable_effect": .optional(smallest),
            "power": .optional(achieved),
            "scenarios_needed": .optional(needed),
        ])
    }
}
