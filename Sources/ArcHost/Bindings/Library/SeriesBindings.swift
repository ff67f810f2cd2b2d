import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let errors = Parameter.optional(
        "errors", StatisticsParameter.numbers, "each value's standard error, if they are known")

    /// How a figure develops over time.
    var seriesBindings: [Binding] { [ewma, changePoints] }

    private var ewma: Binding {
        Binding(
            "arc.stats.ewma",
            "The exponentially weighted moving average of a series, with the limits that it keeps to while nothing changes.",
            [
                .required(
                    "values", StatisticsParameter.numbers,
                    "the series in its order; NULL where a step has none"),
                .optional(
                    "options",
                    .record(
                        "EWMAOptions",
                        [
                            Self.errors,
                            .optional(
                                "center", .anyNumber,
                                "what the series should be around; for each step the mean of the values before it unless said"
                            ),
                            .optional(
                                "deviation", StatisticsParameter.positive,
                                "the standard deviation of one value; told from neighbours unless said"),
                            .optional(
                                "lambda", StatisticsParameter.share,
                                "the newest value's weight; 0.2 unless said"),
                            .optional(
                                "width", StatisticsParameter.positive,
                                "the limits' distance in deviations of the average; 2.86 unless said"),
                            .optional(
                                "jump", StatisticsParameter.positive,
                                "how many deviations a value by itself may be off; 3.5 unless said"),
                        ]), "how to smooth"),
            ],
            returns: (
                .frame,
                "step, value, average, low, high, outside (the average is outside its limits), jump (the value by itself is too far off)"
            ),
            example: """
                local chart = arc.stats.ewma({ 0.8, 0.82, 0.79, 0.81, arc.null, 0.6, 0.61, 0.58 })
                print(chart)
                """,
            .immediate { arguments in
                let options = arguments.fields("options")
                try options.requireAboveZero("lambda", "width", "jump", "deviation")
                let values = try arguments.numbers("values")
                guard
                    let chart = Trend.ewma(
                        values, standardErrors: try options.errors(values.count),
                        center: options.number("center"), deviation: options.number("deviation"),
                        lambda: options.number("lambda") ?? 0.2, width: options.number("width") ?? 2.86,
                        jump: options.number("jump") ?? 3.5)
                else { throw arguments.notFinite }
                func column(_ name: String, _ value: (Trend.Point) -> Value) -> Column {
                    Column(name: name, chart.points.map(value))
                }
                return [
                    .object(
                        Frame(
                            columns: [
                                Column(name: "step", chart.points.indices.map { .int(Int64($0 + 1)) }),
                                column("value") { .real($0.value) }, column("average") { .real($0.average) },
                                column("low") { .real($0.low) }, column("high") { .real($0.high) },
                                column("outside") { .bool($0.isOutside) },
                                column("jump") { .bool($0.isJump) },
                            ], count: values.count))
                ]
            })
    }

    private var changePoints: Binding {
        Binding(
            "arc.stats.change_points",
            "Where a series changed its level: by cumulative sums, as one would watch it, or looking back at all of it with Bayes' rule.",
            [
                .required(
                    "values", StatisticsParameter.numbers,
                    "the series in its order; NULL where a step has none"),
                .optional(
                    "options",
                    .record(
                        "ChangePointOptions",
                        [
                            .optional("method", .choice(["cusum", "bayesian"]), "cusum unless said"),
                            .optional(
                                "level", .anyNumber,
                                "cusum: what the values should be around; learned unless said"),
                            .optional(
                                "deviation", StatisticsParameter.positive,
                                "cusum: one value's standard deviation, with level"),
                            .optional(
                                "allowance", .number(0...100),
                                "cusum: half the shift to find soonest, in deviations; 0.5 unless said"),
                            .optional(
                                "limit", StatisticsParameter.positive,
                                "cusum: where a sum is too much, in deviations; 4.77 (a false alarm in 370) unless said"
                            ),
                            .optional(
                                "rate", StatisticsParameter.share,
                                "bayesian: the probability of a change before any value; 0.02 unless said"),
                            Self.errors,
                        ]), "how to look"),
            ],
            returns: (
                .frame,
                "index (of the first value at the new level, from 1), detected_at, rise, before and after (mean levels), probability"
            ),
            remark: .note(
                "what kept it from telling more, such as values that are all equal at first, and how to go on; nil else"
            ),
            example: """
                local series = { 0.80, 0.82, 0.79, 0.81, 0.78, 0.60, 0.61, 0.58, 0.62, 0.59 }
                local changes = arc.stats.change_points(series, { method = "bayesian" })
                assert(#changes == 1 and changes[1].index == 6 and not changes[1].rise)
                print(#arc.stats.change_points(series))
                """,
            .waiting { arguments in
                let options = arguments.fields("options")
                let values = try arguments.numbers("values")
                guard values.allSatisfy({ $0?.isFinite ?? true }) else { throw arguments.notFinite }
                try options.requireAboveZero("deviation", "limit", "rate")
                return try await Computation.run {
                    let (changes, note) = try options.changes(of: values)
                    return [.object(Frame(changes: changes)), .optional(note)]
                }
            })
    }
}

