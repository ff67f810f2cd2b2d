/// A chart as SVG within a page: a drawing of 600 units' width, with a title and a description for those who can't see it.
struct ChartSVG {
    private let chart: Chart
    private let id: String
    private var svg = SVG()
    private var height = 240.0

    private static let width = 600.0
    /// Above the drawing and below it there is room for text.
    private static let top = 16.0
    private static let bottom = 34.0

    /// The element.
    ///
    /// - Parameter id: what no other element of the page is called.
    static func element(_ chart: Chart, id: String) -> String {
        var drawing = ChartSVG(chart: chart, id: id)
        drawing.draw()
        return drawing.element
    }

    private init(chart: Chart, id: String) {
        self.chart = chart
        self.id = id
    }

    private var element: String {
        """
        <svg class="\(chart.kind)" viewBox="0 0 600 \(SVG.number(height))" role="img" aria-labelledby="\(id)-title \(id)-summary">\
        <title id="\(id)-title">\(HTMLText.escaped(chart.title))</title>\
        <desc id="\(id)-summary">\(HTMLText.escaped(chart.summary))</desc>\(svg.elements)</svg>
        """
    }

    private mutating func draw() {
        switch chart.content {
        case .line(let line): draw(line)
        case .bar(let bars): draw(bars)
        case .histogram(let histogram): draw(histogram)
        case .box(let boxes): draw(boxes)
        case .heatmap(let map): draw(map)
        case .sparkline(let values): draw(values)
        }
    }

    // MARK: - Axes

    /// Room for a text of so many characters, which a narrow screen writes larger.
    ///
    /// - Parameter wide: whether the texts are of the size of numbers, not of names.
    private static func room(_ texts: [String], most: Int = 24, wide: Bool = true) -> Double {
        let longest = texts.map { min(most, DisplayWidth.of($0)) }.max() ?? 0
        return Double(longest) * (wide ? 10.6 : 8.6) + 14
    }

    /// Draws the horizontal lines of an upright scale, and returns where the plot begins and what gives a value's height.
    private mutating func uprightAxis(
        _ scale: ChartScale, _ quantity: Quantity
    ) -> (left: Double, place: (Double) -> Double) {
        let texts = scale.ticks.map { scale.text($0, quantity) }
        let left = Self.room(texts)
        let (from, to) = (height - Self.bottom, Self.top)
        let place = { (value: Double) in from + (to - from) * scale.share(value) }
        for (tick, text) in zip(scale.ticks, texts) {
            svg.line(tick == 0 ? "zero" : "grid", left, place(tick), Self.width, place(tick))
            svg.text("tick", left - 8, place(tick) + 4, text, anchor: "end")
        }
        return (left, place)
    }

    /// Draws the upright lines of a lying scale, and returns what gives a value's place.
    private mutating func lyingAxis(_ scale: ChartScale, from left: Double) -> (Double) -> Double {
        let right = Self.width - 24
        let place = { (value: Double) in left + (right - left) * scale.share(value) }
        // Every other text has room on a narrow screen.
        let every = scale.ticks.count > 5 ? 2 : 1
        for (index, tick) in scale.ticks.enumerated() {
            svg.line(
                tick == 0 ? "zero" : "grid", place(tick), Self.top - 6, place(tick), height - Self.bottom + 4)
            guard index % every == 0 else { continue }
            svg.text(
                "tick", place(tick), height - Self.bottom + 22, scale.text(tick, chart.quantity),
                anchor: "middle")
        }
        return place
    }

    private mutating func nothing() {
        height = 60
        svg.text("tick", Self.width / 2, 34, "nothing to show", anchor: "middle")
    }

    // MARK: - Lines

    private mutating func draw(_ line: Chart.Line) {
        guard !line.axis.positions.isEmpty else { return nothing() }
        height = 260
        let (left, y) = uprightAxis(ChartScale(chart.extent), chart.quantity)
        let axis = AxisTicks(line.axis, marks: line.marks)
        let (from, to) = (left + 6, Self.width - 10)
        let x = { (position: Double) in from + (to - from) * axis.share(position) }
        for tick in axis.ticks {
            let anchor =
                tick.position == axis.low ? "start" : tick.position == axis.high ? "end" : "middle"
            svg.text(
                "tick", x(tick.position), height - Self.bottom + 22,
                HTMLText.shortened(tick.text, to: 11), anchor: anchor)
        }
        for mark in line.marks {
            svg.line("mark", x(mark.position), Self.top, x(mark.position), height - Self.bottom)
            guard let label = mark.label else { continue }
            let isRight = x(mark.position) > (from + to) / 2
            svg.text(
                "at", x(mark.position) + (isRight ? -6 : 6), Self.top + 4,
                HTMLText.shortened(label, to: 24),
                anchor: isRight ? "end" : "start")
        }
        for (index, series) in line.series.enumerated() {
            let colour = "s\(index % 6 + 1)"
            svg.path("band \(colour)", Self.band(series, line.axis, x: x, y: y))
            svg.path("interval", Self.loneIntervals(series, line.axis, x: x, y: y))
            svg.path(
                "line \(colour)",
                SVG.path(
                    zip(line.axis.positions, series.values).map { at, value in value.map { (x(at), y($0)) } })
            )
            // A dot for each point, where they can be told apart; else for those that no line reaches.
            let hasDots = line.axis.positions.count <= 60
            for (place, value) in series.values.enumerated() {
                guard let value, hasDots || Self.isAlone(place, in: series.values) else { continue }
                let name = series.name.map { "\($0), " } ?? ""
                svg.circle(
                    "dot \(colour)", x(line.axis.positions[place]), y(value), 2.6,
                    tip: "\(name)\(line.axis.labels[place]): \(chart.display(value))")
            }
        }
    }

