/// Finds what somebody may have meant.
public enum NearestName {
    /// The name that is fewest edits away from `word` (optimal string alignment: a letter added, left out, changed, or
    /// swapped with its neighbour), if it is near enough to be meant: within a third of the word's length, and at least 1.
    public static func of(_ word: String, among names: [String]) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        let limit = max(1, wanted.count / 3)
        return names.map { ($0, Array($0.lowercased().unicodeScalars)) }
            // There are at least as many edits as the lengths differ by: what somebody pasted is near to no name.
            .filter { abs($0.1.count - wanted.count) <= limit }
            .map { ($0.0, distance(wanted, $0.1)) }
            .filter { $0.1 <= limit }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var above = Array(0...other.count)
        for (i, left) in one.enumerated() {
            var row = [i + 1]
            for (j, right) in other.enumerated() {
                var edits = min(row[j] + 1, above[j + 1] + 1, above[j] + (left == right ? 0 : 1))
                if i > 0, j > 0, left == other[j - 1], one[i - 1] == right {
                    edits = min(edits, before[j - 1] + 1)
                }
                row.append(edits)
            }
            (before, above) = (above, row)
        }
        return above[other.count]
    }
}
