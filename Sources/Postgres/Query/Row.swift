/// One row of a result.
public struct Row: Sendable {
    /// The result that the row belongs to.
    public let result: QueryResult
    /// Its number in the result, from 0.
    public let index: Int

    /// The columns, from left to right.
    public var columns: [ResultColumn] { result.columns }

    /// The value in a column, from 0.
    public subscript(column: Int) -> Value { result[index, column] }

    /// The value in the first column of a name; nil where there is no such column.
    public subscript(name: String) -> Value? {
        result.columns.firstIndex { $0.name == name }.map { result[index, $0] }
    }

    /// All values, from left to right.
    public var values: [Value] { result.columns.indices.map { result[index, $0] } }

    /// The value in a column as a `T`.
    ///
    /// - Throws: `unexpectedResult` where the column is missing, holds NULL or another type.
    public func get<T: ValueConvertible>(_ name: String, as type: T.Type = T.self) throws(DatabaseError) -> T
    {
        let value = result[index, try result.columnIndex(name)]
        if let converted = T(value: value) { return converted }
        guard value != .null else {
            throw DatabaseError(
                .unexpectedResult, "Column \"\(name)\" is NULL, where \(T.self) was expected.",
                advice: "Ask for an optional value where NULL may occur.")
        }
        throw Self.mismatch(name, value, T.self)
    }

    /// The value in a column as a `T`, nil for NULL.
    ///
    /// - Throws: `unexpectedResult` where the column is missing or holds another type.
    public func get<T: ValueConvertible>(_ name: String, as type: T?.Type = T?.self) throws(DatabaseError)
        -> T?
    {
        let value = result[index, try result.columnIndex(name)]
        if value == .null { return nil }
        guard let converted = T(value: value) else { throw Self.mismatch(name, value, T.self) }
        return converted
    }

    private static func mismatch(_ name: String, _ value: Value, _ type: Any.Type) -> DatabaseError {
        DatabaseError(
            .unexpectedResult, "Column \"\(name)\" holds \(value.kind), which can't be read as \(type).")
    }
}

/// A Swift type that a value of a row can be read as.
public protocol ValueConvertible {
    /// The value as this type; nil for NULL and wherever something would be lost.
    init?(value: Value)
}

extension Value: ValueConvertible {
    /// The value itself.
    public init?(value: Value) { self = value }
}

extension Bool: ValueConvertible {
    /// From boolean.
    public init?(value: Value) {
        guard case .bool(let bool) = value else { return nil }
        self = bool
    }
}

extension Int64: ValueConvertible {
    /// From integers, and whole numbers of numeric.
    public init?(value: Value) {
        switch value {
        case .int(let int): self = int
        case .numeric(let numeric):
            guard let int = numeric.intValue else { return nil }
            self = int
        default: return nil
        }
    }
}

extension Int: ValueConvertible {
    /// From integers, and whole numbers of numeric.
    public init?(value: Value) {
        guard let int = Int64(value: value) else { return nil }
        self.init(exactly: int)
    }
}

extension Double: ValueConvertible {
    /// From floating-point numbers, numeric (rounded to the nearest), and integers.
    public init?(value: Value) {
        switch value {
        case .double(let double): self = double
        case .numeric(let numeric): self = numeric.doubleValue
        case .int(let int): self = Double(int)
        default: return nil
        }
    }
}

extension String: ValueConvertible {
    /// From text and JSON.
    public init?(value: Value) {
        switch value {
        case .text(let text), .json(let text): self = text
        default: return nil
        }
    }
}

extension Numeric: ValueConvertible {
    /// From numeric and integers.
    public init?(value: Value) {
        switch value {
        case .numeric(let numeric): self = numeric
        case .int(let int): self.init(int)
        default: return nil
        }
    }
}

extension UniqueID: ValueConvertible {
    /// From uuid.
    public init?(value: Value) {
        guard case .uuid(let id) = value else { return nil }
        self = id
    }
}

extension Timestamp: ValueConvertible {
    /// From timestamp, with or without time zone.
    public init?(value: Value) {
        guard case .timestamp(let timestamp) = value else { return nil }
        self = timestamp
    }
}

extension CalendarDate: ValueConvertible {
    /// From date.
    public init?(value: Value) {
        guard case .date(let date) = value else { return nil }
        self = date
    }
}

extension Interval: ValueConvertible {
    /// From interval.
    public init?(value: Value) {
        guard case .interval(let interval) = value else { return nil }
        self = interval
    }
}

extension Array: ValueConvertible where Element: ValueConvertible {
    /// From an array of one dimension, bytea (as `[UInt8]`) and vector (as `[Float]`).
    public init?(value: Value) {
        switch value {
        case .array(let array):
            guard array.dimensions.count <= 1 else { return nil }
            let converted = array.elements.compactMap { Element(value: $0) }
            guard converted.count == array.elements.count else { return nil }
            self = converted
        case .bytes(let bytes):
            guard let same = bytes as? [Element] else { return nil }
            self = same
        case .vector(let vector):
            guard let same = vector as? [Element] else { return nil }
            self = same
        default: return nil
        }
    }
}

extension UInt8: ValueConvertible {
    /// From integers from 0 to 255.
    public init?(value: Value) {
        guard let int = Int64(value: value) else { return nil }
        self.init(exactly: int)
    }
}

extension Float: ValueConvertible {
    /// From numbers, rounded to the nearest.
    public init?(value: Value) {
        guard let double = Double(value: value) else { return nil }
        self = Float(double)
    }
}
