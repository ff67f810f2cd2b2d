import FoundationEssentials
import Glibc
import LuaBridge

/// The Lua files of a plugin: those in its folder, and no others.
struct PluginFiles: Sendable {
    private static let mostBytes = 16 << 20

    let plugin: String
    let folder: String

    init(_ manifest: PluginManifest) {
        plugin = manifest.name
        folder = manifest.folder
    }

    /// What `require` of that name finds: `lib.text` is `lib/text.lua` or `lib/text/init.lua`.
    ///
    /// - Throws: `HostError` with code `plugin`: the name isn't one, or no file has it, and where arc looked.
    func module(_ name: String) throws -> LuaSource {
        guard name.wholeMatch(of: /[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*/) != nil else {
            throw HostError(
                .plugin, "require: \"\(name)\" isn't a module's name",
                advice: "A plugin's modules are the files in its folder, with dots between folders: "
                    + "require \"lib.text\" is lib/text.lua.")
        }
        let path = name.replacing(".", with: "/")
        let candidates = ["\(path).lua", "\(path)/init.lua"]
        for file in candidates where FileManager.default.fileExists(atPath: folder + "/" + file) {
            return try source(file)
        }
        throw HostError(
            .plugin,
            "module '\(name)' not found:" + candidates.map { "\n\tno file '\(folder)/\($0)'" }.joined(),
            advice: "A plugin requires files in its own folder, and arc.")
    }

    /// A file of the folder, by its path in it.
    ///
    /// - Throws: `HostError` with code `plugin`: it lies elsewhere, isn't a file, or isn't Lua text.
    func source(_ file: String) throws -> LuaSource {
        let path = folder + "/" + file
        func refused(_ problem: String) -> HostError {
            HostError(.plugin, "plugin \(plugin): \(path) \(problem)")
        }
        guard let real = Self.realPath(path), let home = Self.realPath(folder) else {
            throw refused("cannot be read")
        }
        guard real.hasPrefix(home + "/") else {
            throw refused("leads out of the plugin's folder, to \(real)")
        }
        var status = stat()
        guard stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refused("isn't a file")
        }
        guard status.st_size <= Self.mostBytes else { throw refused("is longer than 16 MB") }
        guard let data = FileManager.default.contents(atPath: real) else { throw refused("cannot be read") }
        guard data.first != 0x1B else { throw refused("is bytecode: only text is loaded") }
        guard let text = String(validating: data, as: UTF8.self) else { throw refused("isn't UTF-8 text") }
        return LuaSource(name: "@" + path, text: text)
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
