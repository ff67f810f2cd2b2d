import FoundationEssentials
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

/// An example of the library's, and what it stands for.
struct Example: Sendable, CustomTestStringConvertible {
    let path: String
    let source: String
    let writes: Bool

    var testDescription: String { path }

    init(_ binding: Binding) {
        path = binding.path
        source = binding.example
        writes = binding.effects.contains(.databaseWrite) || source.contains("arc.create_")
    }

    init(_ type: TypeBinding) {
        path = type.name
        source = type.example
        writes = source.contains("arc.create_")
    }

    /// Makes the `doc` and `source` that a report and an importer get.
    func prepare(_ machine: Machine) async throws {
        try await machine.setGlobal("doc", .object(DocumentBuilder(Document(report: "r", title: "t"))))
        let lines = #"{"scenario_id": "a"}"# + "\n" + #"{"scenario_id": "b"}"#
        let source = ImportSource(
            path: "results.jsonl", contents: FileContents(Data(lines.utf8)), options: [:])
        try await machine.setGlobal("source", .object(source))
    }

    /// Runs it, with those.
    func run(on machine: Machine) async throws {
        try await prepare(machine)
        _ = try await machine.run(source, name: "=\(path)")
    }
}

@Suite("The table of bindings")
struct LibraryTests {
    private static let reference = LibraryReference.reference
    private static var bindings: [Binding] { reference.bindings }
    // A simulation's methods have the examples of the functions that they are.
    private static let examples: [Example] =
        reference.all.filter { $0.receiver != "Simulation" }.map(Example.init)
        + reference.types.map(Example.init)
    private static var writing: [Example] { examples.filter(\.writes) }
    private static var reading: [Example] { examples.filter { !$0.writes } }

    @Test("an example that only reads runs as it stands", arguments: reading)
    func readingExample(_ example: Example) async throws {
        let test = try await TestHost.reading()
        try await example.run(on: try test.host.makeScriptMachine())
    }

    @Test(
        "an example that writes runs as it stands, on a database with the example results", arguments: writing
    )
    func writingExample(_ example: Example) async throws {
        try await TestHost.with("example", results: [TestHost.baseline]) { test in
            try await example.run(on: test.machine)
        }
    }

