import SeededRandom
import TestServer
import Testing

@testable import Postgres

/// Whether two values are the same, NaN being the same as NaN, in an array too.
private func isSame(_ one: Value, _ other: Value) -> Bool {
    one.kind == other.kind && one.description == other.description
        && (one == other || one.description.contains("NaN"))
}

private func expectSame(
    _ columns: ColumnSet, _ result: QueryResult, _ note: String, location: SourceLocation = #_sourceLocation
) {
    #expect(columns.columns.map(\.name) == result.columns.map(\.name), sourceLocation: location)
    #expect(columns.count == result.count, "\(note)", sourceLocation: location)
    guard columns.count == result.count, columns.values.count == result.columns.count else { return }
    for column in result.columns.indices {
        let wrong = (0..<result.count).first { !isSame(columns[$0, column], result[$0, column]) }
        let nulls = (0..<result.count).filter { result[$0, column] == .null }
        #expect(
            wrong == nil, "\(note), \(result.columns[column]), row \(wrong ?? 0)", sourceLocation: location)
        #expect(columns.values[column].nullCount == nulls.count, "\(note)", sourceLocation: location)
        #expect(nulls.allSatisfy(columns.values[column].isNull), "\(note)", sourceLocation: location)
    }
}

@Suite("Columns of a result")
struct ColumnSetTests {
    @Test(
        "equal what a query gives, for values of every type and NULLs at random",
        arguments: 0..<12 as Range<UInt64>)
    func random(seed: UInt64) async throws {
        let both = try await BothFormats()
        var dice = SeededGenerator(seed: 500 + seed)
        let makers = TypeFuzzTests.makers
        let rows = Int.random(in: 1...150, using: &dice)
        let shares = [0, 0.1, 0.5, 1]
        let nulls = makers.map { _ in shares.randomElement(using: &dice) ?? 0 }
        var parameters: [Value] = []
        var lines: [String] = []
        for _ in 0..<rows {
            var line: [String] = []
            for (index, maker) in makers.enumerated() {
                let isNull = Double.random(in: 0..<1, using: &dice) < nulls[index]
                parameters.append(isNull ? .null : maker.make(&dice))
                line.append("$\(parameters.count)::\(maker.type)")
            }
            lines.append("(" + line.joined(separator: ", ") + ")")
        }
        let sql = "select * from (values " + lines.joined(separator: ", ") + ") as v"
        for connection in [both.binary, both.text] {
            let result = try await connection.query(sql, parameters)
            expectSame(try await connection.columns(sql, parameters), result, "seed \(seed)")
            expectSame(ColumnSet(result), result, "seed \(seed), from the result")
        }
    }

    @Test("equal what a query gives at the edges of every type", arguments: ValueTests.literals.indices)
    func edges(index: Int) async throws {
        let both = try await BothFormats()
        let (type, values) = ValueTests.literals[index]
        let lines = values.indices.map { "($\($0 + 1)::text::\(type), array[$\($0 + 1)::text]::\(type)[])" }
        let sql = "select * from (values \(lines.joined(separator: ", ")), (null, null)) as v"
        let simple =
            "select * from (values \(values.indices.map { "($\($0 + 1)::text::\(type))" }.joined(separator: ", "))) as v"
        for connection in [both.binary, both.text] {
            let sql = type.hasSuffix("[]") ? simple : sql
            let texts = values.map(Value.text)
            expectSame(
                try await connection.columns(sql, texts), try await connection.query(sql, texts), type)
        }
    }

    /// Rows enough for several pieces of every column, with texts that lie across pieces.
    private static let many = """
        select n, case when n % 7 <> 0 then n::int4 end as i, (n % 100)::int2 as s, n * 0.25::float8 as d, \
        (n * 0.1)::float4 as f, n % 3 = 0 as b, repeat('ä' || n, (n % 5)::int) as t, md5(n::text)::uuid as id, \
        timestamptz 'epoch' + n * interval '1 s' as at, n * 1.5 as x, nullif(n % 2, 0)::text as half, \
        jsonb_build_object('n', n) as j, null::int8 as nothing from generate_series(1, $1::int8) as n
        """

    @Test("equal what a query gives over many pieces, and hold little more than the values")
    func many() async throws {
        let both = try await BothFormats()
        for (connection, rows) in [(both.binary, 40_000), (both.text, 4_000)] {
            let columns = try await connection.columns(Self.many, [.int(Int64(rows))])
            expectSame(columns, try await connection.query(Self.many, [.int(Int64(rows))]), "many")
        }
    }

