import LuaBridge
import Postgres

/// Charts of a document.
extension TypeBinding {
    static let documentChart = Binding(
        "Document:chart",
        "Adds a chart: \"line\" (x; y with low and high for a band, or series; marks), \"bar\" (labels, values; low, high), \"histogram\" (values; bins), \"box\" (boxes), \"heatmap\" (rows, columns, grid) or \"sparkline\" (values). Every format has its data as well.",
        [.required("chart", .record("DocumentChart", chartFields), "the chart")],
        example: """
            doc:chart {
              kind = "line", title = "Pass rate", unit = "ratio", x = { "Mon", "Tue", "Wed" },
              y = { 0.91, arc.null, 0.84 }, low = { 0.88, arc.null, 0.80 }, high = { 0.94, arc.null, 0.88 },
              marks = { { x = "Wed", label = "change point" } },
            }
            doc:chart { kind = "bar", title = "Cost", unit = "usd", labels = { "a", "b" }, values = { 0.5, 0.25 } }
            local runs = arc.get_scenario_outcomes("latest")
            doc:chart { kind = "histogram", title = "Latency", unit = "ms", values = runs.execution_time_ms }
            doc:chart { kind = "box", title = "Score", boxes = { { label = "all", values = runs.reliability_score } } }
            doc:chart {
              kind = "heatmap", title = "Pass rate", unit = "ratio", rows = { "easy", "hard" }, columns = { "a", "b" },
              grid = { { 0.9, 0.8 }, { 0.5, arc.null } },
            }
            doc:chart { kind = "sparkline", title = "Score", values = { 0.5, 0.75, 1 } }
            """,
        .immediate { arguments in
            let fields = arguments.fields("chart")
            let title = fields.text("title")
            let kind = fields.text("kind")
            var chart = Chart(
                name: fields.string("name") ?? Document.name(from: title) ?? kind, title: title,
                content: try ChartMaking(fields: fields, kind: kind).content())
            chart.unit = fields.string("unit")
            chart.showsDifferences = fields.boolean("difference") ?? false
            chart.valueLabel = fields.string("value_label")
            chart.axisLabel = fields.string("axis_label")
            chart.note = fields.string("note")
            try arguments.receiver(as: DocumentBuilder.self).add(.chart(chart))
            return []
        })

    private static let chartFields: [Parameter] =
        [
            .required("kind", .choice(Chart.kinds), "what to draw"),
            .required("title", .string, "what it shows, in a line"),
            .optional("name", .string, "what data formats call it; made from the title unless said"),
            .optional("unit", .string, "the unit of its values: \"ratio\", \"usd\", \"ms\", …"),
            .optional(
                "difference", .boolean,
                "whether its values are differences: they show their sign, and those of ratios are percentage points"
            ),
            .optional("value_label", .string, "what the values are"),
            .optional("axis_label", .string, "what they are of"),
            .optional("note", .string, "what must be known to read it"),
        ] + lineFields + otherChartFields

    private static let series: [Parameter] = [
        .optional("y", .numbers, "the values, one for each x"),
        .optional("low", .numbers, "the lower ends of the band around them"),
        .optional("high", .numbers, "the upper ends"),
    ]

    private static let lineFields: [Parameter] =
        [.optional("x", .labels, "of a line: where its points are, in ascending order")] + series + [
            .optional(
                "series",
                .list(.record("ChartSeries", [.required("name", .string, "what it is called")] + series)),
                "several lines in the place of y, low and high"),
            .optional(
                "marks",
                .list(
                    .record(
                        "ChartMark",
                        [
                            .required("x", .any, "where it is, as x says it"),
                            .optional("label", .string, "what is there"),
                        ])), "places on the axis that are marked, such as change points"),
        ]

    private static let otherChartFields: [Parameter] = [
        .optional("labels", .labels, "of bars: what each is of"),
        .optional("values", .numbers, "of bars, a histogram or a sparkline; bars have low and high too"),
        .optional(
            "bins", .integer(1...500), "of a histogram: how many stretches; by their spread unless said"),
        .optional(
            "boxes",
            .list(
                .record(
                    "ChartBox",
                    [
                        .required("label", .string, "what it is of"),
                        .optional("values", .numbers, "the values; or give the box's figures"),
                        .optional("low", .anyNumber, "the end of the lower whisker"),
                        .optional("q1", .anyNumber, "the lower quartile"),
                        .optional("median", .anyNumber, "the median"),
                        .optional("q3", .anyNumber, "the upper quartile"),
                        .optional("high", .anyNumber, "the end of the upper whisker"),
                        .optional("n", .integer(0 ... .max), "how many values it stands for"),
                    ])), "of a box chart: its boxes"),
        .optional("rows", .labels, "of a heat map: the names of its rows"),
        .optional("columns", .labels, "of a heat map: the names of its columns"),
        .optional("grid", .list(.numbers), "of a heat map: a list for each row"),
    ]
}
