/// Corrections of p-values where several questions were asked at once.
///
/// Where a p-value isn't known (nil), it counts as no question, and stays nil.
public enum Multiplicity {
    /// Holm's step-down correction: the chance of any false discovery stays at most the level that corrected p-values
    /// are held against, whatever the questions have to do with each other.
    ///
    /// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    /// (1979).
    ///
    /// - Parameter values: p-values, 0…1; what is outside counts as unknown.
    /// - Returns: the corrected p-values in the same order, each at least what it was and at most 1.
    public static func holm(_ values: [Double?]) -> [Double?] {
        corrected(values) { ascending in
            let count = ascending.count
            var highest = 0.0
            return ascending.enumerated().map { rank, p in
                highest = max(highest, min(1, p * Double(count - rank)))
                return highest
            }
        }
    }

    /// Benjamini's and Hochberg's step-up correction: of what is called a discovery, at most the level's share is
    /// expected to be false, for questions that are independent or positively dependent.
    ///
    /// Source: Benjamini & Hochberg, "Controlling the false discovery rate: a practical and powerful approach to
    /// multiple testing", Journal of the Royal Statistical Society B 57 (1995).
    ///
    /// - Parameter values: p-values, 0…1; what is outside counts as unknown.
    /// - Returns: the corrected p-values in the same order, each at least what it was and at most 1.
    public static func benjaminiHochberg(_ values: [Double?]) -> [Double?] {
        corrected(values) { ascending in
            let count = ascending.count
            var lowest = 1.0
            let descending = ascending.enumerated().reversed().map { rank, p in
                lowest = min(lowest, max(p, p * Double(count) / Double(rank + 1)))
                return lowest
            }
            return descending.reversed()
        }
    }

    private static func corrected(
        _ values: [Double?], _ correction: (_ ascending: [Double]) -> [Double]
    ) -> [Double?] {
        let known = values.indices.compactMap { index -> (index: Int, p: Double)? in
            guard let p = values[index], (0...1).contains(p) else { return nil }
            return (index, p)
        }.sorted { ($0.p, $0.index) < ($1.p, $1.index) }
        var result = [Double?](repeating: nil, count: values.count)
        for (place, p) in zip(known.map(\.index), correction(known.map(\.p))) { result[place] = p }
        return result
    }
}
