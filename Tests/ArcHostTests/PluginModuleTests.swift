import ArcKit
import FoundationEssentials
import LuaBridge
import Testing

@testable import ArcHost

@Suite("The files of a plugin")
struct PluginModuleTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// What the metric of the plugin `p` comes to, whose function has that body; or the text of its error.
    private func metric(_ body: String) async throws -> String {
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#,
            "return { metrics = {{ name = 'm', compute = function() \(body) end }} }")
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        do {
            let metrics = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
            return "\(metrics.first?.value ?? -1)"
        } catch {
            return "\(error)"
        }
    }

    @Test("a plugin requires its own files, by dots, and arc")
    func own() async throws {
        try folder.write(
            "p/lib/text.lua", "local m = ... return { name = m, twice = function(n) return 2 * n end }")
        try folder.write("p/lib/init.lua", "return { text = require 'lib.text' }")
        #expect(try await metric("return require('lib').text.twice(21)") == "42.0")
        #expect(try await metric("return require('lib.text').name == 'lib.text' and 1 or 0") == "1.0")
        #expect(
            try await metric("return require('arc.stats') == arc.stats and require('arc') == arc and 1 or 0")
                == "1.0")
    }

    @Test("a module that isn't there is told with the places where it was looked for")
    func missing() async throws {
        let text = try await metric("return require('lib.none').x")
        #expect(text.contains("module 'lib.none' not found:"))
        #expect(text.contains("no file '\(folder.path)/p/lib/none.lua'"))
        #expect(text.contains("no file '\(folder.path)/p/lib/none/init.lua'"))
        #expect(
            try await metric("return require('arc.stat')").contains(#"arc has no "stat""#))
    }

    @Test(
        "names that could lead elsewhere aren't names",
        arguments: [
            "../x", "..x", "a/b", "/etc/passwd", "lib..text", ".lib", "lib.", "", "a\\\\b", "a b", "lib\\0",
        ])
    func names(name: String) async throws {
        try folder.write("x.lua", "return 1")
        #expect(try await metric("return require('\(name)')").contains("isn't a module's name"))
    }

    @Test("links that lead out of the folder aren't followed, those within it are")
    func links() async throws {
        try folder.write("outside.lua", "return { value = 1 }")
        try folder.write("p/inside.lua", "return { value = 2 }")
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: folder.path + "/p/out.lua", withDestinationPath: folder.path + "/outside.lua")
        try files.createSymbolicLink(atPath: folder.path + "/p/up", withDestinationPath: folder.path)
        try files.createSymbolicLink(atPath: folder.path + "/p/in.lua", withDestinationPath: "inside.lua")
        #expect(try await metric("return require('out').value").contains("leads out of the plugin's folder"))
        #expect(
            try await metric("return require('up.outside').value").contains(
                "leads out of the plugin's folder"))
        #expect(try await metric("return require('in').value") == "2.0")
    }

    @Test("a plugin's own folder may be a link")
    func linkedFolder() async throws {
        try folder.write("elsewhere/mod.lua", "return { value = 3 }")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/p", withDestinationPath: folder.path + "/elsewhere")
        #expect(try await metric("return require('mod').value") == "3.0")
    }

    @Test("only Lua text is loaded")
    func text() async throws {
        try folder.write("p/binary.lua", "\u{1B}Lua")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/p/dir.lua", withIntermediateDirectories: true)
        try Data([0x2D, 0x2D, 0xFF]).write(to: URL(filePath: folder.path + "/p/bytes.lua"))
        #expect(try await metric("return require('binary')").contains("is bytecode: only text is loaded"))
        #expect(try await metric("return require('dir')").contains("isn't a file"))
        #expect(try await metric("return require('bytes')").contains("isn't UTF-8 text"))
    }

    @Test("modules of one plugin are no other's")
    func separate() async throws {
        for name in ["one", "two"] {
            try folder.write("\(name)/state.lua", "return { count = 0 }")
            try folder.plugin(
                name, provides: #"{"metrics": ["\#(name)"]}"#,
                """
                local state = require "state"
                state.count = state.count + 1
                return { metrics = {{ name = "\(name)", compute = function() return require("state").count end }} }
                """)
        }
        let plugins = PluginHost(folders: folder.plugins, grants: Grants())
        let metrics = try await plugins.soundMetrics(of: Frame.twoOutcomes, on: try TestHost.alone().host)
        #expect(metrics.map(\.value) == [1, 1])
    }
}
