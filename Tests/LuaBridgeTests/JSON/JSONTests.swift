import LuaBridge
import SeededRandom
import Testing

@Suite("JSON")
struct JSONTests {
    @Test("integers are exact, arrays and objects are kept apart")
    func reading() throws {
        let text =
            #"{"max": 9223372036854775807, "odd": 9007199254740993, "float": 3.0, "none": null, "a": [], "o": {}}"#
        let table = try #require(try JSON.parse(text).table)
        #expect(table["max"] == .integer(.max))
        #expect(table["odd"] == 9_007_199_254_740_993)
        #expect(table["float"] == 3.0)
        #expect(table["none"] == .null)
        #expect(table["a"].table?.kind == .array)
        #expect(table["o"].table?.kind == .object)
        #expect(table.kind == .object)
    }

    @Test("what is written is read back the same", arguments: 0..<200)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = Self.randomValue(&random, depth: 0)
        #expect(try JSON.parse(JSON.write(value)) == value)
        #expect(try JSON.parse(JSON.write(value, .pretty)) == value)
    }

    @Test("a text cut at any byte is an error with its place")
    func truncated() throws {
        let text = Array(#"{"a": [1, -2.5e3, "x\u00e9\\ü"], "b": {"c": null, "d": true}}"#.utf8)
        for length in 0..<text.count {
            let error = #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<length])) }
            #expect(error?.line == 1)
            #expect(try #require(error?.offset) <= length)
        }
    }

    @Test("bytes changed at random never crash the reader", arguments: 0..<50)
    func mutated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var text = Array(try JSON.write(Self.randomValue(&random, depth: 0), .pretty).utf8)
        for _ in 0..<20 where !text.isEmpty {
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            do { _ = try JSON.parse(text) } catch { #expect(error.line != nil || text.isEmpty) }
        }
    }

    @Test("errors say line and column")
    func places() {
        let error = #expect(throws: JSONError.self) { try JSON.parse("{\n  \"a\": nope\n}") }
        #expect(error?.line == 2)
        #expect(error?.column == 8)
        #expect(error?.offset == 9)
        #expect(error?.message == "expected a value, got 'nope'")
        #expect(error?.code == .syntax)
        #expect(#expect(throws: JSONError.self) { try JSON.parse("") }?.code == .truncated)
        #expect(#expect(throws: JSONError.self) { try JSON.parse("1 2") }?.code == .syntax)
        #expect(#expect(throws: JSONError.self) { try JSON.parse([0x22, 0xFF, 0x22]) }?.code == .encoding)
    }

    @Test("depth and size have limits")
    func limits() throws {
        let deep = String(repeating: "[", count: 101) + String(repeating: "]", count: 101)
        #expect(#expect(throws: JSONError.self) { try JSON.parse(deep) }?.code == .tooDeep)
        let endless = String(repeating: "[", count: 1_000_000)
        #expect(
            #expect(throws: JSONError.self) { try JSON.parse(endless, .init(maximumDepth: .max)) }?.code
                == .tooDeep)
        _ = try JSON.parse(deep, .init(maximumDepth: 101))
        let large = #expect(throws: JSONError.self) { try JSON.parse("[1, 2]", .init(maximumSize: 3)) }
        #expect(large?.code == .tooLarge)
    }

    @Test("NaN and infinities only on request")
    func nan() throws {
        #expect(throws: JSONError.self) { try JSON.parse("[NaN]") }
        let values = try JSON.parse("[NaN, Infinity, -Infinity]", .init(allowsNaN: true)).table?.array ?? []
        #expect(values.first?.numberValue?.isNaN == true)
        #expect(values.dropFirst() == [.number(.infinity), .number(-.infinity)])
        #expect(throws: JSONError.self) { try JSON.write(.number(.nan)) }
        #expect(
            try JSON.write(.table(LuaTable(array: values)), allowsNaN: true) == "[NaN,Infinity,-Infinity]")
    }

    @Test("what JSON can't hold is refused with its place")
    func refused() {
        let error = #expect(throws: JSONError.self) { try JSON.write(["a": [1, ["b": .bytes([0xFF])]]]) }
        #expect(error?.description == "JSON, at $.a[2].b: a string isn't valid UTF-8")
        #expect(throws: JSONError.self) {
            try JSON.write(.table(LuaTable(array: [1], fields: [.init("a", 1)])))
        }
    }

    @Test("JSON goes through Lua unchanged")
    func throughLua() async throws {
        let text = #"{"a":[],"b":{},"c":[1,null,2.0],"d":"x\u0000y"}"#
        let machine = try Machine()
        let value = try await machine.run("return ...", name: "t", arguments: [JSON.parse(text)])[0]
        #expect(try JSON.write(value) == text)
    }

    static func randomValue(_ random: inout SeededGenerator, depth: Int) -> LuaValue {
        switch Int.random(in: 0..<(depth < 4 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3:
            let number = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
            return .number(number.isFinite ? number : 0.1)
        case 4, 5:
            let scalars = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) ?? "?"
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 6:
            let items = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                randomValue(&random, depth: depth + 1)
            }
            return .table(LuaTable(array: items, kind: .array))
        default:
            let fields = (0..<Int.random(in: 0..<6, using: &random)).map { number in
                LuaTable.Field("k\(number)", randomValue(&random, depth: depth + 1))
            }
            return .table(LuaTable(fields: fields, kind: .object))
        }
    }
}
