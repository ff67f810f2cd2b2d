/// The parameters of a command as libpq wants them: C strings one after the other in one buffer, or bytes.
struct ParameterList {
    private var buffer: [CChar] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// How many there are.
    var count: Int { offsets.count }

    /// - Parameter types: What the server made of the parameters.
    init(_ values: [Value], types: [OID]) throws(DatabaseError) {
        for (index, value) in values.enumerated() {
            try append(value, as: types[index], number: index + 1)
        }
    }

    /// Calls `body` with the arrays for values, lengths and formats, which are valid inside it only.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        buffer.withUnsafeBufferPointer { bytes in
            let pointers = offsets.map { offset in
                offset.flatMap { offset in bytes.baseAddress.map { $0 + offset } }
            }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }

    private mutating func append(_ value: Value, as type: OID, number: Int) throws(DatabaseError) {
        let start = buffer.count
        if value == .null {
            offsets.append(nil)
            lengths.append(0)
            formats.append(0)
            return
        }
        if type == .bytea, let bytes = Self.bytes(of: value) {
            buffer += bytes.lazy.map { CChar(bitPattern: $0) }
            formats.append(1)
        } else {
            let text = try Self.text(of: value, as: type, number: number)
            guard !text.utf8.contains(0) else {
                throw DatabaseError(
                    .invalidOptions,
                    "Parameter $\(number) holds a NUL character, which PostgreSQL's text "
                        + "can't.", advice: "Remove it, or store the value as bytea.")
            }
            buffer += text.utf8.lazy.map { CChar(bitPattern: $0) }
            formats.append(0)
        }
        offsets.append(start)
        lengths.append(Int32(buffer.count - start))
        buffer.append(0)
    }

    /// Whether `value` is written differently for different types, so that the type has to be known.
    static func dependsOnType(_ value: Value) -> Bool {
        switch value {
        case .vector, .array: true
        case .numeric(let numeric): numeric.scale > 0 && numeric.intValue != nil
        // As bytes it is what it is; as bytea's text a backslash would be an escape.
        case .text(let text): text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\\") }
        default: false
        }
    }

    /// The bytes of a value that goes into a bytea as it is.
    private static func bytes(of value: Value) -> [UInt8]? {
        switch value {
        case .bytes(let bytes): bytes
        case .text(let text): Array(text.utf8)
        default: nil
        }
    }

    static func text(of value: Value, as type: OID, number: Int) throws(DatabaseError) -> String {
        switch value {
        // A vector is written as an array where the server, lacking pgvector, keeps it in one.
        case .vector(let values) where type == .float4Array || type == .float8Array:
            return "{" + values.map(FloatText.text(of:)).joined(separator: ",") + "}"
        // A whole number goes into an integer however it is kept: "1e+15" and "5.00" are none to the server.
        case .double(let double) where isInteger(type) || type == .unspecified && double.magnitude >= 1e15:
            return Int64(exactly: double).map { String($0) } ?? value.description
        case .numeric(let numeric) where isInteger(type):
            return numeric.intValue.map { String($0) } ?? value.description
        // The one text that the server writes and, up to version 15, doesn't read.
        case .interval(let interval) where interval.microseconds == .min:
            return "\(interval.months) mons \(interval.days) days \(interval.microseconds) microseconds"
        case .array(let array) where type == .json || type == .jsonb:
            guard let text = array.jsonText else { throw notText(number) }
            return text
        case .bool(let flag) where type == .json || type == .jsonb: return flag ? "true" : "false"
        case .array(let array) where type == .byteaArray: return array.mapping(bytesOfText).description
        case .array(let array)
        where (type == .textArray || type == .varcharArray) && array.elements.contains(where: \.isBytes):
            throw notText(number)
        case .bytes where isText(type): throw notText(number)
        default: return value.description
        }
    }

    private static func bytesOfText(_ value: Value) -> Value { bytes(of: value).map(Value.bytes) ?? value }

    private static func isText(_ type: OID) -> Bool {
        [.text, .varchar, .bpchar, .name, .json, .jsonb, .unknown].contains(type)
    }

    private static func notText(_ number: Int) -> DatabaseError {
        DatabaseError(
            .invalidOptions,
            "Parameter $\(number) must be a text, and holds bytes that aren't UTF-8.",
            advice: "Store it as bytea: $\(number)::bytea.")
    }

    private static func isInteger(_ type: OID) -> Bool { type == .int8 || type == .int4 || type == .int2 }
}
