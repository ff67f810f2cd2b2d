/// Whole columns at once, for what goes through all rows of them.
extension ColumnValues {
    /// For each row whether it is NULL; nil where none is.
    public func nullFlags() -> [Bool]? { nullCount == 0 ? nil : (0..<count).map(isNull) }

    /// The integer of each row, 0 for NULL; nil of a column that doesn't hold integers.
    public func integers() -> [Int64]? {
        guard case .fixed(let chunks) = storage else { return nil }
        return switch kind {
        case .int2: mapped(chunks, Int16.self) { Int64($0) }
        case .int4: mapped(chunks, Int32.self) { Int64($0) }
        case .oid: mapped(chunks, UInt32.self) { Int64($0) }
        case .int8: mapped(chunks, Int64.self) { $0 }
        default: nil
        }
    }

    /// The number of each row, of a boolean 0 or 1, and 0 for NULL; nil of a column that holds neither integers, reals nor
    /// booleans.
    public func doubles() -> [Double]? {
        guard case .fixed(let chunks) = storage else { return nil }
        return switch kind {
        case .bool: mapped(chunks, UInt8.self) { $0 == 0 ? 0 : 1 }
        case .int2: mapped(chunks, Int16.self) { Double($0) }
        case .int4: mapped(chunks, Int32.self) { Double($0) }
        case .oid: mapped(chunks, UInt32.self) { Double($0) }
        case .int8: mapped(chunks, Int64.self) { Double($0) }
        case .float4: mapped(chunks, Float.self) { FloatText.widened($0) }
        case .float8: mapped(chunks, Double.self) { $0 }
        default: nil
        }
    }

    /// A number for each row that is in the order of the values, and equal where they are; of a NULL any. Nil of a column
    /// whose values don't fit into 64 bits.
    ///
    /// Of reals it is PostgreSQL's order: −0 equals 0, NaN equals NaN and comes last.
    public func orderedWords() -> [UInt64]? {
        guard case .fixed(let chunks) = storage else { return nil }
        return switch kind {
        case .bool: mapped(chunks, UInt8.self) { UInt64($0) }
        case .int2: mapped(chunks, Int16.self) { Self.word(Int64($0)) }
        case .int4, .date: mapped(chunks, Int32.self) { Self.word(Int64($0)) }
        case .oid: mapped(chunks, UInt32.self) { UInt64($0) }
        case .int8, .timestamp, .time: mapped(chunks, Int64.self) { Self.word($0) }
        case .float4: mapped(chunks, Float.self) { Self.word(Double($0)) }
        case .float8: mapped(chunks, Double.self) { Self.word($0) }
        case .uuid, .text, .json, .bytea, .values: nil
        }
    }

    /// Calls `body` with the bytes of a row's text, JSON, bytes or UUID, whose order is that of the values; nil of columns that
    /// hold something else. The bytes of a NULL mean nothing.
    public func withBytes<R>(_ row: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R? {
        switch storage {
        case .runs(let runs): return try runs.withBytes(row, body)
        case .fixed(let chunks) where kind == .uuid:
            let (high, low) = chunks.load(row, as: (UInt64, UInt64).self)
            return try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
        case .fixed, .values: return nil
        }
    }

    /// Calls `body` with every row and what `withBytes` gives for it, which of a NULL means nothing.
    public func forEachBytes(_ body: (Int, UnsafeRawBufferPointer) throws -> Void) rethrows {
        if case .runs(let runs) = storage { return try runs.forEach(body) }
        for row in 0..<count { _ = try withBytes(row) { try body(row, $0) } }
    }

    /// Whether it holds the texts of JSON documents.
    public var isJSON: Bool { kind == .json }

    /// Whether `withBytes` has something to give.
    public var hasBytes: Bool {
        switch kind {
        case .uuid, .text, .json, .bytea: true
        default: false
        }
    }

    private static func word(_ number: Int64) -> UInt64 { UInt64(bitPattern: number) ^ 1 << 63 }

    private static func word(_ number: Double) -> UInt64 {
        if number.isNaN { return .max }
        let bits = (number == 0 ? 0 : number).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    private func mapped<Element: BitwiseCopyable, Result>(
        _ chunks: Chunks, _: Element.Type, _ transform: (Element) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { results, used in
            chunks.forEachStretch(from: 0, count: count * MemoryLayout<Element>.stride) { bytes in
                for element in bytes.bindMemory(to: Element.self) {
                    results.initializeElement(at: used, to: transform(element))
                    used += 1
                }
            }
        }
    }
}

extension ColumnValues {
    /// The type as SQL calls it; nil where the rows differ, or none is known.
    public var typeName: String? {
        switch kind {
        case .bool: return "boolean"
        case .int2, .int4, .int8, .oid: return "integer"
        case .float4, .float8: return "real"
        case .timestamp(let hasZone): return hasZone ? "timestamp with time zone" : "timestamp"
        case .date: return "date"
        case .time: return "time"
        case .uuid: return "uuid"
        case .text: return "text"
        case .json: return "json"
        case .bytea: return "bytea"
        case .values: break
        }
        var found: String?
        for row in 0..<count where !isNull(row) {
            let kind = self[row].kind
            if let found, found != kind { return nil }
            found = kind
        }
        return found
    }
}
