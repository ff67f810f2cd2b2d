/// The change for the worse that is put up with.
public enum Tolerance: Sendable, Hashable {
    /// In the metric's unit, 0 or more.
    case absolute(Double)
    /// A share of the magnitude of A's mean, 0 or more: 0.1 is a tenth.
    case relative(Double)

    /// As people write it: `0.02`, `10 %`. Nil where it is neither, or below 0.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(%?)\s*/),
            let number = Double(match.1), number.isFinite
        else { return nil }
        self = match.2.isEmpty ? .absolute(number) : .relative(number / 100)
    }

    /// What it is of that mean; nil where it depends on a mean that isn't known.
    func size(a mean: Double?) -> Double? {
        switch self {
        case .absolute(let size): size
        case .relative(let share): mean.map { $0.magnitude * share }
        }
    }
}
