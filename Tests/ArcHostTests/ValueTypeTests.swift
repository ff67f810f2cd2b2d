import ArcKit
import LuaBridge
import Postgres
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Decimals, UUIDs and YAML")
struct ValueTypeTests {
    private static let facts: [String] = [
        // Decimals
        "local d = arc.decimal '12.30' assert(tostring(d) == '12.30' and d.scale == 2 and tostring(d + 1) == '13.30' and tostring(d * d) == '151.2900' and tostring(-d) == '-12.30')",
        "assert(tostring(arc.decimal(1) / 3) == '0.33333333333333333333' and tostring(arc.decimal '10' / 4) == '2.5000000000000000')",
        "assert(tostring(arc.decimal '7.5' // 2) == '3' and tostring(arc.decimal '-7.5' // 2) == '-4' and tostring(arc.decimal '-7.5' % 2) == '0.5' and tostring(7 % arc.decimal '-4') == '-1')",
        "assert(arc.decimal '1.0' == arc.decimal '1.00' and arc.decimal '2' > 1 and 1 < arc.decimal '2' and arc.decimal '0.1' <= 0.1 and arc.decimal '0.1' >= 0.1)",
        "assert(arc.decimal 'NaN' == arc.decimal 'NaN' and arc.decimal 'NaN' > arc.decimal 'Infinity' and arc.decimal('NaN').is_nan and not arc.decimal('-Infinity').is_finite)",
        "local big = arc.decimal '12345678901234567890123456789.0123456789' assert(tostring(big * big - big * big) == '0.00000000000000000000' and tostring(big:round(-3)) == '12345678901234567890123457000')",
        "assert(arc.decimal(math.maxinteger):integer() == math.maxinteger and arc.decimal('9223372036854775808'):integer() == nil)",
        "local sum = arc.decimal(0) for _ = 1, 1000 do sum = sum + 0.1 end assert(sum == arc.decimal(100))",
        "local ok, e = pcall(function() return arc.decimal(1) / 0 end) assert(not ok and e.message == 'a decimal can\\'t be divided by zero')",
        "local d = arc.decimal(3) for _ = 1, 40 do local ok, more = pcall(function() return d * d end) if not ok then assert(more.message:find('10000 digits')) return end d = more end error('no limit')",
        // Put together
        "assert('n ' .. arc.decimal '0.10' .. 1.0 .. 1e15 .. 7 == 'n 0.101.01e+157' and arc.duration '1h' .. arc.time.parse '2026-03-02' == '1h2026-03-02')",
        "local id = arc.uuid.new() assert(id .. '' == tostring(id) and '\\xff' .. arc.duration '1s' == '\\xff1s')",
        // UUIDs
        "local id = arc.uuid.new() assert(id.version == 7 and arc.time.now() - id.time < arc.duration '10s' and #id:bytes() == 16)",
        "local a, b = arc.uuid.parse '00000000-0000-4000-8000-000000000001', arc.uuid.parse 'urn:uuid:00000000-0000-4000-8000-000000000002' assert(a < b and a <= a and a ~= b and a.time == nil and a.version == 4)",
        "assert(arc.uuid.parse('00000000000040008000000000000001') == arc.uuid.parse('{00000000-0000-4000-8000-000000000001}'))",
        // YAML
        "local y = arc.yaml.decode('a: &x {n: 1}\\nb: [*x, *x]\\n') assert(y.b[1].n == 1 and y.b[2].n == 1)",
        "assert(arc.yaml.decode('') == arc.null and arc.yaml.decode('~') == arc.null and arc.yaml.decode('no') == 'no' and arc.yaml.decode('0x1F') == 31 and arc.yaml.decode('!!str 7') == '7' and arc.yaml.decode('!!float 7') == 7.0)",
        "assert(arc.yaml.encode(arc.yaml.decode('a: .inf\\nb: -.inf\\nc: .nan')) == 'a: .inf\\nb: -.inf\\nc: .nan\\n')",
        // Digits stay as they are
        "assert(arc.json.encode { arc.decimal '0.10', arc.decimal '123456789012345678901234567890', arc.decimal '7' } == '[0.10,123456789012345678901234567890,7]')",
        "assert(arc.json.encode({ a = arc.decimal '-12.300' }, { pretty = true }) == '{\\n  \"a\": -12.300\\n}')",
        "assert(arc.json.encode({ arc.decimal 'NaN', arc.decimal '-Infinity' }, { nan = true }) == '[NaN,-Infinity]')",
        "assert(arc.json.encode(arc.frame { a = { arc.decimal '0.10' } }) == '[{\"a\":0.10}]')",
        "assert(arc.yaml.encode { arc.decimal '0.10', arc.decimal '123456789012345678901234567890' } == '- 0.10\\n- 123456789012345678901234567890.0\\n')",
        "local n = arc.yaml.decode('.nan') assert(n ~= n and arc.yaml.decode('-.inf') == -math.huge)",
        "local t = arc.yaml.decode('e: []\\no: {}') assert(arc.json.encode(t.e) == '[]' and arc.json.encode(t.o) == '{}')",
        "assert(arc.yaml.encode(arc.yaml.decode('e: []\\no: {}\\n')) == 'e: []\\no: {}\\n')",
        "assert(arc.yaml.encode({ { 1 }, { 2 } }, { all = true }) == '---\\n- 1\\n---\\n- 2\\n')",
        "assert(arc.yaml.encode { t = arc.time.parse '2026-03-02', d = arc.decimal '1.5' } == 'd: 1.5\\nt: \"2026-03-02\"\\n')",
    ]

