import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres
import Synchronization

/// Finds plugins and runs what they provide, each in a machine of its own that is made when it is first needed.
public final class PluginHost: Sendable {
    struct State {
        var catalogue: PluginCatalogue
        var loaded: [String: Task<Plugin, any Error>] = [:]
        /// Parts that took too long: they aren't called again before the plugin is loaded anew.
        var stopped: Set<String> = []
        var failures: [PluginFailure] = []
        /// Those of the report that is being made, told before or not.
        var recent: [PluginFailure] = []
    }

    let folders: [PluginFolder]
    let grants: Grants
    let settings: PluginSettings
    let state: Mutex<State>
    private let tell: @Sendable (PluginFailure) -> Void

    /// Everything that was found.
    public var catalogue: PluginCatalogue { state.withLock { $0.catalogue } }

    /// What has failed so far, each once, in order.
    public var failures: [PluginFailure] { state.withLock { $0.failures } }

    init(
        folders: [PluginFolder], grants: Grants, settings: PluginSettings = PluginSettings(),
        tell: @escaping @Sendable (PluginFailure) -> Void = { _ in }
    ) {
        self.folders = folders
        self.grants = grants
        self.settings = settings
        self.tell = tell
        state = Mutex(State(catalogue: PluginCatalogue(folders)))
    }

    /// Keeps failures, and tells those that are new.
    func note(_ failures: [PluginFailure]) {
        for failure in failures {
            let isNew = state.withLock { state in
                if !state.recent.contains(failure) { state.recent.append(failure) }
                guard !state.failures.contains(failure) else { return false }
                state.failures.append(failure)
                return true
            }
            if isNew { tell(failure) }
        }
    }

    /// What `body` gives, and what fails meanwhile.
    func noting<Value: Sendable>(
        _ body: () async throws -> Value
    ) async rethrows -> (value: Value, failures: [PluginFailure]) {
        state.withLock { $0.recent = [] }
        let value = try await body()
        return (value, state.withLock { $0.recent })
    }

    /// The names of everything of that kind that plugins provide.
    public func names(of kind: String) -> [String] {
        catalogue.plugins.flatMap { $0.provides[kind] ?? [] }.sorted()
    }

    /// What a plugin may do, and what has changed since it was granted something.
    ///
    /// - Throws: `HostError` with code `file` where the file of grants can't be read.
    public func standing(of manifest: PluginManifest) throws -> GrantStanding {
        try grants.standing(of: manifest)
    }

    /// The plugin, loaded and set up now if it wasn't yet.
    func plugin(_ manifest: PluginManifest, on host: Host) async throws -> Plugin {
        let loading = state.withLock { state in
            if let loading = state.loaded[manifest.name] { return loading }
            let loading = Task { try await self.load(manifest, on: host) }
            state.loaded[manifest.name] = loading
            return loading
        }
        return try await loading.value
    }

    /// A plugin in a new machine, set up.
    ///
    /// - Throws: `HostError` where it can't be loaded, its settings are wrong, or its `setup` fails.
    func load(_ manifest: PluginManifest, on host: Host) async throws -> Plugin {
        let values = try settings.values(for: manifest)
        let plugin = try await Plugin(manifest, host: host, standing: try standing(of: manifest))
        do {
            try await plugin.setUp(values)
        } catch {
            // What was never set up has nothing to put away.
            await plugin.machine.close()
            throw error
        }
        return plugin
    }

    /// What a plugin says of itself; nil where it says nothing. It is loaded for that.
    ///
    /// - Throws: `HostError` where it can't be loaded, or says that it isn't well.
    public func health(of manifest: PluginManifest, on host: Host) async throws -> String? {
        try await plugin(manifest, on: host).checkHealth()
    }

    /// Lets go of the plugins that were loaded.
    func close() async {
        let loading = state.withLock { state in
            defer { state.loaded = [:] }
            return Array(state.loaded.values)
        }
        for task in loading {
            guard let plugin = try? await task.value, let failure = await plugin.release(ending: true) else {
                continue
            }
            note([failure])
        }
    }

    /// The plugins that provide something of that kind, and those that can't be loaded.
    ///
    /// - Throws: What is no fault of a plugin's.
    func providers(of kind: String, on host: Host) async throws -> PluginResults<Plugin> {
        var results = PluginResults<Plugin>()
        for manifest in catalogue.plugins where manifest.provides[kind]?.isEmpty == false {
            try await results.collect(manifest.name, nil) { try await plugin(manifest, on: host) }
        }
        return results
    }

    /// The part of that kind and name, with its plugin.
    ///
    /// - Throws: `HostError` with code `plugin` that names those there are.
    func part(_ kind: String, named name: String, on host: Host) async throws -> (Plugin, Plugin.Part) {
        let catalogue = catalogue
        for manifest in catalogue.plugins where manifest.provides[kind]?.contains(name) == true {
            let plugin = try await plugin(manifest, on: host)
            if let part = plugin.parts(kind).first(where: { $0.name == name }) { return (plugin, part) }
        }
        let names = names(of: kind)
        let noun = String(kind.dropLast())
        throw HostError(
            .plugin, "no plugin has \(noun == "importer" ? "an" : "a") \(noun) \"\(name)\"",
            advice: ([
                NearestName.of(name, among: names).map { "Did you mean \"\($0)\"?" }
                    ?? "There are: \(names.joined(separator: ", "))."
            ] + catalogue.problems.map { "Left out: \($0.message)." }).joined(separator: "\n"))
    }

    /// Runs a part, unless it took too long before; one that does is stopped.
    func running<Value: Sendable>(
        _ part: Plugin.Part, of plugin: Plugin, _ body: () async throws -> Value
    ) async throws -> Value {
        let name = "\(plugin.manifest.name) \(part.title)"
        guard !state.withLock({ $0.stopped.contains(name) }) else {
            throw HostError(
                .timeout,
                "plugin \(plugin.manifest.name), \(part.title): stopped, since it took too long before",
                advice: "plugin.json may allow more: \"limits\": {\"seconds\": …}.")
        }
        do {
            return try await body()
        } catch let error as HostError where error.code == .timeout {
            state.withLock { _ = $0.stopped.insert(name) }
            throw error
        }
    }
}
