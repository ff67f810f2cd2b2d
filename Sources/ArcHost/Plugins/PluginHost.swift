import ArcKit
import FoundationEssentials
import LuaBridge
import Synchronization

/// Finds plugins and runs what they provide, each in a machine of its own that is made when it is first needed.
public final class PluginHost: Sendable {
    /// What a look into the folders found.
    public struct Catalogue: Sendable {
        /// The plugins that can be used, by name.
        public var plugins: [PluginManifest] = []
        /// Those that another of the same name comes before.
        public var shadowed: [PluginManifest] = []
        /// What is wrong with the others.
        public var problems: [HostError] = []
    }

    /// Everything that was found, read once.
    public let catalogue: Catalogue
    private let grants: Grants
    private let loaded = Mutex<[String: Task<Plugin, any Error>]>([:])

    init(folders: [PluginFolder], grants: Grants) {
        catalogue = Self.discover(folders)
        self.grants = grants
    }

    private static func discover(_ folders: [PluginFolder]) -> Catalogue {
        var catalogue = Catalogue()
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names.sorted() {
                let path = folder.path + "/" + name
                guard FileManager.default.fileExists(atPath: path + "/plugin.json") else { continue }
                do {
                    let manifest = try PluginManifest(folder: path, origin: folder.origin)
                    if catalogue.plugins.contains(where: { $0.name == manifest.name }) {
                        catalogue.shadowed.append(manifest)
                    } else {
                        catalogue.plugins.append(manifest)
                    }
                } catch let error as HostError {
                    catalogue.problems.append(error)
                } catch {
                    catalogue.problems.append(HostError(.plugin, "\(path): \(error)"))
                }
            }
        }
        catalogue.plugins.sort { $0.name < $1.name }
        return catalogue
    }

    /// The names of everything of that kind that plugins provide.
    public func names(of kind: String) -> [String] {
        catalogue.plugins.flatMap { $0.provides[kind] ?? [] }.sorted()
    }

    /// The plugin, loaded now if it wasn't yet.
    func plugin(_ manifest: PluginManifest, on host: Host) async throws -> Plugin {
        let granted: Set<Binding.Effect> =
            manifest.origin == .bundled || grants.plugins.contains(manifest.name) ? manifest.capabilities : []
        let loading = loaded.withLock { loaded in
            if let loading = loaded[manifest.name] { return loading }
            let loading = Task { try await Plugin(manifest, host: host, granted: granted) }
            loaded[manifest.name] = loading
            return loading
        }
        return try await loading.value
    }

    /// Closes the machines of the plugins that were loaded.
    func close() async {
        let loading = loaded.withLock { loaded in
            defer { loaded = [:] }
            return Array(loaded.values)
        }
        for task in loading {
            if let plugin = try? await task.value { await plugin.machine.close() }
        }
    }

    /// The plugins that provide something of that kind.
    func providers(of kind: String, on host: Host) async throws -> [Plugin] {
        var plugins: [Plugin] = []
        for manifest in catalogue.plugins where manifest.provides[kind]?.isEmpty == false {
            plugins.append(try await plugin(manifest, on: host))
        }
        return plugins
    }

    /// The part of that kind and name, with its plugin.
    ///
    /// - Throws: `HostError` with code `plugin` that names those there are.
    func part(_ kind: String, named name: String, on host: Host) async throws -> (Plugin, Plugin.Part) {
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
}
