import SeededRandom
import TestServer
import Testing

@testable import Postgres

@Suite("COPY")
struct CopyTests {
    private func connect() async throws -> Connection {
        try await Connection.connect(try await TestServer.shared.options())
    }

    private struct Wrong: Error {}

    @Test("writes in binary every type that it encodes, with NULLs")
    func binaryTypes() async throws {
        let connection = try await connect()
        try await connection.script(
            """
            create temp table t (a bool, b int2, c int4, d int8, e float4, f float8, g text, h jsonb, i uuid,
              j timestamptz, k bytea)
            """)
        let id = UniqueID(high: 0x0123_4567_89AB_7DEF, low: 0x8123_4567_89AB_CDEF)
        let time = Timestamp(microseconds: 1_234_567)
        let count = try await connection.copyIn("copy t from stdin (format binary)", rows: [true, false]) {
            isFull, row in
            row.append(isFull ? true : nil)
            row.append(isFull ? Int16.min : nil)
            row.append(isFull ? Int32.max : nil)
            row.append(isFull ? Int64.min : nil)
            row.append(isFull ? Float.infinity : nil)
            row.append(isFull ? -0.1 : nil)
            row.append(isFull ? "häß🦉" : nil)
            row.append(jsonb: isFull ? #"{"a": [1, null]}"# : nil)
            row.append(isFull ? id : nil)
            row.append(isFull ? time : nil)
            if isFull { row.append(bytes: [0, 255]) } else { row.appendNull() }
        }
        #expect(count == 2)
        let rows = try await connection.query("select * from t")
        #expect(
            rows[0].values == [
                true, .int(-32768), .int(2_147_483_647), .int(.min), .double(.infinity), -0.1, "häß🦉",
                .json(#"{"a": [1, null]}"#), .uuid(id), .timestamp(time), .bytes([0, 255]),
            ])
        #expect(rows[1].values == Array(repeating: .null, count: 11))
    }

    @Test("takes more data than any buffer, and counts the rows")
    func large() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int8, b text)")
        let text = String(repeating: "x", count: 1000)
        let count = try await connection.copyIn(
            "copy t from stdin (format binary)", rows: 0..<20_000 as Range<Int64>
        ) { number, row in
            row.append(number)
            row.append(text)
        }
        #expect(count == 20_000)
        let sum = try await connection.query("select sum(a)::int8, sum(length(b)) from t")
        #expect(sum[0].values == [199_990_000, 20_000_000])
    }

    @Test("takes text in whatever pieces it comes")
    func text() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int, b text)")
        let chunks = ["1\tone\n2\t", "tw", "", "o\n3\t\\N\n"].map { Array($0.utf8) }
        #expect(try await connection.copyIn("copy t from stdin", chunks: chunks) == 3)
        #expect(
            try await connection.query("select b from t order by a").map { $0[0] } == ["one", "two", nil])
    }

    @Test("of a row that the server refuses copies nothing, and names the row")
    func refusedByServer() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int check (a <> 7000))")
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.copyIn(
                "copy t from stdin (format binary)", rows: 0..<100_000 as Range<Int32>
            ) { number, row in row.append(number) }
        }
        #expect(error?.sqlState == "23514")
        #expect(error?.server?.context?.contains("line 7001") == true)
        #expect(try await connection.query("select count(*) from t")[0, 0] == 0)
    }

    @Test("whose source fails copies nothing, throws the source's error, and leaves the connection usable")
    func refusedBySource() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int)")
        await #expect(throws: Wrong.self) {
            try await connection.copyIn("copy t from stdin (format binary)", rows: 0..<50_000 as Range<Int32>)
            {
                number, row in
                if number == 40_000 { throw Wrong() }
                row.append(number)
            }
        }
        #expect(try await connection.query("select count(*) from t")[0, 0] == 0)
    }

    @Test("is refused where the command takes or gives no data")
    func noCopy() async throws {
        let connection = try await connect()
        let taken = await #expect(throws: DatabaseError.self) {
            try await connection.copyIn("select 1", chunks: [[1]])
        }
        #expect(taken?.code == .invalidOptions)
        let given = await #expect(throws: DatabaseError.self) {
            try await connection.copyOut("select 1", into: 0) { count, _ in count += 1 }
        }
        #expect(given?.code == .invalidOptions)
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("gives text a row at a time")
    func out() async throws {
        let connection = try await connect()
        let lines = try await connection.copyOut(
            "copy (select n, n * n from generate_series(1, 3) n) to stdout (format csv)", into: [String]()
        ) { $0.append(String(decoding: $1, as: UTF8.self)) }
        #expect(lines == ["1,1\n", "2,4\n", "3,9\n"])
    }

    @Test("gives binary rows that its decoder reads, however the bytes are cut")
    func decoder() async throws {
        let connection = try await connect()
        let bytes = try await connection.copyOut(
            """
            copy (select n::int8, case when n % 3 > 0 then repeat('x', n) end from generate_series(1, 50) n)
            to stdout (format binary)
            """, into: [UInt8]()
        ) { $0 += $1 }
        let expected = (1...50).map { [8, $0 % 3 > 0 ? $0 : -1] }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var decoder = BinaryCopyDecoder()
            var rows: [[Int]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { try decoder.feed($0) { rows.append($0.map { $0?.count ?? -1 }) } }
            }
            #expect(rows == expected)
            #expect(decoder.isComplete)
        }
    }

    @Test("in a form that isn't binary is refused by the decoder, and random bytes don't trip it")
    func malformed() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<2000 {
            var bytes = round % 2 == 0 ? BinaryCopyEncoder.header : []
            for _ in 0..<Int.random(in: 20...60, using: &random) {
                bytes.append(.random(in: 0...255, using: &random))
            }
            var decoder = BinaryCopyDecoder()
            do {
                try bytes.withUnsafeBytes { try decoder.feed($0) { _ in } }
                #expect(round % 2 == 0)
            } catch {
                #expect((error as? DatabaseError)?.code == .unexpectedResult)
            }
        }
    }

    @Test("that its reader has enough of is cancelled on the server, and the connection goes on")
    func abandoned() async throws {
        let connection = try await connect()
        await #expect(throws: Wrong.self) {
            try await connection.copyOut(
                "copy (select generate_series(1, 1000000000)) to stdout", into: 0
            ) { count, _ in
                count += 1
                if count == 10_000 { throw Wrong() }
            }
        }
        #expect(try await connection.query("select 2")[0, 0] == 2)
    }

    @Test("waits within a transaction for its commit")
    func transaction() async throws {
        let connection = try await connect()
        try await connection.script("create temp table t (a int)")
        await #expect(throws: Wrong.self) {
            try await connection.transaction { connection in
                try await connection.copyIn("copy t from stdin", chunks: [Array("1\n".utf8)])
                throw Wrong()
            }
        }
        #expect(try await connection.query("select count(*) from t")[0, 0] == 0)
    }
}
