import SeededRandom
import TestServer
import Testing

@testable import Postgres

@Suite("Values at random")
struct TypeFuzzTests {
    static let makers: [(type: String, make: @Sendable (inout SeededGenerator) -> Value)] = [
        ("bool", { .bool(.random(using: &$0)) }),
        ("int2", { .int(.random(in: -32768...32767, using: &$0)) }),
        ("int4", { .int(Int64(Int32.random(in: .min ... .max, using: &$0))) }),
        ("float8", { .double(Double(bitPattern: $0.next())) }),
        ("float4", { .double(FloatText.widened(Float(bitPattern: UInt32(truncatingIfNeeded: $0.next())))) }),
        ("numeric", { .numeric(numeric(&$0)) }), ("text", { .text(text(&$0)) }),
        ("bytea", { .bytes(bytes(&$0)) }), ("uuid", { .uuid(UniqueID(high: $0.next(), low: $0.next())) }),
        ("timestamptz", { .timestamp(Timestamp(microseconds: moment(&$0))) }),
        ("timestamp", { .timestamp(Timestamp(microseconds: moment(&$0), hasZone: false)) }),
        ("date", { .date(CalendarDate(days: .random(in: -2_451_545...2_145_031_948, using: &$0))) }),
        ("time", { .time(TimeOfDay(microseconds: .random(in: 0...86_400_000_000, using: &$0))) }),
        (
            "interval",
            {
                .interval(
                    Interval(
                        months: part(&$0), days: part(&$0),
                        microseconds: Bool.random(using: &$0)
                            ? Int64(bitPattern: $0.next()) : .random(in: -99_999_999...99_999_999, using: &$0)
                    ))
            }
        ),
        ("json", { .json(json(&$0, 3)) }),
        (
            "varbit",
            { random in
                .text(
                    (0..<Int.random(in: 0...40, using: &random)).map { _ in
                        Bool.random(using: &random) ? "1" : "0"
                    }.joined())
            }
        ),
    ]

    @Test(
        "values of every type come back from arrays of any shape as they were sent", arguments: makers.indices
    )
    func arrays(index: Int) async throws {
        let both = try await BothFormats()
        let (type, make) = Self.makers[index]
        var random = SeededGenerator(seed: UInt64(100 + index))
        for _ in 0..<40 {
            let shape = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                ArrayValue.Dimension(
                    count: .random(in: 1...4, using: &random), lowerBound: .random(in: -3...3, using: &random)
                )
            }
            let values = (0..<shape.reduce(1) { $0 * $1.count }).map { _ in
                Int.random(in: 0...5, using: &random) == 0 ? Value.null : make(&random)
            }
            let array = try #require(ArrayValue(dimensions: shape, elements: values))
            for connection in [both.binary, both.text] {
                let row = try await connection.query(
                    "select $1::\(type)[], ($1::\(type)[])::text, ($1::\(type)[])[\(shape.map { "\($0.lowerBound)" }.joined(separator: "]["))]",
                    [.array(array)]
                ).single()
                guard case .array(let back) = row[0] else {
                    throw DatabaseError(.unexpectedResult, "no array")
                }
                #expect(back.dimensions == array.dimensions)
                #expect(back.description == array.description)
                // Not as the parameter was written, but as the server writes what it made of it.
                if type != "bool", type != "float4" { #expect(row[1].description == array.description) }
                #expect(row[2].description == values[0].description)
            }
        }
    }

    /// What the server sends for values of every type, to be damaged.
    private static func samples() async throws -> [(bytes: [UInt8], shape: TypeShape, isBinary: Bool)] {
        let both = try await BothFormats()
        var samples: [(bytes: [UInt8], shape: TypeShape, isBinary: Bool)] = []
        for (type, literals) in ValueTests.literals + TypeRoundTripTests.edges where type != "numeric" {
            for (connection, isBinary) in [(both.binary, true), (both.text, false)] {
                let sql =
                    "select \(literals.indices.map { "$\($0 + 1)::text::\(type)" }.joined(separator: ","))"
                let result = try await connection.query(sql, literals.map { .text($0) })
                for column in result.columns.indices {
                    let bytes = result.withBytes(row: 0, column: column) { $0.map(Array.init) ?? [] }
                    samples.append(
                        (bytes, result.columns[column].shape, result.columns[column].isBinary && isBinary))
                }
            }
        }
        let numeric: [UInt8] = [0, 2, 0, 1, 0x40, 0, 0, 4, 0, 12, 0x1F, 0x40]
        return samples + [(numeric, .numeric, true), (Array("-12.0080".utf8), .numeric, false)]
    }

