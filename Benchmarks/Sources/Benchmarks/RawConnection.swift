import Postgres
import RawPostgres

/// libpq as a C program uses it: blocking, prepared, with binary results.
final class RawConnection {
    private let connection: OpaquePointer

    init(_ options: ConnectionOptions) throws {
        guard let connection = PQconnectdb(options.url), PQstatus(connection) == CONNECTION_OK else {
            throw WrongResult("libpq can't connect to the benchmarks' server")
        }
        self.connection = connection
    }

    deinit { PQfinish(connection) }

    func prepare(_ name: String, _ sql: String) throws {
        let result = PQprepare(connection, name, sql, 0, nil)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure }
    }

    /// Runs a prepared statement with one binary int8, and hands over its rows.
    func execute<R>(_ name: String, _ parameter: Int64, _ body: (OpaquePointer) throws -> R) throws -> R {
        var bytes = parameter.bigEndian
        let result = withUnsafeBytes(of: &bytes) { value in
            var values = [value.baseAddress?.assumingMemoryBound(to: CChar.self)]
            var lengths = [Int32(value.count)]
            var formats: [Int32] = [1]
            return PQexecPrepared(connection, name, 1, &values, &lengths, &formats, 1)
        }
        defer { PQclear(result) }
        guard let result, PQresultStatus(result) == PGRES_TUPLES_OK else { throw failure }
        return try body(result)
    }

    static func int8(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> Int64 {
        let bytes = UnsafeRawPointer(PQgetvalue(result, row, column)!)
        return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
    }

    static func float8(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> Double {
        Double(bitPattern: UInt64(bitPattern: int8(result, row, column)))
    }

    static func text(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> String {
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    private var failure: WrongResult { WrongResult(String(cString: PQerrorMessage(connection))) }
}
