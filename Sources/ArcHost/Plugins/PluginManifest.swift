import FoundationEssentials
import LuaBridge

/// A folder in which plugins are looked for.
public struct PluginFolder: Sendable, Hashable {
    /// Whose plugins they are. Those that come with arc have what they ask for; others need a grant.
    public enum Origin: String, Sendable {
        /// The project's `plugins/`.
        case project
        /// The user's own.
        case user
        /// From `ARC_PLUGIN_PATH`.
        case path
        /// Those that come with arc.
        case bundled
    }
    /// Its path.
    public let path: String
    /// Whose plugins they are.
    public let origin: Origin

    /// A folder.
    public init(_ path: String, _ origin: Origin) {
        self.path = path
        self.origin = origin
    }
}

/// `plugin.json`: what a plugin is, provides and asks for. Data, never executed.
public struct PluginManifest: Sendable {
    /// Its name.
    public let name: String
    /// Its version.
    public let version: String
    /// What it is for.
    public let summary: String
    /// Its folder.
    public let folder: String
    /// Whose it is.
    public let origin: PluginFolder.Origin
    /// The versions of arc's API that it works with; nil where it doesn't say.
    public let range: SemanticRange?
    let entry: String
    let provides: [String: [String]]
    let capabilities: Set<Binding.Effect>
    let memoryLimit: Int
    let timeLimit: Duration
    let outputLimit: Int
    /// What can be set for it.
    let configuration: [ConfigurationField]

    /// What it provides: "report summary", "importer modal", …
    public var provided: [String] {
        Self.kinds.flatMap { kind in (provides[kind] ?? []).map { "\(kind.dropLast()) \($0)" } }
    }

    /// What it provides, in few words: names where they are few, else how many.
    public var providedInShort: String {
        Self.kinds.compactMap { kind in
            let names = provides[kind] ?? []
            if names.count > 3 { return "\(names.count) \(kind)" }
            return names.isEmpty ? nil : names.map { "\(kind.dropLast()) \($0)" }.joined(separator: ", ")
        }.joined(separator: ", ")
    }

    /// What it asks for, by name.
    public var asked: [String] { capabilities.map(\.rawValue).sorted() }

    /// What a plugin may ask for, by name.
    public static var allCapabilities: [String] { Binding.Effect.allCases.map(\.rawValue) }

    private static let mostBytes = 1 << 20

    /// The kinds of thing that a plugin may provide.
    static let kinds = ["metrics", "categorizers", "reports", "importers"]

    /// Reads and checks `plugin.json` in that folder.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the file, the line, the field and what was expected.
    init(folder: String, origin: PluginFolder.Origin) throws {
        let file = folder + "/plugin.json"
        guard let size = PluginContents.size(of: file) else {
            throw HostError(.plugin, "\(file) cannot be read")
        }
        guard size <= Self.mostBytes else { throw HostError(.plugin, "\(file) is longer than 1 MB") }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw HostError(.plugin, "\(file) cannot be read")
        }
        let fields: [String: LuaValue]
        let lines: ManifestLines
        do {
            let bytes = [UInt8](data)
            let value = try JSON.parse(bytes)
            lines = ManifestLines(bytes)
            let whole = Parameter.required("", .record("PluginManifest", Self.schema), "")
            try ArgumentCheck(function: file, lines: lines).check(value, against: whole, place: "")
            fields = value.table?.stringFields ?? [:]
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        } catch {
            throw HostError(.plugin, "\(file) is not valid JSON: \(error)")
        }
        name = fields["name"]?.stringValue ?? ""
        version = fields["version"]?.stringValue ?? ""
        summary = fields["description"]?.stringValue ?? ""
        entry = fields["entry"]?.stringValue ?? "init.lua"
        range = fields["arc"]?.stringValue.flatMap { SemanticRange($0) }
        self.folder = folder
        self.origin = origin
        let provided = fields["provides"]?.table?.stringFields ?? [:]
        provides = provided.mapValues { ($0.table?.array ?? []).compactMap(\.stringValue) }
        let asked = (fields["capabilities"]?.table?.array ?? []).compactMap(\.stringValue)
        capabilities = Set(asked.compactMap(Binding.Effect.init))
        let limits = fields["limits"]?.table
        memoryLimit = Int(limits?["memory_mb"].integerValue ?? 256) << 20
        timeLimit = .seconds(limits?["seconds"].numberValue ?? 60)
        outputLimit = Int(limits?["output_mb"].integerValue ?? 16) << 20
        configuration = try (fields["config"]?.table?.fields ?? []).map {
            try ConfigurationField($0, file: file, lines: lines)
        }.sorted { $0.name < $1.name }
        for kind in Self.kinds {
            guard let twice = Self.repeated(provides[kind] ?? []) else { continue }
            throw HostError(
                .plugin,
                "\(file):\(lines.line(of: "provides.\(kind)") ?? 1): provides.\(kind) names \(twice) twice")
        }
    }

    /// The first name that was there before.
    private static func repeated(_ names: [String]) -> String? {
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }
    }

    /// Why this arc can't run it, and what to do; nil where it can.
    var incompatibility: HostError? {
        guard let range, !range.contains(PluginAPI.version) else { return nil }
        return HostError(
            .plugin,
            "plugin \(name) \(version) in \(folder) is left out: it works with arc \(range), and this arc's plugin "
                + "API is \(PluginAPI.version)",
            advice: range.isAbove(PluginAPI.version)
                ? "Use a newer arc, or an older version of the plugin."
                : "Use a newer version of the plugin; or, if it works, widen \"arc\" in its plugin.json.")
    }
}
