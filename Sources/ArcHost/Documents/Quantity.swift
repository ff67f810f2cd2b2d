/// What numbers count, and so how people read them in a document.
struct Quantity: Sendable, Hashable {
    /// The unit: "ratio", "score", "usd", "ms", "tokens", "p", …; nil where nobody said.
    var unit: String?
    /// Whether they are differences of two such numbers. These show their sign, and those of ratios are percentage points.
    var isDifference = false

    /// Whether a value's text shows its unit, so that no heading has to.
    var isSelfEvident: Bool { unit.map { ["ratio", "score", "usd", "ms", "p"].contains($0) } ?? true }

    /// A number in its unit: a ratio in per cent, dollars with their sign, milliseconds as a duration.
    ///
    /// - Parameter decimals: so many digits after the point; as many as tell enough unless said.
    /// - Parameter inTable: whether the unit stands in a heading, where the text doesn't show it by itself.
    func text(_ value: Double, decimals: Int? = nil, inTable: Bool = false) -> String {
        guard isDifference, !value.isNaN else { return number(value, decimals, inTable) }
        let text = number(value.magnitude, decimals, inTable)
        // A difference that is too small to be seen has no sign.
        let isSeen = !value.isFinite || text.contains { "1"..."9" ~= $0 }
        return (isSeen ? value < 0 ? "-" : "+" : "") + text
    }

    /// The size of a difference, without its sign.
    func size(_ value: Double, decimals: Int? = nil) -> String { number(value.magnitude, decimals, false) }

    private func number(_ value: Double, _ decimals: Int?, _ inTable: Bool) -> String {
        // Hundreds of digits tell nobody more.
        guard value.magnitude < 1e15 else {
            return Figure.significant(value, digits: 4) + (unit.map { inTable ? "" : " \($0)" } ?? "")
        }
        switch unit {
        case "ratio": return Figure.fixed(value * 100, decimals: decimals ?? 1) + hundredths
        case "usd":
            guard let decimals else { return Figure.dollars(value) }
            let number = Figure.fixed(value, decimals: decimals)
            return number.hasPrefix("-") ? "-$" + number.dropFirst() : "$" + number
        case "ms":
            return decimals.map { Figure.fixed(value, decimals: $0) + " ms" }
                ?? Figure.duration(milliseconds: value)
        case "p": return Self.pValue(value, decimals)
        case "tokens", "runs":
            let number = Figure.fixed(value, decimals: decimals ?? (value.magnitude < 100 ? 1 : 0))
            return decimals == nil || inTable ? number : "\(number) \(unit ?? "")"
        default:
            let number =
                decimals.map { Figure.fixed(value, decimals: $0) } ?? Figure.significant(value, digits: 4)
            let suffix = unit.flatMap { $0 == "score" || inTable ? nil : " \($0)" } ?? ""
            return number + suffix
        }
    }

    /// What stands behind a ratio that is told in hundredths.
    var hundredths: String { isDifference ? " pp" : " %" }

    /// A p-value: two digits, and no smaller than anybody can tell; or so many decimals, where one that would look like 0
    /// is smaller than the last of them.
    private static func pValue(_ p: Double, _ decimals: Int?) -> String {
        guard let decimals else { return p < 0.0001 ? "<0.0001" : Figure.significant(p, digits: 2) }
        let text = Figure.fixed(p, decimals: decimals)
        let isSeen = decimals == 0 || text.contains { "1"..."9" ~= $0 }
        return isSeen ? text : "<0." + String(repeating: "0", count: decimals - 1) + "1"
    }
}

extension Document.Metric {
    /// A value of this metric in its unit.
    func display(_ value: Double) -> String { Quantity(unit: unit).text(value) }

    /// The value with its interval, in the metric's unit; nil where it isn't known.
    public var shown: String? {
        value.map { display($0) + (interval.map { " (\($0))" } ?? "") }
    }

    /// The interval in the metric's unit, where there is one.
    var interval: String? {
        guard let low, let high else { return nil }
        return "\(display(low)) … \(display(high))"
    }
}
