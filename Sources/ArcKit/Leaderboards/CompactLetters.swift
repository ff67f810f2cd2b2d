/// Which of several things can't be told apart, as letters: things that share a letter can't, things that share none can.
///
/// Source: Piepho, "An algorithm for a letter-based representation of all-pairwise comparisons", Journal of Computational
/// and Graphical Statistics 13 (2004): insert and absorb.
enum CompactLetters {
    /// The most groups that are told. Where differences are too tangled there are more than anybody could read, and their
    /// number grows without bounds.
    static let most = 200

    /// The groups of things that can't be told apart: each thing is in at least one, two things that can be told apart are
    /// together in none, and no group is part of another. In the order of their first members; nil where there would be
    /// more than ``most`` on the way.
    ///
    /// - Parameters:
    ///   - count: how many things there are, numbered from 0.
    ///   - pairs: those that can be told apart.
    static func groups(_ count: Int, toldApart pairs: [(Int, Int)]) -> [[Int]]? {
        guard count > 0 else { return [] }
        var groups = [Members(0..<count)]
        for (one, other) in pairs {
            let split = groups.filter { $0.contains(one) && $0.contains(other) }
            groups.removeAll { $0.contains(one) && $0.contains(other) }
            // Only what is new can be part of another, and of the new ones only a smaller part of a larger.
            let parts = split.flatMap { [$0.without(one), $0.without(other)] }
            for part in parts.sorted(by: { $0.count > $1.count }) where !groups.contains(where: part.isSubset)
            {
                groups.append(part)
            }
            if groups.count > most { return nil }
        }
        return groups.map(\.numbers).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The letters of each thing: a, b, … z, aa, ab, …; none where there are too many groups.
    static func letters(_ count: Int, toldApart pairs: [(Int, Int)]) -> [[String]] {
        var letters = [[String]](repeating: [], count: count)
        for (number, group) in (groups(count, toldApart: pairs) ?? []).enumerated() {
            for member in group { letters[member].append(letter(number)) }
        }
        return letters
    }

    private static func letter(_ number: Int) -> String {
        let last = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number % 26)))
        return number < 26 ? last : letter(number / 26 - 1) + last
    }

    /// A set of numbers from 0, as bits.
    private struct Members {
        private var words: [UInt64]

        init(_ numbers: Range<Int>) {
            words = [UInt64](repeating: 0, count: numbers.upperBound / 64 + 1)
            for number in numbers { words[number / 64] |= 1 << (number % 64) }
        }

        var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
        var numbers: [Int] { (0..<words.count * 64).filter(contains) }

        func contains(_ number: Int) -> Bool { words[number / 64] >> (number % 64) & 1 == 1 }

        func without(_ number: Int) -> Members {
            var rest = self
            rest.words[number / 64] &= ~(1 << (number % 64))
            return rest
        }

        func isSubset(of other: Members) -> Bool { zip(words, other.words).allSatisfy { $0 & ~$1 == 0 } }
    }
}
