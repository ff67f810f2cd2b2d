/// What plugins may do beyond computing.
public struct Grants: Sendable {
    /// The plugins that were granted everything that their manifest asks for (`--grant NAME`).
    public var plugins: Set<String>
    /// Those that were granted some of it, by name (`--grant NAME=db.read,env`).
    public var capabilities: [String: Set<String>]
    /// The file with what the user has granted for good; nil where there is none.
    public var file: String?

    /// Grants for these plugins.
    public init(
        _ plugins: Set<String> = [], capabilities: [String: Set<String>] = [:], file: String? = nil
    ) {
        self.plugins = plugins
        self.capabilities = capabilities
        self.file = file
    }

    /// What a plugin may do.
    ///
    /// - Throws: `HostError` with code `file` where the file of grants can't be read.
    func standing(of manifest: PluginManifest) throws -> GrantStanding {
        let asked = manifest.capabilities
        guard manifest.origin != .bundled, !asked.isEmpty else {
            return GrantStanding(asked: asked, granted: asked)
        }
        if plugins.contains(manifest.name) { return GrantStanding(asked: asked, granted: asked) }
        let named = Set((capabilities[manifest.name] ?? []).compactMap(Binding.Effect.init))
        guard let file, let grants = try GrantFile(path: file) else {
            return GrantStanding(asked: asked, granted: asked.intersection(named))
        }
        let contents = PluginContents(manifest)
        let found = grants.standing(of: manifest, contents)
        return GrantStanding(
            asked: asked, granted: found.granted.union(asked.intersection(named)), changes: found.changes,
            contents: found.granted.isEmpty ? nil : contents)
    }
}

/// What a plugin asks for and what of it it may do.
public struct GrantStanding: Sendable {
    let asked: Set<Binding.Effect>
    let granted: Set<Binding.Effect>
    /// What has changed since it was granted something: it has to be granted anew.
    public var changes: [String] = []
    /// What its files were when it was granted what it may do.
    var contents: PluginContents?

    /// What it asks for and may not do, by name.
    public var missing: [String] { asked.subtracting(granted).map(\.rawValue).sorted() }

    /// The standing in a few words; nil of a plugin that may do all that it asks for by itself.
    public func text(for manifest: PluginManifest) -> String? {
        guard manifest.origin != .bundled, !asked.isEmpty else { return nil }
        if missing.isEmpty { return "granted" }
        if !changes.isEmpty { return "to be granted again: " + changes.joined(separator: ", ") }
        return granted.isEmpty ? "not granted" : "not granted: " + missing.joined(separator: ", ")
    }
}

/// What one plugin may do, as the functions of its machine go by.
struct PluginRights: Sendable {
    let name: String
    var asked: Set<Binding.Effect> = []
    let granted: Set<Binding.Effect>
    var changes: [String] = []

    /// The error for a call that needs what the plugin may not do; nil for one that it may make.
    func refusal(of path: String, needing effects: Set<Binding.Effect>) -> HostError? {
        let missing = effects.subtracting(granted).sorted()
        guard !missing.isEmpty else { return nil }
        let list = missing.map(\.rawValue).joined(separator: ", ")
        let unasked = missing.filter { !asked.contains($0) }.map { "\"\($0.rawValue)\"" }
        let since =
            changes.isEmpty ? "" : " (it has changed since it had one: \(changes.joined(separator: ", ")))"
        return HostError(
            .capability, "plugin \(name) called \(path), which needs \(list), without a grant for it\(since)",
            advice: (unasked.isEmpty
                ? ""
                : "Ask for it in plugin.json: \"capabilities\": [\(unasked.joined(separator: ", "))]. Then: ")
                + "`arc plugin grant \(name)` grants it for good, `--grant \(name)` for one command.")
    }
}

extension Binding.Effect {
    /// What it lets a plugin do, for who is to grant it.
    var meaning: String {
        switch self {
        case .databaseRead: "read arc's tables, with queries that change nothing"
        case .databaseWrite: "insert, update and delete rows of arc's tables"
        case .fileRead: "read files"
        case .fileWrite: "write files"
        case .environment: "read the environment variables that arc was started with, secrets among them"
        }
    }

    /// What the capability of that name lets a plugin do.
    static func meaning(of name: String) -> String { Self(rawValue: name)?.meaning ?? name }
}

extension PluginManifest {
    /// What it asks for, with what each means.
    public var askedInWords: [(name: String, meaning: String)] {
        asked.map { ($0, Binding.Effect.meaning(of: $0)) }
    }
}
