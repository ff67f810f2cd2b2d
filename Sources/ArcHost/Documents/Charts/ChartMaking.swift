import LuaBridge
import Postgres

/// Charts from what `doc:chart` was given, whose types are checked already.
struct ChartMaking {
    let fields: Arguments
    let kind: String

    /// - Throws: `HostError` with code `argument`, which names the field and what the kind wants of it.
    func content() throws -> Chart.Content {
        let content: Chart.Content =
            switch kind {
            case "line": .line(try line())
            case "bar": .bar(try bars())
            case "histogram": .histogram(try histogram())
            case "box": .box(try boxes())
            case "heatmap": .heatmap(try heatMap())
            default: .sparkline(try few(numbers("values"), "values"))
            }
        try refuseOthers()
        return content
    }

    /// The fields that each kind takes beside those that all do.
    private static let own: [String: [String]] = [
        "line": ["x", "y", "low", "high", "series", "marks"], "bar": ["labels", "values", "low", "high"],
        "histogram": ["values", "bins"], "box": ["boxes"], "heatmap": ["rows", "columns", "grid"],
        "sparkline": ["values"],
    ]

    private func refuseOthers() throws {
        let all = Set(Self.own.values.joined())
        let own = Self.own[kind] ?? []
        for name in all.subtracting(own).sorted() where fields[name] != nil {
            throw wrong("a \(kind) chart has no \(name)", "It takes: \(own.joined(separator: ", ")).")
        }
    }

    private func wrong(_ what: String, _ advice: String? = nil) -> HostError {
        HostError(.argument, "\(fields.function): \(what)", advice: advice)
    }

    private func numbers(_ name: String) throws -> [Double?] {
        guard let numbers = fields.numberList(name) else { throw wrong("a \(kind) chart needs \(name)") }
        return numbers
    }

    private func texts(_ name: String) throws -> [String] {
        guard let value = fields[name] else { throw wrong("a \(kind) chart needs \(name)") }
        return AxisMaking(value).labels
    }

    private func few<Item>(_ items: [Item], _ name: String) throws -> [Item] {
        guard items.count <= Chart.mostValues else {
            throw wrong(
                "\(name) has \(Figure.count(items.count)) values, and a \(kind) chart shows at most \(Figure.count(Chart.mostValues))",
                "Group them first, or draw a histogram.")
        }
        return items
    }

    /// - Throws: Where there aren't as many as of the others.
    private func same(_ count: Int, as other: Int, _ name: String, _ otherName: String) throws {
        guard count != other else { return }
        throw wrong(
            "\(name) has \(Figure.count(count, "value", "values")), and \(otherName) has \(other)",
            "What isn't known is arc.null; nil ends a list.")
    }

    // MARK: - Lines

    private func line() throws -> Chart.Line {
        guard let x = fields["x"] else { throw wrong("a line chart needs x") }
        let axis = try AxisMaking(x).axis(fields.function)
        _ = try few(axis.positions, "x")
        let several = fields.list("series")
        if several != nil, let extra = ["y", "low", "high"].first(where: { fields[$0] != nil }) {
            throw wrong("it has both series and \(extra)", "Give each series its own \(extra).")
        }
        let tables = several?.compactMap(\.table) ?? []
        let series =
            several == nil
            ? [try series(nil, fields["y"], fields["low"], fields["high"], axis, "")]
            : try tables.enumerated().map { index, table in
                try self.series(
                    table["name"].stringValue, table["y"], table["low"], table["high"], axis,
                    "series[\(index + 1)].")
            }
        guard !series.isEmpty else { throw wrong("series is empty") }
        guard series.count * axis.positions.count <= Chart.mostValues else {
            throw wrong("it has more than \(Figure.count(Chart.mostValues)) values", "Group them first.")
        }
        return Chart.Line(axis: axis, series: series, marks: try marks(on: axis))
    }

