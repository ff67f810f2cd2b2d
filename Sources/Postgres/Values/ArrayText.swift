/// Reads the text form of arrays.
///
/// Source: PostgreSQL documentation, "Array Input and Output Syntax" (arrays-io).
struct ArrayText {
    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var index = 0
    private var elements: [[UInt8]?] = []
    private var counts: [Int] = []
    private var elementDepth: Int?
    /// Whether all levels of the same depth have the same length, and all elements stand at the same depth.
    private var isRegular = true

    /// The dimensions and the elements' texts (nil for NULL); nil where the text isn't an array's.
    static func parse(_ text: some Sequence<UInt8>, delimiter: UInt8)
        -> (dimensions: [ArrayValue.Dimension], elements: [[UInt8]?])?
    {
        var parser = ArrayText(bytes: Array(text), delimiter: delimiter)
        guard let bounds = parser.bounds(), parser.level(0), parser.index == parser.bytes.count else {
            return nil
        }
        guard !parser.elements.isEmpty else { return ([], []) }
        // Where levels differ in length, the last one seen doesn't account for all elements.
        let product = parser.counts.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        guard product == parser.elements.count, parser.isRegular else { return nil }
        let dimensions = parser.counts.enumerated().map { depth, count in
            ArrayValue.Dimension(count: count, lowerBound: depth < bounds.count ? bounds[depth] : 1)
        }
        return (dimensions, parser.elements)
    }

    private init(bytes: [UInt8], delimiter: UInt8) {
        self.bytes = bytes
        self.delimiter = delimiter
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    /// The lower bounds of "[0:2][1:3]=".
    private mutating func bounds() -> [Int]? {
        guard current == UInt8(ascii: "[") else { return [] }
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), bytes[equals - 1] == UInt8(ascii: "]")
        else {
            return nil
        }
        let text = String(decoding: bytes[..<equals], as: UTF8.self)
        index = equals + 1
        return text.split(separator: "]").map { part in
            part.dropFirst().split(separator: ":").first.flatMap { Int32($0) }.map { Int($0) } ?? 1
        }
    }

    private mutating func level(_ depth: Int) -> Bool {
        guard depth < 64, take(UInt8(ascii: "{")) else { return false }
        var count = 0
        if !take(UInt8(ascii: "}")) {
            repeat {
                let isLevel = current == UInt8(ascii: "{")
                if !isLevel {
                    if let elementDepth, elementDepth != depth { isRegular = false }
                    elementDepth = depth
                }
                let isRead = isLevel ? level(depth + 1) : element()
                guard isRead else { return false }
                count += 1
            } while take(delimiter)
            guard take(UInt8(ascii: "}")) else { return false }
        }
        while counts.count <= depth { counts.append(-1) }
        if counts[depth] != -1, counts[depth] != count { isRegular = false }
        counts[depth] = count
        return true
    }

    private mutating func element() -> Bool {
        var text: [UInt8] = []
        if take(UInt8(ascii: "\"")) {
            while let byte = current, byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\\") { index += 1 }
                guard let literal = current else { return false }
                text.append(literal)
                index += 1
            }
            elements.append(text)
            return take(UInt8(ascii: "\""))
        }
        while let byte = current, byte != delimiter, byte != UInt8(ascii: "}") {
            text.append(byte)
            index += 1
        }
        elements.append(text == Array("NULL".utf8) ? nil : text)
        return true
    }
}
