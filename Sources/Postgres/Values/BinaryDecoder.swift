/// Reads values in the server's binary format, which is what the types' `…send` functions write.
///
/// Bytes that don't have the form of their type become text rather than a crash.
enum BinaryDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer, _ shape: TypeShape) -> Value {
        var reader = BinaryReader(bytes)
        let value: Value? =
            switch shape {
            case .bool: reader.integer(UInt8.self).map { .bool($0 != 0) }
            case .int2: reader.integer(Int16.self).map { .int(Int64($0)) }
            case .int4: reader.integer(Int32.self).map { .int(Int64($0)) }
            case .int8: reader.integer(Int64.self).map { .int($0) }
            case .oid: reader.integer(UInt32.self).map { .int(Int64($0)) }
            case .float4:
                reader.integer(UInt32.self).map { .double(FloatText.widened(Float(bitPattern: $0))) }
            case .float8: reader.integer(UInt64.self).map { .double(Double(bitPattern: $0)) }
            case .numeric: numeric(&reader)
            case .text, .json, .other: text(bytes, shape)
            case .char: .text(char(bytes.first ?? 0))
            case .bytea: .bytes(Array(bytes))
            case .uuid: UniqueID(bytes: bytes).map { .uuid($0) }
            case .timestamp(let hasZone):
                reader.integer(Int64.self).map { .timestamp(Timestamp(microseconds: $0, hasZone: hasZone)) }
            case .date: reader.integer(Int32.self).map { .date(CalendarDate(days: $0)) }
            case .time: reader.integer(Int64.self).map { .time(TimeOfDay(microseconds: $0)) }
            case .timetz: timeWithZone(&reader)
            case .interval: interval(&reader)
            case .bits: bits(&reader)
            // jsonb's binary form is a version number, 1, and the text.
            case .jsonb: text(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), .json)
            case .vector: vector(&reader)
            case .array(let element, let type, let delimiter):
                array(&reader, element: element, type: type, delimiter: delimiter)
            }
        return value ?? .text(ByteText.hex(bytes))
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ shape: TypeShape) -> Value {
        let text = String(decoding: bytes, as: UTF8.self)
        return shape == .json ? .json(text) : .text(text)
    }

    /// As `charout`: nothing for 0, an octal escape outside of ASCII.
    static func char(_ byte: UInt8) -> String {
        if byte == 0 { return "" }
        if byte < 128 { return String(UnicodeScalar(byte)) }
        return "\\" + String(byte, radix: 8)
    }

    /// Source: `numeric_send` in PostgreSQL's numeric.c.
    private static func numeric(_ reader: inout BinaryReader) -> Value? {
        guard let count = reader.integer(UInt16.self), let weight = reader.integer(Int16.self),
            let sign = reader.integer(UInt16.self), let scale = reader.integer(UInt16.self)
        else { return nil }
        switch sign {
        case 0xC000: return .numeric(.nan)
        case 0xD000: return .numeric(.infinity)
        case 0xF000: return .numeric(.negativeInfinity)
        default: break
        }
        var digits: [UInt16] = []
        digits.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let digit = reader.integer(UInt16.self) else { return nil }
            digits.append(digit)
        }
        return .numeric(
            Numeric(isNegative: sign == 0x4000, weight: Int(weight), digits: digits, scale: Int(scale)))
    }

    /// As `timetz_out`: "12:30:00+05:30". The zone comes in seconds west of Greenwich.
    private static func timeWithZone(_ reader: inout BinaryReader) -> Value? {
        guard let microseconds = reader.integer(Int64.self), let west = reader.integer(Int32.self) else {
            return nil
        }
        let size = Int(west.magnitude)
        var zone = (west > 0 ? "-" : "+") + Calendar.padded(size / 3600, 2)
        if size % 3600 != 0 { zone += ":" + Calendar.padded(size / 60 % 60, 2) }
        if size % 60 != 0 { zone += ":" + Calendar.padded(size % 60, 2) }
        return .text(TimeOfDay(microseconds: microseconds).description + zone)
    }

    /// As `varbit_out`: "1011".
    private static func bits(_ reader: inout BinaryReader) -> Value? {
        guard let count = reader.integer(Int32.self), count >= 0,
            let bytes = reader.bytes((Int(count) + 7) / 8)
        else { return nil }
        let digits = (0..<Int(count)).lazy.map { index in
            UInt8(ascii: "0") + (bytes[index / 8] >> (7 - UInt8(index % 8)) & 1)
        }
        return .text(String(decoding: Array(digits), as: UTF8.self))
    }

    private static func interval(_ reader: inout BinaryReader) -> Value? {
        guard let microseconds = reader.integer(Int64.self), let days = reader.integer(Int32.self),
            let months = reader.integer(Int32.self)
        else { return nil }
        return .interval(Interval(months: months, days: days, microseconds: microseconds))
    }

    /// Source: `vector_send` in pgvector: a 16-bit count, 16 bits unused, and as many float4.
    private static func vector(_ reader: inout BinaryReader) -> Value? {
        guard let count = reader.integer(UInt16.self), reader.integer(UInt16.self) != nil else { return nil }
        var values: [Float] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let bits = reader.integer(UInt32.self) else { return nil }
            values.append(Float(bitPattern: bits))
        }
        return .vector(values)
    }

    /// Source: `array_send` in PostgreSQL's arrayfuncs.c.
    private static func array(
        _ reader: inout BinaryReader, element: TypeShape, type: OID, delimiter: UInt8
    ) -> Value? {
        guard let depth = reader.integer(Int32.self), (0...64).contains(depth),
            reader.integer(Int32.self) != nil, reader.integer(UInt32.self) != nil
        else { return nil }
        var dimensions: [ArrayValue.Dimension] = []
        var count = depth == 0 ? 0 : 1
        for _ in 0..<depth {
            guard let length = reader.integer(Int32.self), let bound = reader.integer(Int32.self), length > 0
            else { return nil }
            dimensions.append(.init(count: Int(length), lowerBound: Int(bound)))
            let (product, overflow) = count.multipliedReportingOverflow(by: Int(length))
            if overflow { return nil }
            count = product
        }
        var elements: [Value] = []
        for _ in 0..<count {
            guard let length = reader.integer(Int32.self) else { return nil }
            if length < 0 {
                elements.append(.null)
            } else {
                guard let bytes = reader.bytes(Int(length)) else { return nil }
                elements.append(decode(bytes, element))
            }
        }
        return .array(
            ArrayValue(dimensions: dimensions, elementType: type, elements: elements, delimiter: delimiter))
    }
}

/// Takes integers in network byte order from the front of a buffer.
struct BinaryReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        let size = MemoryLayout<T>.size
        guard rest.count >= size else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(size)) }
        return T(bigEndian: rest.loadUnaligned(as: T.self))
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard rest.count >= count else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
}
