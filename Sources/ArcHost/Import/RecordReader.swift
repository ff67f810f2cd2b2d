import FoundationEssentials
import LuaBridge

/// Reads a file of JSON records one at a time: an array of them, one a line, or one alone. Only the record at hand is
/// in memory as a value, and an error names the record and its line.
struct RecordReader {
    private enum Shape { case unknown, array, sequence }

    private let bytes: Data
    /// How many bytes were passed.
    private(set) var position = 0
    private var line = 1
    private var shape = Shape.unknown
    private var isFinished = false
    /// How many records were read.
    private(set) var count = 0

    init(_ bytes: Data) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next record and its place ("record 3 (line 17)"), or nil at the end.
    ///
    /// - Throws: `HostError` with code `input` where the file is empty, cut off or not JSON.
    mutating func next() throws -> (value: LuaValue, place: String)? {
        guard !isFinished else { return nil }
        skipSpace()
        if shape == .unknown {
            guard position < bytes.count else { throw HostError(.input, "the file is empty") }
            shape = byte == UInt8(ascii: "[") ? .array : .sequence
            if shape == .array {
                position += 1
                skipSpace()
            }
        } else if shape == .array {
            try takeSeparator()
        }
        guard try !isAtEnd() else {
            isFinished = true
            if count == 0 { throw HostError(.input, "the file holds no record") }
            return nil
        }
        count += 1
        let place = "record \(count) (line \(line))"
        let range = try valueRange(place)
        do {
            return (try JSON.parse([UInt8](bytes[range])), place)
        } catch {
            throw HostError(.input, "\(place) is not valid JSON: \(error)")
        }
    }

    private var byte: UInt8 { bytes[position] }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            if byte == 0x0A { line += 1 }
            position += 1
        }
    }

    private mutating func takeSeparator() throws {
        guard position < bytes.count else { throw cutOff("after record \(count)") }
        if byte == UInt8(ascii: ",") {
            position += 1
            skipSpace()
            if position < bytes.count, byte == UInt8(ascii: "]") {
                throw HostError(
                    .input, "after record \(count) (line \(line)): a record must follow the comma")
            }
        } else if byte != UInt8(ascii: "]") {
            throw HostError(.input, "after record \(count) (line \(line)): a comma or ] must follow")
        }
    }

    /// Whether no record follows; what follows an array's end is a mistake.
    private mutating func isAtEnd() throws -> Bool {
        guard shape == .array else { return position >= bytes.count }
        guard position < bytes.count else { throw cutOff("after record \(count)") }
        guard byte == UInt8(ascii: "]") else { return false }
        position += 1
        skipSpace()
        guard position >= bytes.count else {
            throw HostError(.input, "line \(line): something follows the end of the array")
        }
        return true
    }

    /// The bytes of the value that begins here, told by its brackets and quotes alone; the parser does the rest.
    private mutating func valueRange(_ place: String) throws -> Range<Int> {
        let start = position
        var depth = 0
        var isQuoted = false
        while position < bytes.count {
            let current = byte
            if current == 0x0A { line += 1 }
            position += 1
            if isQuoted {
                if current == UInt8(ascii: "\\") {
                    position += 1
                } else if current == UInt8(ascii: "\"") {
                    isQuoted = false
                    if depth == 0 { return start..<position }
                }
                continue
            }
            switch current {
            case UInt8(ascii: "\""): isQuoted = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return try bareRange(from: start, place) }
                depth -= 1
                if depth == 0 { return start..<position }
            case UInt8(ascii: ","), 0x0A, 0x0D, 0x09, 0x20:
                if depth == 0 { return try bareRange(from: start, place) }
            default: break
            }
        }
        guard depth == 0, !isQuoted, start < position else { throw cutOff(place) }
        return start..<min(position, bytes.count)
    }

    /// A bare word or number ends before what separates it, the byte that was just passed.
    private mutating func bareRange(from start: Int, _ place: String) throws -> Range<Int> {
        position -= 1
        if byte == 0x0A { line -= 1 }
        guard start < position else {
            throw HostError(.input, "\(place) is not valid JSON: nothing is there")
        }
        return start..<position
    }

    private func cutOff(_ place: String) -> HostError {
        HostError(
            .input, "\(place): the file ends in the middle (line \(line))",
            advice: "It seems to be cut off: get it anew.")
    }
}
