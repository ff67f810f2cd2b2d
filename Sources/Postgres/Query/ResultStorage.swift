internal import CPostgres

/// Owns a `PGresult`, which nothing changes once libpq has handed it out; reading it from several threads
/// at once is safe.
final class ResultStorage: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }

    /// The error's code, nil where the command succeeded.
    static func sqlState(of result: OpaquePointer) -> String? {
        PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
    }

    /// As "INSERT 0 3".
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// The types of the columns.
    var types: [OID] { (0..<PQnfields(pointer)).map { OID(UInt32(PQftype(pointer, $0))) } }

    /// The bytes of a value as the server sent them, nil for NULL; valid as long as this object.
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        Self.bytes(of: pointer, Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
    }

    static func bytes(of result: OpaquePointer, _ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
        if PQgetisnull(result, row, column) == 1 { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }

    func text(_ row: Int, _ column: Int) -> String {
        bytes(row, column).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