    /// The intervals that make no band, since nothing is known beside them.
    private static func loneIntervals(
        _ series: Chart.Series, _ axis: Chart.Axis, x: (Double) -> Double, y: (Double) -> Double
    ) -> String {
        let isKnown = series.low.indices.map { series.low[$0] == nil ? nil : series.high[$0] }
        return axis.positions.enumerated().map { index, position in
            guard isKnown.indices.contains(index), isAlone(index, in: isKnown), let low = series.low[index],
                let high = series.high[index]
            else { return "" }
            let at = x(position)
            return SVG.path([(at, y(low)), (at, y(high))])
                + [low, high].map { SVG.path([(at - 4, y($0)), (at + 4, y($0))]) }.joined()
        }.joined()
    }

    private static func isAlone(_ place: Int, in values: [Double?]) -> Bool {
        (place == 0 || values[place - 1] == nil) && (place == values.count - 1 || values[place + 1] == nil)
    }

    /// The outline of each stretch in which both ends of the band are known.
    private static func band(
        _ series: Chart.Series, _ axis: Chart.Axis, x: (Double) -> Double, y: (Double) -> Double
    ) -> String {
        var path = ""
        var upper: [(x: Double, y: Double)?] = []
        var lower: [(x: Double, y: Double)?] = []
        func close() -> String {
            guard !upper.isEmpty else { return "" }
            return SVG.path(upper + lower.reversed()) + "Z"
        }
        for (index, position) in axis.positions.enumerated() where !series.low.isEmpty {
            if let low = series.low[index], let high = series.high[index] {
                upper.append((x(position), y(high)))
                lower.append((x(position), y(low)))
            } else {
                path += close()
                (upper, lower) = ([], [])
            }
        }
        return path + close()
    }

    private mutating func draw(_ values: [Double?]) {
        height = 48
        let scale = ChartScale(chart.extent)
        let x = { (index: Int) in
            4 + 592 * (values.count > 1 ? Double(index) / Double(values.count - 1) : 0.5)
        }
        let points = values.enumerated().map { index, value in
            value.map { (x: x(index), y: 42 - 36 * scale.share($0)) }
        }
        svg.path("line s1", SVG.path(points))
        for (index, point) in points.enumerated() {
            guard let point, index == points.count - 1 || Self.isAlone(index, in: values) else { continue }
            svg.circle("dot s1", point.x, point.y, 3, tip: values[index].map(chart.display))
        }
    }

    // MARK: - Bars and boxes

    private mutating func draw(_ bars: [Chart.Bar]) {
        guard !bars.isEmpty else { return nothing() }
        height = Self.top + Double(bars.count) * 26 + Self.bottom
        let left = Self.room(bars.map { VisibleText.line($0.label) }, wide: false)
        let x = lyingAxis(ChartScale(chart.extent, includesZero: true), from: left)
        for (index, bar) in bars.enumerated() {
            let top = Self.top + Double(index) * 26 + 4
            svg.text("label", left - 8, top + 14, HTMLText.shortened(bar.label, to: 24), anchor: "end")
            guard let value = bar.value else {
                svg.text("tick", x(0) + 6, top + 14, "not known")
                continue
            }
            let interval =
                bar.low.flatMap { low in bar.high.map { " (\(chart.display(low)) … \(chart.display($0)))" } }
                ?? ""
            svg.rectangle(
                "bar s1", min(x(0), x(value)), top + 2, abs(x(value) - x(0)), 14,
                tip: "\(bar.label): \(chart.display(value))\(interval)")
            guard let low = bar.low, let high = bar.high else { continue }
            svg.path(
                "interval",
                SVG.path([(x(low), top + 9), (x(high), top + 9)])
                    + SVG.path([(x(low), top + 5), (x(low), top + 13)])
                    + SVG.path([(x(high), top + 5), (x(high), top + 13)]))
        }
    }

