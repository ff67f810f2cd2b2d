import Glibc
import Synchronization

/// A time zone: a fixed distance from UTC, or a place whose clocks change ("Europe/Berlin").
struct Zone: Sendable {
    private enum Rule: Sendable {
        case fixed(seconds: Int)
        case file(ZoneFile)
    }

    /// What a clock there shows at a moment.
    struct Reading: Sendable, Hashable {
        /// Seconds east of UTC.
        var offset: Int
        /// "CET", or "+02:00".
        var abbreviation: String
    }

    static let utc = Zone(name: "UTC", rule: .fixed(seconds: 0))

    let name: String
    private let rule: Rule

    private init(name: String, rule: Rule) {
        self.name = name
        self.rule = rule
    }

    /// The zone that a text names: "UTC", "Z", "+02", "-05:30", "Europe/Berlin".
    ///
    /// - Throws: `HostError` with code `argument` where there is none of that name.
    init(_ text: String, function: String) throws {
        if ["UTC", "GMT", "Z"].contains(text.uppercased()) {
            self = .utc
        } else if let seconds = Self.offset(Array(text.utf8)[...]) {
            self.init(name: Self.text(ofOffset: seconds), rule: .fixed(seconds: seconds))
        } else if let file = ZoneFiles.file(text) {
            self.init(name: text, rule: .file(file))
        } else {
            throw HostError(
                .argument, "\(function): there is no time zone \"\(text)\"",
                advice: "Give \"UTC\", a distance such as \"+02:00\", or a name such as \"Europe/Berlin\".")
        }
    }

    /// What clocks show at a moment, in seconds from 1970-01-01 00:00 UTC.
    func reading(at second: Int64) -> Reading {
        switch rule {
        case .fixed(0): Reading(offset: 0, abbreviation: "UTC")
        case .fixed(let seconds): Reading(offset: seconds, abbreviation: name)
        case .file(let file): file.reading(at: second)
        }
    }

    /// The distance from UTC when clocks show a time, in seconds from 1970-01-01 00:00 on the clock.
    ///
    /// As in PostgreSQL: a time that is skipped counts by the clock before the change, one that comes twice as the later.
    func offset(atLocal second: Int64) -> Int {
        let before = reading(at: second - 86_400).offset
        let after = reading(at: second + 86_400).offset
        if before == after { return before }
        if reading(at: second - Int64(after)).offset == after { return after }
        return before
    }

    /// Seconds east of UTC of "+02", "-0530" or "+01:02:03".
    static func offset(_ text: ArraySlice<UInt8>) -> Int? {
        guard let sign = text.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return nil
        }
        let digits = text.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard [1, 2, 4, 6].contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        let padded = digits.count == 1 ? [48] + digits : Array(digits)
        func part(_ index: Int) -> Int {
            index * 2 + 1 < padded.count
                ? Int(padded[index * 2] - 48) * 10 + Int(padded[index * 2 + 1] - 48) : 0
        }
        guard part(0) < 24, part(1) < 60, part(2) < 60 else { return nil }
        let size = part(0) * 3600 + part(1) * 60 + part(2)
        return sign == UInt8(ascii: "-") ? -size : size
    }

    /// "+02:00"
    static func text(ofOffset seconds: Int, separator: String = ":") -> String {
        let size = Int(seconds.magnitude)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let text = (seconds < 0 ? "-" : "+") + two(size / 3600) + separator + two(size / 60 % 60)
        return size % 60 == 0 ? text : text + separator + two(size % 60)
    }
}

/// The zones that were asked for, read once each from the system's folder.
private enum ZoneFiles {
    static let folder = "/usr/share/zoneinfo/"
    private static let known = Mutex<[String: ZoneFile]>([:])

    static func file(_ name: String) -> ZoneFile? {
        let isName =
            name.utf8.first.map { ($0 | 32) >= 97 && ($0 | 32) <= 122 } == true
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte | 32) || "/_+-".utf8.contains(byte)
            }
        guard isName, name.utf8.count < 64 else { return nil }
        if let found = known.withLock({ $0[name] }) { return found }
        guard let bytes = read(folder + name), let file = ZoneFile(bytes) else { return nil }
        known.withLock { $0[name] = file }
        return file
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let stream = fopen(path, "re") else { return nil }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, stream) }
        return Array(bytes.prefix(count))
    }
}
