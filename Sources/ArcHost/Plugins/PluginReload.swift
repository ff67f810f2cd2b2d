import LuaBridge
import Synchronization

extension PluginHost {
    /// What became of a plugin when the folders were looked through anew.
    public struct Reload: Sendable {
        /// What happened.
        public enum Change: Sendable {
            /// Its files were loaded into a new machine, which calls go to from now on.
            case reloaded
            /// It is there, and will be loaded when it is needed.
            case found
            /// It is gone.
            case gone
            /// The new files don't work: the old machine goes on.
            case kept(HostError)
        }

        /// The plugin's name.
        public let plugin: String
        /// Its version now; of one that is gone, the last.
        public let version: String
        /// What happened.
        public let change: Change

        /// It in a sentence.
        public var sentence: String {
            switch change {
            case .reloaded: "\(plugin) \(version): reloaded"
            case .found: "\(plugin) \(version): read anew; it is loaded when it is needed"
            case .gone: "\(plugin) \(version): gone"
            case .kept(let error): "\(plugin): \(error.message)\nThe one that was loaded, \(version), stays."
            }
        }
    }

    /// Looks for plugins anew, and loads those anew that are loaded: into a new machine, which is set up first, and then takes
    /// the old one's place. Calls that run finish on the old one.
    ///
    /// - Parameter name: the only one to be looked at; nil for all.
    /// - Returns: what happened to each, and what is wrong with those that are left out.
    /// - Throws: `HostError` with code `plugin` where there is none of that name; what is no fault of a plugin's.
    public func reload(_ name: String? = nil, on host: Host) async throws -> (
        changes: [Reload], problems: [HostError]
    ) {
        let fresh = PluginCatalogue(folders)
        let before = catalogue
        if let name, !before.plugins.contains(where: { $0.name == name }) { _ = try fresh.plugin(name) }
        var next = fresh
        next.plugins = []
        var changes: [Reload] = []
        let names = Set(before.plugins.map(\.name)).union(fresh.plugins.map(\.name)).sorted()
        for plugin in names {
            let old = before.plugins.first { $0.name == plugin }
            let new = fresh.plugins.first { $0.name == plugin }
            guard name == nil || name == plugin else {
                if let old { next.plugins.append(old) }
                continue
            }
            let (manifest, change) = try await reload(old, new, fresh.problems, on: host)
            if let manifest { next.plugins.append(manifest) }
            // What isn't loaded is read anew when it is needed, and needs no word.
            if case .found = change?.change, old != nil, name == nil { continue }
            if let change { changes.append(change) }
        }
        let catalogue = next
        state.withLock { $0.catalogue = catalogue }
        return (changes, fresh.problems)
    }

    /// - Returns: the manifest that counts from now on, and what to tell.
    private func reload(
        _ old: PluginManifest?, _ new: PluginManifest?, _ problems: [HostError], on host: Host
    ) async throws -> (PluginManifest?, Reload?) {
        let name = new?.name ?? old?.name ?? ""
        guard let loading = state.withLock({ $0.loaded[name] }), let current = try? await loading.value else {
            // What can't be loaded may be as it should now.
            state.withLock { $0.loaded[name] = nil }
            if let new { return (new, Reload(plugin: name, version: new.version, change: .found)) }
            return (nil, old.map { Reload(plugin: name, version: $0.version, change: .gone) })
        }
        guard let new else {
            // A manifest that is broken is no wish to be rid of the plugin.
            let folder = current.manifest.folder
            if let problem = problems.first(where: { $0.message.contains(folder) }) {
                return (
                    current.manifest,
                    Reload(plugin: name, version: current.manifest.version, change: .kept(problem))
                )
            }
            swap(current, for: nil)
            return (nil, Reload(plugin: name, version: current.manifest.version, change: .gone))
        }
        do {
            try refuseLoss(current.manifest, new)
            let plugin = try await load(new, on: host)
            swap(current, for: plugin)
            return (new, Reload(plugin: name, version: new.version, change: .reloaded))
        } catch let error as HostError {
            return (
                current.manifest,
                Reload(plugin: name, version: current.manifest.version, change: .kept(error))
            )
        }
    }

    /// A plugin that may no longer do what it could is not taken: the one that could goes on.
    private func refuseLoss(_ old: PluginManifest, _ new: PluginManifest) throws {
        let standing = try standing(of: new)
        guard !standing.changes.isEmpty, !standing.missing.isEmpty else { return }
        throw HostError(
            .capability,
            "it has changed since it was granted something (\(standing.changes.joined(separator: ", ")))",
            advice: "`arc plugin grant \(new.name)` in another terminal, then \\reload \(new.name).")
    }

    private func swap(_ old: Plugin, for new: Plugin?) {
        let name = old.manifest.name
        state.withLock { state in
            state.loaded[name] = new.map { plugin in Task { plugin } }
            state.stopped = state.stopped.filter { !$0.hasPrefix(name + " ") }
        }
        Task {
            if let failure = await old.release(ending: false) { note([failure]) }
        }
    }
}
