/// What error messages have in common once the details are masked, so that messages of one cause count as one.
///
///     order 4711 not found       order <n> not found
///     order 4712 not found       order <n> not found
///
/// Numbers, times and addresses become `<n>` (with their unit: `<n>s`), hexadecimal digits `<hex>`, UUIDs and words that
/// hold digits `<id>`, what stands in quotation marks `<text>`; several of a kind in a list are one. Of several lines
/// the first one counts, of a Python traceback the last. What is written there decides alone: the same message has the
/// same template everywhere.
///
/// It is the preprocessing that log parsers begin with: He et al., "Drain: an online log parsing approach with fixed
/// depth tree", ICWS 2017, section III.B.
public enum MessageTemplate {
    /// The most characters of a template.
    public static let longest = 300

    /// The template of a message; nil of one without anything to read.
    public static func of(_ message: String) -> String? {
        let lines = message.split(whereSeparator: \.isNewline).filter { line in
            !line.allSatisfy(\.isWhitespace)
        }
        let isTraceback = lines.first?.contains("Traceback (most recent call last)") ?? false
        guard let line = isTraceback ? lines.last : lines.first else { return nil }
        var scan = Scan(bytes: Array(line.utf8))
        let template = scan.template()
        guard template.count > longest else { return template }
        return template.prefix(longest - 1) + "…"
    }

    /// One line's bytes, from the first to the last. Bytes of characters beyond ASCII count as letters.
    private struct Scan {
        let bytes: [UInt8]
        var place = 0
        var output: [UInt8] = []

        mutating func template() -> String {
            while place < bytes.count {
                let byte = bytes[place]
                if isQuote(byte), let end = closing(byte) {
                    mask("<text>", to: end + 1)
                } else if isSigned(byte) {
                    place += 1
                } else if byte.isWordByte {
                    word()
                } else if byte.isBlank {
                    if output.last != UInt8(ascii: " "), !output.isEmpty { output.append(UInt8(ascii: " ")) }
                    place += 1
                } else {
                    output.append(byte)
                    place += 1
                }
            }
            if output.last == UInt8(ascii: " ") { output.removeLast() }
            return String(decoding: output, as: UTF8.self)
        }

        private func isQuote(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`")
                || byte == UInt8(ascii: "'") && (place == 0 || !bytes[place - 1].isWordByte)
        }

        /// Where the quotation ends that begins here: at a mark that no letter follows (as in "can't"), unless it is
        /// escaped.
        private func closing(_ quote: UInt8) -> Int? {
            var index = place + 1
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "\\") {
                    index += 2
                    continue
                }
                let isLast = index + 1 == bytes.count || !bytes[index + 1].isWordByte
                if bytes[index] == quote, isLast || quote != UInt8(ascii: "'") { return index }
                index += 1
            }
            return nil
        }

        /// Whether a sign stands here that belongs to the number behind it.
        private func isSigned(_ byte: UInt8) -> Bool {
            guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"), place + 1 < bytes.count else {
                return false
            }
            return bytes[place + 1].isDigit && (place == 0 || !bytes[place - 1].isWordByte)
        }

        private mutating func word() {
            if let end = uuidEnd() { return mask("<id>", to: end) }
            let end = bytes[place...].firstIndex { !$0.isWordByte } ?? bytes.count
            let word = bytes[place..<end]
            guard word.contains(where: \.isDigit) else {
                output += word
                place = end
                return
            }
            if word.isHexadecimal { return mask("<hex>", to: end) }
            if !number() { mask("<id>", to: end) }
        }

        /// Masks the number that begins here, with what links further digits to it: "1,234.5", "10:30", "2024-01-15T14:30",
        /// "10.0.0.1". Says no where it is part of a word instead.
        private mutating func number() -> Bool {
            guard bytes[place].isDigit else { return false }
            var end = place
            while end < bytes.count {
                if bytes[end].isDigit {
                    end += 1
                } else if bytes[end].linksDigits, end + 1 < bytes.count, bytes[end + 1].isDigit {
                    end += 1
                } else {
                    break
                }
            }
            let unitEnd = bytes[end...].firstIndex { !$0.isWordByte } ?? bytes.count
            let unit = bytes[end..<unitEnd]
            guard unit.count <= 3, !unit.contains(where: { $0.isDigit || $0 == UInt8(ascii: "_") }) else {
                return false
            }
            mask("<n>", to: end)
            output += unit
            place = unitEnd
            return true
        }

        /// Where the UUID ends that begins here.
        private func uuidEnd() -> Int? {
            let end = place + 36
            guard end <= bytes.count, end == bytes.count || !bytes[end].isWordByte else { return nil }
            let digits = [8, 13, 18, 23]
            let isUUID = (0..<36).allSatisfy { offset in
                let byte = bytes[place + offset]
                return digits.contains(offset) ? byte == UInt8(ascii: "-") : byte.isHexDigit
            }
            return isUUID ? end : nil
        }

        private mutating func mask(_ text: String, to end: Int) {
            let mask = Array(text.utf8)
            let listed = mask + Array(", ".utf8)
            if output.suffix(listed.count).elementsEqual(listed) {
                output.removeLast(2)
            } else {
                output += mask
            }
            place = end
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isLetter: Bool {
        let small = self | 0x20
        return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z") || self >= 0x80
    }
    fileprivate var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
    fileprivate var isHexDigit: Bool {
        let small = self | 0x20
        return isDigit || small >= UInt8(ascii: "a") && small <= UInt8(ascii: "f")
    }
    /// Whether it may stand between the digits of one figure.
    fileprivate var linksDigits: Bool { ".,:/-T".utf8.contains(self) }
}

extension ArraySlice<UInt8> {
    /// Whether this word is "0x1f", or eight or more hexadecimal digits with a letter and a figure among them.
    fileprivate var isHexadecimal: Bool {
        if count > 2, first == UInt8(ascii: "0"), self[startIndex + 1] | 0x20 == UInt8(ascii: "x") {
            return dropFirst(2).allSatisfy(\.isHexDigit)
        }
        return count >= 8 && allSatisfy(\.isHexDigit) && contains(where: \.isLetter)
    }
}
