import ArcKit
import FoundationEssentials
import LuaBridge

/// What the user has granted for good: for each plugin what it may do, and the content for which that was said.
public struct GrantFile: Sendable {
    /// One grant.
    struct Entry: Sendable, Hashable {
        let plugin: String
        let version: String
        let folder: String
        let capabilities: Set<Binding.Effect>
        let hash: String
        /// The SHA-256 of each file, to tell later what has changed.
        let files: [String: String]
    }

    private(set) var entries: [Entry] = []

    /// A file that grants nothing yet.
    public init() {}

    /// Reads the file; nil where there is none.
    ///
    /// - Throws: `HostError` with code `file` where it can't be read, or isn't one of grants.
    public init?(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { throw HostError.unreadable(path) }
        guard let value = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            let list = value["grants"]?.array
        else {
            throw HostError(
                .file, "\(path) isn't a file of grants",
                advice: "Remove it, and grant anew with `arc plugin grant`.")
        }
        entries = list.compactMap(Entry.init)
    }

    /// The file's text.
    public var text: String {
        let value = JSONValue.members(("grants", .array(entries.map(\.json))))
        return ((try? JSON.write(LuaValue(value), .pretty)) ?? "") + "\n"
    }

    /// Grants a plugin these of its capabilities, as its files are now, instead of what it was granted before.
    ///
    /// - Parameter names: by name; those that its manifest doesn't ask for are left out.
    public mutating func grant(_ manifest: PluginManifest, _ names: [String]) {
        let contents = PluginContents(manifest)
        entries.removeAll { $0.plugin == manifest.name && $0.folder == manifest.folder }
        entries.append(
            Entry(
                plugin: manifest.name, version: manifest.version, folder: manifest.folder,
                capabilities: manifest.capabilities.intersection(names.compactMap(Binding.Effect.init)),
                hash: contents.hash, files: contents.files))
    }

    /// Takes back what the plugins of that name were granted.
    ///
    /// - Returns: whether there was anything.
    public mutating func revoke(_ name: String) -> Bool {
        let count = entries.count
        entries.removeAll { $0.plugin == name }
        return entries.count < count
    }

    /// The names of the plugins that were granted something.
    public var plugins: [String] { Set(entries.map(\.plugin)).sorted() }

    /// What was granted to the plugin with this content, and else what has changed since it was granted something.
    func standing(
        of manifest: PluginManifest, _ contents: PluginContents
    ) -> (granted: Set<Binding.Effect>, changes: [String]) {
        let own = entries.filter { $0.plugin == manifest.name }
        if let same = own.last(where: { $0.hash == contents.hash && $0.version == manifest.version }) {
            return (same.capabilities.intersection(manifest.capabilities), [])
        }
        guard let old = own.last(where: { $0.folder == manifest.folder }) else { return ([], []) }
        var changes: [String] = []
        if old.version != manifest.version { changes.append("version \(old.version) → \(manifest.version)") }
        for file in Set(old.files.keys).union(contents.files.keys).sorted() {
            switch (old.files[file], contents.files[file]) {
            case (nil, _): changes.append("\(file) is new")
            case (_, nil): changes.append("\(file) is gone")
            case (let before, let now): if before != now { changes.append("\(file) changed") }
            }
        }
        let more = manifest.capabilities.subtracting(old.capabilities).map(\.rawValue).sorted()
        if !more.isEmpty { changes.append("it asks for \(more.joined(separator: ", ")) as well") }
        return ([], changes)
    }
}

extension GrantFile.Entry {
    fileprivate init?(_ value: JSONValue) {
        guard let plugin = value["plugin"]?.string, let version = value["version"]?.string,
            let folder = value["folder"]?.string, let hash = value["hash"]?.string,
            let capabilities = value["capabilities"]?.array, case .object(let files) = value["files"]
        else { return nil }
        self.init(
            plugin: plugin, version: version, folder: folder,
            capabilities: Set(capabilities.compactMap(\.string).compactMap(Binding.Effect.init)), hash: hash,
            files: Dictionary(files.map { ($0.name, $0.value.string ?? "") }) { $1 })
    }

    fileprivate var json: JSONValue {
        .members(
            ("plugin", .string(plugin)), ("version", .string(version)), ("folder", .string(folder)),
            ("capabilities", .array(capabilities.map(\.rawValue).sorted().map(JSONValue.string))),
            ("hash", .string(hash)),
            (
                "files",
                .object(files.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) })
            ))
    }
}
