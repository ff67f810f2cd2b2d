/// Gathers a column's values in memory that grows piece by piece.
struct ColumnBuilder: ~Copyable {
    /// What a value's bytes need before they are kept.
    private enum Step { case copy1, swap2, swap4, swap8, swap16, bytes, decode }

    private(set) var count = 0
    private var kind: ColumnKind
    private let shape: TypeShape
    private let isBinary: Bool
    private var step: Step
    /// The bytes before the value's own.
    private let prefix: Int
    private var nulls = NullMap()
    private var fixed = ChunkWriter()
    private var runs = ByteRunWriter()
    private var values = ValueList()

    /// A builder for the values of a result's column.
    init(_ column: ResultColumn) { self.init(shape: column.shape, isBinary: column.isBinary) }

    init(shape: TypeShape, isBinary: Bool) {
        self.shape = shape
        self.isBinary = isBinary
        kind = ColumnKind(shape, isBinary: isBinary)
        // jsonb's binary form is a version number, 1, and the text.
        prefix = isBinary && shape == .jsonb ? 1 : 0
        step = Self.step(kind, shape, isBinary)
    }

    /// A builder for values that are there already.
    init(_ kind: ColumnKind) {
        self.kind = kind
        (shape, isBinary, prefix, step) = (.other, false, 0, .decode)
    }

    private static func step(_ kind: ColumnKind, _ shape: TypeShape, _ isBinary: Bool) -> Step {
        switch kind {
        case .text, .json: return .bytes
        case .bytea where isBinary: return .bytes
        case .bytea, .values: return .decode
        default: break
        }
        guard isBinary else { return .decode }
        return switch kind.width {
        case 1: .copy1
        case 2: .swap2
        case 4: .swap4
        case 8: .swap8
        default: .swap16
        }
    }

    mutating func appendNull() {
        nulls.insert(count)
        switch kind.width {
        case 0 where kind == .values: values.append(.null)
        case 0: runs.append(UnsafeRawBufferPointer(start: nil, count: 0))
        case let width: fixed.place(width: width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
        }
        count += 1
    }

    /// Takes a value as the server sent it.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return append(decoded(bytes)) }
        switch step {
        case .swap8 where bytes.count >= 8:
            fixed.place(width: 8).storeBytes(
                of: source.loadUnaligned(as: UInt64.self).byteSwapped, as: UInt64.self)
        case .bytes:
            runs.append(prefix == 0 ? bytes : UnsafeRawBufferPointer(rebasing: bytes.dropFirst(prefix)))
        case .swap4 where bytes.count >= 4:
            fixed.place(width: 4).storeBytes(
                of: source.loadUnaligned(as: UInt32.self).byteSwapped, as: UInt32.self)
        case .copy1 where bytes.count >= 1:
            fixed.place(width: 1).storeBytes(of: source.load(as: UInt8.self) == 0 ? 0 : 1, as: UInt8.self)
        case .swap16 where bytes.count == 16:
            let place = fixed.place(width: 16)
            place.storeBytes(of: source.loadUnaligned(as: UInt64.self).byteSwapped, as: UInt64.self)
            (place + 8).storeBytes(
                of: (source + 8).loadUnaligned(as: UInt64.self).byteSwapped, as: UInt64.self)
        case .swap2 where bytes.count >= 2:
            fixed.place(width: 2).storeBytes(
                of: source.loadUnaligned(as: UInt16.self).byteSwapped, as: UInt16.self)
        default:
            append(decoded(bytes))
            return
        }
        count += 1
    }

    @inline(never)
    private func decoded(_ bytes: UnsafeRawBufferPointer) -> Value {
        isBinary ? BinaryDecoder.decode(bytes, shape) : TextDecoder.decode(bytes, shape)
    }

