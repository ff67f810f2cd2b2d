import ArcKit
import FoundationEssentials
import Glibc
import LuaBridge

/// The Lua files of a plugin: those in its folder, and no others.
struct PluginFiles: Sendable {
    private static let mostBytes = 16 << 20

    let plugin: String
    let folder: String
    /// What the files were when somebody granted the plugin something: no other text is loaded then.
    var contents: PluginContents?

    init(_ manifest: PluginManifest, contents: PluginContents? = nil) {
        plugin = manifest.name
        folder = manifest.folder
        self.contents = contents
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

    /// A file of the folder as Lua, by its path in it.
    ///
    /// - Throws: `HostError` with code `plugin`: it lies elsewhere, isn't a file, isn't Lua text, or isn't what it was when
    ///   the plugin was granted something.
    func source(_ file: String) throws -> LuaSource {
        let path = folder + "/" + file
        let (data, name) = try bytes(of: file)
        if let contents {
            guard contents.files[name] == data.withUnsafeBytes({ Digest.sha256($0) }) else {
                throw HostError(
                    .plugin, "plugin \(plugin): \(path) has changed since the plugin was loaded",
                    advice: "Start anew, or \\reload \(plugin) at the prompt.")
            }
        }
        guard data.first != 0x1B else { throw refused(path, "is bytecode: only text is loaded") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw refused(path, "isn't UTF-8 text")
        }
        return LuaSource(name: "@" + path, text: text)
    }

    /// The bytes of a file of the folder, and its path in it without links.
    ///
    /// - Throws: `HostError` with code `plugin`: it lies elsewhere, or isn't a file that can be read.
    func bytes(of file: String) throws -> (data: Data, name: String) {
        let path = folder + "/" + file
        guard let real = PluginContents.realPath(path), let home = PluginContents.realPath(folder) else {
            throw refused(path, "cannot be read")
        }
        guard real.hasPrefix(home + "/") else {
            throw refused(path, "leads out of the plugin's folder, to \(real)")
        }
        var status = stat()
        guard stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refused(path, "isn't a file")
        }
        guard status.st_size <= Self.mostBytes else { throw refused(path, "is longer than 16 MB") }
        guard let data = FileManager.default.contents(atPath: real) else {
            throw refused(path, "cannot be read")
        }
        return (data, String(real.dropFirst(home.count + 1)))
    }

    private func refused(_ path: String, _ problem: String) -> HostError {
        HostError(.plugin, "plugin \(plugin): \(path) \(problem)")
    }
}
