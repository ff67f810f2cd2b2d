import ArcKit
import Testing

@Suite("Configurations in YAML")
struct ConfigurationDocumentTests {
    static let scalars: [(yaml: String, value: JSONValue)] = [
        ("42", 42), ("-7", -7), ("+5", 5), ("0", 0), ("0x1F", 31), ("0o17", 15), ("0123", 123),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9007199254740993", .integer(9_007_199_254_740_993)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("0.7", 0.7), ("1e3", .number(1000)), (".5", 0.5), ("-1.5e-3", -0.0015),
        ("true", true), ("False", false), ("null", nil), ("~", nil), ("", nil), ("NULL", nil),
        // Only texts look like these in YAML 1.2; in 1.1 they were booleans, times in base 60 and numbers.
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"), ("12:30:00", "12:30:00"),
        ("1_000", "1_000"), ("0b101", "0b101"), ("tRUE", "tRUE"), ("2024-01-15", "2024-01-15"),
        // JSON has no form for these.
        (".inf", ".inf"), (".nan", ".nan"),
        ("gpt-4o", "gpt-4o"), ("1.2.3", "1.2.3"), ("<<", "<<"), ("=", "="),
    ]

    @Test("a plain scalar is what YAML's core schema says", arguments: scalars)
    func plain(yaml: String, value: JSONValue) throws {
        #expect(try ConfigurationDocument(yaml: "key: \(yaml)").parsed["key"] == value)
    }

    @Test("a quoted scalar is a text, whatever it looks like", arguments: scalars)
    func quoted(yaml: String, value: JSONValue) throws {
        for quote in ["'", "\""] {
            let document = try ConfigurationDocument(yaml: "key: \(quote)\(yaml)\(quote)")
            #expect(document.parsed["key"] == .string(yaml))
        }
    }

    @Test("a block scalar is a text too, and !!str makes one")
    func blocks() throws {
        let document = try ConfigurationDocument(yaml: "a: |\n  42\nb: >-\n  true\nc: !!str 7")
        #expect(document.parsed == ["a": "42\n", "b": "true", "c": "7"])
    }

    @Test("mappings and sequences nest, in their order")
    func nested() throws {
        let document = try ConfigurationDocument(
            yaml: """
                model: gpt-4o
                agent:
                  temperature: 0.2
                  tools:
                    - name: search
                      limits: {calls: 3, "quoted": [1, "1", null]}
                    - []
                1: number
                true: boolean
                """)
        #expect(
            document.parsed == [
                "model": "gpt-4o",
                "agent": [
                    "temperature": 0.2,
                    "tools": [
                        ["name": "search", "limits": ["calls": 3, "quoted": [1, "1", nil]]], [],
                    ],
                ],
                "1": "number", "true": "boolean",
            ])
    }

    @Test("an alias stands for what its anchor holds")
    func aliases() throws {
        let document = try ConfigurationDocument(
            yaml: """
                defaults: &defaults {retries: 2, codes: [429, "503"]}
                search: *defaults
                also: [*defaults, 1]
                """)
        let defaults: JSONValue = ["retries": 2, "codes": [429, "503"]]
        #expect(document.parsed == ["defaults": defaults, "search": defaults, "also": [defaults, 1]])
    }

    @Test("JSON is YAML")
    func json() throws {
        let document = try ConfigurationDocument(
            yaml: #"{"a": [1, 2.5, "\u00e9\n", {"b": null}], "c": "no"}"#)
        #expect(document.parsed == ["a": [1, 2.5, "é\n", ["b": nil]], "c": "no"])
    }

    @Test("the hash is the text's SHA-256, and the text stays as it was written")
    func hash() throws {
        let text = "# mine\nmodel:   gpt-4o\n"
        let document = try ConfigurationDocument(yaml: text)
        #expect(document.source == text)
        #expect(document.hash == Digest.sha256(text))
    }

    static let broken: [(yaml: String, line: Int)] = [
        ("model: gpt-4o\ntools: [search\nnext: 1\n", 3),
        ("a: 1\nb: 2\n  c: 3\n", 3),
        ("a: \"open\nb: 1\n", 3),
        ("a: 1\nb: *nobody\n", 2),
        ("a: 1\n\tb: 2\n", 2),
    ]

    @Test("bad YAML is refused with its name and line", arguments: broken)
    func bad(yaml: String, line: Int) async {
        let text = await refusal(.invalid) { _ = try ConfigurationDocument(yaml: yaml, name: "agent.yaml") }
        #expect(text.contains("agent.yaml"))
        #expect(text.contains("line \(line)") || text.contains("\(line):"), "\(text)")
    }

    @Test("a key that comes twice is refused by its name")
    func duplicate() async {
        let text = await refusal(.invalid) { _ = try ConfigurationDocument(yaml: "b: 0\na: 1\na: 2\n") }
        #expect(text.contains("the key \"a\" comes twice (line 3, column 1)"))
    }

    @Test("whatever isn't a mapping is refused", arguments: ["", "- a\n- b", "just text", "42", "# nothing"])
    func noMapping(yaml: String) async {
        let text = await refusal(.invalid) { _ = try ConfigurationDocument(yaml: yaml, name: "agent.yaml") }
        #expect(text.contains("agent.yaml must be a YAML mapping"))
    }

    @Test("a key that is a list is refused with its line")
    func listKey() async {
        let text = await refusal(.invalid) {
            _ = try ConfigurationDocument(yaml: "a: 1\nb:\n  ? [x, y]\n  : 2", name: "agent.yaml")
        }
        #expect(text.contains("agent.yaml: a key is not a text (line 3"))
    }

    @Test("a NUL character, which PostgreSQL can't store, is refused")
    func nul() async {
        let text = await refusal(.invalid) {
            _ = try ConfigurationDocument(yaml: #"a: "x\0y""#, name: "agent.yaml")
        }
        #expect(text.contains("agent.yaml"))
        #expect(text.contains("NUL"))
    }
}
