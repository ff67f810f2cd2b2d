extension Chart {
    /// The chart for GitHub's Markdown, which has no drawings: characters in their place, and the values as people read them.
    func writeMarkdown(to output: inout some TextOutputStream) {
        output.write("**\(MarkdownText.line(title))**\n\n")
        switch content {
        case .line(let line): Self.lines(line, display).write(.markdown, to: &output)
        case .bar(let bars): Self.table(bars, display).write(.markdown, to: &output)
        case .histogram(let histogram): Self.table(histogram, display).write(.markdown, to: &output)
        case .sparkline(let values):
            output.write("\(Self.spark(values)) \(MarkdownText.line(summary))\n")
        case .box, .heatmap: shownTable.write(.markdown, to: &output)
        }
        if let note { output.write("\n_\(MarkdownText.line(note))_\n") }
        guard case .line(let line) = content else { return }
        for mark in line.marks {
            let label = MarkdownText.line(mark.label ?? "marked")
            output.write("\n- \(MarkdownText.line(mark.place)): \(label)\n")
        }
        output.write("\n<details><summary>Data</summary>\n\n")
        shownTable.write(.markdown, to: &output)
        output.write("\n</details>\n")
    }

    /// The data with the values in their unit; where the points of a line are has none.
    var shownTable: Table {
        let table = table
        guard quantity != Quantity() else { return table }
        let places = if case .line = content { 0..<1 } else { 0..<0 }
        return Table(
            columns: table.columns,
            rows: table.rows.map { row in
                row.enumerated().map { column, cell in
                    guard case .real(let value) = cell, !places.contains(column) else { return cell }
                    return .text(display(value))
                }
            })
    }

    private static func spark(_ values: [Double?]) -> String {
        BlockBar.sparkline(BlockBar.thinned(values, to: 48)).replacing(" ", with: "·")
    }

    private static func lines(_ line: Line, _ display: (Double) -> String) -> Table {
        Table(
            columns: [Table.Column("line"), Table.Column("course")]
                + ["first", "least", "greatest", "last"].map { Table.Column($0, .right) },
            rows: line.series.map { series in
                let known = series.values.compactMap(\.self)
                let figures = [known.first, known.min(), known.max(), known.last]
                return [.text(series.name ?? ""), .text(spark(series.values))]
                    + figures.map { $0.map { .text(display($0)) } ?? .null }
            })
    }

    private static func table(_ bars: [Bar], _ display: (Double) -> String) -> Table {
        let scale = ChartScale(bars.compactMap { $0.value?.magnitude }, includesZero: true)
        let hasIntervals = bars.contains { $0.low != nil && $0.high != nil }
        return Table(
            columns: [Table.Column("name"), Table.Column(""), Table.Column("value", .right)]
                + (hasIntervals ? [Table.Column("interval", .right)] : []),
            rows: bars.map { bar in
                let interval = bar.low.flatMap { low in bar.high.map { "\(display(low)) … \(display($0))" } }
                return [
                    .text(bar.label),
                    .optional(bar.value.map { BlockBar.lying(scale.share($0.magnitude) * 20) }),
                    .optional(bar.value.map(display)),
                ] + (hasIntervals ? [.optional(interval)] : [])
            })
    }

    private static func table(_ histogram: Histogram, _ display: (Double) -> String) -> Table {
        let most = Double(max(1, histogram.counts.max() ?? 1))
        return Table(
            columns: [
                Table.Column("from", .right), Table.Column("to", .right), Table.Column(""),
                Table.Column("count", .right),
            ],
            rows: histogram.counts.enumerated().map { index, count in
                [
                    .text(display(histogram.edges[index])), .text(display(histogram.edges[index + 1])),
                    .text(BlockBar.lying(Double(count) / most * 20)), .integer(Int64(count)),
                ]
            })
    }
}
