/// The values that a quantity can have, as far as they have ends.
public struct ValueBounds: Sendable, Hashable {
    /// The least; nil where there is none.
    public var low: Double?
    /// The greatest; nil where there is none.
    public var high: Double?

    /// Bounds; without any every number is possible.
    public init(low: Double? = nil, high: Double? = nil) {
        self.low = low
        self.high = high
    }

    /// 0…1, as rates have them.
    public static let rate = ValueBounds(low: 0, high: 1)

    /// Both ends; nil where one is open.
    public var closed: ClosedRange<Double>? {
        guard let low, let high, low < high else { return nil }
        return low...high
    }

    /// How far two of the values can lie apart, on either side; nil where one end is open.
    var ofDifferences: ClosedRange<Double>? {
        closed.flatMap { range in
            let width = range.upperBound - range.lowerBound
            return width.isFinite ? -width...width : nil
        }
    }

    /// Whether the value is possible.
    public func contains(_ value: Double) -> Bool {
        value >= low ?? -.infinity && value <= high ?? .infinity
    }
}

extension Mean {
    /// As `estimate(_:bounds:confidence:)`, of values that may have one end only. There the interval is cut, but stays
    /// Student's: how far values scatter near a bound depends on the other one too.
    public static func estimate(
        _ byScenario: [[Double]], within bounds: ValueBounds, confidence: Double = 0.95
    ) -> Estimate {
        let found = estimate(byScenario, bounds: bounds.closed, confidence: confidence)
        guard bounds.closed == nil else { return found }
        let (low, high) = (bounds.low ?? -.greatestFiniteMagnitude, bounds.high ?? .greatestFiniteMagnitude)
        return low <= high ? found.bounded(to: low...high) : found
    }
}