    @Test("what is said of decimals, UUIDs and YAML holds", arguments: facts)
    func fact(_ source: String) async throws { _ = try await (try TestHost.alone()).run(source) }

    private static let refusals: [(String, String)] = [
        ("arc.json.encode(nil)", "arc.json.encode: value must be anything but nil, got nothing"),
        ("arc.decimal(0/0)", "a finite number or a Decimal, got nan"),
        ("return arc.decimal(1) .. {}", "Decimal and table can't be put together"),
        ("arc.decimal('12,5')", "arc.decimal: value must be a number such as \"12.30\", got \"12,5\""),
        (
            "return arc.decimal(1) + {}",
            "a decimal can be calculated and compared with a decimal or a number, got Decimal and table"
        ),
        ("return arc.decimal(1).scael", "a Decimal has no field \"scael\""),
        ("arc.uuid.parse('123')", "arc.uuid.parse: text must be a UUID such as"),
        (
            "arc.uuid.parse('0190163d8694-739b-aea5-966c-26f8ad91')",
            "arc.uuid.parse: text must be a UUID such as"
        ),
        ("arc.uuid.new(5)", "arc.uuid.new: version must be 4 or 7, got 5"),
        ("return arc.uuid.new().tiem", "a UUID has no field \"tiem\""),
        (
            "arc.yaml.decode('a: 1\\na: 2\\n')",
            "arc.yaml.decode: the key \"a\" comes twice (line 2, column 1)"
        ),
        ("arc.yaml.decode('a: [1, 2')", "arc.yaml.decode: it is not valid YAML:"),
        ("arc.yaml.decode('a: *b')", "there is no anchor &b before *b (line 1, column 4)"),
        ("arc.yaml.decode('a: &a [*a]')", "there is no anchor &a before *a"),
        ("arc.yaml.decode('!include x')", "the tag !include doesn't fit"),
        ("arc.yaml.decode('!!int x')", "the tag !!int doesn't fit"),
        ("arc.yaml.decode('? [a]\\n: 1')", "a key is not a text (line 1"),
        (
            "arc.yaml.decode('99999999999999999999')",
            "99999999999999999999 is more than 64 bits can hold; in quotes it stays as it is (line 1, column 1)"
        ),
        ("arc.yaml.decode(('['):rep(101))", "it is nested more than 100 deep"),
        ("arc.yaml.decode(('['):rep(100000))", "it is nested more than 100 deep"),
        ("arc.yaml.decode(('['):rep(100000), { max_depth = 1000 })", "arc.yaml.decode: it is"),
        ("arc.yaml.decode('--- 1\\n--- 2\\n')", "arc.yaml.decode: the text holds 2 documents"),
        (
            "arc.yaml.decode('\\xff')",
            "arc.yaml.decode: text must be a string, got a string that isn't valid UTF-8"
        ),
        ("arc.yaml.encode(print)", "arc.yaml.encode: YAML cannot hold a function"),
        ("arc.yaml.encode { a = { 1, { b = print } } }", "YAML cannot hold a function, at $.a[2].b"),
        ("arc.yaml.encode { x = { [5] = 2 } }", "a field whose name is 5, not a string, at $.x"),
        ("arc.yaml.encode { 1, a = 2 }", "YAML cannot hold a table with both items and other fields"),
        ("arc.json.encode { arc.decimal 'NaN' }", "JSON, at $[1]: nan isn't a number in JSON"),
        (
            "arc.json.encode { arc.decimal '1', { arc.channel } }",
            "JSON, at $[2][1]: a function can't be written"
        ),
    ]

    @Test("what isn't one is refused, and where it is wrong is said", arguments: refusals)
    func refusal(_ source: String, _ message: String) async throws {
        let error = try #require(await (try TestHost.alone()).failure(source))
        #expect(error.message.contains(message), "\(error)")
    }

    @Test(
        "aliases that multiply are refused at once, as keys too",
        arguments: ["e: *h", "? *h\n: 1", "{*h : 1}"])
    func bomb(_ end: String) async throws {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (one, next) in zip("abcdefg", "bcdefgh") {
            text +=
                "\(next): &\(next) [" + Array(repeating: "*\(one)", count: 10).joined(separator: ", ") + "]\n"
        }
        let start = ContinuousClock.now
        #expect(throws: EvaluationError.self) { _ = try YAMLReader.documents(text + end, name: "bomb") }
        #expect(start.duration(to: .now) < .seconds(5))
    }

    @Test("whatever is written as YAML reads back as the same")
    func yamlRoundTrip() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            let value = Self.value(&random, depth: 0)
            let text = YAMLWriter.text(value)
            #expect(try YAMLReader.documents(text, name: "y") == [value], "\(text)")
        }
    }

    private static let pieces = [
        "a", "no", "yes", "null", "~", "1", "-1.5", "0x1F", "2026-03-02", "12:30", "<<", "a: b", "- a", "#",
        " ", "\n", "\n\n",
        "\t", "é", "😀", "\u{0}", "\u{7F}", "\u{85}", "\u{2028}", "\u{FEFF}", "\"", "'", "\\", "%", "@", "&a",
        "*a", "!t", "|", ">",
        "{", "}", "[", "]", ",", "---", "...", "? ", ": ", "true", ".inf", "word word", "\r", "\r\n", "end ",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .number(Double.random(in: -1e6...1e6, using: &random))
        case 4, 5: return .string(text(&random))
        case 6, 7:
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            var names: Set<String> = []
            let members = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ -> JSONValue.Member? in
                let name = text(&random)
                guard names.insert(name).inserted else { return nil }
                return JSONValue.Member(name, value(&random, depth: depth + 1))
            }
            return .object(members)
        }
    }
}
