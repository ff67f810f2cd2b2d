import Glibc
import Postgres
import Synchronization

/// Identifiers that a client makes by itself.
public enum Identifier {
    /// A new UUID version 7 (RFC 9562 §5.7): 48 bits of Unix time in milliseconds, then the fraction of the
    /// millisecond in 12 bits (§6.2, method 3), then 62 random bits. Ids made later sort later, to about 250 ns.
    public static func make() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return make(seconds: now.tv_sec, nanoseconds: now.tv_nsec, random: random())
    }

    private static let randomness = Mutex<[UInt64]>([])

    /// From the kernel, by the dozen: asking it for each would take longer than everything else here.
    private static func random() -> UInt64 {
        randomness.withLock { words in
            if words.isEmpty {
                words = [UInt64](repeating: 0, count: 32)
                let failed = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) } != 0
                if failed { words = words.map { _ in UInt64.random(in: 0 ... .max) } }
            }
            return words.removeLast()
        }
    }

    static func make(seconds: Int, nanoseconds: Int, random: UInt64) -> String {
        let milliseconds = UInt64(seconds) * 1000 + UInt64(nanoseconds / 1_000_000)
        let fraction = UInt64(nanoseconds % 1_000_000) * 4096 / 1_000_000
        let high = milliseconds << 16 | 0x7000 | fraction
        let low = random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return UniqueID(high: high, low: low).description
    }

    /// Whether the text is a UUID of version 7.
    static func isVersion7(_ text: String) -> Bool {
        isUUID(text) && text.utf8.dropFirst(14).first == UInt8(ascii: "7")
    }

    /// Whether the text is a UUID in its usual form (8-4-4-4-12 hexadecimal digits).
    public static func isUUID(_ text: String) -> Bool {
        text.utf8.count == 36 && UniqueID(text) != nil
            && text.utf8.enumerated().allSatisfy { index, byte in
                (byte == UInt8(ascii: "-")) == [8, 13, 18, 23].contains(index)
            }
    }
}
