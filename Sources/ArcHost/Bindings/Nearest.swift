/// Finds what somebody may have meant.
enum Nearest {
    /// The name that is fewest edits away from `word` (Levenshtein's distance), if it is near enough to be meant:
    /// within a third of the word's length, and at least 1.
    static func name(to word: String, among names: [String]) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        let limit = max(1, wanted.count / 3)
        return names.map { ($0, distance(wanted, Array($0.lowercased().unicodeScalars))) }
            .filter { $0.1 <= limit }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var row = Array(0...other.count)
        for (i, left) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in other.enumerated() {
                let substitution = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(row[j] + 1, row[j + 1] + 1, substitution)
            }
        }
        return row[other.count]
    }
}
