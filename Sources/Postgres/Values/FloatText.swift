/// PostgreSQL's text for floating-point numbers: the shortest that reads back as the same number.
enum FloatText {
    static func text(of value: Double) -> String {
        if let special = special(value.isNaN, value.isInfinite, value.sign) { return special }
        return layOut(value.description, exponentFrom: 15)
    }

    static func text(of value: Float) -> String {
        if let special = special(value.isNaN, value.isInfinite, value.sign) { return special }
        return layOut(value.description, exponentFrom: 6)
    }

    static func double(_ text: Substring) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text)
        }
    }

    static func float(_ text: Substring) -> Float? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Float(text)
        }
    }

    /// The double that has the same shortest text as a float4: 0.1, not 0.10000000149011612.
    static func widened(_ value: Float) -> Double {
        let exact = Double(value)
        let isSmallInteger = exact.magnitude < 16_777_216 && exact.rounded() == exact
        return isSmallInteger || !exact.isFinite ? exact : Double(value.description) ?? exact
    }

    private static func special(_ isNaN: Bool, _ isInfinite: Bool, _ sign: FloatingPointSign) -> String? {
        if isNaN { return "NaN" }
        if isInfinite { return sign == .minus ? "-Infinity" : "Infinity" }
        return nil
    }

    /// Swift finds the same digits as PostgreSQL, and differs in where it begins to write an exponent and in
    /// the ".0" of whole numbers.
    private static func layOut(_ swift: String, exponentFrom limit: Int) -> String {
        let isNegative = swift.hasPrefix("-")
        let parts = (isNegative ? swift.dropFirst() : swift[...]).split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        var digits = Array(all.dropFirst(leading))
        while digits.last == "0" { digits.removeLast() }
        guard !digits.isEmpty else { return isNegative ? "-0" : "0" }
        let written = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let exponent = whole.count - leading - 1 + written

        var text = isNegative ? "-" : ""
        if exponent < -4 || exponent >= limit {
            text.append(digits[0])
            if digits.count > 1 { text += "." + String(digits[1...]) }
            let size = abs(exponent)
            text += exponent < 0 ? "e-" : "e+"
            text += size < 10 ? "0\(size)" : "\(size)"
        } else if exponent < 0 {
            text += "0." + String(repeating: "0", count: -exponent - 1) + String(digits)
        } else if digits.count <= exponent + 1 {
            text += String(digits) + String(repeating: "0", count: exponent + 1 - digits.count)
        } else {
            text += String(digits[...exponent]) + "." + String(digits[(exponent + 1)...])
        }
        return text
    }
}

/// PostgreSQL's text for bytes.
enum ByteText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// As "\xdeadbeef".
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text = Array("\\x".utf8)
        text.reserveCapacity(2 + 2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads both of `bytea_output`'s formats, "hex" and "escape".
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8] {
        let text = Array(text)
        if text.starts(with: Array("\\x".utf8)) {
            return stride(from: 2, to: text.count - 1, by: 2).map {
                value(text[$0]) << 4 | value(text[$0 + 1])
            }
        }
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), index + 1 < text.count {
                if text[index + 1] == UInt8(ascii: "\\") {
                    bytes.append(text[index])
                    index += 2
                } else {
                    let octal = text[(index + 1)..<min(index + 4, text.count)]
                    bytes.append(octal.reduce(0) { $0 << 3 | ($1 & 7) })
                    index += 4
                }
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }

    static func value(_ digit: UInt8) -> UInt8 {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: 0
        }
    }
}
