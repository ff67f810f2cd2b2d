import SeededRandom
import TestServer
import Testing

@testable import Postgres

@Suite("Values")
struct ValueTests {
    /// Every type with values at its edges, as the server's own literals.
    static let literals: [(type: String, values: [String])] = [
        ("bool", ["t", "f"]), ("int2", ["-32768", "32767", "0"]), ("int4", ["-2147483648", "2147483647"]),
        ("int8", ["-9223372036854775808", "9223372036854775807", "9007199254740993"]),
        ("oid", ["0", "4294967295"]),
        (
            "float4",
            ["0", "0.1", "-1e-30", "3.4028235e+38", "NaN", "Infinity", "-Infinity", "123456"]
        ),
        (
            "float8",
            [
                "0", "0.1", "1e+15", "123456789012345", "1.7976931348623157e+308", "5e-324", "NaN",
                "Infinity",
                "-Infinity", "-0", "1e-05", "0.0001",
            ]
        ),
        (
            "numeric",
            [
                "0", "0.00", "1.10", "-12345.6789", "NaN", "Infinity", "-Infinity",
                "1000000000000000000000000000",
                "0.00000000000000000000000000001", "10000", "9999.9999", "-0.0001",
                "123456789012345678901234567890.123456789",
            ]
        ),
        ("text", ["", "a", "日本🦉\u{10FFFF}", "NULL", "{\"a\",b}", "back\\slash 'quote'"]),
        ("varchar", ["x y"]), ("bpchar", ["x"]), ("name", ["pg_class"]), ("\"char\"", ["a"]),
        ("bytea", ["\\x", "\\x00ff5c27"]),
        ("uuid", ["00000000-0000-0000-0000-000000000000", "01234567-89ab-cdef-fedc-ba9876543210"]),
        (
            "timestamptz",
            [
                "2000-01-01 00:00:00+00", "1970-01-01 00:00:00+00", "infinity", "-infinity",
                "1999-12-31 23:59:59.999999+00", "0044-03-15 12:00:00+00 BC",
                "294276-12-31 23:59:59.999999+00",
                "4713-11-24 00:00:00+00 BC", "0001-01-01 00:00:00+00",
            ]
        ),
        ("timestamp", ["2024-02-29 12:30:00.5", "infinity", "-infinity", "0001-12-31 00:00:00 BC"]),
        ("date", ["2024-02-29", "infinity", "-infinity", "0044-03-15 BC", "5874897-12-31", "4713-11-24 BC"]),
        ("time", ["00:00:00", "24:00:00", "12:30:00.000001"]),
        (
            "interval",
            [
                "00:00:00", "1 year 2 mons 3 days 04:05:06.789", "-1 years -2 mons +3 days -04:05:06",
                "-00:00:00.000001", "1 mon -1 days", "2562047788:00:54.775807", "178956970 years 7 mons",
                "-1 days +01:00:00",
            ]
        ),
        ("json", ["{\"a\": 1}", "null", "[1,2.50]"]),
        ("jsonb", ["{\"a\": 1}", "null", "9007199254740993"]),
        ("int4[]", ["{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={1,2}", "[-1:0][2:3]={{1,2},{3,4}}"]),
        ("text[]", ["{\"\",\"NULL\",NULL,\"a b\",\"q\\\"\\\\\",\"{x}\",\"a,b\"}"]),
        ("bytea[]", ["{\"\\\\x00ff\",NULL}"]), ("numeric[]", ["{1.50,NaN,NULL}"]), ("bool[]", ["{t,f,NULL}"]),
        ("float8[]", ["{1.5,NaN,Infinity,-Infinity}"]),
        ("timestamptz[]", ["{\"2000-01-01 00:00:00+00\",infinity}"]),
        ("interval[]", ["{\"1 day\",01:00:00}"]), ("jsonb[]", ["{\"{\\\"a\\\": \\\"b,c\\\"}\"}"]),
        ("uuid[]", ["{01234567-89ab-cdef-fedc-ba9876543210}"]),
    ]

