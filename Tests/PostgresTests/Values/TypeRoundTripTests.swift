import SeededRandom
import TestServer
import Testing

@testable import Postgres

/// The same database, asked for results in binary and in text.
struct BothFormats {
    let binary: Connection
    let text: Connection

    /// For whatever makes nothing in it.
    private static let shared = Task { try await TestDatabase.create("types") }

    init(_ setUp: String = "") async throws {
        let database = setUp.isEmpty ? try await Self.shared.value : try await TestDatabase.create("types")
        binary = try await Connection.connect(database.options)
        text = try await Connection.connect(database.options, settings: .init(statementCacheSize: 0))
        if !setUp.isEmpty { try await binary.script(setUp) }
    }

    /// Reads `literal` as `type` in both formats, sends what was read back as a parameter over both connections, and
    /// expects the server to find the same bytes in it.
    func expectExact(_ literal: String, as type: String, location: SourceLocation = #_sourceLocation)
        async throws
    {
        let send = try await binary.query(
            "select typsend::regproc::text from pg_type where oid = $1::text::regtype", [.text(type)])[0, 0]
        let original = "$1::text::\(type)"
        let fromBinary = try await binary.query("select \(original), (\(original))::text", [.text(literal)])
        let fromText = try await text.query("select \(original)", [.text(literal)])
        #expect(!fromText.columns[0].isBinary, sourceLocation: location)
        let values = [fromBinary[0, 0], fromText[0, 0]]
        #expect(values[0].kind == values[1].kind, "\(type) \(literal)", sourceLocation: location)
        #expect(values[0].description == values[1].description, "\(type)", sourceLocation: location)
        let shown = values[0].description
        // Here a cast to text isn't what the type's output function writes, or arc writes a real as it writes a double.
        if !["bool", "float4", "inet", "bpchar(4)"].contains(type) {
            #expect(shown == fromBinary[0, 1].description, "\(type)", sourceLocation: location)
        }
        for (connection, value) in [(binary, values[0]), (text, values[1])] {
            let sql = "select \(send)($2::\(type)) = \(send)(\(original))"
            let isSame = try await connection.query(sql, [.text(literal), value])[0, 0]
            #expect(isSame == true, "\(type) \(literal) as \(shown)", sourceLocation: location)
        }
    }
}

@Suite("Every type goes to the server and back without loss")
struct TypeRoundTripTests {
    /// What ValueTests doesn't have: values at more edges, and types that are kept as text.
    static let edges: [(type: String, values: [String])] = [
        ("int2", ["-1", "1"]), ("int4", ["0", "-1"]), ("int8", ["0", "-9007199254740993", "-1"]),
        (
            "float4",
            [
                "-0", "1.1754944e-38", "1e-45", "-1e-45", "1.1754942e-38", "16777216", "16777217", "0.3",
                "1e+06",
            ]
        ),
        (
            "float8",
            [
                "2.2250738585072014e-308", "-5e-324", "2.225073858507201e-308", "9007199254740993",
                "4503599627370497.5", "1e+22", "0.30000000000000004", "-1.5e-310", "100000", "1e+14",
                "999999999999999.9",
            ]
        ),
        (
            "numeric",
            [
                "-0.00", "-NaN", "1e-16383", "1e131071", "-9e131071", "0.00010000", "10000.0001", "1e4",
                "1e-4",
                "99999999999999999999.99999999999999999999", "0.000000000000", "100000000", "-1e8", "9e-5",
            ].filter { $0 != "-NaN" }
        ),
        (
            "timestamptz",
            ["1900-02-28 23:59:59.999999+00", "2000-02-29 00:00:00.000001+00", "10000-01-01 00:00:00+00"]
        ),
        ("timestamp", ["4713-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "0001-01-01 00:00:00"]),
        (
            "date",
            ["0001-01-01", "0001-12-31 BC", "2000-01-01", "10000-02-29"].filter { $0 != "10000-02-29" }
        ),
        ("time", ["23:59:59.999999", "00:00:00.1"]),
        (
            "timetz",
            [
                "12:30:00+00", "24:00:00-15:59", "00:00:00.000001+05:30", "23:59:59-00:00:01",
                "01:00:00+15:59:59",
            ]
        ),
        (
            "interval",
            [
                "-178956970 years -8 mons -2147483648 days -9223372036854775808 microseconds",
                "178956970 years 7 mons 2147483647 days 2562047788:00:54.775807", "1 year -1 mons",
                "-1 years +1 mon", "1 mon -1 days +00:00:01", "-1 mons +1 day -00:00:00.5", "00:00:00.000001",
                "11 mons", "-11 mons", "1 day", "100:00:00",
            ]
        ),
        (
            "json",
            [
                "123456789012345678901234567890.10", "{\"a\":1e400, \"a\":2}", " [1 , 2]\n", "\"\\u0000\"",
                "\"\u{1F989}\"", "-0", "1E5",
            ]
        ),
        (
            "jsonb",
            ["123456789012345678901234567890.10", "[1e3, 0.00, -0.5]", "\"\u{10FFFF}\"", "{}", "\"\""]
        ),
        ("uuid", ["ffffffff-ffff-ffff-ffff-ffffffffffff"]), ("bit(9)", ["101010101", "000000000"]),
        ("varbit", ["", "1", "0000000011111111", "1010101010101"]), ("\"char\"", ["", "Z"]),
        ("name", ["é"]), ("bpchar(4)", ["x   "]), ("inet", ["10.0.0.1", "::1", "10.1.0.0/16", "fe80::1/64"]),
        ("cidr", ["10.0.0.0/8"]), ("macaddr", ["08:00:2b:01:02:03"]), ("money", ["$1.50"]),
        ("pg_lsn", ["16/B374D848"]),
        ("xid", ["4294967295"]), ("tid", ["(4294967295,65535)"]), ("point", ["(1.5,-2)"]),
        ("box", ["(1,1),(0,0)"]), ("box[]", ["{(1,1),(0,0);(2,2),(1,1)}"]), ("tsvector", ["'a':1 'b c':2"]),
        ("int4range", ["[1,5)", "empty", "(,)"]),
        ("numrange", ["(1.50,]", "[0.0,1e5]".replacing("1e5", with: "100000")]),
        ("tstzrange", ["[\"2000-01-01 00:00:00+00\",infinity)"]),
        ("int8multirange", ["{[1,2),[5,9)}", "{}"]),
        ("int2vector", ["1 2 3"]), ("oidvector", ["1 2 4294967295"]), ("xml", ["<a>é</a>"]),
        ("text[]", ["[-2147483648:-2147483647]={a,b}", "{{{{{{1}}}}}}", "{\" \",\"\t\",\"\u{0B}\",null2}"]),
        ("timetz[]", ["{12:00:00+02,NULL}"]), ("varbit[]", ["{101,NULL,0}"]), ("\"char\"[]", ["{a,NULL}"]),
        ("bytea[]", ["{{\"\\\\x\",\"\\\\x5c22\"},{NULL,\"\\\\x00\"}}"]),
    ]

    @Test("values at the edges of every type", arguments: edges.indices)
    func edge(index: Int) async throws {
        let both = try await BothFormats()
        let (type, values) = Self.edges[index]
        for literal in values { try await both.expectExact(literal, as: type) }
    }

    @Test(
        "arrays of every type: NULLs, several dimensions, lower bounds, none",
        arguments: ValueTests.literals.indices)
    func arrays(index: Int) async throws {
        let (type, values) = ValueTests.literals[index]
        guard !type.hasSuffix("[]") else { return }
        let both = try await BothFormats()
        let some = Value.text(values[0])
        let shapes: [[ArrayValue.Dimension]] = [
            [.init(count: values.count + 1)],
            [.init(count: 2, lowerBound: 0), .init(count: 2, lowerBound: -7)],
            [.init(count: 1), .init(count: 2), .init(count: 3)], [],
        ]
        for shape in shapes {
            let count = shape.isEmpty ? 0 : shape.reduce(1) { $0 * $1.count }
            var elements = (0..<count).map { Value.text(values[$0 % values.count]) }
            if count > 1 { (elements[count - 1], elements[0]) = (.null, some) }
            let array = try #require(ArrayValue(dimensions: shape, elements: elements, elementType: .text))
            // Sent as an array of texts that the server reads by itself.
            let typed = try await both.binary.query("select ($1::text[]::\(type)[])::text", [.array(array)])
            try await both.expectExact(typed[0, 0].description, as: type + "[]")
        }
    }

    @Test("domains and arrays of domains over every type", arguments: ValueTests.literals.indices)
    func domains(index: Int) async throws {
        let (type, values) = ValueTests.literals[index]
        let both = try await BothFormats()
        try await both.binary.script(
            """
            create domain own_\(index) as \(type); create domain again_\(index) as own_\(index);
            create table t_\(index) (a own_\(index), b own_\(index)[], c again_\(index))
            """)
        for literal in values {
            let value = try await both.binary.query("select $1::text::\(type)", [.text(literal)])[0, 0]
            let row: [Value] = [value, .array(ArrayValue([value, .null])), value]
            for connection in [both.binary, both.text] {
                try await connection.execute("insert into t_\(index) values ($1, $2, $3)", row)
                let read = try await connection.query("delete from t_\(index) returning *").single()
                #expect(read.values.map(\.description) == row.map(\.description), "\(type) \(literal)")
                #expect(read[0].kind == value.kind)
            }
        }
    }

    @Test("enums, their arrays, and what contains them")
    func enums() async throws {
        let both = try await BothFormats(
            """
            create type mood as enum ('sad', 'so so', 'NULL', 'a,b', 'q"\\', '日本🦉');
            create domain moods as mood[] check (cardinality(value) < 9);
            create type feeling as (mood mood, since timestamptz, more moods);
            """)
        for label in ["sad", "so so", "NULL", "a,b", "q\"\\", "日本🦉"] {
            try await both.expectExact(label, as: "mood")
            for type in ["mood[]", "moods"] {
                let array = Value.array(ArrayValue([.text(label), .null, .text("sad")]))
                for connection in [both.binary, both.text] {
                    let back = try await connection.query("select $1::\(type)", [array])
                    #expect(back[0, 0].description == array.description)
                }
            }
        }
        try await both.expectExact("(\"so so\",\"2000-01-01 00:00:00+00\",\"{sad,NULL}\")", as: "feeling")
        try await both.expectExact("{\"(sad,,{})\",NULL}", as: "feeling[]")
    }

    @Test("text of every plane of Unicode, every scalar that there is", arguments: 0...16)
    func planes(plane: UInt32) async throws {
        let both = try await BothFormats()
        var text = ""
        for value in (plane << 16)..<((plane + 1) << 16) where value > 0 {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        let count = Value.int(Int64(text.unicodeScalars.count))
        for connection in [both.binary, both.text] {
            let row = try await connection.query(
                "select $1::text, length($1::text), array[$1::text], to_jsonb($1::text) ->> 0, $2::text[]",
                [.text(text), .array(ArrayValue([.text(text)]))]
            ).single()
            #expect(row[0] == .text(text) && row[1] == count && row[3] == .text(text))
            #expect(row[2].description == row[4].description)
            #expect(row[4] == .array(ArrayValue([.text(text)], elementType: .text)))
        }
    }

    @Test("all bytes, alone, in arrays, and where the server writes them in its older format")
    func bytes() async throws {
        let both = try await BothFormats()
        let all = (0...255).map { UInt8($0) } + Array("\\\\x'\"".utf8)
        for format in ["hex", "escape"] {
            for connection in [both.binary, both.text] {
                try await connection.script("set bytea_output to \(format)")
                let row = try await connection.query(
                    "select $1::bytea, array[$1::bytea, null], length($1::bytea), $2::bytea[]",
                    [.bytes(all), .array(ArrayValue([.bytes(all), .bytes([])]))]
                ).single()
                #expect(row[0] == .bytes(all) && row[2] == 261)
                #expect(row[1] == .array(ArrayValue([.bytes(all), .null], elementType: .bytea)))
                #expect(row[3] == .array(ArrayValue([.bytes(all), .bytes([])], elementType: .bytea)))
            }
        }
    }

    @Test("the sign of zero and the bits of every kind of float survive")
    func floats() async throws {
        let both = try await BothFormats()
        let doubles: [Double] = [
            -0.0, 0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude.nextDown,
            .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 1e15, 1e16, 1e23, 123_456_789_012_345_680,
            .pi,
        ]
        for connection in [both.binary, both.text] {
            for double in doubles {
                let row = try await connection.query(
                    "select $1::float8, float8send($1::float8), array[$1::float8]", [.double(double)]
                ).single()
                guard case .double(let back) = row[0], case .bytes(let sent) = row[1] else {
                    throw DatabaseError(.unexpectedResult, "no double")
                }
                let bits = sent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                #expect(back.bitPattern == double.bitPattern && bits == double.bitPattern, "\(double)")
                #expect(row[2].description == "{\(Value.double(double))}")
            }
        }
    }

    @Test("a whole number fits into an integer however it is kept, and no other does")
    func wholeNumbers() async throws {
        let both = try await BothFormats()
        let numbers: [(Value, Int64)] = [
            (.double(1e15), 1_000_000_000_000_000), (.double(-9.223372036854775808e18), .min),
            (.double(3), 3),
            (.double(-4e17), -400_000_000_000_000_000),
        ]
        for connection in [both.binary, both.text] {
            for (value, expected) in numbers {
                #expect(try await connection.query("select $1::int8", [value])[0, 0] == .int(expected))
            }
            await #expect(throws: DatabaseError.self) {
                try await connection.query("select $1::int8", [.double(0.5)])
            }
            await #expect(throws: DatabaseError.self) {
                try await connection.query("select $1::int8", [.double(9.3e18)])
            }
        }
        let five = Value.numeric(Numeric("5.00") ?? .nan)
        #expect(try await both.binary.query("select $1::int4", [five])[0, 0] == 5)
    }

    @Test("a table that is called vector is no vector")
    func tableNamedVector() async throws {
        let both = try await BothFormats(
            "create table vector (a int, b text); insert into vector values (1, 'x')")
        for connection in [both.binary, both.text] {
            #expect(try await connection.query("select v from vector v")[0, 0] == "(1,x)")
        }
    }

    @Test("vectors keep every bit of their floats, with pgvector and, as real[], without")
    func vectors() async throws {
        let both = try await BothFormats()
        var random = SeededGenerator(seed: 41)
        let floats =
            [0, -0.0, Float.leastNonzeroMagnitude, 0.1, .greatestFiniteMagnitude]
            + (0..<100).map { _ in
                Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            }.filter(\.isFinite)
        let bits = floats.map(\.bitPattern)
        let back = try await both.binary.query("select $1::real[]", [.vector(floats)])[0, 0]
        #expect([Float](value: back)?.map(\.bitPattern) == bits)
        let isThere = try await both.binary.query(
            "select exists (select from pg_available_extensions where name = 'vector')")[0, 0]
        guard isThere == true else { return }
        try await both.binary.script("create extension vector")
        for connection in [both.binary, both.text] {
            let row = try await connection.query("select $1::vector, array[$1::vector]", [.vector(floats)])
                .single()
            guard case .vector(let vector) = row[0] else {
                throw DatabaseError(.unexpectedResult, "no vector")
            }
            #expect(vector.map(\.bitPattern) == bits)
            #expect(row[1] != .text(row[1].description))
        }
    }
}