    /// Takes a value. One that the column has no place for makes it a column of values of any kind.
    mutating func append(_ value: Value) {
        if value == .null { return appendNull() }
        if kind == .values {
            values.append(value)
        } else if !keep(value) {
            spill()
            values.append(value)
        }
        count += 1
    }

    /// Keeps a value where it is of the column's kind.
    private mutating func keep(_ value: Value) -> Bool {
        switch (kind, value) {
        case (.bool, .bool(let flag)): fixed.place(width: 1).storeBytes(of: flag ? 1 : 0, as: UInt8.self)
        case (.int2, .int(let number)): return keep(Int16(exactly: number))
        case (.int4, .int(let number)): return keep(Int32(exactly: number))
        case (.oid, .int(let number)): return keep(UInt32(exactly: number))
        case (.int8, .int(let number)): return keep(number)
        case (.float8, .double(let number)): return keep(number)
        case (.float8, .int(let number)):
            guard Int64(exactly: Double(number)) == number else { return false }
            return keep(Double(number))
        case (.float4, .double(let number)):
            guard FloatText.widened(Float(number)) == number || number.isNaN else { return false }
            return keep(Float(number))
        case (.timestamp(let hasZone), .timestamp(let moment)) where moment.hasZone == hasZone:
            return keep(moment.microseconds)
        case (.date, .date(let date)): return keep(date.days)
        case (.time, .time(let time)): return keep(time.microseconds)
        case (.uuid, .uuid(let id)): return keep((id.high, id.low))
        case (.text, .text(var text)), (.json, .json(var text)):
            text.withUTF8 { runs.append(UnsafeRawBufferPointer($0)) }
        case (.bytea, .bytes(let bytes)): bytes.withUnsafeBytes { runs.append($0) }
        default: return false
        }
        return true
    }

    private mutating func keep<T: BitwiseCopyable>(_ element: T?) -> Bool {
        guard let element else { return false }
        fixed.place(width: MemoryLayout<T>.stride).storeBytes(of: element, as: T.self)
        return true
    }

    /// Takes over a row of a column of the same kind.
    mutating func append(row: Int, of column: ColumnValues) {
        guard !column.isNull(row) else { return appendNull() }
        switch column.storage {
        case .fixed(let chunks):
            switch kind.width {
            case 1: _ = keep(chunks.load(row, as: UInt8.self))
            case 2: _ = keep(chunks.load(row, as: UInt16.self))
            case 4: _ = keep(chunks.load(row, as: UInt32.self))
            case 8: _ = keep(chunks.load(row, as: UInt64.self))
            default: _ = keep(chunks.load(row, as: (UInt64, UInt64).self))
            }
        case .runs(let source): source.withBytes(row) { runs.append($0) }
        case .values(let source): values.append(source[row])
        }
        count += 1
    }

    /// The bytes that it holds so far; of values of rarer types, of which each may hold more elsewhere, those in the list.
    var heldBytes: Int {
        nulls.byteCount + fixed.byteCount + runs.byteCount
            + (kind == .values ? count * MemoryLayout<Value>.stride : 0)
    }

    /// Whether it still keeps values of that kind.
    func isOf(_ kind: ColumnKind) -> Bool { self.kind == kind }

    /// Makes values of any kind of what there is.
    private mutating func spill() {
        let column = take()
        kind = .values
        step = .decode
        for row in 0..<column.count {
            values.append(column[row])
            if column.isNull(row) { nulls.insert(row) }
        }
    }

    private mutating func take() -> ColumnValues {
        let storage: ColumnValues.Storage =
            switch kind {
            case .values: .values(values)
            case .text, .json, .bytea: .runs(runs.finish())
            default: .fixed(fixed.finish())
            }
        defer { (nulls, values) = (NullMap(), ValueList()) }
        return ColumnValues(kind: kind, count: count, nulls: nulls, storage: storage)
    }

    /// The column of what was gathered; the builder is empty again.
    mutating func finish() -> ColumnValues {
        defer { count = 0 }
        return take()
    }
}