    @Test("every type reads the same in binary and in text, and prints as the server prints it")
    func literals() async throws {
        let database = try await TestDatabase.create("values")
        let binary = try await Connection.connect(database.options)
        let text = try await Connection.connect(database.options, settings: .init(statementCacheSize: 0))
        for (type, values) in Self.literals {
            for literal in values {
                let sql = "select $1::text::\(type), $1::text::\(type)::text"
                let fromBinary = try await binary.query(sql, [.text(literal)])
                let fromText = try await text.query(sql, [.text(literal)])
                #expect(fromBinary.columns[0].isBinary)
                #expect(!fromText.columns[0].isBinary)
                let value = fromBinary[0, 0]
                #expect(value == fromText[0, 0] || isNaN(value), "\(type) \(literal)")
                if type != "bool" { #expect(value.description == fromBinary[0, 1].description, "\(type)") }
                #expect(TypeShape.builtIn[fromBinary.columns[0].type] != nil)
                // And back: what was read can be sent.
                let back = try await binary.query("select $1::\(type)", [value])
                #expect(back[0, 0].description == value.description, "\(type) \(literal)")
            }
        }
    }

    private func isNaN(_ value: Value) -> Bool { value.description.contains("NaN") }

    @Test("types of the database's own: enums, domains, their arrays, composites, ranges")
    func ownTypes() async throws {
        let database = try await TestDatabase.create("values")
        let connection = try await Connection.connect(database.options)
        try await connection.script(
            """
            create type mood as enum ('sad', 'so so');
            create domain score as float8 check (value >= 0);
            create domain moods as mood[];
            create type pair as (a int, b text);
            """)
        let row = try await connection.query(
            """
            select 'so so'::mood, 0.5::score, array['sad', null]::mood[], array[0.5]::score[],
                   array['sad']::moods
            """
        ).single()
        #expect(row.columns.allSatisfy { $0.isBinary })
        #expect(row.values.map(\.description) == ["so so", "0.5", "{sad,NULL}", "{0.5}", "{sad}"])
        guard case .array(let scores) = row[3] else { throw DatabaseError(.unexpectedResult, "no array") }
        #expect(scores.elements == [0.5])

        let others = try await connection.query(
            "select row(1, 'x')::pair, '[1,3)'::int4range, 'int4'::regtype, array[row(1, 'a b')::pair], 7"
        ).single()
        #expect(
            others.values.map(\.description) == ["(1,x)", "[1,3)", "integer", "{\"(1,\\\"a b\\\")\"}", "7"])
        #expect(others[4] == 7)
    }

    @Test(
        "the server's own catalogs can be read",
        arguments: [
            "pg_class", "pg_type", "pg_proc", "pg_attribute", "pg_statistic", "pg_index", "pg_stat_activity",
        ])
    func catalogs(table: String) async throws {
        let database = try await TestDatabase.create("values")
        let connection = try await Connection.connect(database.options)
        let result = try await connection.query("select * from pg_catalog.\(table) limit 500")
        for row in result { _ = row.values }
        #expect(result.count > 0)
    }

