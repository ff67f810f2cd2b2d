/// The values of one column, each kind in a form of its own: numbers, flags, times and UUIDs in as many bytes as the
/// server's, texts in one row of bytes, whatever is rarer as `Value`.
public struct ColumnValues: Sendable {
    /// What a column holds, besides NULLs.
    public enum Content: Sendable, Hashable {
        case integers, reals, booleans, texts
        /// Whatever isn't any of these, or differs from row to row.
        case others
    }

    enum Storage: Sendable {
        case fixed(Chunks)
        case runs(ByteRuns)
        case values(ValueList)
    }

    let kind: ColumnKind
    /// The number of rows.
    public let count: Int
    private let nulls: NullMap
    let storage: Storage

    init(kind: ColumnKind, count: Int, nulls: NullMap, storage: Storage) {
        self.kind = kind
        self.count = count
        self.nulls = nulls
        self.storage = storage
    }

    /// How many rows are NULL.
    public var nullCount: Int { nulls.count }

    /// Whether a row, from 0, is NULL.
    public func isNull(_ row: Int) -> Bool {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        return nulls.contains(row)
    }

    /// What the column holds.
    public var content: Content {
        switch kind {
        case .int2, .int4, .int8, .oid: .integers
        case .float4, .float8: .reals
        case .bool: .booleans
        case .text: .texts
        default: .others
        }
    }

    /// The value of a row, from 0. Out of range is a programming error and traps.
    public subscript(_ row: Int) -> Value {
        if isNull(row) { return .null }
        switch storage {
        case .fixed(let chunks): return fixed(chunks, row)
        case .runs(let runs):
            return runs.withBytes(row) { bytes in
                switch kind {
                case .json: .json(String(decoding: bytes, as: UTF8.self))
                case .bytea: .bytes(Array(bytes))
                default: .text(String(decoding: bytes, as: UTF8.self))
                }
            }
        case .values(let values): return values[row]
        }
    }

    private func fixed(_ chunks: Chunks, _ row: Int) -> Value {
        switch kind {
        case .bool: return .bool(chunks.load(row, as: UInt8.self) != 0)
        case .int2: return .int(Int64(chunks.load(row, as: Int16.self)))
        case .int4: return .int(Int64(chunks.load(row, as: Int32.self)))
        case .oid: return .int(Int64(chunks.load(row, as: UInt32.self)))
        case .int8: return .int(chunks.load(row, as: Int64.self))
        case .float4: return .double(FloatText.widened(chunks.load(row, as: Float.self)))
        case .float8: return .double(chunks.load(row, as: Double.self))
        case .timestamp(let hasZone):
            return .timestamp(Timestamp(microseconds: chunks.load(row, as: Int64.self), hasZone: hasZone))
        case .date: return .date(CalendarDate(days: chunks.load(row, as: Int32.self)))
        case .time: return .time(TimeOfDay(microseconds: chunks.load(row, as: Int64.self)))
        case .uuid:
            let (high, low) = chunks.load(row, as: (UInt64, UInt64).self)
            return .uuid(UniqueID(high: high, low: low))
        case .text, .json, .bytea, .values: return .null
        }
    }

    /// The bytes that it holds in memory.
    public var heldBytes: Int {
        let stored =
            switch storage {
            case .fixed(let chunks): chunks.byteCount
            case .runs(let runs): runs.byteCount
            case .values(let values): values.byteCount
            }
        return stored + nulls.byteCount
    }

    /// A column of these values, in the narrowest form that holds them all: integers beside reals become reals.
    public init(_ values: [Value]) {
        var builder = ColumnBuilder(Self.kind(of: values))
        for value in values { builder.append(value) }
        self = builder.finish()
    }

    private static func kind(of values: [Value]) -> ColumnKind {
        var found: ColumnKind?
        for value in values {
            let kind: ColumnKind
            switch value {
            case .null: continue
            case .int: kind = .int8
            case .double: kind = .float8
            case .bool: kind = .bool
            case .text: kind = .text
            case .timestamp(let moment): kind = .timestamp(hasZone: moment.hasZone)
            case .date: kind = .date
            case .time: kind = .time
            case .uuid: kind = .uuid
            case .json: kind = .json
            case .bytes: kind = .bytea
            default: return .values
            }
            switch (found, kind) {
            case (nil, _), (.int8, .float8): found = kind
            case (.float8, .int8): break
            default: if found != kind { return .values }
            }
        }
        return found ?? .values
    }

    /// The column read anew, where its values came as texts of a type that wasn't known yet.
    func reread(as shape: TypeShape) -> ColumnValues {
        guard case .runs(let runs) = storage else { return self }
        var builder = ColumnBuilder(shape: shape, isBinary: false)
        for row in 0..<count {
            if isNull(row) { builder.appendNull() } else { runs.withBytes(row) { builder.append($0) } }
        }
        return builder.finish()
    }
}
