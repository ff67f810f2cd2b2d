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
        var isBinary: Int32 = 0
        let start = buffer.count
        switch value {
        case .null:
            offsets.append(nil)
            lengths.append(0)
            formats.append(0)
            return
        case .bytes(let bytes) where type == .bytea:
            isBinary = 1
            buffer += bytes.lazy.map { CChar(bitPattern: $0) }
        default:
            let text = Self.text(of: value, as: type)
            guard !text.utf8.contains(0) else {
                throw DatabaseError(
                    .invalidOptions,
                    "Parameter $\(number) holds a NUL character, which PostgreSQL's text "
                        + "can't.", advice: "Remove it, or store the value as bytea.")
            }
            buffer += text.utf8.lazy.map { CChar(bitPattern: $0) }
        }
        offsets.append(start)
        lengths.append(Int32(buffer.count - start))
        formats.append(isBinary)
        buffer.append(0)
    }

    /// Whether `value` is written differently for different types, so that the type has to be known.
    static func dependsOnType(_ value: Value) -> Bool {
        switch value {
        case .vector: true
        case .numeric(let numeric): numeric.scale > 0 && numeric.intValue != nil
        default: false
        }
    }

    private static func text(of value: Value, as type: OID) -> String {
        switch value {
        // A vector is written as an array where the server, lacking pgvector, keeps it in one.
        case .vector(let values) where type == .float4Array || type == .float8Array:
            "{" + values.map(FloatText.text(of:)).joined(separator: ",") + "}"
        // A whole number goes into an integer however it is kept: "1e+15" and "5.00" are none to the server.
        case .double(let double) where isInteger(type) || type == .unspecified && double.magnitude >= 1e15:
            Int64(exactly: double).map { String($0) } ?? value.description
        case .numeric(let numeric) where isInteger(type):
            numeric.intValue.map { String($0) } ?? value.description
        // The one text that the server writes and, up to version 15, doesn't read.
        case .interval(let interval) where interval.microseconds == .min:
            "\(interval.months) mons \(interval.days) days \(interval.microseconds) microseconds"
        default: value.description
        }
    }

    private static func isInteger(_ type: OID) -> Bool { type == .int8 || type == .int4 || type == .int2 }
}