    @Test("random values come back as they were sent")
    func roundTrips() async throws {
        let database = try await TestDatabase.create("values")
        let connection = try await Connection.connect(database.options)
        var random = SeededGenerator(seed: 7)
        let types: [(String, (inout SeededGenerator) -> Value)] = [
            ("int8", { .int(.random(in: .min ... .max, using: &$0)) }),
            ("float8", { .double(Double(bitPattern: $0.next())) }),
            ("numeric", { .numeric(Self.numeric(&$0)) }), ("text", { .text(Self.text(&$0)) }),
            (
                "bytea",
                { random in
                    .bytes(
                        (0..<Int.random(in: 0...40, using: &random)).map { _ in
                            UInt8(truncatingIfNeeded: random.next())
                        })
                }
            ),
            ("uuid", { .uuid(UniqueID(high: $0.next(), low: $0.next())) }),
            (
                "timestamptz",
                {
                    .timestamp(
                        Timestamp(
                            microseconds: .random(
                                in: -211_810_000_000_000_000...9_223_371_331_199_999_999, using: &$0)))
                }
            ),
            ("date", { .date(CalendarDate(days: .random(in: -2_451_545...2_145_031_948, using: &$0))) }),
            ("time", { .time(TimeOfDay(microseconds: .random(in: 0...86_400_000_000, using: &$0))) }),
            (
                "interval",
                {
                    .interval(
                        Interval(
                            months: .random(in: -9999...9999, using: &$0),
                            days: .random(in: .min ... .max, using: &$0),
                            microseconds: .random(
                                in: -9_000_000_000_000_000...9_000_000_000_000_000, using: &$0)))
                }
            ),
            ("text[]", { random in .array(Self.array(&random)) }),
        ]
        for (type, make) in types {
            let values = (0..<200).map { _ in make(&random) }
            for value in values {
                let result = try await connection.query("select $1::\(type), $1::\(type)::text", [value])
                let same = result[0, 0] == value || result[0, 0].description == value.description
                #expect(same, "\(type): \(value) came back as \(result[0, 0])")
                if type != "bytea" { #expect(result[0, 1].description == value.description) }
            }
        }
    }

    private static func numeric(_ random: inout SeededGenerator) -> Numeric {
        func digits(_ count: Int) -> String {
            String((0..<count).map { _ in Character(String(Int.random(in: 0...9, using: &random))) })
        }
        let text = (Bool.random(using: &random) ? "-" : "") + digits(Int.random(in: 1...40, using: &random))
        let fraction = digits(Int.random(in: 0...30, using: &random))
        return Numeric(fraction.isEmpty ? text : text + "." + fraction) ?? .nan
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            let isASCII = Bool.random(using: &random)
            let value = UInt32.random(in: 1...(isASCII ? 0x7F : 0x10FFFF), using: &random)
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    private static func array(_ random: inout SeededGenerator) -> ArrayValue {
        let dimensions = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            ArrayValue.Dimension(
                count: .random(in: 1...3, using: &random), lowerBound: .random(in: -2...2, using: &random))
        }
        let count = dimensions.reduce(1) { $0 * $1.count }
        let elements: [Value] = (0..<count).map { _ in
            Int.random(in: 0...4, using: &random) == 0 ? .null : .text(text(&random))
        }
        return ArrayValue(dimensions: dimensions, elements: elements, elementType: .text) ?? ArrayValue([])
    }

    @Test("bytes that don't have the form of their type are no reason to crash")
    func malformed() {
        var random = SeededGenerator(seed: 11)
        let shapes = Array(TypeShape.builtIn.values) + [.vector, .other]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                UInt8(truncatingIfNeeded: random.next() & (Bool.random(using: &random) ? 0xFF : 3))
            }
            let shape = shapes.randomElement(using: &random) ?? .text
            bytes.withUnsafeBytes { buffer in
                _ = BinaryDecoder.decode(buffer, shape).description
                _ = TextDecoder.decode(buffer, shape).description
            }
        }
    }

    @Test("numeric compares by value and converts without loss or not at all")
    func numericValues() {
        #expect(Numeric("1.0") == Numeric("1.00"))
        #expect(Numeric("1.0")?.hashValue == Numeric("1.00")?.hashValue)
        #expect(Numeric("1e3")?.description == "1000")
        #expect(Numeric("1.5e-3")?.description == "0.0015")
        #expect(Numeric("12.50")?.intValue == nil)
        #expect(Numeric("9223372036854775807")?.intValue == .max)
        #expect(Numeric("-9223372036854775808")?.intValue == .min)
        #expect(Numeric("9223372036854775808")?.intValue == nil)
        #expect(Numeric("120000")?.intValue == 120_000)
        #expect(Numeric("x") == nil && Numeric("") == nil && Numeric("1.2.3") == nil && Numeric("1e") == nil)
        let sorted: [Numeric] = [
            .nan, .infinity, 3, Numeric("2.5") ?? .nan, 0, -3, -20_000, .negativeInfinity,
        ]
        #expect(sorted.shuffled().sorted().reversed() == sorted)
    }

    @Test("pgvector's vectors are read, and written as arrays where it is missing")
    func vectors() async throws {
        let database = try await TestDatabase.create("values")
        let connection = try await Connection.connect(database.options)
        let vector = Value.vector([1, -0.5, 0.1])
        #expect(try await connection.query("select $1::real[]::text", [vector])[0, 0] == "{1,-0.5,0.1}")
        let bytes: [UInt8] = [0, 2, 0, 0, 0x3F, 0x80, 0, 0, 0xBF, 0, 0, 0]
        #expect(bytes.withUnsafeBytes { BinaryDecoder.decode($0, .vector) } == .vector([1, -0.5]))
        #expect(
            Array("[1,-0.5]".utf8).withUnsafeBytes { TextDecoder.decode($0, .vector) } == .vector([1, -0.5]))
        guard
            try await connection.query("select 1 from pg_available_extensions where name = 'vector'").count
                > 0
        else { return }
        try await connection.script("create extension vector")
        #expect(try await connection.query("select $1::vector", [vector])[0, 0] == vector)
    }
}

