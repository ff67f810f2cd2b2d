import FoundationEssentials
import LuaBridge
import Testing

@testable import ArcHost

/// The table of bindings, of a host that is never used.
private func allBindings() -> [Binding] {
    guard let host = try? TestHost.alone().host else { return [] }
    return Library(host: host, access: .trusted).bindings
}

@Suite("The table of bindings")
struct LibraryTests {
    private static let bindings = allBindings()
    private static var writing: [String] { bindings.filter(Self.writes).map(\.path) }
    private static var reading: [String] { bindings.filter { !Self.writes($0) }.map(\.path) }

    private static func writes(_ binding: Binding) -> Bool {
        binding.effects.contains(.databaseWrite) || binding.example.contains("arc.create_")
    }

    private func example(_ path: String) throws -> String {
        try #require(Self.bindings.first { $0.path == path }).example
    }

    @Test("an example that only reads runs as it stands", arguments: reading)
    func readingExample(_ path: String) async throws {
        let test = try await TestHost.reading()
        let machine = try test.host.makeScriptMachine()
        _ = try await machine.run(example(path), name: "=\(path)")
    }

    @Test(
        "an example that writes runs as it stands, on a database with the example results", arguments: writing
    )
    func writingExample(_ path: String) async throws {
        try await TestHost.with("example", results: [TestHost.baseline]) { test in
            try await test.run(example(path))
        }
    }

    @Test("every function says what it does, what its parameters and fields mean, and shows an example")
    func documented() {
        #expect(Self.bindings.count > 25)
        #expect(Set(Self.bindings.map(\.path)).count == Self.bindings.count)
        for binding in Self.bindings {
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
            #expect(kind == "function", "\(binding.path)")
        }
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

    @Test("the reference holds every function with its signature and example")
    func reference() {
        let page = LibraryReference.page
        for binding in Self.bindings {
            #expect(page.contains("\n## `\(binding.signature)`\n"))
            #expect(page.contains("```lua\n\(binding.example)\n```"))
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
            if binding.isSimulationMethod {
                #expect(stubs.contains("function Simulation:\(binding.name)("))
            }
        }
    }

    @Test("every type that the stubs name is declared in them")
    func stubTypes() {
        let stubs = LibraryReference.stubs
        let declared = Set(stubs.matches(of: /---@class (arc[.A-Za-z]*)/).map { String($0.1) })
        let used = Set(stubs.matches(of: /arc\.[A-Z][A-Za-z]*/).map { String($0.0) })
        #expect(used.subtracting(declared) == [])
    }
}
