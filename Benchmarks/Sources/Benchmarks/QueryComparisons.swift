import Measuring
import Postgres
import RawPostgres

/// Queries through `Connection` against raw libpq on the same server.
enum QueryComparisons {
    static let all = [
        Benchmark("query, one row", oneRow), Benchmark("query, 1,000 rows × 4", thousandRows),
    ]

    /// The cost of a round trip: one row of one number.
    @Sendable private static func oneRow(_ server: Server) async throws -> Contest {
        let sql = "select $1::int8 + 1"
        let options = try await server.options()
        let raw = try RawConnection(options)
        try raw.prepare("one", sql)
        let connection = try await Connection.connect(options)
        return Contest(
            unit: "query", units: 1, repeats: 200,
            baseline: .init(name: "libpq PQexecPrepared") {
                let answer = try raw.execute("one", 41) { RawConnection.int8($0, 0, 0) }
                guard answer == 42 else { throw WrongResult("libpq says \(answer)") }
            },
            subject: .init(name: "Connection.query") {
                let answer = try await connection.query(sql, [41])[0][0]
                guard answer == 42 else { throw WrongResult("Connection says \(answer)") }
            })
    }

    /// The cost of values: a thousand rows of four columns, each value decoded into its Swift type.
    @Sendable private static func thousandRows(_ server: Server) async throws -> Contest {
        let sql = """
            select n, n * 0.5::float8, 'scenario ' || n, n % 7 from generate_series(1, $1::int8) as n
            """
        let expected = (rows: 1000, sum: 500_500 + 250_250 + 3003, letters: 9000 + 2893)
        let options = try await server.options()
        let raw = try RawConnection(options)
        try raw.prepare("many", sql)
        let connection = try await Connection.connect(options)
        return Contest(
            unit: "row", units: 1000, repeats: 10,
            baseline: .init(name: "libpq PQexecPrepared") {
                let (sum, letters) = try raw.execute("many", 1000) { result in
                    var (sum, letters) = (0.0, 0)
                    for row in 0..<PQntuples(result) {
                        sum +=
                            Double(RawConnection.int8(result, row, 0)) + RawConnection.float8(result, row, 1)
                        letters += RawConnection.text(result, row, 2).utf8.count
                        sum += Double(RawConnection.int8(result, row, 3))
                    }
                    return (sum, letters)
                }
                guard Int(sum) == expected.sum, letters == expected.letters else {
                    throw WrongResult("libpq says \(sum), \(letters)")
                }
            },
            subject: .init(name: "Connection.query") {
                var (sum, letters) = (0.0, 0)
                for row in try await connection.query(sql, [1000]) {
                    guard case .int(let number) = row[0], case .double(let half) = row[1],
                        case .text(let name) = row[2], case .int(let rest) = row[3]
                    else { throw WrongResult("Connection says \(row.values)") }
                    sum += Double(number) + half + Double(rest)
                    letters += name.utf8.count
                }
                guard Int(sum) == expected.sum, letters == expected.letters else {
                    throw WrongResult("Connection says \(sum), \(letters)")
                }
            })
    }
}
