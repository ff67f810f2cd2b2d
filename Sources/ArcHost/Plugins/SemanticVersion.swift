/// A version as Semantic Versioning 2.0.0 writes it, without what may follow a `-` or `+`: `0.1.0`.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Changes that break something.
    public let major: Int
    /// Additions; before 1.0 they may break something too.
    public let minor: Int
    /// Repairs.
    public let patch: Int

    /// A version of these numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// By major, then minor, then patch.
    public static func < (one: SemanticVersion, other: SemanticVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }

    /// `0.1.0`
    public var description: String { "\(major).\(minor).\(patch)" }
}

/// Which versions a plugin works with, as npm writes ranges: `>=0.1 <2`, `^1.2`, `~1.2.3`, `1.x`, `1.0.0 || ^2.1`.
public struct SemanticRange: Sendable, Hashable, CustomStringConvertible {
    /// From the first version up to, and without, the last; nil for no end.
    private struct Span: Sendable, Hashable {
        var low = SemanticVersion(0, 0, 0)
        var high: SemanticVersion?

        func contains(_ version: SemanticVersion) -> Bool {
            version >= low && (high.map { version < $0 } ?? true)
        }

        /// What both have.
        mutating func narrow(to other: Span) {
            low = max(low, other.low)
            high = [high, other.high].compactMap(\.self).min()
        }
    }

    /// The range as it was written.
    public let description: String
    private let spans: [Span]

    /// What a range looks like, for messages.
    static let expectation = "a range of versions such as \">=0.1 <2\" or \"^1.2\""

    /// The range of that text; nil where it isn't one. An empty text and `*` are every version.
    public init?(_ text: String) {
        description = text
        var spans: [Span] = []
        for alternative in Self.alternatives(of: text) {
            guard let span = Self.span(alternative) else { return nil }
            spans.append(span)
        }
        self.spans = spans
    }

    /// Whether the version is in the range.
    public func contains(_ version: SemanticVersion) -> Bool { spans.contains { $0.contains(version) } }

    /// Whether every version of the range is newer than this one.
    func isAbove(_ version: SemanticVersion) -> Bool { spans.allSatisfy { $0.low > version } }

    private static func alternatives(of text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = text[...]
        while let bar = rest.firstRange(of: "||") {
            parts.append(rest[..<bar.lowerBound])
            rest = rest[bar.upperBound...]
        }
        return parts + [rest]
    }

    private static func span(_ text: Substring) -> Span? {
        var whole = Span()
        for word in text.split(separator: " ") {
            guard let span = comparator(word) else { return nil }
            whole.narrow(to: span)
        }
        return whole
    }

    /// One comparator: an operator, or none, and a version that may lack its last parts.
    private static func comparator(_ word: Substring) -> Span? {
        guard let match = word.wholeMatch(of: /(>=|<=|>|<|=|\^|~)?v?([0-9x*]+(?:\.[0-9x*]+){0,2})/) else {
            return nil
        }
        var numbers: [Int] = []
        for part in match.2.split(separator: ".") {
            if part == "x" || part == "*" { break }
            guard let number = Int(part), number < 1 << 31 else { return nil }
            numbers.append(number)
        }
        func number(_ place: Int) -> Int { place < numbers.count ? numbers[place] : 0 }
        let low = SemanticVersion(number(0), number(1), number(2))
        /// The first version after all that begin with so many of its numbers.
        func after(_ count: Int) -> SemanticVersion? {
            switch min(count, numbers.count) {
            case 0: nil
            case 1: SemanticVersion(low.major + 1, 0, 0)
            case 2: SemanticVersion(low.major, low.minor + 1, 0)
            default: SemanticVersion(low.major, low.minor, low.patch + 1)
            }
        }
        switch match.1 {
        case ">=": return Span(low: low)
        case ">": return after(3).map { Span(low: $0) } ?? Span(high: low)
        case "<": return Span(high: low)
        case "<=": return Span(high: after(3))
        case "~": return Span(low: low, high: after(2))
        case "^":
            // The first number that isn't 0 may not change.
            let fixed = numbers.firstIndex { $0 > 0 }.map { $0 + 1 } ?? numbers.count
            return Span(low: low, high: after(fixed))
        default: return Span(low: low, high: after(3))
        }
    }
}

/// What plugins find in this arc.
public enum PluginAPI {
    /// The version that a plugin's `"arc"` is about.
    public static let version = SemanticVersion(0, 1, 0)
}
