/// Writes objects of JSON as bytes, member by member. A member whose value is nil isn't written.
struct JSONBytes {
    private(set) var bytes: [UInt8] = []

    /// Begins an object.
    mutating func open() { bytes.append(UInt8(ascii: "{")) }

    /// Ends an object.
    mutating func close() { bytes.append(UInt8(ascii: "}")) }

    /// A member whose value `write` writes.
    mutating func member(_ name: StaticString, _ write: (inout JSONBytes) -> Void) {
        begin(name)
        write(&self)
    }

    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        begin(name)
        quote(value)
    }

    mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        begin(name)
        bytes += Array(String(value).utf8)
    }

    /// A finite number, in the shortest digits that read back as the same one.
    mutating func member(_ name: StaticString, _ value: Double?) {
        guard let value else { return }
        begin(name)
        bytes += Array("\(value)".utf8)
    }

    mutating func member(_ name: StaticString, _ value: JSONValue?) {
        guard let value else { return }
        begin(name)
        bytes += Array(value.text.utf8)
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
    }

    private mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            bytes.reserveCapacity(bytes.count + utf8.count + utf8.count / 8)
            var start = 0
            for (index, byte) in utf8.enumerated() where Self.needsEscape(byte) {
                bytes += utf8[start..<index]
                start = index + 1
                escape(byte)
            }
            bytes += utf8[start...]
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes += Array("u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
