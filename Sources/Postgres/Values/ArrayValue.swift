/// A PostgreSQL array: any number of dimensions, each with a lower bound, and NULLs among its elements.
public struct ArrayValue: Sendable, Hashable {
    /// One dimension of an array.
    public struct Dimension: Sendable, Hashable {
        /// How many elements it has.
        public let count: Int
        /// The index of the first one; 1 unless said.
        public let lowerBound: Int

        /// A dimension of `count` elements.
        public init(count: Int, lowerBound: Int = 1) {
            self.count = count
            self.lowerBound = lowerBound
        }
    }

    /// The dimensions, outermost first; none for an empty array.
    public let dimensions: [Dimension]
    /// The type of the elements; `unspecified` where the server is to infer it.
    public let elementType: OID
    /// All elements, the last dimension running fastest.
    public let elements: [Value]
    /// What separates elements in the text form: a comma for all types but `box`.
    let delimiter: UInt8

    /// An array of one dimension.
    public init(_ elements: [Value], elementType: OID = .unspecified) {
        self.init(
            dimensions: elements.isEmpty ? [] : [Dimension(count: elements.count)], elementType: elementType,
            elements: elements)
    }

    /// An array of any dimensions; nil where the number of elements doesn't fit to them.
    public init?(dimensions: [Dimension], elements: [Value], elementType: OID = .unspecified) {
        guard dimensions.allSatisfy({ $0.count > 0 && $0.count <= elements.count }) else { return nil }
        var expected = dimensions.isEmpty ? 0 : 1
        for dimension in dimensions {
            let (product, overflow) = expected.multipliedReportingOverflow(by: dimension.count)
            if overflow { return nil }
            expected = product
        }
        guard expected == elements.count else { return nil }
        self.init(dimensions: dimensions, elementType: elementType, elements: elements)
    }

    init(
        dimensions: [Dimension], elementType: OID, elements: [Value], delimiter: UInt8 = UInt8(ascii: ",")
    ) {
        self.dimensions = dimensions
        self.elementType = elementType
        self.elements = elements
        self.delimiter = delimiter
    }
}

extension ArrayValue: CustomStringConvertible {
    /// PostgreSQL's text, as `{1,NULL,3}` or `[0:1]={"a b",c}`.
    public var description: String {
        guard !dimensions.isEmpty else { return "{}" }
        var bounds = ""
        if dimensions.contains(where: { $0.lowerBound != 1 }) {
            bounds = dimensions.map { "[\($0.lowerBound):\($0.lowerBound + $0.count - 1)]" }.joined() + "="
        }
        var next = 0
        func level(_ depth: Int) -> String {
            guard depth < dimensions.count else {
                defer { next += 1 }
                return element(elements[next])
            }
            let parts = (0..<dimensions[depth].count).map { _ in level(depth + 1) }
            return "{" + parts.joined(separator: String(UnicodeScalar(delimiter))) + "}"
        }
        return bounds + level(0)
    }

    private func element(_ value: Value) -> String {
        if value == .null { return "NULL" }
        let text = value.description
        let special: (UInt8) -> Bool = { [delimiter] byte in
            byte == delimiter || "{}\"\\ \t\n\r\u{0B}\u{0C}".utf8.contains(byte)
        }
        guard text.isEmpty || text.utf8.contains(where: special) || text.lowercased() == "null" else {
            return text
        }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
