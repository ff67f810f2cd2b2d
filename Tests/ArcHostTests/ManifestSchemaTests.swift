import ArcKit
import FoundationEssentials
import Testing

@testable import ArcHost

@Suite("The schema of plugin.json")
struct ManifestSchemaTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("the schema that ships is the one that arc's own check is made from")
    func committed() throws {
        let file = TestHost.package + "/docs/schemas/plugin.json"
        let data = try #require(FileManager.default.contents(atPath: file))
        #expect(String(decoding: data, as: UTF8.self) == PluginManifest.jsonSchema, "run `make docs`")
    }

    private static let fields = #""name": "p", "version": "1", "provides": {}"#

    private static let manifests: [String] = [
        "{\(fields)}", #"{"version": "1", "provides": {}}"#, #"{"name": "p", "version": "1"}"#,
        #"{"name": "P", "version": "1", "provides": {}}"#, #"{"name": "", "version": "1", "provides": {}}"#,
        #"{"name": "p", "version": 1, "provides": {}}"#, #"{"name": "p", "version": "1", "provides": []}"#,
        #"{"name": "p", "version": "1", "provides": {"metrics": ["m"]}}"#,
        #"{"name": "p", "version": "1", "provides": {"metrics": ["../m"]}}"#,
        #"{"name": "p", "version": "1", "provides": {"metrics": {}}}"#,
        #"{"name": "p", "version": "1", "provides": {"metric": []}}"#,
        #"{"name": "p", "version": "1", "provides": {"reports": ["a", 1]}}"#,
        "{\(fields), \"arc\": \"^1.2\"}", "{\(fields), \"arc\": \">=0.1 <2 || ~3.1\"}",
        "{\(fields), \"arc\": \"newest\"}", "{\(fields), \"arc\": \"\"}",
        "{\(fields), \"entry\": \"a/b.lua\"}",
        "{\(fields), \"entry\": \"../b.lua\"}", "{\(fields), \"entry\": \"a/../b.lua\"}",
        "{\(fields), \"entry\": \"/b.lua\"}", "{\(fields), \"entry\": \"a..b.lua\"}",
        "{\(fields), \"capabilities\": [\"db.read\", \"env\"]}", "{\(fields), \"capabilities\": [\"net\"]}",
        "{\(fields), \"capabilities\": \"env\"}", "{\(fields), \"capabilities\": {}}",
        "{\(fields), \"limits\": {\"memory_mb\": 8, \"seconds\": 0.5}}",
        "{\(fields), \"limits\": {\"memory_mb\": 0}}", "{\(fields), \"limits\": {\"memory_mb\": 1.5}}",
        "{\(fields), \"limits\": {\"memory_mb\": 2.0}}", "{\(fields), \"limits\": {\"seconds\": 0}}",
        "{\(fields), \"limits\": {\"hours\": 1}}", "{\(fields), \"limits\": []}",
        "{\(fields), \"config\": {\"a\": {\"type\": \"number\", \"default\": 1}}}",
        "{\(fields), \"config\": {\"a\": {\"type\": \"float\"}}}", "{\(fields), \"config\": {\"a\": {}}}",
        "{\(fields), \"config\": {\"A-b\": {\"type\": \"string\"}}}",
        "{\(fields), \"config\": {\"a\": {\"type\": \"string\", \"choices\": [\"x\"]}}}",
        "{\(fields), \"config\": {\"a\": {\"type\": \"string\", \"choices\": \"x\"}}}",
        "{\(fields), \"$schema\": \"x\"}", "{\(fields), \"extra\": true}", "[]", "3", "\"p\"", "null",
    ]

    @Test("arc's check and the schema accept and refuse the same manifests", arguments: manifests)
    func agree(_ manifest: String) throws {
        try folder.write("p/plugin.json", manifest)
        let isAccepted = (try? PluginManifest(folder: folder.path + "/p", origin: .user)) != nil
        let schema = try JSONValue(parsing: PluginManifest.jsonSchema)
        let problem = SchemaCheck.problem(try JSONValue(parsing: manifest), schema)
        #expect(isAccepted == (problem == nil), "the schema says \(problem ?? "fine")")
    }

    @Test("both accept something, and both refuse something")
    func both() throws {
        let schema = try JSONValue(parsing: PluginManifest.jsonSchema)
        let problems = try Self.manifests.map { SchemaCheck.problem(try JSONValue(parsing: $0), schema) }
        #expect(problems.count { $0 == nil } >= 8 && problems.count { $0 != nil } >= 20)
    }

    @Test("an error has its line")
    func lines() throws {
        let file = try folder.write(
            "p/plugin.json",
            """
            {
              "name": "p", "version": "1",
              "provides": {
                "metrics": [
                  "a",
                  "b c"
                ]
              },
              "limits": {
                "memory": 3 }
            }
            """)
        let problem = #expect(throws: HostError.self) {
            try PluginManifest(folder: folder.path + "/p", origin: .user)
        }
        #expect(
            problem?.message.hasPrefix("\(file):6: provides.metrics[2] must be") == true, "\(problem as Any)")
        try folder.write(
            "p/plugin.json", "{\n\"name\": \"p\", \"version\": \"1\", \"provides\": {},\n\n\"entri\": \"x\" }"
        )
        let other = #expect(throws: HostError.self) {
            try PluginManifest(folder: folder.path + "/p", origin: .user)
        }
        #expect(
            other?.description == "\(file):4: the manifest has no field \"entri\"\nDid you mean \"entry\"?")
        try folder.write("p/plugin.json", "{\n  \"name\": \"p\",\n  \"version\" \"1\"\n}")
        let broken = #expect(throws: HostError.self) {
            try PluginManifest(folder: folder.path + "/p", origin: .user)
        }
        #expect(broken?.message.contains("is not valid JSON: JSON, line 3") == true, "\(broken as Any)")
    }

    @Test(
        "what the schema can't say arc's check says",
        arguments: [
            (#""provides": {"metrics": ["a", "a"]}"#, "provides.metrics names a twice"),
            (
                #""provides": {}, "config": {"n": {"type": "integer", "default": "x"}}"#,
                "the default of config: n must be a whole number, got \"x\""
            ),
            (
                #""provides": {}, "config": {"n": {"type": "number", "minimum": 2, "maximum": 1}}"#,
                "config.n: minimum is above maximum"
            ),
        ])
    func beyond(_ fields: String, _ message: String) throws {
        try folder.write("p/plugin.json", #"{"name": "p", "version": "1", \#(fields)}"#)
        let problem = #expect(throws: HostError.self) {
            try PluginManifest(folder: folder.path + "/p", origin: .user)
        }
        #expect(problem?.message.contains(message) == true, "\(problem as Any)")
    }

    @Test("a plugin for another arc is named, and left out; the next of its name takes its place")
    func incompatible() throws {
        try folder.write("one/p/plugin.json", "{\(Self.fields), \"arc\": \">=2\"}")
        try folder.write("two/p/plugin.json", "{\(Self.fields), \"arc\": \"^0.1\"}")
        let catalogue = PluginCatalogue([
            PluginFolder(folder.path + "/one", .project), PluginFolder(folder.path + "/two", .user),
        ])
        #expect(catalogue.plugins.map(\.folder) == [folder.path + "/two/p"])
        #expect(
            catalogue.problems.map(\.message) == [
                "plugin p 1 in \(folder.path)/one/p is left out: it works with arc >=2, and this arc's plugin API is 0.1.0"
            ])
        #expect(catalogue.problems.first?.advice == "Use a newer arc, or an older version of the plugin.")
    }
}

