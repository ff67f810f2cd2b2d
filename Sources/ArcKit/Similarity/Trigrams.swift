/// The trigrams of a text: every three characters in a row of its words, in lower case, each word with two blanks
/// before it and one behind.
///
/// It is the definition of PostgreSQL's pg_trgm (documentation, F.35 "pg_trgm"), which agrees to the last digit. Here it
/// needs no extension, takes letters of every script whatever the server's locale, and is faster.
public struct Trigrams: Sendable, Hashable {
    /// The trigrams in ascending order, each once: three Unicode scalars of 21 bits.
    let codes: [UInt64]

    /// The trigrams of that text.
    public init(_ text: String) {
        var codes: [UInt64] = []
        codes.reserveCapacity(text.utf8.count + 2)
        let blank: UInt64 = 0x20
        var before = blank
        var last = blank
        var isInWord = false
        func end() {
            if isInWord { codes.append(before << 42 | last << 21 | blank) }
            (before, last, isInWord) = (blank, blank, false)
        }
        for scalar in text.unicodeScalars {
            guard let letter = Self.letter(scalar) else {
                end()
                continue
            }
            codes.append(before << 42 | last << 21 | letter)
            (before, last, isInWord) = (last, letter, true)
        }
        end()
        codes.sort()
        var count = 0
        for index in codes.indices where index == 0 || codes[index] != codes[count - 1] {
            codes[count] = codes[index]
            count += 1
        }
        codes.removeSubrange(count...)
        self.codes = codes
    }

    /// Whether the text has no word.
    public var isEmpty: Bool { codes.isEmpty }

    /// How much two texts resemble one another, 0…1: the trigrams that both have, over those that either has. Nil where
    /// one has no word.
    public func similarity(to other: Trigrams) -> Double? {
        guard !isEmpty, !other.isEmpty else { return nil }
        var shared = 0
        var (mine, theirs) = (0, 0)
        while mine < codes.count, theirs < other.codes.count {
            let (one, another) = (codes[mine], other.codes[theirs])
            if one == another { shared += 1 }
            if one <= another { mine += 1 }
            if another <= one { theirs += 1 }
        }
        return Self.ratio(shared, codes.count, other.codes.count)
    }

    /// pg_trgm divides 32-bit numbers.
    static func ratio(_ shared: Int, _ one: Int, _ other: Int) -> Double {
        Double(Float(shared) / Float(one + other - shared))
    }

    /// A letter or digit in lower case; nil for what stands between words.
    private static func letter(_ scalar: Unicode.Scalar) -> UInt64? {
        let value = scalar.value
        if value < 0x80 {
            switch UInt8(value) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                return UInt64(value)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): return UInt64(value) | 0x20
            default: return nil
            }
        }
        let properties = scalar.properties
        guard properties.isAlphabetic || properties.numericType == .decimal else { return nil }
        let lower = properties.lowercaseMapping.unicodeScalars
        // As PostgreSQL, which turns one character into one.
        return UInt64(lower.count == 1 ? lower.first?.value ?? value : value)
    }
}
