import ArcHost
import ArcKit
import Glibc

/// What can be said about plugins: where they are looked for, what is wrong with those found, and what they say themselves.
struct PluginChecks: Sendable {
    let folders: [PluginFolder]
    let host: Host

    /// - Parameter openStore: where plugins find a database that is there already.
    init(
        _ environment: [String: String], _ folders: Folders,
        openStore: @escaping @Sendable () async throws -> Store
    ) {
        self.folders = PluginFolders.list(environment: environment, folders: folders)
        host = Host(
            pluginFolders: self.folders, grants: Grants(file: Grants.path(in: folders)),
            settings: PluginSettings(environment: environment, given: []), output: { _ in },
            environment: environment, openStore: openStore)
    }

    /// Loads every plugin and asks those that can say how they are.
    func examine() async -> [Check] {
        let catalogue = host.plugins.catalogue
        let there = folders.filter { access($0.path, R_OK | X_OK) == 0 }.map(\.path)
        let found = Figure.count(catalogue.plugins.count, "plugin", "plugins")
        let finding =
            there.isEmpty ? "no folder of plugins is there" : "\(found) in \(there.joined(separator: ", "))"
        let advice = "Reinstall arc, or name their folder with ARC_PLUGIN_PATH."
        var checks: [Check] = [
            catalogue.plugins.isEmpty ? .warn("plugins", finding, advice) : .ok("plugins", finding)
        ]
        for problem in catalogue.problems {
            checks.append(.warn("plugin", problem.message, problem.advice ?? "See `arc plugin list`."))
        }
        for manifest in catalogue.shadowed {
            let winner = catalogue.winner(over: manifest)?.folder ?? "another folder"
            checks.append(
                .ok(
                    "plugin",
                    "\(manifest.name) in \(manifest.folder) isn't used: the one in \(winner) comes first"))
        }
        for manifest in catalogue.plugins {
            if let check = await examine(manifest) { checks.append(check) }
        }
        await host.close()
        return checks
    }

    /// A plugin's own check; nothing of one that came with arc and is well.
    private func examine(_ manifest: PluginManifest) async -> Check? {
        let name = "plugin \(manifest.name)"
        do {
            let health = try await host.plugins.health(of: manifest, on: host)
            let standing = try host.plugins.standing(of: manifest)
            let words = ["\(manifest.version), loads", health, standing.text(for: manifest)].compactMap(
                \.self)
            if !standing.missing.isEmpty {
                return .warn(
                    name, words.joined(separator: "; "),
                    "`arc plugin grant \(manifest.name)` shows what it asks for, and asks.")
            }
            return manifest.origin == .bundled ? nil : .ok(name, words.joined(separator: "; "))
        } catch let error as HostError {
            return .fail(name, error.message, error.advice)
        } catch {
            return .fail(name, error)
        }
    }
}
