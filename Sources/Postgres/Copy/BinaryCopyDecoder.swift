/// Reads what a `COPY … TO STDOUT (FORMAT binary)` sends.
///
/// Source: PostgreSQL documentation, "COPY", Binary Format.
public struct BinaryCopyDecoder: Sendable {
    private enum Phase {
        /// Before the header's end. → `rows`
        case header
        /// Between rows. → `ended`
        case rows
        /// After the trailer. Stays so.
        case ended
    }

    private var phase = Phase.header
    /// What was fed and doesn't make a whole row yet.
    private var rest: [UInt8] = []

    /// A decoder at the beginning of the data.
    public init() {}

    /// Whether the data has come to its end.
    public var isComplete: Bool {
        if case .ended = phase { rest.isEmpty } else { false }
    }

    /// Takes the next bytes, and hands over the rows that are complete with them: a value's bytes for each column,
    /// nil for NULL. They are valid inside `row` only.
    ///
    /// - Throws: What `row` throws; `unexpectedResult` where the bytes aren't a binary COPY.
    public mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ row: ([UnsafeRawBufferPointer?]) throws -> Void
    ) throws {
        guard !rest.isEmpty else {
            let used = try read(bytes, row)
            rest = Array(bytes[used...])
            return
        }
        rest += bytes
        let pending = rest
        let used = try pending.withUnsafeBytes { try read($0, row) }
        rest = Array(pending[used...])
    }

    /// How many of the bytes were whole rows.
    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ row: ([UnsafeRawBufferPointer?]) throws -> Void
    ) throws -> Int {
        var used = 0
        if case .header = phase {
            guard let length = try Self.header(bytes) else { return 0 }
            used = length
            phase = .rows
        }
        while case .rows = phase {
            var reader = BinaryReader(UnsafeRawBufferPointer(rebasing: bytes[used...]))
            guard let count = reader.integer(Int16.self) else { return used }
            if count == -1 {
                phase = .ended
                return used + 2
            }
            guard count >= 0 else { throw Self.malformed }
            var size = 2
            var fields: [UnsafeRawBufferPointer?] = []
            fields.reserveCapacity(Int(count))
            for _ in 0..<count {
                guard let length = reader.integer(Int32.self) else { return used }
                guard length >= -1 else { throw Self.malformed }
                size += 4 + Int(max(length, 0))
                if length < 0 {
                    fields.append(nil)
                } else {
                    guard let value = reader.bytes(Int(length)) else { return used }
                    fields.append(value)
                }
            }
            try row(fields)
            used += size
        }
        guard used == bytes.count else { throw Self.malformed }
        return used
    }

    /// The length of the header with its extension; nil where there aren't enough bytes yet.
    private static func header(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
        let signature = BinaryCopyEncoder.header.prefix(11)
        guard bytes.prefix(11).elementsEqual(signature.prefix(bytes.count)) else { throw malformed }
        guard bytes.count >= 19 else { return nil }
        var reader = BinaryReader(UnsafeRawBufferPointer(rebasing: bytes[15...]))
        guard let extra = reader.integer(Int32.self), extra >= 0 else { throw malformed }
        return bytes.count >= 19 + Int(extra) ? 19 + Int(extra) : nil
    }

    private static var malformed: DatabaseError {
        DatabaseError(
            .unexpectedResult, "What the server sent isn't a COPY in binary format.",
            advice: "Ask for it with COPY … TO STDOUT (FORMAT binary).")
    }
}
