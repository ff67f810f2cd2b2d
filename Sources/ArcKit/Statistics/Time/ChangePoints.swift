/// Where a series changed its level, by a chart that is watched as values come in (`cusum`) or by looking back at the
/// whole (`bayesian`).
public enum ChangePoints {
    /// A change of the level.
    public struct Change: Sendable, Equatable {
        /// The place (from 0) of the first value at the new level, as far as it can be told.
        public var index: Int
        /// The place of the value at which it was certain enough; nil where the whole series was judged at once.
        public var detectedAt: Int?
        /// Whether the level rose.
        public var isRise: Bool
        /// The mean of the values from the change before, or the beginning, to this one; the given level where the
        /// first value is off it already.
        public var before: Double
        /// The mean of the values from this change to the next one, or the end.
        public var after: Double
        /// The probability that the level changed at exactly this place; nil where the method has none.
        public var probability: Double?
    }

    /// The changes at those places, with the means between them, where `level` is the mean before all values.
    static func changes(
        _ places: [(index: Int, detectedAt: Int?, isRise: Bool?, probability: Double?)], in values: [Double?],
        level: Double? = nil
    ) -> [Change] {
        let bounds = [0] + places.map(\.index) + [values.count]
        return places.indices.compactMap { number in
            let place = places[number]
            let before = values[bounds[number]..<place.index].compactMap(\.self)
            let after = values[place.index..<bounds[number + 2]].compactMap(\.self)
            guard !after.isEmpty, let old = before.isEmpty ? level : Moments.mean(before) else { return nil }
            let new = Moments.mean(after)
            return Change(
                index: place.index, detectedAt: place.detectedAt, isRise: place.isRise ?? (new > old),
                before: old, after: new, probability: place.probability)
        }
    }
}