    @Test("every type says what it is, what its fields, methods and operators do, and shows an example")
    func documentedTypes() {
        #expect(Self.reference.types.count >= 10)
        for type in Self.reference.types {
            #expect(type.summary.hasSuffix("."), "\(type.name)")
            #expect(!type.example.isEmpty, "\(type.name)")
            for field in type.fields { #expect(!field.summary.isEmpty, "\(type.name).\(field.name)") }
            for entry in type.operators { #expect(!entry.summary.isEmpty, "\(type.name): \(entry.usage)") }
            for method in type.methods { #expect(method.receiver == type.name, "\(method.path)") }
        }
    }

    @Test("every function says what it does, what its parameters and fields mean, and shows an example")
    func documented() {
        #expect(Self.bindings.count > 25)
        #expect(Set(Self.bindings.map(\.path)).count == Self.bindings.count)
        for binding in Self.reference.all {
            #expect(binding.summary.hasSuffix("."), "\(binding.path)")
            #expect(!binding.example.isEmpty, "\(binding.path)")
            #expect(binding.example.contains(binding.name), "the example of \(binding.path) must call it")
            if let result = binding.result { #expect(!result.summary.isEmpty, "\(binding.path)") }
            let fields = binding.parameters.flatMap { [$0] + $0.type.records.flatMap(\.fields) }
            for field in fields { #expect(!field.summary.isEmpty, "\(binding.path): \(field.name)") }
        }
    }

    @Test("every function is there in a script's machine, and is what the table says")
    func registered() async throws {
        let test = try TestHost.alone()
        for binding in Self.bindings {
            let kind = try await test.run("return type(\(binding.path))").first
            #expect(kind == (binding.path == "arc.env" ? "table" : "function"), "\(binding.path)")
        }
    }

    @Test("every method is there where a script looks for it")
    func methods() async throws {
        let test = try TestHost.alone()
        try await test.machine.setGlobal("doc", .object(DocumentBuilder(Document(report: "r", title: "t"))))
        for method in Self.reference.types.flatMap(\.methods) where method.receiver == "Document" {
            #expect(try await test.run("return type(doc.\(method.name))") == ["function"], "\(method.path)")
        }
        for (value, type) in [
            ("arc.time.now()", "Time"), ("arc.decimal(1)", "Decimal"), ("arc.channel()", "Channel"),
        ] {
            for method in try #require(Self.reference.types.first { $0.name == type }).methods {
                #expect(
                    try await test.run("return type((\(value)).\(method.name))") == ["function"],
                    "\(method.path)")
            }
        }
    }

    @Test(
        "help knows modules, handles, methods and types, by themselves and by name",
        arguments: [
            ("arc.json", "arc.json.decode(text, options?)\n"), ("'arc.time'", "arc.time.now()\n"),
            ("'UUID'", "UUID\n"), ("arc", "arc."), ("arc.time.now()", "Time\n"),
            ("arc.duration '1h'", "Duration\n"),
            ("'Time:format'", "Time:format(pattern?, zone?)\n"),
            ("'time.format'", "Time:format(pattern?, zone?)\n"),
            ("arc.time.now().format", "Time:format(pattern?, zone?)\n"), ("arc.channel()", "Channel\n"),
            ("'Scope:spawn'", "Scope:spawn(fn, ...)\n"), ("arc.env", "arc.env(name, default?)\n"),
            ("'Simulation'", "Simulation\n"), ("arc.channel().send", "Channel:send(value)\n"),
            ("'Document:gate'", "Document:gate(gate)\n"),
        ])
    func helpOf(_ topic: String, _ start: String) async throws {
        let test = try TestHost.alone()
        try await test.run("help(\(topic))")
        #expect(test.output.text.hasPrefix(start), "\(test.output.text)")
    }

    @Test(
        "help of a misspelt name suggests the nearest",
        arguments: [("arc.qerry", "arc.query"), ("Time:fromat", "Time:format"), ("sort", "Frame:sort")])
    func helpSuggestion(_ topic: String, _ meant: String) async throws {
        let error = await (try TestHost.alone()).failure("help('\(topic)')")
        #expect(error?.message.contains("did you mean \(meant)?") == true, "\(String(describing: error))")
    }

    @Test(
        "a misspelt function of arc or of a module of it suggests the nearest",
        arguments: [
            ("arc.qery('x')", "arc has no \"qery\"; did you mean arc.query?"),
            ("arc.stats.men { 1 }", "arc.stats has no \"men\"; did you mean arc.stats.mean?"),
            ("arc.jsn.decode('1')", "arc has no \"jsn\"; did you mean arc.json?"),
            ("arc.json.decod('1')", "arc.json has no \"decod\"; did you mean arc.json.decode?"),
            ("arc.time.nwo()", "arc.time has no \"nwo\"; did you mean arc.time.now?"),
            ("arc.yaml.zzzzzz()", "arc.yaml has no \"zzzzzz\"; help() lists what there is"),
        ])
    func misspelt(_ source: String, _ message: String) async throws {
        let test = try TestHost.alone()
        #expect(await test.failure(source)?.message == message)
    }

    @Test("tables of arc's and of JSON are printed with what is in them, and Lua's own as Lua prints them")
    func printedTables() async throws {
        let test = try TestHost.alone()
        for (expression, text) in [
            (
                "arc.json.decode('{\"b\": [1, \"x\"], \"a\": null}')",
                "{\n  a = arc.null,\n  b = {\n    1,\n    \"x\"\n  }\n}"
            ),
            ("arc.json.decode('[]')", "{}"), ("arc.json.decode('{\"a\": {\"c\": 1}}').a", "{\n  c = 1\n}"),
            ("arc.stats.proportion(1, 1).n", "1"),
        ] {
            #expect(try await test.run("return tostring(\(expression))").first?.stringValue == text)
        }
        let rate = try await test.run("return tostring(arc.stats.proportion(3, 4))").first?.stringValue ?? ""
        #expect(rate.contains("value = 0.75"), "\(rate)")
        _ = try await test.run(
            """
            local t = arc.json.decode('{"a": 1}')
            t.self = t
            assert(tostring(t):find("^table: 0x"), tostring(t))
            assert(tostring({}):find("^table: 0x"))
            """)
    }

    @Test("help shows a function by itself or by its name, with parameters and an example")
    func help() async throws {
        for topic in ["arc.map", "\"arc.map\"", "\"map\""] {
            let test = try TestHost.alone()
            try await test.run("help(\(topic))")
            #expect(test.output.text.hasPrefix("arc.map(items, fn, options?)\n"))
            #expect(test.output.text.contains("concurrency?: how many run at once"))
            #expect(test.output.text.contains("Example:"))
        }
        let test = try TestHost.alone()
        try await test.run("help('arc.query')")
        #expect(test.output.text.contains("A plugin needs: db.read."))
    }

    @Test("help of nil says so, and its lines are no wider than a terminal where blanks allow that")
    func helpOfNil() async throws {
        let error = await (try TestHost.alone()).failure("help(nil)")
        #expect(error?.message.hasPrefix("help: what was given is nil") == true)
        let test = try TestHost.alone()
        try await test.run("help 'Time' help 'arc.json' help 'arc.sleep'")
        for line in test.output.text.split(separator: "\n") where line.count > 80 {
            #expect(line.contains("arc.") || line.contains("assert"), "\(line)")
        }
    }

    @Test("help without a topic lists every function")
    func helpList() async throws {
        let test = try TestHost.alone()
        try await test.run("help()")
        for binding in Self.bindings { #expect(test.output.text.contains(binding.signature + "\n")) }
    }

    @Test(
        "help of what isn't there says so, at the line that asked",
        arguments: ["\"arc.nonsense\"", "\"\\n\"", "print", "function() end"])
    func helpOfNonsense(_ topic: String) async throws {
        let error = await (try TestHost.alone()).failure("help(\(topic))")
        #expect(error?.message.contains("arc has no function") == true)
        #expect(error?.message.contains("help() lists what there is") == true)
        #expect(error?.line == 1)
    }

    @Test("completion knows the fields and methods of a handle from the same table")
    func members() throws {
        let time = try #require(Members(of: .object(TimeObject(.now)))).names
        #expect(time.contains { $0.name == "year" && $0.kind == "field" })
        #expect(time.contains { $0.name == "format" && $0.kind == "function" })
        let document = DocumentBuilder(Document(report: "r", title: "t"))
        #expect(try #require(Members(of: .object(document))).names.map(\.name).contains("gate"))
        if Members(of: 3) != nil { Issue.record("a number has no members") }
    }

    @Test("the reference holds every function with its signature and example")
    func reference() {
        let page = LibraryReference.page
        for binding in Self.bindings {
            #expect(page.contains("\n## `\(binding.signature)`\n"))
            #expect(page.contains("```lua\n\(binding.example)\n```"))
        }
        for type in Self.reference.types {
            #expect(page.contains("\n## Type `\(type.name)`\n"))
            for method in type.methods { #expect(page.contains("`\(method.signature)`"), "\(method.path)") }
        }
    }

    @Test("the stubs for editors are Lua, and declare every function and method")
    func stubs() async throws {
        let stubs = LibraryReference.stubs
        #expect(stubs.hasPrefix("---@meta"))
        let machine = try Machine()
        _ = try await machine.run(stubs, name: "=arc.d.lua")
        for binding in Self.bindings {
            let parameters = binding.parameters.map(\.name).joined(separator: ", ")
            #expect(stubs.contains("\nfunction \(binding.path)(\(parameters)) end\n"))
            let kind = try await machine.run("return type(\(binding.path))", name: "=test").first
            #expect(kind == "function", "\(binding.path)")
        }
        for method in Self.reference.types.flatMap(\.methods) {
            let parameters = method.parameters.map(\.name).joined(separator: ", ")
            #expect(stubs.contains("\nfunction \(method.path)(\(parameters)) end\n"))
        }
        #expect(stubs.contains("---@operator sub(arc.Time): arc.Duration\n"))
        #expect(stubs.contains("---@alias arc.Status "))
    }

    @Test("the standard for luacheck is Lua, and knows every function")
    func luacheck() async throws {
        let machine = try Machine()
        let standard = try #require(
            try await machine.run(LibraryReference.luacheck, name: "=std").first?.table)
        let globals = try #require(standard["read_globals"].table)
        for binding in Self.bindings {
            var at: LuaValue = .table(globals)
            for part in binding.path.split(separator: ".").map(String.init) {
                let fields = at.table?["fields"]
                at = (fields.map { $0.isNil ? at : $0 } ?? at).table?[part] ?? .nil
            }
            #expect(at.table != nil, "\(binding.path)")
        }
    }

    @Test("every type that the stubs name is declared in them")
    func stubTypes() {
        let stubs = LibraryReference.stubs
        let declared = Set(stubs.matches(of: /---@(?:class|alias) (arc[.A-Za-z]*)/).map { String($0.1) })
        let used = Set(stubs.matches(of: /arc\.[A-Z][A-Za-z]*/).map { String($0.0) })
        #expect(used.subtracting(declared) == [])
    }
}
