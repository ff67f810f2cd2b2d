internal import CPostgres

/// One column of a result.
public struct ResultColumn: Sendable, Hashable {
    /// Its name, as the query gave it.
    public let name: String
    /// The number of its type; for a domain that of its base type.
    public let type: OID
    /// The type's modifier, as the length in varchar(n); -1 for none.
    public let typeModifier: Int32
    /// How its values are read.
    let shape: TypeShape
    /// Whether its bytes are in the server's binary format; else they are text.
    public let isBinary: Bool

    /// Whether the bytes of its values are the text that they stand for.
    public var isText: Bool {
        switch shape {
        case .text, .other: true
        case .char, .timetz, .bits: !isBinary
        default: false
        }
    }

    init(of result: OpaquePointer, column: Int, shape: TypeShape) {
        let number = Int32(column)
        name = String(cString: PQfname(result, number))
        type = OID(UInt32(PQftype(result, number)))
        typeModifier = PQfmod(result, number)
        self.shape = shape
        isBinary = PQfformat(result, number) == 1
    }

    /// The name of the type, where it is one of the built-in types that are read natively.
    public var typeName: String? { TypeName.builtIn[type] }
}

/// What a command returned. It owns libpq's memory, and values are decoded as they are asked for.
public struct QueryResult: Sendable {
    let storage: ResultStorage

    /// The columns, from left to right. None for a command that returns no rows.
    public let columns: [ResultColumn]

    /// The number of rows.
    public let count: Int

    init(_ storage: ResultStorage, shapes: [TypeShape]) {
        self.storage = storage
        count = storage.rowCount
        columns = shapes.enumerated().map { ResultColumn(of: storage.pointer, column: $0, shape: $1) }
    }

    /// Whether there are no rows.
    public var isEmpty: Bool { count == 0 }

    /// What the server says it did, as "INSERT 0 3".
    public var commandTag: String { storage.commandTag }

    /// The number of rows that the command inserted, updated, deleted, moved, copied or selected.
    public var affectedRows: Int { Int(String(cString: PQcmdTuples(storage.pointer))) ?? 0 }

    /// The value at `row` and `column`, both from 0. Out of range is a programming error and traps.
    public subscript(row: Int, column: Int) -> Value {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        let description = columns[column]
        guard let bytes = storage.bytes(row, column) else { return .null }
        return description.isBinary
            ? BinaryDecoder.decode(bytes, description.shape)
            : TextDecoder.decode(bytes, description.shape)
    }

    /// Calls `body` with the bytes of a value as the server sent them, without copying; nil for NULL.
    /// `ResultColumn.isBinary` tells their format. The bytes are valid inside `body` only.
    public func withBytes<R>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows
        -> R
    {
        precondition(row >= 0 && row < count && columns.indices.contains(column), "row \(row) of \(count)")
        return try withExtendedLifetime(storage) { try body(storage.bytes(row, column)) }
    }

    /// The number of the first column of that name.
    ///
    /// - Throws: `unexpectedResult`, naming the columns that there are.
    public func columnIndex(_ name: String) throws(DatabaseError) -> Int {
        if let index = columns.firstIndex(where: { $0.name == name }) { return index }
        let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        throw DatabaseError(
            .unexpectedResult, "The result has no column \"\(name)\".",
            advice: columns.isEmpty ? "It has no columns." : "It has \(names).")
    }

    /// The only row of the result.
    ///
    /// - Throws: `unexpectedResult` where there are none or several.
    public func single() throws(DatabaseError) -> Row {
        guard count == 1 else {
            throw DatabaseError(.unexpectedResult, "One row was expected, and \(count) came.")
        }
        return self[0]
    }
}

extension QueryResult: RandomAccessCollection {
    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { count }
    /// The row at `index`, from 0.
    public subscript(index: Int) -> Row {
        precondition(index >= 0 && index < count, "row \(index) of \(count)")
        return Row(result: self, index: index)
    }
}
