import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let trendOptions = ParameterType.record(
        "TrendOptions",
        [
            .optional(
                "metric", .choice(TrendQuestion.Metric.allCases.map(\.rawValue)),
                "which figure of the runs; score unless said"),
            .optional(
                "configuration", .string,
                "only those of this configuration: its name, or the id of one version"),
            .optional("tags", .list(.string), "only those of scenarios that have each of these tags"),
            .optional("scenario_id", .string, "only those of this scenario"),
            .optional(
                "time_range", .duration, "how far back; the first bucket is a whole one; 90 days unless said"),
            .optional("days", .number(0...365_000), "the same as a number of days"),
            .optional(
                "bucket", .either(.string, .handle("Duration")),
                "the buckets' width: whole hours, or whole days with tags or a scenario; \"1 day\" unless said"
            ),
        ])

    var trendBindings: [Binding] {
        [
            Binding(
                "arc.get_simulation_performance",
                "A simulation's performance by buckets of time, with a summary. Its means with intervals over scenarios are those of `arc.metrics`.",
                [
                    .required("simulation", .simulation, "which one"),
                    .optional(
                        "options",
                        .record(
                            "PerformanceOptions",
                            [
                                .optional(
                                    "time_range", .duration, "only runs that began at most this long ago"),
                                .optional(
                                    "bucket", .either(.string, .handle("Duration")),
                                    "the buckets' width, such as \"30 minutes\" or \"1 day\"; \"1 hour\" unless said"
                                ),
                            ]), "which time"),
                ],
                returns: (
                    .handle(Answer.typeName),
                    "buckets (a frame: bucket, runs, errors (runs that ended in an error or a timeout), timeouts (how many of the errors are timeouts), passes, and each figure behind the number of runs that it is known of: scored, avg_score, timed, avg_latency_ms, counted, tokens_used, priced, cost_usd) and summary (a row: first_run, last_run, the same over all, p95_latency_ms, and p95_error, the part of itself by which the p95 may be wrong)"
                ), effects: [.databaseRead],
                example: """
                    local performance = arc.get_simulation_performance("latest", { bucket = "1 day" })
                    print(performance.summary.avg_score, #performance.buckets)
                    """,
                .waiting { arguments in
                    let options = arguments.fields("options")
                    let seconds = try options.timeRange()
                    let width = options["bucket"]?.object(as: DurationObject.self)?.interval.description
                    let bucket = width ?? options.string("bucket") ?? "1 hour"
                    let found = try await host.store().read { session in
                        try await session.performance(
                            of: try await session.simulation(arguments, "simulation"), withinSeconds: seconds,
                            bucket: bucket)
                    }
                    return [
                        .answer(
                            "performance",
                            [
                                ("summary", .object(FrameRow(Frame(found.summary), 0))),
                                ("buckets", .object(Frame(found.buckets))),
                            ])
                    ]
                }),
            Binding(
                "arc.trend",
                "How a figure developed: the mean of the runs in each bucket of time with a 95 % interval clustered by scenario, their moving average (EWMA), and where the level changed. A bucket has moved where the average leaves what the buckets before it let expect, or its own mean does.",
                [.optional("options", Self.trendOptions, "which figure, of which runs")],
                returns: (
                    .handle(Answer.typeName),
                    "metric, bucket, note (why there is nothing to see, where there is nothing), buckets (a frame: bucket, runs, errors, value, n, scenarios, se, low, high, average, average_low, average_high, moved, change_probability, method, note) and changes (a frame: bucket, before, after, probability); what can't be told is nil"
                ),
                effects: [.databaseRead],
                example: """
                    local trend = arc.trend { metric = "pass_rate", time_range = "365d", bucket = "1 week" }
                    for change in trend.changes:rows() do print(change.bucket, change.before, change.after) end
                    """,
                .waiting { arguments in
                    let question = try Self.trendQuestion(arguments)
                    let trend = try await host.store().read { try await $0.trend(question) }
                    return [
                        .answer(
                            "trend",
                            [
                                ("metric", .string(question.metric.rawValue)),
                                ("bucket", .string(question.bucket)), ("note", .optional(trend.note)),
                                ("buckets", .object(Frame(trend))),
                                ("changes", .object(Frame(changesOf: trend))),
                            ])
                    ]
                }),
        ]
    }

    private static func trendQuestion(_ arguments: Arguments) throws -> TrendQuestion {
        let options = arguments.fields("options")
        var question = TrendQuestion()
        question.metric = options.string("metric").flatMap(TrendQuestion.Metric.init) ?? .score
        question.configuration = options.string("configuration")
        question.tags = options.list("tags")?.compactMap(\.stringValue) ?? []
        question.scenario = options.string("scenario_id")
        let seconds = try options.timeRange()
        let days = options.number("days")
        guard seconds == nil || days == nil else {
            throw HostError(.argument, "\(arguments.function): give time_range or days, not both")
        }
        question.days = seconds.map { $0 / 86_400 } ?? days ?? question.days
        let width = options["bucket"]?.object(as: DurationObject.self)?.interval.description
        question.bucket = width ?? options.string("bucket") ?? question.bucket
        return question
    }
}

extension Frame {
    /// A trend's buckets.
    convenience init(_ trend: MetricTrend) {
        let buckets = trend.buckets
        func column(_ name: String, _ value: (Int) -> Value) -> Column {
            Column(name: name, buckets.indices.map(value))
        }
        func real(_ name: String, _ value: (Int) -> Double?) -> Column {
            column(name) { value($0).map(Value.double) ?? .null }
        }
        let points = trend.average?.points
        self.init(
            columns: [
                column("bucket") { .timestamp(buckets[$0].start) },
                column("runs") { .int(Int64(buckets[$0].runs)) },
                column("errors") { .int(Int64(buckets[$0].errors)) },
                real("value") { buckets[$0].estimate.value },
                column("n") { .int(Int64(buckets[$0].estimate.n)) },
                column("scenarios") { .int(Int64(buckets[$0].estimate.clusters)) },
                real("se") { buckets[$0].estimate.standardError },
                real("low") { buckets[$0].estimate.interval?.low },
                real("high") { buckets[$0].estimate.interval?.high },
                real("average") { points?[$0].average },
                real("average_low") { points?[$0].low },
                real("average_high") { points?[$0].high },
                column("moved") { index in
                    points.map { .bool($0[index].isOutside || $0[index].isJump) } ?? .null
                },
                real("change_probability") { trend.changes?.probabilities[$0] },
                column("method") { .text(buckets[$0].estimate.method) },
                column("note") { buckets[$0].estimate.note.map(Value.text) ?? .null },
            ], count: buckets.count)
    }

    /// Where a trend's level changed.
    convenience init(changesOf trend: MetricTrend) {
        let changes = trend.changes?.changes ?? []
        func column(_ name: String, _ value: (ChangePoints.Change) -> Value) -> Column {
            Column(name: name, changes.map(value))
        }
        self.init(
            columns: [
                column("bucket") { .timestamp(trend.buckets[$0.index].start) },
                column("before") { .double($0.before) }, column("after") { .double($0.after) },
                column("probability") { $0.probability.map(Value.double) ?? .null },
            ], count: changes.count)
    }
}
