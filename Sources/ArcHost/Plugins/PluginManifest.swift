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

/// What plugins may do beyond computing.
public struct Grants: Sendable {
    /// The plugins that were granted what their manifest asks for (`--grant NAME`).
    public var plugins: Set<String>

    /// Grants for these plugins.
    public init(_ plugins: Set<String> = []) { self.plugins = plugins }
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
    let entry: String
    let provides: [String: [String]]
    let capabilities: Set<Binding.Effect>
    let memoryLimit: Int
    let timeLimit: Duration
    let outputLimit: Int

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

    /// The kinds of thing that a plugin may provide.
    static let kinds = ["metrics", "categorizers", "reports", "importers"]

    private static let schema: [Parameter] = [
        .required("name", .string, "its name: lower-case letters, digits and -"),
        .required("version", .string, "its version"),
        .optional("arc", .string, "the versions of arc it works with"),
        .optional("description", .string, "what it is for"),
        .optional("entry", .string, "the file that returns the plugin; init.lua unless said"),
        .required(
            "provides",
            .record("Provides", kinds.map { .optional($0, .list(.string), "the names of its \($0)") }),
            "what it provides"),
        .optional(
            "capabilities", .list(.choice(Binding.Effect.allCases.map(\.rawValue))),
            "what it may do beyond computing"),
        .optional(
            "limits",
            .record(
                "Limits",
                [
                    .optional("memory_mb", .integer(1...65536), "the memory it may use; 256 unless said"),
                    .optional(
                        "seconds", .number(0.001...86_400), "the time that a call may take; 60 unless said"),
                    .optional("output_mb", .integer(1...1024), "what it may print in all; 16 unless said"),
                ]),
            "its limits"),
    ]

    /// Reads and checks `plugin.json` in that folder.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the file, the field and what was expected.
    init(folder: String, origin: PluginFolder.Origin) throws {
        let file = folder + "/plugin.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw HostError(.plugin, "\(file) cannot be read")
        }
        let fields: [String: LuaValue]
        do {
            let value = try JSON.parse([UInt8](data))
            let whole = Parameter.required("the manifest", .record("PluginManifest", Self.schema), "")
            try ArgumentCheck(function: file).check(value, against: whole, place: whole.name)
            fields = value.table?.stringFields ?? [:]
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        } catch {
            throw HostError(.plugin, "\(file) is not valid JSON: \(error)")
        }
        name = fields["name"]?.stringValue ?? ""
        guard name.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil else {
            throw HostError(
                .plugin, "\(file): name must be lower-case letters, digits and -, got \"\(name)\"")
        }
        version = fields["version"]?.stringValue ?? ""
        summary = fields["description"]?.stringValue ?? ""
        entry = fields["entry"]?.stringValue ?? "init.lua"
        guard !entry.hasPrefix("/"), !entry.split(separator: "/").contains("..") else {
            throw HostError(.plugin, "\(file): entry must be a file in the plugin's folder, got \"\(entry)\"")
        }
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
    }
}
