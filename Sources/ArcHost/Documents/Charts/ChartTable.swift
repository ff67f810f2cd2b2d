extension Chart {
    /// The chart's data as a table, with every digit: for those who can't see the drawing, and where there is none.
    public var table: Table {
        switch content {
        case .line(let line): Self.table(line, axisLabel)
        case .bar(let bars): Self.table(bars, axisLabel)
        case .histogram(let histogram): Self.table(histogram)
        case .box(let boxes): Self.table(boxes, axisLabel)
        case .heatmap(let map): Self.table(map, axisLabel)
        case .sparkline(let values):
            Table(
                columns: [Table.Column("#", .right), Table.Column(valueLabel ?? "value", .right)],
                rows: values.enumerated().map { [.integer(Int64($0 + 1)), .optional($1)] })
        }
    }

    private static func table(_ line: Line, _ axisLabel: String?) -> Table {
        var columns = [
            Table.Column(
                axisLabel ?? (line.axis.kind == .time ? "time" : "x"),
                line.axis.kind == .number ? .right : .left)
        ]
        var values: [[Double?]] = []
        for (index, series) in line.series.enumerated() {
            let name = series.name ?? (line.series.count == 1 ? "value" : "series \(index + 1)")
            columns.append(Table.Column(name, .right))
            values.append(series.values)
            guard !series.low.isEmpty else { continue }
            let prefix = line.series.count == 1 ? "" : "\(name) "
            columns += [Table.Column(prefix + "low", .right), Table.Column(prefix + "high", .right)]
            values += [series.low, series.high]
        }
        let marks = Dictionary(line.marks.map { ($0.position, $0.label ?? "marked") }) { "\($0); \($1)" }
        if !marks.isEmpty { columns.append(Table.Column("mark")) }
        let rows = line.axis.positions.indices.map { row -> [Cell] in
            let place: Cell =
                line.axis.kind == .number
                ? .real(line.axis.positions[row]) : .text(line.axis.labels[row])
            let mark = marks.isEmpty ? [] : [marks[line.axis.positions[row]].map(Cell.text) ?? .null]
            return [place] + values.map { .optional($0[row]) } + mark
        }
        return Table(columns: columns, rows: rows)
    }

    private static func table(_ bars: [Bar], _ axisLabel: String?) -> Table {
        let hasIntervals = bars.contains { $0.low != nil || $0.high != nil }
        var columns = [Table.Column(axisLabel ?? "name"), Table.Column("value", .right)]
        if hasIntervals { columns += [Table.Column("low", .right), Table.Column("high", .right)] }
        return Table(
            columns: columns,
            rows: bars.map { bar in
                [.text(bar.label), .optional(bar.value)]
                    + (hasIntervals ? [.optional(bar.low), .optional(bar.high)] : [])
            })
    }

    private static func table(_ histogram: Histogram) -> Table {
        Table(
            columns: [
                Table.Column("from", .right), Table.Column("to", .right), Table.Column("count", .right),
            ],
            rows: histogram.counts.enumerated().map { index, count in
                [
                    .real(histogram.edges[index]), .real(histogram.edges[index + 1]), .integer(Int64(count)),
                ]
            })
    }

    private static func table(_ boxes: [Box], _ axisLabel: String?) -> Table {
        let names = ["n", "least", "low", "q1", "median", "q3", "high", "greatest", "beyond"]
        return Table(
            columns: [Table.Column(axisLabel ?? "name")] + names.map { Table.Column($0, .right) },
            rows: boxes.map { box in
                [
                    .text(box.label), .optional(box.n), .optional(box.least ?? box.low), .real(box.low),
                    .real(box.lowerQuartile), .real(box.median), .real(box.upperQuartile), .real(box.high),
                    .optional(box.greatest ?? box.high), .optional(box.beyond),
                ]
            })
    }

    private static func table(_ map: HeatMap, _ axisLabel: String?) -> Table {
        Table(
            columns: [Table.Column(axisLabel ?? "")] + map.columns.map { Table.Column($0, .right) },
            rows: zip(map.rows, map.values).map { [.text($0)] + $1.map(Cell.optional) })
    }
}

extension Cell {
    /// A number, or NULL where it isn't known.
    static func optional(_ value: Double?) -> Cell { value.map(Cell.real) ?? .null }
    /// A count, or NULL where it isn't known.
    static func optional(_ value: Int?) -> Cell { value.map { .integer(Int64($0)) } ?? .null }
    /// A text, or NULL where there is none.
    static func optional(_ value: String?) -> Cell { value.map(Cell.text) ?? .null }
}
