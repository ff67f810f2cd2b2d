/// Numbers of a unit, as people read them in a document.
enum Quantity {
    /// Whether a value's text shows its unit, so that no heading has to.
    static func isSelfEvident(_ unit: String) -> Bool {
        ["ratio", "score", "usd", "ms"].contains(unit)
    }

    /// A number in its unit: a ratio in per cent, dollars with their sign, milliseconds as a duration.
    ///
    /// - Parameter decimals: so many digits after the point; as many as tell enough unless said.
    /// - Parameter inTable: whether the unit stands in a heading, where the text doesn't show it by itself.
    static func text(
        _ value: Double, unit: String?, decimals: Int? = nil, inTable: Bool = false
    ) -> String {
        // Hundreds of digits tell nobody more.
        guard value.magnitude < 1e15 else {
            return Figure.significant(value, digits: 4) + (unit.map { inTable ? "" : " \($0)" } ?? "")
        }
        guard let decimals else { return text(value, unit, inTable) }
        let number = Figure.fixed(unit == "ratio" ? value * 100 : value, decimals: decimals)
        switch unit {
        case "ratio": return number + " %"
        case "usd": return number.hasPrefix("-") ? "-$" + number.dropFirst() : "$" + number
        case "ms": return number + " ms"
        case "score", nil: return number
        case .some(let unit): return inTable ? number : "\(number) \(unit)"
        }
    }

    private static func text(_ value: Double, _ unit: String?, _ inTable: Bool) -> String {
        switch unit {
        case "ratio": Figure.percent(value)
        case "usd": Figure.dollars(value)
        case "ms": Figure.duration(milliseconds: value)
        case "tokens", "runs": Figure.fixed(value, decimals: value.magnitude < 100 ? 1 : 0)
        case "score", nil: Figure.significant(value, digits: 4)
        case .some(let unit): Figure.significant(value, digits: 4) + (inTable ? "" : " \(unit)")
        }
    }
}

extension Document.Metric {
    /// A value of this metric in its unit.
    func display(_ value: Double) -> String { Quantity.text(value, unit: unit) }

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
