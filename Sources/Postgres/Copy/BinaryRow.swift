/// One row of a binary COPY: a value for each column, in the columns' order.
///
/// What is appended has to be what the column's type reads; the server checks it, and names the row where it isn't.
/// Source: PostgreSQL documentation, "COPY", Binary Format; the types' `…recv` functions.
public struct BinaryRow: ~Copyable {
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate var fields: Int16 = 0

    /// NULL, for a column of any type.
    public mutating func appendNull() { appendLength(-1) }

    /// For boolean.
    public mutating func append(_ value: Bool?) {
        guard let value else { return appendNull() }
        appendLength(1)
        bytes.append(value ? 1 : 0)
    }

    /// For smallint.
    public mutating func append(_ value: Int16?) { appendInteger(value) }

    /// For integer.
    public mutating func append(_ value: Int32?) { appendInteger(value) }

    /// For bigint.
    public mutating func append(_ value: Int64?) { appendInteger(value) }

    /// For real.
    public mutating func append(_ value: Float?) { appendInteger(value?.bitPattern) }

    /// For double precision.
    public mutating func append(_ value: Double?) { appendInteger(value?.bitPattern) }

    /// For text, varchar, enums, json, and every other type whose binary form is its text.
    public mutating func append(_ value: String?) {
        guard let value else { return appendNull() }
        appendText(value, prefix: nil)
    }

    /// For jsonb: `json` is its text.
    public mutating func append(jsonb json: String?) {
        guard let json else { return appendNull() }
        appendText(json, prefix: 1)
    }

    /// For uuid.
    public mutating func append(_ value: UniqueID?) {
        guard let value else { return appendNull() }
        appendLength(16)
        withUnsafeBytes(of: value.high.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: value.low.bigEndian) { bytes += $0 }
    }

    /// For timestamp, with or without time zone.
    public mutating func append(_ value: Timestamp?) { appendInteger(value?.microseconds) }

    /// For bytea, and for every other type: its binary form.
    public mutating func append(bytes value: some Collection<UInt8>) {
        appendLength(value.count)
        bytes += value
    }

    private mutating func appendInteger(_ value: (some FixedWidthInteger)?) {
        guard let value else { return appendNull() }
        appendLength(value.bitWidth / 8)
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    private mutating func appendText(_ value: String, prefix: UInt8?) {
        var value = value
        value.withUTF8 { text in
            appendLength(text.count + (prefix == nil ? 0 : 1))
            if let prefix { bytes.append(prefix) }
            bytes += text
        }
    }

    private mutating func appendLength(_ length: Int) {
        fields += 1
        withUnsafeBytes(of: Int32(truncatingIfNeeded: length).bigEndian) { bytes += $0 }
    }
}

/// Makes the bytes of a binary COPY.
struct BinaryCopyEncoder: ~Copyable {
    private var row = BinaryRow()

    /// Eleven letters, no flags, no extension of the header.
    static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)

    init() { row.bytes = Self.header }

    /// How many bytes wait to be moved away.
    var count: Int { row.bytes.count }

    /// Adds the row that `encode` fills; a row that it doesn't fill to its end leaves nothing.
    mutating func append(_ encode: (inout BinaryRow) throws -> Void) rethrows {
        let start = row.bytes.count
        row.fields = 0
        row.bytes += [0, 0]
        do {
            try encode(&row)
        } catch {
            row.bytes.removeSubrange(start...)
            throw error
        }
        let fields = UInt16(bitPattern: row.fields)
        row.bytes[start] = UInt8(fields >> 8)
        row.bytes[start + 1] = UInt8(fields & 0xFF)
    }

    /// Adds the end of the data: a row of -1 columns.
    mutating func finish() { row.bytes += [0xFF, 0xFF] }

    /// Moves what there is to `buffer`, which is empty.
    mutating func move(to buffer: inout [UInt8]) {
        swap(&row.bytes, &buffer)
        row.bytes.removeAll(keepingCapacity: true)
    }
}
