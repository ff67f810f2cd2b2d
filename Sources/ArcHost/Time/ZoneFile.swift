/// When the clocks of a place change: a file of the tz database.
///
/// Source: RFC 9636, "The Time Zone Information Format (TZif)".
struct ZoneFile: Sendable {
    private let times: [Int64]
    private let kinds: [Int]
    private let readings: [Zone.Reading]
    /// What holds after the last change.
    private let rule: ZoneRule?

    /// A file's contents; nil where they aren't a zone's.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let first = Header(&reader), first.version >= 2 else { return nil }
        // The first part is for programs of 32 bits.
        guard reader.skip(first.size(ofTime: 4)), let header = Header(&reader) else { return nil }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(reader.integer(8)) }
        kinds = (0..<header.times).map { _ in Int(reader.integer(1)) & 255 }
        let types = (0..<header.types).map { _ in
            (
                offset: Int(reader.integer(4)), isSummer: reader.integer(1) != 0,
                name: Int(reader.integer(1)) & 255
            )
        }
        let names = (0..<header.characters).map { _ in UInt8(truncatingIfNeeded: reader.integer(1)) }
        guard reader.skip(header.leaps * 12 + header.standards + header.universals), !reader.isOver,
            !types.isEmpty
        else { return nil }
        self.times = times
        readings = types.map { type in
            Zone.Reading(
                offset: type.offset,
                abbreviation: String(
                    decoding: names.dropFirst(type.name).prefix { $0 != 0 }, as: UTF8.self))
        }
        let footer = reader.rest.dropFirst().prefix { $0 != UInt8(ascii: "\n") }
        rule = ZoneRule(String(decoding: footer, as: UTF8.self))
        guard kinds.allSatisfy(readings.indices.contains) else { return nil }
    }

    /// What clocks show at a moment, in seconds from 1970-01-01 00:00 UTC.
    func reading(at second: Int64) -> Zone.Reading {
        guard let last = times.last, second < last || rule == nil else {
            return rule?.reading(at: second) ?? readings[0]
        }
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? readings[0] : readings[kinds[low - 1]]
    }

    private struct Header {
        let version: Int
        let universals, standards, leaps, times, types, characters: Int

        init?(_ reader: inout Reader) {
            guard reader.integer(4) == 0x545A_6966 else { return nil }
            version = Int(reader.integer(1)) - 48
            guard reader.skip(15) else { return nil }
            let counts = (0..<6).map { _ in Int(reader.integer(4)) }
            guard !reader.isOver, counts.allSatisfy({ $0 >= 0 && $0 < 100_000 }) else { return nil }
            (universals, standards, leaps) = (counts[0], counts[1], counts[2])
            (times, types, characters) = (counts[3], counts[4], counts[5])
        }

        func size(ofTime bytes: Int) -> Int {
            times * (bytes + 1) + types * 6 + characters + leaps * (bytes + 4) + standards + universals
        }
    }

    /// Takes integers in network byte order; zeros beyond the end.
    private struct Reader {
        let bytes: [UInt8]
        private var index = 0
        private(set) var isOver = false

        init(bytes: [UInt8]) { self.bytes = bytes }

        var rest: ArraySlice<UInt8> { bytes[index...] }

        mutating func skip(_ count: Int) -> Bool {
            guard count <= bytes.count - index else { return false }
            index += count
            return true
        }

        mutating func integer(_ size: Int) -> Int64 {
            guard size <= bytes.count - index else {
                isOver = true
                return 0
            }
            var value = Int64(Int8(bitPattern: bytes[index]))
            for byte in bytes[index + 1..<index + size] { value = value << 8 | Int64(byte) }
            index += size
            return value
        }
    }
}
