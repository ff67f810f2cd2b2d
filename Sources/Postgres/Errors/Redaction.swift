/// Takes passwords out of texts that are going to be shown.
///
/// It knows the secrets of one connection string, as they were written and percent-decoded, and replaces
/// them wherever they turn up: libpq quotes pieces of what it was given in its messages.
struct Redaction: Sendable, Hashable {
    /// What stands in the place of a secret.
    static let mask = "***"

    /// Longest first, so that a secret which contains another goes first.
    private var secrets: [String]

    init(secrets: [String] = []) {
        self.secrets = Set(secrets.filter { !$0.isEmpty }).sorted { ($0.count, $0) > ($1.count, $1) }
    }

    /// The secrets that can be recognised in a URL or keyword string, even in one that libpq refuses.
    init(connectionString text: String) {
        let written = Self.passwordsOfURL(text) + Self.passwordsOfKeywords(text)
        self.init(secrets: written + written.map(Self.percentDecoded))
    }

    /// This redaction, knowing more secrets.
    func adding(_ more: [String]) -> Redaction { Redaction(secrets: secrets + more) }

    /// `text` without the secrets.
    func apply(_ text: String) -> String {
        var text = text
        for secret in secrets where text.contains(secret) {
            text = Self.replace(secret, in: text)
        }
        return text
    }

    /// As `apply`, and anything in double quotes that is a piece of a secret goes too: what libpq says about
    /// a string that it couldn't parse quotes the piece it stumbled over.
    func applyToParseError(_ text: String) -> String {
        let pieces = apply(text).split(separator: "\"", omittingEmptySubsequences: false)
        return pieces.enumerated().map { index, piece in
            let isQuoted = index % 2 == 1 && !piece.isEmpty
            return isQuoted && secrets.contains { $0.contains(piece) } ? Self.mask : String(piece)
        }.joined(separator: "\"")
    }

    /// A secret of one to three characters is replaced only where it stands as a word of its own: otherwise
    /// the password "a" would make every message unreadable (and so tell what it is).
    private static func replace(_ secret: String, in text: String) -> String {
        let isShort = secret.count < 4
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: secret) {
            let before =
                range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
            let standsAlone = !(before?.isWordCharacter ?? false) && !(after?.isWordCharacter ?? false)
            result += rest[..<range.lowerBound]
            result += isShort && !standsAlone ? secret : mask
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    /// The password between "scheme://user:" and the last "@", which is more than libpq would take if the
    /// password holds "@" or "/" unencoded, and the query's `password` and `sslpassword`.
    private static func passwordsOfURL(_ text: String) -> [String] {
        guard let scheme = text.firstRange(of: "://") else { return [] }
        let rest = text[scheme.upperBound...]
        var found: [String] = []
        if let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
            found.append(String(rest[rest.index(after: colon)..<at]))
        }
        // A "?" may also be part of a password, so every "?" and "&" starts a candidate.
        for pair in rest.split(whereSeparator: { $0 == "?" || $0 == "&" }) {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            if isSecret(keyword: pair[..<equals]) { found.append(String(pair[pair.index(after: equals)...])) }
        }
        // The authority's password ends at the first "@" for libpq; that shorter one may be quoted as well.
        if let colon = rest.firstIndex(of: ":"), let at = rest[colon...].firstIndex(of: "@") {
            found.append(String(rest[rest.index(after: colon)..<at]))
        }
        return found
    }

    /// The values of `password = …` and `sslpassword = …`, quoted with ' or not.
    private static func passwordsOfKeywords(_ text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let keyword = rest[..<equals].trimmed.split(whereSeparator: { $0.isWhitespace }).last ?? ""
            var value = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            let isQuoted = value.first == "'"
            if isQuoted { value = value.dropFirst() }
            var taken = ""
            var end = value.startIndex
            while end < value.endIndex {
                let character = value[end]
                if isQuoted ? character == "'" : character.isWhitespace { break }
                end = value.index(after: end)
                if character == "\\", end < value.endIndex {
                    taken.append(value[end])
                    end = value.index(after: end)
                } else {
                    taken.append(character)
                }
            }
            if isSecret(keyword: keyword) {
                // An unquoted password with a space goes on, up to the next keyword.
                let following = value[end...].prefix { $0 != "=" }
                let words = following.split { $0.isWhitespace }
                found += [taken, String(value[..<end])]
                found += (following.endIndex == value.endIndex ? words[...] : words.dropLast()).map(
                    String.init)
            }
            rest = end < value.endIndex ? value[value.index(after: end)...] : ""
        }
        return found
    }

    private static func isSecret(keyword: some StringProtocol) -> Bool {
        keyword == "password" || keyword == "sslpassword"
    }

    /// `text` with %41 read as A; what isn't well-formed stays.
    static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            let digits = source[min(index + 1, source.count)..<min(index + 3, source.count)]
            let hex = String(decoding: digits, as: UTF8.self)
            if source[index] == UInt8(ascii: "%"), hex.count == 2, let byte = UInt8(hex, radix: 16) {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `text` with everything but unreserved URL characters percent-encoded.
    static func percentEncoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Character {
    fileprivate var isWordCharacter: Bool { isLetter || isNumber || self == "_" }
}