    @Test("hold at most half as much again as the bytes of the values")
    func memory() async throws {
        let both = try await BothFormats()
        let sql = """
            select n, n::int4 as i, n * 0.5::float8 as d, n % 2 = 0 as b, 'scenario-' || n as t, md5(n::text)::uuid as id, \
            timestamptz 'epoch' + n * interval '1 s' as at, case when n % 10 > 0 then n end as z \
            from generate_series(1, 100000) as n
            """
        let result = try await both.binary.query(sql)
        var bytes = 0
        for row in 0..<result.count {
            for column in result.columns.indices {
                bytes += result.withBytes(row: row, column: column) { $0?.count ?? 0 }
            }
        }
        let columns = try await both.binary.columns(sql)
        #expect(
            columns.heldBytes >= bytes && columns.heldBytes * 2 <= bytes * 3,
            "\(columns.heldBytes) for \(bytes)")
    }

    @Test("hold values larger than a piece", arguments: [200, 0])
    func large(cache: Int) async throws {
        let connection = try await Connection.connect(
            try await TestServer.shared.options(), settings: .init(statementCacheSize: cache))
        let sql = """
            select repeat('日本 ' || n, 200000) as t, decode(repeat('00ff' || lpad(n::text, 2, '0'), 150000), 'hex') as b \
            from generate_series(1, 4) as n
            """
        expectSame(try await connection.columns(sql), try await connection.query(sql), "large")
    }

    @Test("of types that the server alone knows are those of a query", arguments: [200, 0])
    func ownTypes(cache: Int) async throws {
        let database = try await TestDatabase.create("columns")
        let connection = try await Connection.connect(
            database.options, settings: .init(statementCacheSize: cache))
        try await connection.script(
            "create type mood as enum ('glad', 'sad'); create domain few as int4 check (value < 9)")
        let sql = """
            select 'sad'::mood as m, array['glad', null]::mood[] as a, 3::few as d, array[1, 2]::few[] as f, \
            '127.0.0.1'::inet as other
            """
        // As columns first, so that the types are new to the connection.
        let columns = try await connection.columns(sql)
        expectSame(columns, try await connection.query(sql), "own types")
        #expect(columns[0, 1].kind == "array")
    }

    @Test("of a command without rows are none, and it says what it did")
    func commands() async throws {
        let both = try await BothFormats()
        for connection in [both.binary, both.text] {
            let made = try await connection.columns("create temp table made (n int)")
            #expect(made.columns.isEmpty && made.count == 0 && made.summary.commandTag == "CREATE TABLE")
            let insert = try await connection.columns("insert into made values (1), (2)")
            #expect(insert.summary.affectedRows == 2)
            let empty = try await connection.columns("select n, 'x' as t from made where false")
            #expect(empty.columns.map(\.name) == ["n", "t"] && empty.count == 0 && empty.values.count == 2)
            #expect(try await connection.columns("select from made").count == 2)
            let copy = await #expect(throws: DatabaseError.self) {
                try await connection.columns("copy made to stdout")
            }
            #expect(copy?.code == .unexpectedResult)
            let wrong = await #expect(throws: DatabaseError.self) {
                try await connection.columns("select 1 / (3 - n) from generate_series(1, 5) n")
            }
            #expect(wrong?.sqlState == "22012")
            #expect(try await connection.columns("select 2 as n")[0, 0] == 2)
        }
    }

    @Test("bytes that don't have the form of their type become text, as in a query")
    func damaged() throws {
        let sizes: [(TypeShape, Int)] = [
            (.bool, 1), (.int2, 2), (.int4, 4), (.oid, 4), (.int8, 8), (.float4, 4), (.float8, 8), (.date, 4),
            (.time, 8), (.uuid, 16), (.timestamp(hasZone: true), 8), (.jsonb, 1), (.text, 0), (.bytea, 0),
        ]
        var dice = SeededGenerator(seed: 77)
        for (shape, size) in sizes {
            let cells: [[UInt8]?] = (0..<200).map { row in
                if row % 5 == 3 { return nil }
                let count = row < 100 ? size : Int.random(in: 0...20, using: &dice)
                return (0..<count).map { _ in UInt8.random(in: 0...127, using: &dice) }
            }
            var builder = ColumnBuilder(shape: shape, isBinary: true)
            for cell in cells {
                if let cell { cell.withUnsafeBytes { builder.append($0) } } else { builder.appendNull() }
            }
            let column = builder.finish()
            for (row, cell) in cells.enumerated() {
                let value = cell.map { $0.withUnsafeBytes { BinaryDecoder.decode($0, shape) } } ?? .null
                #expect(isSame(column[row], value), "\(shape), row \(row)")
            }
        }
    }

    @Test("rows of a column can be taken in any order", arguments: [200, 0])
    func taking(cache: Int) async throws {
        let connection = try await Connection.connect(
            try await TestServer.shared.options(), settings: .init(statementCacheSize: cache))
        let columns = try await connection.columns(Self.many, [500])
        var dice = SeededGenerator(seed: 3)
        let rows = (0..<800).map { _ in Int32.random(in: -9..<500, using: &dice) }
        for column in columns.values {
            let taken = column.gathering(rows)
            #expect(taken.content == column.content && taken.count == rows.count)
            for (place, row) in rows.enumerated() {
                #expect(isSame(taken[place], row < 0 ? .null : column[Int(row)]))
            }
            let twice = ColumnValues.joined([taken, column])
            #expect(twice.content == column.content && twice.count == 1300)
            #expect((0..<500).allSatisfy { isSame(twice[800 + $0], column[$0]) })
        }
    }
}
