import FoundationEssentials
import Glibc
import Testing

@testable import ArcHost

@Suite("Finding plugins")
struct ManifestTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func catalogue(_ folders: [PluginFolder]? = nil) -> PluginCatalogue {
        PluginHost(folders: folders ?? folder.plugins, grants: Grants()).catalogue
    }

    @Test("the bundled plugins are in order, and provide what arc promises")
    func bundled() throws {
        let found = catalogue([TestHost.bundled])
        #expect(found.problems.map(\.description) == [])
        let reports = ["cost", "failures", "flaky", "regression", "reliability", "summary"]
        #expect(
            Set(found.plugins.map(\.name)) == Set(["modal", "standard", "tau-bench"] + reports))
        #expect(found.plugins.allSatisfy { $0.origin == .bundled && !$0.summary.isEmpty })
        #expect(found.plugins.last?.provided == ["importer tau-bench"])
        for plugin in found.plugins where reports.contains(plugin.name) {
            #expect(plugin.asked == ["db.read"] && plugin.provided == ["report \(plugin.name)"])
        }
    }

    @Test("of plugins with one name the first folder's counts; the others are listed as shadowed")
    func shadowing() throws {
        for place in ["one", "two", "three"] {
            try folder.write(
                "\(place)/p/plugin.json", #"{"name": "p", "version": "\#(place)", "provides": {}}"#)
        }
        try folder.write("two/q/plugin.json", #"{"name": "q", "version": "1", "provides": {}}"#)
        let found = catalogue([
            PluginFolder(folder.path + "/nowhere", .project), PluginFolder(folder.path + "/two", .user),
            PluginFolder(folder.path + "/one", .path), PluginFolder(folder.path + "/three", .bundled),
        ])
        #expect(found.plugins.map { "\($0.name) \($0.version) \($0.origin)" } == ["p two user", "q 1 user"])
        #expect(found.shadowed.map(\.version) == ["one", "three"])
        #expect(found.problems.isEmpty)
    }

    @Test("folders without a manifest, and files, are no plugins")
    func others() throws {
        try folder.write("notes.txt", "")
        try folder.write("empty/README.md", "")
        #expect(catalogue().plugins.isEmpty && catalogue().problems.isEmpty)
    }

    @Test("a manifest that can't be read, leads nowhere, isn't a file or is far too long is named")
    func unreadable() throws {
        for name in ["nowhere", "folder", "long", "queue"] {
            try folder.write("\(name)/init.lua", "return {}")
        }
        let path = folder.path
        #expect(symlink("\(path)/nothing", "\(path)/nowhere/plugin.json") == 0)
        #expect(mkdir("\(path)/folder/plugin.json", 0o755) == 0)
        #expect(mkfifo("\(path)/queue/plugin.json", 0o644) == 0)
        try folder.write(
            "long/plugin.json",
            #"{"name": "long", "version": "1", "provides": {}, "description": "\#(String(repeating: "x", count: 1 << 20))"}"#
        )
        let found = catalogue([PluginFolder(path, .project)])
        #expect(found.plugins.isEmpty)
        for (name, problem) in [
            ("nowhere", "cannot be read"), ("folder", "cannot be read"), ("queue", "cannot be read"),
            ("long", "is longer than 1 MB"),
        ] {
            #expect(
                found.problems.contains { $0.message.contains("\(name)/plugin.json \(problem)") }, "\(name)")
        }
    }

    private static let mistakes: [(String, String)] = [
        ("", "is not valid JSON"), ("{", "is not valid JSON"),
        ("[]", "the manifest must be a table (PluginManifest), got a table"),
        ("3", "the manifest must be a table (PluginManifest), got 3"),
        (#"{"version": "1", "provides": {}}"#, "name must be lower-case letters, digits and -, got nothing"),
        (
            #"{"name": 3, "version": "1", "provides": {}}"#,
            "name must be lower-case letters, digits and -, got 3"
        ),
        (
            #"{"name": "Bad Name", "version": "1", "provides": {}}"#,
            "name must be lower-case letters, digits and -, got \"Bad Name\""
        ),
        (
            #"{"name": "../x", "version": "1", "provides": {}}"#,
            "name must be lower-case letters, digits and -, got \"../x\""
        ),
        (#"{"name": "p", "provides": {}}"#, "version must be a string, got nothing"),
        (#"{"name": "p", "version": "1"}"#, "provides must be a table (Provides), got nothing"),
        (
            #"{"name": "p", "version": "1", "provides": ["metrics"]}"#,
            "provides must be a table (Provides), got a table"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {"metric": ["m"]}}"#,
            "provides has no field \"metric\"\nDid you mean \"metrics\"?"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {"metrics": "m"}}"#,
            "provides.metrics must be a list, each element a name of letters, digits, _ and -, got \"m\""
        ),
        (
            #"{"name": "p", "version": "1", "provides": {"metrics": ["m", 3]}}"#,
            "provides.metrics[2] must be a name of letters, digits, _ and -, got 3"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "capabilities": ["db.reed"]}"#,
            "capabilities[1] must be"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "capabilities": "db.read"}"#,
            "capabilities must be a list"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "limits": {"memory_mb": 0}}"#,
            "memory_mb must be a whole number between 1 and 65536, got 0"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "limits": {"memory": 3}}"#,
            "limits has no field \"memory\""
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "entrie": "x.lua"}"#,
            "the manifest has no field \"entrie\"\nDid you mean \"entry\"?"
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "entry": "../x.lua"}"#,
            "entry must be a file in the plugin's folder, got \"../x.lua\""
        ),
        (
            #"{"name": "p", "version": "1", "provides": {}, "entry": "/etc/passwd"}"#,
            "entry must be a file in the plugin's folder, got \"/etc/passwd\""
        ),
    ]

    @Test(
        "a broken manifest is named by its file and field, and the other plugins work on",
        arguments: mistakes)
    func broken(_ manifest: String, _ message: String) throws {
        let file = try folder.write("broken/plugin.json", manifest)
        try folder.plugin("good", provides: "{}", "return {}")
        let found = catalogue()
        #expect(found.plugins.map(\.name) == ["good"])
        let problem = try #require(found.problems.first)
        #expect(problem.code == .plugin)
        #expect(problem.description.hasPrefix(file), "\(problem)")
        #expect(problem.description.contains(message), "\(problem)")
    }

    @Test("a broken plugin doesn't run anything: a manifest is data")
    func neverRun() throws {
        try folder.write("p/plugin.json", "os.exit(1)")
        try folder.write("p/init.lua", "os.exit(1)")
        #expect(catalogue().problems.count == 1)
    }
}