@Suite("Rows")
struct RowTests {
    @Test("columns are read by name and type")
    func typed() async throws {
        let database = try await TestDatabase.create("rows")
        let connection = try await Connection.connect(database.options)
        let row = try await connection.query(
            "select 1 as n, 'x' as t, null::int as missing, 2.5::numeric as d, array[1,2] as a"
        ).single()
        #expect(try row.get("n", as: Int.self) == 1)
        #expect(try row.get("t") == "x")
        #expect(try row.get("d", as: Double.self) == 2.5)
        #expect(try row.get("a", as: [Int].self) == [1, 2])
        #expect(try row.get("missing", as: Int?.self) == nil)
        #expect(row["nothing"] == nil)
        let missing = #expect(throws: DatabaseError.self) { try row.get("m", as: Int.self) }
        #expect(missing?.advice?.contains("\"n\", \"t\"") == true)
        let null = #expect(throws: DatabaseError.self) { try row.get("missing", as: Int.self) }
        #expect(null?.message == "Column \"missing\" is NULL, where Int was expected.")
        #expect(throws: DatabaseError.self) { try row.get("t", as: Int.self) }
        #expect(throws: DatabaseError.self) { try row.get("d", as: Int.self) }
    }

    @Test("parameters are written as the server's types want them, also where nothing is prepared")
    func unprepared() async throws {
        let database = try await TestDatabase.create("values")
        let connection = try await Connection.connect(
            database.options, settings: .init(statementCacheSize: 0))
        try await connection.script("create table t (r real[], d float8[], i int, n numeric, b bytea)")
        let vector = Value.vector([1, -0.5, 0.1])
        let five = Value.numeric(try #require(Numeric("5.00")))
        let sql = "insert into t values ($1, $2, $3, $4, $5)"
        let values = [vector, vector, five, five, .bytes([0, 255])]
        try await connection.query(sql, values)
        #expect(try await connection.pipeline([Command(sql, values), Command(sql, values)]).count == 2)
        let seen = try await connection.stream(sql + " returning t::text", values, into: [Value]()) {
            $0.append($1[0])
        }
        let row = ##"("{1,-0.5,0.1}","{1,-0.5,0.1}",5,5.00,"\\x00ff")"##
        #expect(seen == [.text(row)])
        let all = try await connection.query("select t::text from t where r = $1 and i = $2", [vector, five])
        #expect(all.map { $0[0] } == Array(repeating: .text(row), count: 4))
        // Nothing is left behind, and an error is the command's own.
        #expect(try await connection.query("select count(*) from pg_prepared_statements")[0, 0] == 0)
        let wrong = await databaseError { try await connection.query("select $1::real[], $2::int", [vector]) }
        #expect(wrong?.code == .invalidOptions)
        let missing = await databaseError {
            try await connection.query("select nothing, $1::real[]", [vector])
        }
        #expect(missing?.sqlState == "42703" && missing?.sql?.contains("nothing") == true)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }
}