/// What of JSON Schema the schema uses: enough to ask it, as an editor would.
private enum SchemaCheck {
    /// Why a value doesn't fit; nil where it does.
    static func problem(_ value: JSONValue, _ schema: JSONValue) -> String? {
        if let type = schema["type"]?.string, !fits(value, type) { return "\(value.kind) is no \(type)" }
        if let choices = schema["enum"]?.array, !choices.contains(value) {
            return "\(value) isn't one of \(choices)"
        }
        if let pattern = schema["pattern"]?.string, let text = value.string, !matches(text, pattern) {
            return "\(text) doesn't match \(pattern)"
        }
        if let number = value.double {
            if let low = schema["minimum"]?.double, number < low { return "\(number) is below \(low)" }
            if let high = schema["maximum"]?.double, number > high { return "\(number) is above \(high)" }
        }
        if let items = schema["items"], let elements = value.array {
            if let found = elements.lazy.compactMap({ problem($0, items) }).first { return found }
        }
        guard case .object(let members) = value else { return nil }
        for name in schema["required"]?.array ?? [] where value[name.string ?? ""] == nil {
            return "no \(name)"
        }
        for member in members {
            if let names = schema["propertyNames"], let found = problem(.string(member.name), names) {
                return found
            }
            if let property = schema["properties"]?[member.name] {
                if let found = problem(member.value, property) { return "\(member.name): \(found)" }
            } else if let rest = schema["additionalProperties"] {
                if rest == false { return "\(member.name) is unknown" }
                if let found = problem(member.value, rest) { return "\(member.name): \(found)" }
            }
        }
        return nil
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch type {
        case "string": value.string != nil
        case "boolean": if case .bool = value { true } else { false }
        case "integer": value.int != nil
        case "number": value.double != nil
        case "array": value.array != nil
        case "object": if case .object = value { true } else { false }
        default: false
        }
    }
}