    @Test("damaged values are read as something or other, and never crash")
    func damaged() async throws {
        var random = SeededGenerator(seed: 23)
        for (bytes, shape, isBinary) in try await Self.samples() {
            for _ in 0..<60 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) { Self.damage(&damaged, &random) }
                damaged.withUnsafeBytes { buffer in
                    let value =
                        isBinary ? BinaryDecoder.decode(buffer, shape) : TextDecoder.decode(buffer, shape)
                    _ = (value.description, value.hashValue, value == value)
                }
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1 where !bytes.isEmpty:
            bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case 2: bytes.removeLast(bytes.count - place)
        case 3: bytes.insert(Array("{}\",\\:=[]-9".utf8).randomElement(using: &random) ?? 0, at: place)
        default: bytes.append(contentsOf: bytes.suffix(Int.random(in: 0...bytes.count, using: &random)))
        }
    }

    @Test("what is read as an array is written so that it is read as the same array")
    func arrayText() throws {
        var random = SeededGenerator(seed: 29)
        let alphabet = ["{", "{", "}", "}", ",", "\"", "\\", "NULL", "a", " ", "[0:1]=", "[1:1][9:9]=", "1"]
        var read = 0
        for _ in 0..<100_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? ""
            }.joined()
            guard let parsed = ArrayText.parse(text.utf8, delimiter: UInt8(ascii: ",")) else { continue }
            read += 1
            let count = parsed.dimensions.isEmpty ? 0 : parsed.dimensions.reduce(1) { $0 * $1.count }
            try #require(count == parsed.elements.count, "\(text)")
            let elements = parsed.elements.map {
                $0.map { Value.text(String(decoding: $0, as: UTF8.self)) } ?? .null
            }
            let array = ArrayValue(dimensions: parsed.dimensions, elementType: .text, elements: elements)
            let again = ArrayText.parse(array.description.utf8, delimiter: UInt8(ascii: ","))
            #expect(again?.dimensions == parsed.dimensions && again?.elements == parsed.elements, "\(text)")
        }
        #expect(read > 500)
    }

    @Test(
        "arrays that no server writes are no arrays",
        arguments: [
            "{{1},{2,3}}", "{{1,2},{3}}", "{1,{2}}", "{{1},2}", "{{1},{{2}}}", "{1", "1}", "{1}x", "",
            "{\"a}",
            "{\"a\"b}", "[0:1={1,2}", "{1\\",
        ])
    func irregular(text: String) {
        #expect(ArrayText.parse(text.utf8, delimiter: UInt8(ascii: ",")) == nil)
    }

    @Test("dimensions that nobody could count are no array")
    func endless() {
        let huge = ArrayValue.Dimension(count: 1 << 40)
        #expect(ArrayValue(dimensions: [huge, huge], elements: [1]) == nil)
        #expect(ArrayValue(dimensions: [.init(count: 0)], elements: []) == nil)
        let nothing: [UInt8] =
            [0, 0, 0, 2] + [0, 0, 0, 0] + [0, 0, 0, 23] + [0x7F, 0xFF, 0xFF, 0xFF]
            + [0, 0, 0, 1] + [0, 0, 0, 0] + [0, 0, 0, 1]
        let shape = TypeShape.array(of: .int4, element: .int4, delimiter: UInt8(ascii: ","))
        let value = nothing.withUnsafeBytes { BinaryDecoder.decode($0, shape) }
        #expect(value.kind == "text")
        let edge = "[9223372036854775807:1]={1,2}"
        #expect(
            edge.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).count } == edge.utf8.count
        )
        let parsed = ArrayText.parse(edge.utf8, delimiter: UInt8(ascii: ","))
        #expect(parsed?.dimensions == [.init(count: 2)])
    }

    // MARK: - Makers

    private static func part(_ random: inout SeededGenerator) -> Int32 {
        switch Int.random(in: 0...2, using: &random) {
        case 0: 0
        case 1: .random(in: -20...20, using: &random)
        default: .random(in: .min ... .max, using: &random)
        }
    }

    private static func moment(_ random: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0...9, using: &random) {
        case 0: .max
        case 1: .min
        case 2: .random(in: -1_000_000...1_000_000, using: &random)
        default: .random(in: -211_810_000_000_000_000...9_223_371_331_199_999_999, using: &random)
        }
    }

    private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private static func digits(_ most: Int, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...most, using: &random)).map { _ in
            // Many zeros, since groups of them are what a decoder of digits stumbles over.
            String(Bool.random(using: &random) ? 0 : Int.random(in: 0...9, using: &random))
        }.joined()
    }

    private static func numeric(_ random: inout SeededGenerator) -> Numeric {
        switch Int.random(in: 0...19, using: &random) {
        case 0: return .nan
        case 1: return .infinity
        case 2: return .negativeInfinity
        case 3: return Numeric("-0." + digits(16_000, &random)) ?? .nan
        default:
            let sign = Bool.random(using: &random) ? "-" : ""
            let fraction = Bool.random(using: &random) ? "." + digits(40, &random) : ""
            return Numeric(sign + digits(60, &random) + fraction) ?? .nan
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let limit: UInt32 = [0x20, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF].randomElement(using: &random) ?? 0x7F
            if let scalar = Unicode.Scalar(UInt32.random(in: 1...limit, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return ["NULL", "null", "{}", "\\", "\"", ""].contains(text)
            || Int.random(in: 0...9, using: &random) > 0
            ? text : ["NULL", "Null", "{", "\\\"", ",", " "].randomElement(using: &random) ?? ""
    }

    private static func json(_ random: inout SeededGenerator, _ depth: Int) -> String {
        switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &random) {
        case 0: return "null"
        case 1: return "\(Bool.random(using: &random))"
        case 2: return "-1" + digits(40, &random) + "." + digits(30, &random)
        case 3:
            return "\""
                + text(&random).unicodeScalars.map { scalar in
                    scalar.value < 32 || scalar == "\"" || scalar == "\\" ? " " : String(scalar)
                }.joined() + "\""
        case 4: return "[" + (0..<3).map { _ in json(&random, depth - 1) }.joined(separator: ", ") + "]"
        default: return "{\"k\": " + json(&random, depth - 1) + "}"
        }
    }
}
