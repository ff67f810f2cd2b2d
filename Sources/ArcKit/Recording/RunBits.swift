/// Scenarios of a simulation's set as bits, by their ordinals, as PostgreSQL's `bit varying` numbers them: bit 0 is the
/// highest of the first byte.
struct RunBits: Sendable, Hashable {
    private var bytes: [UInt8] = []

    /// As hexadecimal digits, a multiple of two.
    var hex: String { Digest.hex(bytes) }

    mutating func insert(_ ordinal: Int) {
        let place = ordinal / 8
        if place >= bytes.count { bytes += [UInt8](repeating: 0, count: place + 1 - bytes.count) }
        bytes[place] |= 0x80 >> UInt8(ordinal % 8)
    }

    /// The ordinals whose bits are set in the server's text for a bit string, such as "0110".
    static func ordinals(in text: String) -> [Int] {
        text.utf8.enumerated().filter { $0.element == UInt8(ascii: "1") }.map(\.offset)
    }
}