    private func series(
        _ name: String?, _ y: LuaValue?, _ low: LuaValue?, _ high: LuaValue?, _ axis: Chart.Axis,
        _ prefix: String
    ) throws -> Chart.Series {
        guard let y, !y.isAbsent else { throw wrong("a line chart needs \(prefix)y") }
        let count = axis.positions.count
        func numbers(_ value: LuaValue?, _ field: String) throws -> [Double?] {
            guard let value, !value.isAbsent else { return [] }
            let numbers = value.numbers
            try same(numbers.count, as: count, prefix + field, "x")
            return numbers
        }
        let band = (try numbers(low, "low"), try numbers(high, "high"))
        guard band.0.count == band.1.count else { throw wrong("\(prefix)low and \(prefix)high go together") }
        return Chart.Series(name: name, values: try numbers(y, "y"), low: band.0, high: band.1)
    }

    private func marks(on axis: Chart.Axis) throws -> [Chart.Mark] {
        try (fields.list("marks") ?? []).enumerated().map { index, value in
            let x = value.table?["x"] ?? .nil
            guard let place = AxisMaking.place(x, on: axis) else {
                throw wrong(
                    "marks[\(index + 1)].x must be \(axis.expectation), got \(ArgumentCheck.display(x))")
            }
            return Chart.Mark(
                position: place.position, place: place.label, label: value.table?["label"].stringValue)
        }
    }

    // MARK: - The other kinds

    private func bars() throws -> [Chart.Bar] {
        let labels = try few(texts("labels"), "labels")
        let values = try numbers("values")
        try same(values.count, as: labels.count, "values", "labels")
        let (low, high) = (fields.numberList("low"), fields.numberList("high"))
        if let low { try same(low.count, as: labels.count, "low", "labels") }
        if let high { try same(high.count, as: labels.count, "high", "labels") }
        return labels.indices.map {
            Chart.Bar(label: labels[$0], value: values[$0], low: low?[$0], high: high?[$0])
        }
    }

    private func histogram() throws -> Chart.Histogram {
        Chart.Histogram(
            try numbers("values").compactMap(\.self), bins: fields.integer("bins").map { Int($0) })
    }

    private func boxes() throws -> [Chart.Box] {
        guard let list = fields.list("boxes") else { throw wrong("a box chart needs boxes") }
        return try few(list, "boxes").enumerated().compactMap { index, value in
            let table = value.table ?? LuaTable()
            let label = table["label"].stringValue ?? ""
            let figures = ["low", "q1", "median", "q3", "high"].map { ($0, table[$0].numberValue) }
            if !table["values"].isAbsent {
                guard figures.allSatisfy({ $0.1 == nil }) else {
                    throw wrong("boxes[\(index + 1)] has both values and figures")
                }
                return Chart.Box(label, table["values"].numbers.compactMap(\.self))
            }
            let known = figures.compactMap(\.1)
            guard known.count == figures.count else {
                let missing = figures.filter { $0.1 == nil }.map(\.0).joined(separator: ", ")
                throw wrong("boxes[\(index + 1)] needs values, or else \(missing)")
            }
            guard known == known.sorted() else {
                throw wrong("boxes[\(index + 1)]: low ≤ q1 ≤ median ≤ q3 ≤ high doesn't hold")
            }
            return Chart.Box(
                label: label, n: table["n"].integerValue.map { Int($0) }, low: known[0],
                lowerQuartile: known[1], median: known[2], upperQuartile: known[3], high: known[4])
        }
    }

    private func heatMap() throws -> Chart.HeatMap {
        let (rows, columns) = (try texts("rows"), try texts("columns"))
        guard let grid = fields.list("grid")?.map(\.numbers) else {
            throw wrong("a heatmap chart needs grid")
        }
        try same(grid.count, as: rows.count, "grid", "rows")
        for (index, row) in grid.enumerated() {
            try same(row.count, as: columns.count, "grid[\(index + 1)]", "columns")
        }
        guard rows.count * columns.count <= Chart.mostValues else {
            throw wrong(
                "grid has \(Figure.count(rows.count * columns.count)) values, and a heat map shows at most \(Figure.count(Chart.mostValues))"
            )
        }
        return Chart.HeatMap(rows: rows, columns: columns, values: grid)
    }
}
