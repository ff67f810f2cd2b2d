import Glibc

/// A drawing as it is written. Colours are classes of the page's style, so that light and dark share it.
struct SVG {
    /// The elements that were drawn.
    private(set) var elements = ""

    /// A length with one digit after the point, which is finer than a screen.
    static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.isFinite, tenths.magnitude < 1e9 else { return "0" }
        let whole = Int(tenths)
        return whole % 10 == 0
            ? String(whole / 10)
            : "\(whole < 0 ? "-" : "")\(whole.magnitude / 10).\(whole.magnitude % 10)"
    }

    mutating func line(_ name: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
        elements +=
            "<line class=\"\(name)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\"/>"
    }

    /// A rectangle; with a tip, the text that shows where a pointer rests on it.
    mutating func rectangle(
        _ name: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double, tip: String? = nil,
        opacity: Double? = nil
    ) {
        let shade = opacity.map { " fill-opacity=\"\(Self.number($0 * 100))%\"" } ?? ""
        elements +=
            "<rect class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))\" height=\"\(Self.number(max(0, height)))\"\(shade)"
        close("rect", tip)
    }

    mutating func circle(_ name: String, _ x: Double, _ y: Double, _ radius: Double, tip: String? = nil) {
        elements +=
            "<circle class=\"\(name)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\""
        close("circle", tip)
    }

    mutating func path(_ name: String, _ path: String) {
        guard !path.isEmpty else { return }
        elements += "<path class=\"\(name)\" d=\"\(path)\"/>"
    }

    /// - Parameter anchor: "start", "middle" or "end" of the text is at x.
    mutating func text(_ name: String, _ x: Double, _ y: Double, _ text: String, anchor: String = "start") {
        elements +=
            "<text class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">\(HTMLText.escaped(VisibleText.line(text)))</text>"
    }

    private mutating func close(_ element: String, _ tip: String?) {
        guard let tip else { return elements += "/>" }
        elements += "><title>\(HTMLText.escaped(VisibleText.line(tip)))</title></\(element)>"
    }

    /// The path through these points; one that isn't there parts it.
    static func path(_ points: [(x: Double, y: Double)?]) -> String {
        var path = ""
        var isOpen = false
        for point in points {
            guard let point else {
                isOpen = false
                continue
            }
            path += (isOpen ? "L" : "M") + number(point.x) + " " + number(point.y)
            isOpen = true
        }
        return path
    }
}
