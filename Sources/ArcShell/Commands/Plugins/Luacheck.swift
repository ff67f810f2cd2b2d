import ArcHost
import FoundationEssentials
import Glibc
import Subprocess

/// luacheck, where it is installed.
struct Luacheck {
    let environment: [String: String]

    /// What luacheck says of a plugin's Lua files, with arc's names known to it.
    func check(_ manifest: PluginManifest) async throws -> PluginFinding {
        guard isInstalled else {
            return PluginFinding(
                "luacheck", .ok,
                "isn't installed: the files were compiled, and arc's names looked up, by arc alone")
        }
        let folder = FileManager.default.temporaryDirectory.path + "/arc-luacheck-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rules = folder + "/luacheckrc"
        try AtomicFile.write(Self.rules, to: rules)
        let result = try await Subprocess.run(
            .name("luacheck"),
            arguments: [
                "--config", rules, "--no-color", "--codes", "--formatter", "plain", "--no-cache",
                manifest.folder,
            ], output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        let said = result.standardOutput + result.standardError
        let lines = said.split(separator: "\n")
        guard !result.terminationStatus.isSuccess else {
            return PluginFinding("luacheck", .ok, "has no objection")
        }
        return PluginFinding("luacheck", .fail, lines.prefix(20).joined(separator: "\n"))
    }

    private var isInstalled: Bool {
        (environment["PATH"] ?? "").split(separator: ":").contains { access("\($0)/luacheck", X_OK) == 0 }
    }

    /// The names that scripts and tests have. The project's own .luacheckrc has no part, so that a check says the same
    /// everywhere.
    private static var rules: String {
        let tests = PluginScaffold.testGlobals.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            stds.arc = (function()
            \(LibraryReference.luacheck)
            end)()
            std = "lua54+arc"
            max_line_length = 120
            exclude_files = {}
            -- A pattern without the first slash is about files below the folder that luacheck is started in.
            for _, start in ipairs { "**/", "/**/" } do
              for _, name in ipairs { "arc.d.lua", "arc.luacheck.lua", ".luacheckrc" } do
                table.insert(exclude_files, start .. name)
              end
              files[start .. "test.lua"] = { read_globals = { \(tests) } }
            end

            """
    }
}