extension Arguments {
    /// The standard errors, one for each value.
    fileprivate func errors(_ count: Int) throws -> [Double?]? {
        guard self["errors"] != nil else { return nil }
        let errors = try numbers("errors")
        guard errors.count == count else {
            throw HostError(
                .argument, "\(function): errors must be as many as values, \(count), got \(errors.count)")
        }
        return errors
    }

    fileprivate var notFinite: HostError {
        HostError(
            .argument, "\(function): values must be finite numbers",
            advice: "arc.null stands for what isn't known.")
    }

    /// The changes, and what kept them from being told.
    fileprivate func changes(of values: [Double?]) throws -> (changes: [ChangePoints.Change], note: String?) {
        if string("method") == "bayesian" {
            if number("rate") == 1 {
                throw HostError(.argument, "\(function): rate must be below 1, got 1")
            }
            guard values.count <= 5000 else {
                throw HostError(
                    .argument, "\(function): bayesian takes at most 5,000 values, got \(values.count)",
                    advice:
                        "It compares every value with every other. Take means by day, or method = \"cusum\".")
            }
            let posterior = ChangePoints.bayesian(
                values, standardErrors: try errors(values.count), rate: number("rate") ?? 0.02)
            let note =
                "fewer than two values with a known deviation, or values that are all equal: nothing to tell apart"
            return (posterior?.changes ?? [], posterior == nil ? note : nil)
        }
        let level = number("level").flatMap { level in number("deviation").map { (level, $0) } }
        guard (number("level") == nil) == (number("deviation") == nil) else {
            throw HostError(.argument, "\(function): level and deviation are given together or not at all")
        }
        guard
            let chart = ChangePoints.cusum(
                values, level: level, allowance: number("allowance") ?? 0.5, limit: number("limit") ?? 4.77)
        else { return ([], "the values are too large or too small to compute with") }
        let advice = "give level and deviation, or take method = \"bayesian\", which looks back at all values"
        return (chart.changes, chart.note.map { "\($0); \(advice)" })
    }
}

extension Frame {
    fileprivate convenience init(changes: [ChangePoints.Change]) {
        func column(_ name: String, _ value: (ChangePoints.Change) -> Value) -> Column {
            Column(name: name, changes.map(value))
        }
        self.init(
            columns: [
                column("index") { .int(Int64($0.index + 1)) },
                column("detected_at") { $0.detectedAt.map { .int(Int64($0 + 1)) } ?? .null },
                column("rise") { .bool($0.isRise) }, column("before") { .double($0.before) },
                column("after") { .double($0.after) }, column("probability") { .real($0.probability) },
            ], count: changes.count)
    }
}
