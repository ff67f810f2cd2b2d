import ArcKit
import FoundationEssentials
import Glibc

/// What a look into the folders of plugins found.
public struct PluginCatalogue: Sendable {
    /// The plugins that can be used, by name.
    public internal(set) var plugins: [PluginManifest] = []
    /// Those that another of the same name comes before.
    public internal(set) var shadowed: [PluginManifest] = []
    /// What is wrong with the others.
    public internal(set) var problems: [HostError] = []
    /// The same as failures: what they would have given is missing wherever all plugins are asked.
    private(set) var failures: [PluginFailure] = []

    /// Looks into the folders; of a name the first plugin that can be used counts.
    init(_ folders: [PluginFolder]) {
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names.sorted() { add(folder.path + "/" + name, folder.origin) }
        }
        plugins.sort { $0.name < $1.name }
    }

    private mutating func add(_ path: String, _ origin: PluginFolder.Origin) {
        // A link that leads nowhere is a plugin that is broken.
        var status = stat()
        guard lstat(path + "/plugin.json", &status) == 0 else { return }
        do {
            let manifest = try PluginManifest(folder: path, origin: origin)
            if let problem = manifest.incompatibility {
                leaveOut(path, problem)
            } else if plugins.contains(where: { $0.name == manifest.name }) {
                shadowed.append(manifest)
            } else {
                plugins.append(manifest)
            }
        } catch let error as HostError {
            leaveOut(path, error)
        } catch {
            leaveOut(path, HostError(.plugin, "\(path): \(error)"))
        }
    }

    private mutating func leaveOut(_ path: String, _ problem: HostError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        problems.append(problem)
        failures.append(
            PluginFailure(plugin: name, part: nil, message: problem.message, advice: problem.advice))
    }

    /// The plugin of that name.
    ///
    /// - Throws: `HostError` with code `plugin`, which names those there are, or the nearest.
    public func plugin(_ name: String) throws -> PluginManifest {
        if let manifest = plugins.first(where: { $0.name == name }) { return manifest }
        let names = plugins.map(\.name)
        let known = names.isEmpty ? "There is none." : "There are: \(names.joined(separator: ", "))."
        let advice = [NearestName.of(name, among: names).map { "Did you mean \"\($0)\"?" } ?? known]
        throw HostError(
            .plugin, "there is no plugin \"\(name)\"",
            advice: (advice + problems.map { "Left out: \($0.message)." }).joined(separator: "\n"))
    }

    /// The plugin that comes before this one, which has the same name.
    public func winner(over shadowed: PluginManifest) -> PluginManifest? {
        plugins.first { $0.name == shadowed.name }
    }
}
