/// Reads values in the server's text format, as a session in ISO dates writes them.
///
/// A text that doesn't have the form of its type stays text.
enum TextDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer, _ shape: TypeShape) -> Value {
        if shape == .bytea { return .bytes(ByteText.bytes(bytes)) }
        let text = String(decoding: bytes, as: UTF8.self)
        let value: Value? =
            switch shape {
            case .bool: text == "t" ? .bool(true) : text == "f" ? .bool(false) : nil
            case .int2, .int4, .int8, .oid: Int64(text).map { .int($0) }
            case .float4: FloatText.float(text[...]).map { .double(FloatText.widened($0)) }
            case .float8: FloatText.double(text[...]).map { .double($0) }
            case .numeric: Numeric(text).map { .numeric($0) }
            case .text, .char, .timetz, .bits, .other, .bytea: .text(text)
            case .uuid: UniqueID(text).map { .uuid($0) }
            case .timestamp(let hasZone): Timestamp(text, hasZone: hasZone).map { .timestamp($0) }
            case .date: CalendarDate(text).map { .date($0) }
            case .time: TimeOfDay(text).map { .time($0) }
            case .interval: Interval(text).map { .interval($0) }
            case .json, .jsonb: .json(text)
            case .vector: vector(text)
            case .array(let element, let type, let delimiter):
                array(bytes, element: element, type: type, delimiter: delimiter)
            }
        return value ?? .text(text)
    }

    private static func vector(_ text: String) -> Value? {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ",")
        let values = parts.compactMap(FloatText.float)
        return values.count == parts.count ? .vector(values) : nil
    }

    private static func array(
        _ bytes: UnsafeRawBufferPointer, element: TypeShape, type: OID, delimiter: UInt8
    ) -> Value? {
        guard let parsed = ArrayText.parse(bytes, delimiter: delimiter) else { return nil }
        let elements: [Value] = parsed.elements.map { text in
            guard let text else { return .null }
            return text.withUnsafeBytes { decode($0, element) }
        }
        return .array(
            ArrayValue(
                dimensions: parsed.dimensions, elementType: type, elements: elements, delimiter: delimiter))
    }
}
