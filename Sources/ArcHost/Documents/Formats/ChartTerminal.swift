/// A chart drawn with characters.
struct ChartTerminal {
    private let chart: Chart
    private let width: Int

    /// - Parameter width: the columns to fit into; at least 30 are used.
    init(_ chart: Chart, width: Int?) {
        self.chart = chart
        self.width = max(30, min(width ?? 80, 100))
    }

    /// The lines of the drawing.
    var lines: [String] {
        switch chart.content {
        case .line(let line): draw(line)
        case .bar(let bars): draw(bars)
        case .histogram(let histogram): draw(histogram)
        case .box(let boxes): draw(boxes)
        case .heatmap(let map): draw(map)
        case .sparkline(let values): draw(values)
        }
    }

    private static let nothing = ["(nothing to show)"]

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - DisplayWidth.of(text))) + text
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
    }

    private func labels(_ labels: [String]) -> (texts: [String], width: Int) {
        let most = max(8, width / 3)
        let texts = labels.map { HTMLText.shortened($0, to: most) }
        return (texts, texts.map { DisplayWidth.of($0) }.max() ?? 0)
    }

    // MARK: - Lines

    private func draw(_ line: Chart.Line) -> [String] {
        guard !line.axis.positions.isEmpty else { return Self.nothing }
        let scale = ChartScale(chart.extent, count: 4)
        let texts = scale.ticks.map { scale.text($0, chart.quantity) }
        let margin = texts.map { DisplayWidth.of($0) }.max() ?? 0
        let axis = AxisTicks(line.axis, marks: line.marks, count: max(2, (width - margin) / 16))
        var canvas = BrailleCanvas(width: width - margin - 2, height: 10)
        let x = { (position: Double) in Int((axis.share(position) * Double(canvas.dotsAcross - 1)).rounded())
        }
        let y = { (value: Double) in Int(((1 - scale.share(value)) * Double(canvas.dotsDown - 1)).rounded()) }
        let shaded = Self.shaded(line, width: canvas.width, x: x, y: y)
        for series in line.series {
            var before: (x: Int, y: Int)?
            for (index, value) in series.values.enumerated() {
                let at = x(line.axis.positions[index])
                guard let value else {
                    before = nil
                    continue
                }
                let here = (x: at, y: y(value))
                canvas.line(from: before ?? here, to: here)
                before = here
            }
        }
        let marked = Set(line.marks.map { x($0.position) / 2 })
        let ticks = Dictionary(
            zip(scale.ticks, texts).map { (y($0) / 4, $1) }, uniquingKeysWith: { first, _ in first })
        var lines = (0..<canvas.height).map { row -> String in
            let cells = (0..<canvas.width).map { column -> Character in
                let empty: Character =
                    shaded.contains(row * canvas.width + column) ? "░" : marked.contains(column) ? "┊" : " "
                return canvas.character(column, row, empty: empty)
            }
            return Self.right(ticks[row] ?? "", margin) + (ticks[row] == nil ? " │" : " ┤") + String(cells)
        }
        lines.append(Self.right("", margin) + " └" + String(repeating: "─", count: canvas.width))
        lines.append(Self.right("", margin + 2) + place(axis, in: canvas.width))
        for mark in line.marks {
            lines.append("┊ \(VisibleText.line(mark.place)): \(VisibleText.line(mark.label ?? "marked"))")
        }
        return lines + legend(line)
    }

    /// The characters within a band, which runs straight from one point to the next where both know it.
    private static func shaded(
        _ line: Chart.Line, width: Int, x: (Double) -> Int, y: (Double) -> Int
    ) -> Set<Int> {
        var shaded: Set<Int> = []
        for series in line.series where !series.low.isEmpty {
            var before: (column: Int, top: Int, bottom: Int)?
            for (index, position) in line.axis.positions.enumerated() {
                guard let low = series.low[index], let high = series.high[index] else {
                    before = nil
                    continue
                }
                let here = (column: x(position) / 2, top: min(y(low), y(high)), bottom: max(y(low), y(high)))
                let from = before ?? here
                for column in from.column...max(from.column, here.column) {
                    let share = Double(column - from.column) / Double(max(1, here.column - from.column))
                    let top = Double(from.top) + Double(here.top - from.top) * share
                    let bottom = Double(from.bottom) + Double(here.bottom - from.bottom) * share
                    for row in Int(top) / 4...max(Int(top), Int(bottom)) / 4 {
                        shaded.insert(row * width + column)
                    }
                }
                before = here
            }
        }
        return shaded
    }

    /// The texts of an axis below it, each at its place, where it doesn't run into the one before.
    private func place(_ axis: AxisTicks, in width: Int) -> String {
        var text = ""
        for tick in axis.ticks {
            let label = HTMLText.shortened(tick.text, to: 14)
            let size = DisplayWidth.of(label)
            let column = min(
                max(0, Int(axis.share(tick.position) * Double(width - 1)) - size / 2), width - size)
            let used = DisplayWidth.of(text)
            guard used == 0 || column > used, column >= 0 else { continue }
            text += String(repeating: " ", count: column - used) + label
        }
        return text
    }

    /// Several lines look alike in characters: each is told by its ends.
    private func legend(_ line: Chart.Line) -> [String] {
        guard line.series.count > 1 else { return [] }
        return line.series.map { series in
            let known = series.values.compactMap(\.self)
            let ends = [known.first, known.last].compactMap(\.self).map(chart.display).joined(
                separator: " → ")
            let spark = BlockBar.sparkline(BlockBar.thinned(series.values, to: min(24, width / 3)))
            return "\(spark) \(VisibleText.line(series.name ?? "")) \(ends)"
        }
    }

    private func draw(_ values: [Double?]) -> [String] {
        let known = values.compactMap(\.self)
        guard let low = known.min(), let high = known.max(), let last = known.last else {
            return Self.nothing
        }
        let text = "  \(chart.display(low)) … \(chart.display(high)), last \(chart.display(last))"
        let room = max(8, width - DisplayWidth.of(text))
        return [BlockBar.sparkline(BlockBar.thinned(values, to: room)) + text]
    }

    // MARK: - Bars, histograms and boxes

    private func draw(_ bars: [Chart.Bar]) -> [String] {
        guard !bars.isEmpty else { return Self.nothing }
        let (names, margin) = labels(bars.map(\.label))
        let texts = bars.map { bar -> String in
            guard let value = bar.value else { return "not known" }
            guard let low = bar.low, let high = bar.high else { return chart.display(value) }
            return "\(chart.display(value)) (\(chart.display(low)) … \(chart.display(high)))"
        }
        let room = max(8, width - margin - (texts.map { DisplayWidth.of($0) }.max() ?? 0) - 4)
        let scale = ChartScale(chart.extent, includesZero: true)
        return bars.indices.map { index in
            let drawing = Self.bar(bars[index], scale, room)
            return "\(Self.left(names[index], margin)) │\(Self.left(drawing, room)) \(texts[index])"
        }
    }

    /// A bar from zero, with its interval's ends where it has one: `█████├─┤`.
    private static func bar(_ bar: Chart.Bar, _ scale: ChartScale, _ room: Int) -> String {
        guard let value = bar.value else { return "" }
        let place = { (value: Double) in scale.share(value) * Double(room - 1) }
        if scale.low >= 0, bar.low == nil || bar.high == nil { return BlockBar.lying(place(value)) }
        var cells = Array(repeating: Character(" "), count: room)
        let (zero, end) = (Int(place(0).rounded()), Int(place(value).rounded()))
        for column in min(zero, end)...max(zero, end) where value != 0 && scale.share(value) != scale.share(0)
        {
            cells[column] = "█"
        }
        if let low = bar.low, let high = bar.high {
            let (from, to) = (Int(place(min(low, high)).rounded()), Int(place(max(low, high)).rounded()))
            for column in from...to { cells[column] = cells[column] == "█" ? "▓" : "─" }
            cells[from] = "├"
            cells[to] = from == to ? "┼" : "┤"
        }
        return String(cells)
    }

    private func draw(_ histogram: Chart.Histogram) -> [String] {
        guard !histogram.counts.isEmpty else { return Self.nothing }
        let names = histogram.counts.indices.map {
            "\(chart.display(histogram.edges[$0])) … \(chart.display(histogram.edges[$0 + 1]))"
        }
        let margin = names.map { DisplayWidth.of($0) }.max() ?? 0
        let most = Double(histogram.counts.max() ?? 1)
        let counts = histogram.counts.map { Figure.count($0) }
        let room = max(8, width - margin - (counts.map(\.count).max() ?? 0) - 4)
        return histogram.counts.indices.map { index in
            let bar = BlockBar.lying(Double(histogram.counts[index]) / max(1, most) * Double(room))
            return "\(Self.right(names[index], margin)) │\(bar) \(counts[index])"
        }
    }

    private func draw(_ boxes: [Chart.Box]) -> [String] {
        guard !boxes.isEmpty else { return Self.nothing }
        let (names, margin) = labels(boxes.map(\.label))
        let texts = boxes.map { "median \(chart.display($0.median))" }
        let room = max(12, width - margin - (texts.map { DisplayWidth.of($0) }.max() ?? 0) - 4)
        let scale = ChartScale(chart.extent)
        let place = { (value: Double) in Int((scale.share(value) * Double(room - 1)).rounded()) }
        var lines = boxes.indices.map { index -> String in
            let box = boxes[index]
            var cells = Array(repeating: Character(" "), count: room)
            for column in place(box.low)...place(box.high) { cells[column] = "─" }
            for column in place(box.lowerQuartile)...place(box.upperQuartile) { cells[column] = "▒" }
            cells[place(box.low)] = "├"
            cells[place(box.high)] = "┤"
            for end in [box.least, box.greatest].compactMap(\.self) { cells[place(end)] = "·" }
            cells[place(box.median)] = "┃"
            return "\(Self.left(names[index], margin)) │\(String(cells)) \(texts[index])"
        }
        let ends = [scale.low, scale.high].map { scale.text($0, chart.quantity) }
        lines.append(
            Self.left("", margin + 2) + Self.left(ends[0], room - DisplayWidth.of(ends[1])) + ends[1])
        return lines
    }

    // MARK: - Heat maps

    private func draw(_ map: Chart.HeatMap) -> [String] {
        guard !map.rows.isEmpty, !map.columns.isEmpty else { return Self.nothing }
        let (names, margin) = labels(map.rows)
        let values = chart.extent
        guard let low = values.min(), let high = values.max() else { return Self.nothing }
        let cell = max(1, min(8, (width - margin - 2) / map.columns.count))
        let shades = Array("░▒▓█")
        // Columns that the width has no room for are left out, and said to be.
        let shown = min(map.columns.count, max(1, (width - margin - 2) / cell))
        var lines: [String] = []
        if cell > 3 {
            let heads = map.columns.prefix(shown).map {
                Self.left(HTMLText.shortened($0, to: cell - 1), cell)
            }
            lines.append(Self.left("", margin + 2) + heads.joined())
        }
        for (row, name) in names.enumerated() {
            let cells = map.values[row].prefix(shown).map { value -> String in
                guard let value else { return Self.left(cell > 1 ? "·" : " ", cell) }
                let shade = shades[min(3, Int(ChartScale.share(value, from: low, to: high) * 4))]
                return Self.left(String(repeating: shade, count: max(1, cell - 1)), cell)
            }
            lines.append("\(Self.left(name, margin)) │\(cells.joined())")
        }
        let legend = "░ \(chart.display(low)) … █ \(chart.display(high))"
        lines.append(Self.left("", margin + 2) + legend)
        if shown < map.columns.count {
            lines.append("\(shown) of \(map.columns.count) columns. The rest: --format html or json.")
        }
        return lines
    }
}
