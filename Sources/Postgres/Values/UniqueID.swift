/// A UUID: 128 bits.
///
/// It is not called UUID so that it can be used beside Foundation's, which would cost start-up time here.
public struct UniqueID: Sendable, Hashable, Comparable, CustomStringConvertible, LosslessStringConvertible {
    /// The first 64 bits.
    public let high: UInt64
    /// The last 64 bits.
    public let low: UInt64

    /// The UUID of these bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The UUID of 16 bytes; nil for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The UUID that `text` writes: 32 hexadecimal digits, with or without hyphens and braces.
    public init?(_ text: String) {
        var digits: [UInt64] = []
        for character in text where character != "-" && character != "{" && character != "}" {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            digits.append(UInt64(digit))
        }
        guard digits.count == 32 else { return nil }
        high = digits[..<16].reduce(0) { $0 << 4 | $1 }
        low = digits[16...].reduce(0) { $0 << 4 | $1 }
    }

    /// As "01234567-89ab-cdef-0123-456789abcdef".
    public var description: String {
        func hex(_ value: UInt64, _ count: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: count - digits.count) + digits
        }
        return [
            hex(high >> 32, 8), hex(high >> 16 & 0xffff, 4), hex(high & 0xffff, 4), hex(low >> 48, 4),
            hex(low & 0xffff_ffff_ffff, 12),
        ].joined(separator: "-")
    }

    /// The server's order: by the bits, from the first.
    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