    private mutating func draw(_ boxes: [Chart.Box]) {
        guard !boxes.isEmpty else { return nothing() }
        height = Self.top + Double(boxes.count) * 32 + Self.bottom
        let left = Self.room(boxes.map { VisibleText.line($0.label) }, wide: false)
        let x = lyingAxis(ChartScale(chart.extent), from: left)
        for (index, box) in boxes.enumerated() {
            let middle = Self.top + Double(index) * 32 + 16
            svg.text("label", left - 8, middle + 4, HTMLText.shortened(box.label, to: 24), anchor: "end")
            svg.line("whisker", x(box.low), middle, x(box.lowerQuartile), middle)
            svg.line("whisker", x(box.upperQuartile), middle, x(box.high), middle)
            svg.line("whisker", x(box.low), middle - 5, x(box.low), middle + 5)
            svg.line("whisker", x(box.high), middle - 5, x(box.high), middle + 5)
            svg.rectangle(
                "box s1", x(box.lowerQuartile), middle - 9, x(box.upperQuartile) - x(box.lowerQuartile), 18,
                tip:
                    "\(box.label): median \(chart.display(box.median)), half between \(chart.display(box.lowerQuartile)) and \(chart.display(box.upperQuartile))"
            )
            svg.line("median", x(box.median), middle - 9, x(box.median), middle + 9)
            for end in [box.least, box.greatest].compactMap(\.self) {
                svg.circle("beyond", x(end), middle, 2.4, tip: "\(box.label): \(chart.display(end))")
            }
        }
    }

    // MARK: - Histograms and heat maps

    private mutating func draw(_ histogram: Chart.Histogram) {
        guard let first = histogram.edges.first, let last = histogram.edges.last else { return nothing() }
        let counts = ChartScale(histogram.counts.map(Double.init), includesZero: true, count: 4)
        let (left, y) = uprightAxis(counts, Quantity())
        let right = Self.width - 24
        let scale = ChartScale([first, last], count: 5)
        let isPoint = first == last
        let x = { (value: Double) in
            left + (right - left)
                * (isPoint ? scale.share(value) : (value / 2 - first / 2) / (last / 2 - first / 2))
        }
        for tick in scale.ticks where isPoint || tick >= first && tick <= last {
            svg.text(
                "tick", x(tick), height - Self.bottom + 22, scale.text(tick, chart.quantity),
                anchor: "middle")
        }
        for (index, count) in histogram.counts.enumerated() {
            let (from, to) = (histogram.edges[index], histogram.edges[index + 1])
            let (start, end) = isPoint ? (x(from) - 12, x(from) + 12) : (x(from), x(to))
            svg.rectangle(
                "bar s1", start + 0.5, y(Double(count)), end - start - 1, y(0) - y(Double(count)),
                tip: "\(chart.display(from)) to \(chart.display(to)): \(Figure.count(count))")
        }
    }

    private mutating func draw(_ map: Chart.HeatMap) {
        guard !map.rows.isEmpty, !map.columns.isEmpty else { return nothing() }
        let left = Self.room(map.rows.map { VisibleText.line($0) }, wide: false)
        let width = (Self.width - left) / Double(map.columns.count)
        let cell = min(34, max(14, width))
        let head = 26.0
        height = head + Double(map.rows.count) * cell + 34
        let values = chart.extent
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let fits = max(2, Int(width / 10.5))
        let every = width < 34 ? Int((34 / width).rounded(.up)) : 1
        for (index, name) in map.columns.enumerated() where index % every == 0 {
            svg.text(
                "tick", left + width * (Double(index) + 0.5), head - 10,
                HTMLText.shortened(name, to: every > 1 ? 5 : fits), anchor: "middle")
        }
        for (row, name) in map.rows.enumerated() {
            let top = head + Double(row) * cell
            svg.text("label", left - 8, top + cell / 2 + 4, HTMLText.shortened(name, to: 24), anchor: "end")
            for (column, value) in map.values[row].enumerated() {
                let place = "\(name), \(map.columns[column])"
                let share = value.map { ChartScale.share($0, from: low, to: high) }
                svg.rectangle(
                    value == nil ? "unknown" : "heat", left + width * Double(column) + 1, top + 1, width - 2,
                    cell - 2, tip: "\(place): \(value.map(chart.display) ?? "not known")",
                    opacity: share.map { 0.08 + 0.92 * $0 })
            }
        }
        drawLegend(low, high, from: left, at: height - 24, isEmpty: values.isEmpty)
    }

    /// What the palest and the strongest shade stand for.
    private mutating func drawLegend(
        _ low: Double, _ high: Double, from left: Double, at top: Double, isEmpty: Bool
    ) {
        guard !isEmpty else { return }
        let text = chart.display(low)
        svg.text("tick", left, top + 14, text)
        let from = left + Self.room([text]) + 2
        for step in 0..<5 {
            svg.rectangle(
                "heat", from + Double(step) * 20, top + 4, 20, 12, opacity: 0.08 + 0.92 * Double(step) / 4)
        }
        svg.text("tick", from + 110, top + 14, chart.display(high))
    }
}
