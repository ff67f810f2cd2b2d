import Glibc
import Measuring
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

    /// Runs a prepared statement with texts, for its effect.
    func execute(_ name: String, _ parameters: [String?]) throws {
        let copies = parameters.map { $0.flatMap { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        let values = copies.map { UnsafePointer($0) }
        let result = PQexecPrepared(connection, name, Int32(values.count), values, nil, nil, 0)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure }
    }

    /// Sends `data` to a COPY FROM STDIN.
    func copy(_ sql: String, _ data: [UInt8]) throws {
        let begun = PQexec(connection, sql)
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_IN else { throw failure }
        try data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 16))
                rest = rest.dropFirst(piece.count)
                let start = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
                guard PQputCopyData(connection, start, Int32(piece.count)) == 1 else { throw failure }
            }
        }
        guard PQputCopyEnd(connection, nil) == 1 else { throw failure }
        let ended = PQgetResult(connection)
        defer { PQclear(ended) }
        guard PQresultStatus(ended) == PGRES_COMMAND_OK, PQgetResult(connection) == nil else { throw failure }
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
