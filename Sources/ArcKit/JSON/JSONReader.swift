import FoundationEssentials

/// Reads JSON (RFC 8259) from bytes and keeps what Foundation's decoder doesn't: the order of members, members of one
/// name, and whether a number was written as an integer. What `JSONValue.text` wrote comes back as the same value.
struct JSONReader {
    /// The text isn't JSON of one value.
    struct Malformed: Error {}

    /// How deep values may be nested.
    private static let deepest = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// The value that these bytes write.
    static func value(of bytes: some Collection<UInt8>) throws(Malformed) -> JSONValue {
        let result = bytes.withContiguousStorageIfAvailable { storage -> Result<JSONValue, Malformed> in
            Result { () throws(Malformed) in try whole(storage) }
        }
        if let result { return try result.get() }
        return try value(of: Array(bytes))
    }

    private static func whole(_ bytes: UnsafeBufferPointer<UInt8>) throws(Malformed) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.place == bytes.count else { throw Malformed() }
        return value
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func skipBlanks() {
        while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
    }

    /// The next byte after blanks, which stays; 0 at the end.
    private mutating func peek() -> UInt8 {
        skipBlanks()
        return place < bytes.count ? bytes[place] : 0
    }

    private mutating func take(_ character: Unicode.Scalar) throws(Malformed) {
        guard peek() == UInt8(ascii: character) else { throw Malformed() }
        place += 1
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.deepest else { throw Malformed() }
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard place + length <= bytes.count,
            bytes[place..<place + length].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: length))
        else { throw Malformed() }
        place += length
        return value
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        try take("{")
        var members: [JSONValue.Member] = []
        if takes("}") { return .object(members) }
        repeat {
            guard peek() == UInt8(ascii: "\"") else { throw Malformed() }
            let name = try string()
            try take(":")
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
        } while takes(",")
        try take("}")
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        try take("[")
        var elements: [JSONValue] = []
        if takes("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while takes(",")
        try take("]")
        return .array(elements)
    }

    // MARK: - Numbers

    private mutating func number() throws(Malformed) -> JSONValue {
        let start = place
        _ = takeByte("-")
        let first = place
        let digits = try digits()
        guard digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw Malformed() }
        var isInteger = true
        if takeByte(".") {
            isInteger = false
            _ = try self.digits()
        }
        if takeByte("e") || takeByte("E") {
            isInteger = false
            if !takeByte("+") { _ = takeByte("-") }
            _ = try self.digits()
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw Malformed() }
        return .number(value)
    }

    private mutating func takeByte(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func digits() throws(Malformed) -> Int {
        let start = place
        while place < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[place] { place += 1 }
        guard place > start else { throw Malformed() }
        return place - start
    }

    // MARK: - Strings

    private mutating func string() throws(Malformed) -> String {
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") {
            guard bytes[place] >= 0x20 else { throw Malformed() }
            place += 1
        }
        guard place < bytes.count else { throw Malformed() }
        if bytes[place] == UInt8(ascii: "\"") {
            place += 1
            return try text(bytes[start..<place - 1])
        }
        var unescaped = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped)
            case UInt8(ascii: "\\"): try unescape(into: &unescaped)
            case 0..<0x20: throw Malformed()
            default: unescaped.append(byte)
            }
        }
        throw Malformed()
    }

    private func text(_ bytes: some Collection<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        return text
    }

    private mutating func unescape(into text: inout [UInt8]) throws(Malformed) {
        guard place < bytes.count else { throw Malformed() }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
        default: throw Malformed()
        }
    }

    /// The scalar of `\uXXXX`, or of two that are a surrogate pair.
    private mutating func scalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try unit()
        guard UTF16.isLeadSurrogate(unit) else {
            guard let scalar = Unicode.Scalar(unit) else { throw Malformed() }
            return scalar
        }
        guard takeByte("\\"), takeByte("u") else { throw Malformed() }
        let trail = try self.unit()
        guard UTF16.isTrailSurrogate(trail) else { throw Malformed() }
        return UTF16.decode(.init([unit, trail]))
    }

    private mutating func unit() throws(Malformed) -> UInt16 {
        guard place + 4 <= bytes.count else { throw Malformed() }
        var unit: UInt16 = 0
        for byte in bytes[place..<place + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Malformed() }
            unit = unit << 4 | UInt16(digit)
        }
        place += 4
        return unit
    }
}
