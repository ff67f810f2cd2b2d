import FoundationEssentials
import Testing

@testable import ArcHost

@Suite("Grants for good")
struct GrantTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private var file: String { folder.path + "/grants.json" }

    private func plugin(
        version: String = "1.0.0", capabilities: String = #""db.read""#, code: String = "return {}"
    ) throws -> PluginManifest {
        try folder.write(
            "p/plugin.json",
            #"{"name": "p", "version": "\#(version)", "provides": {}, "capabilities": [\#(capabilities)]}"#)
        try folder.write("p/init.lua", code)
        return try PluginManifest(folder: folder.path + "/p", origin: .project)
    }

    private func grant(_ manifest: PluginManifest, _ names: [String]) throws {
        var grants = try GrantFile(path: file) ?? GrantFile()
        grants.grant(manifest, names)
        try folder.write("grants.json", grants.text)
    }

    private func standing(_ manifest: PluginManifest, _ more: Grants = Grants()) throws -> GrantStanding {
        var grants = more
        grants.file = file
        return try grants.standing(of: manifest)
    }

    @Test("nothing is granted by itself; what came with arc has what it asks for")
    func nothing() throws {
        let manifest = try plugin()
        #expect(try standing(manifest).missing == ["db.read"])
        #expect(try standing(manifest).text(for: manifest) == "not granted")
        let bundled = try PluginManifest(folder: folder.path + "/p", origin: .bundled)
        #expect(try standing(bundled).missing == [] && standing(bundled).text(for: bundled) == nil)
    }

    @Test("a grant is kept, for these files and these capabilities")
    func kept() throws {
        let manifest = try plugin(capabilities: #""db.read", "env""#)
        try grant(manifest, ["db.read", "fs.write"])
        let found = try standing(manifest)
        #expect(found.granted == [.databaseRead] && found.missing == ["env"] && found.changes == [])
        try grant(manifest, manifest.asked)
        #expect(try standing(manifest).missing == [])
        #expect(try GrantFile(path: file)?.entries.count == 1)
    }

    @Test("a plugin that has changed asks again, and what has changed is told")
    func changed() throws {
        try folder.write("p/lib/a.lua", "return 1")
        try folder.write("p/notes.md", "nothing that runs")
        try folder.write("p/golden/x.json", "{}")
        try grant(try plugin(), ["db.read"])
        try folder.write("p/notes.md", "something else")
        try folder.write("p/golden/x.json", "[]")
        try folder.write("p/arc.d.lua", "-- no module has a dot in its name")
        #expect(try standing(plugin()).missing == [])
        try FileManager.default.removeItem(atPath: folder.path + "/p/lib/a.lua")
        try folder.write("p/lib/b.lua", "return 1")
        let manifest = try plugin(
            version: "1.1.0", capabilities: #""db.read", "db.write""#, code: "return { }")
        let found = try standing(manifest)
        #expect(found.granted == [])
        #expect(
            found.changes == [
                "version 1.0.0 → 1.1.0", "init.lua changed", "lib/a.lua is gone", "lib/b.lua is new",
                "plugin.json changed", "it asks for db.write as well",
            ])
        #expect(found.text(for: manifest)?.hasPrefix("to be granted again: version 1.0.0 → 1.1.0") == true)
    }

    @Test("the same files elsewhere have the same grant, other files of the same name have none")
    func elsewhere() throws {
        try grant(try plugin(), ["db.read"])
        try FileManager.default.copyItem(atPath: folder.path + "/p", toPath: folder.path + "/copy")
        let copy = try PluginManifest(folder: folder.path + "/copy", origin: .project)
        #expect(try standing(copy).missing == [])
        try folder.write("copy/init.lua", "return { other = true }")
        #expect(try standing(copy).missing == ["db.read"])
    }

    @Test("what is granted for one command counts beside the file, whatever the files")
    func command() throws {
        let manifest = try plugin(capabilities: #""db.read", "env""#)
        #expect(try standing(manifest, Grants(["p"])).missing == [])
        #expect(
            try standing(manifest, Grants(capabilities: ["p": ["env", "db.write"]])).granted == [.environment]
        )
        try grant(manifest, ["db.read"])
        #expect(try standing(manifest, Grants(capabilities: ["p": ["env"]])).missing == [])
    }

    @Test("what was granted is taken back by name; a damaged file is named")
    func revoked() throws {
        let manifest = try plugin()
        try grant(manifest, ["db.read"])
        var grants = try #require(try GrantFile(path: file))
        let (first, second) = (grants.revoke("p"), grants.revoke("p"))
        #expect(first && !second)
        try folder.write("grants.json", grants.text)
        #expect(try standing(manifest).missing == ["db.read"])
        try folder.write("grants.json", "{")
        let problem = #expect(throws: HostError.self) { try standing(manifest) }
        #expect(problem?.message == "\(file) isn't a file of grants")
    }

    @Test("a file that changes after the grant was looked at isn't loaded")
    func afterwards() async throws {
        let manifest = try plugin(
            code: """
                return { health = function() return true, require("late").text end }
                """)
        try folder.write("p/late.lua", "return { text = 'as granted' }")
        try grant(manifest, ["db.read"])
        let test = try TestHost.alone()
        let files = PluginHost(folders: [PluginFolder(folder.path, .project)], grants: Grants(file: file))
        let plugin = try await files.plugin(manifest, on: test.host)
        try folder.write("p/late.lua", "return { text = 'as an attacker likes' }")
        await #expect { try await plugin.checkHealth() } throws: {
            "\($0)".contains("late.lua has changed since the plugin was loaded")
        }
        await files.close()
    }
}
